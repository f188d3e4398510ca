"""Complements of a service without registre: folded from what eleves publishes."""

from datetime import UTC, datetime

from shared.domaine.complements import AUCUN, Complements, DecisionBourse, SaisieCordees, Suivi
from shared.domaine.etat import BourseDite, CordeesDites, EtatEleve, SuiviDit
from shared.events.modeles import EtatBourse, SourceCordees

_DECISIONS = frozenset({EtatBourse.CERTIFIEE, EtatBourse.REFUSEE})
_JADIS = datetime(2000, 1, 1, tzinfo=UTC)
"""Of an event written before ``depuis`` was: any signal is later."""


def complements_publies(etat: EtatEleve) -> Complements:
    """What people typed of the pupil, as far as it was published; the other states follow from the facts."""
    if etat.bourse_dite is None and etat.cordees_dites is None and etat.suivi_dit is None:
        return AUCUN
    return Complements(
        bourse=_decision(etat.bourse_dite),
        cordees=_saisie(etat.cordees_dites),
        suivi=_suivi(etat.suivi_dit),
    )


def _decision(dite: BourseDite | None) -> DecisionBourse | None:
    if dite is None or dite.etat not in _DECISIONS:
        return None
    return DecisionBourse(etat=dite.etat, echelon=dite.echelon, motif=dite.motif, le=dite.depuis or _JADIS)


def _saisie(dite: CordeesDites | None) -> SaisieCordees | None:
    if dite is None or dite.source is not SourceCordees.LOCAL:
        return None
    return SaisieCordees(etat=dite.etat, dispositif=dite.dispositif, le=dite.depuis or _JADIS)


def _suivi(dit: SuiviDit | None) -> Suivi | None:
    if dit is None or dit.actions == 0:
        return None
    return Suivi(actions=dit.actions, assigne=dit.assigne, echeance=dit.echeance, lycee=dit.lycee)
