"""What time does to a pupil's vœux and propositions. Pure.

The platform's own facts always win (``shared.domaine.etat``); what is said here is a subject of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.domaine.calendrier import Calendrier, echue
from shared.domaine.etapes import Etape
from shared.domaine.etat import A_CONFIRMER, A_REPONDRE, Echeance, EtatEleve
from shared.events.modeles import EtatDossier, EtatVoeu, Phase

EXPIRATION, NON_CONFIRME = "expiration", "non_confirme"


class Declaration(NamedTuple):
    """What time did to one vœu. ``revision`` orders the declarations about one ``version``."""

    genre: str
    cle: str
    version: int
    revision: int
    limite: datetime
    annule: bool

    @property
    def sujet(self) -> str:
        return f"{self.genre}/{self.cle}"


@dataclass(frozen=True, slots=True)
class Attentes:
    """What may happen to a pupil's vœux: see ``models.Suivi``."""

    limite: datetime | None = None
    recue: datetime | None = None
    a_confirmer: bool = False
    declare: bool = False


def attentes(etat: EtatEleve, recues: Mapping[str, datetime]) -> Attentes:
    """``recues``: when each proposition was received."""
    declare = any(_vaut(e) and e.revision for e in (*etat.expirations.values(), *etat.non_confirmes.values()))
    if _parti(etat):
        return Attentes(declare=declare)
    ouvertes = list(_ouvertes(etat))
    datees = [d for cle in ouvertes if (d := etat.propositions[cle].date_limite) is not None]
    autres = [recues[cle] for cle in ouvertes if etat.propositions[cle].date_limite is None and cle in recues]
    return Attentes(min(datees, default=None), min(autres, default=None), any(_a_confirmer(etat)), declare)


def declarations(
    etat: EtatEleve, recues: Mapping[str, datetime], calendrier: Calendrier, maintenant: datetime
) -> list[Declaration]:
    """What is to be said of a pupil now: deadlines that are over, and those put off since they were said over."""
    dites = [*_reportees(etat, recues, calendrier, maintenant)]
    if not _parti(etat):
        dites += [
            *_non_confirmes(etat, calendrier, maintenant),
            *_expirees(etat, recues, calendrier, maintenant),
        ]
    return dites


def _parti(etat: EtatEleve) -> bool:
    return etat.inscription is not None and etat.inscription.etat is EtatDossier.DEMISSION


def _vaut(echeance: Echeance | None) -> bool:
    return echeance is not None and not echeance.annule


def _a_dire(dite: Echeance | None, version: int) -> bool:
    """Nothing stands for ``version``; what is about a later one, not read yet, is not contradicted."""
    return dite is None or dite.version < version or (dite.annule and dite.version == version)


def _apres(dite: Echeance | None, version: int, revision: int) -> int:
    """``revision``, or the one that follows what was taken back of the same version."""
    if dite is None or dite.version != version:
        return revision
    return max(revision, dite.revision + 1)


def _a_confirmer(etat: EtatEleve) -> Iterator[str]:
    for cle, voeu in etat.voeux.items():
        if voeu.etat in A_CONFIRMER and voeu.phase is Phase.PRINCIPALE:
            dite = etat.non_confirmes.get(cle)
            if _a_dire(dite, voeu.version):
                yield cle


def _ouvertes(etat: EtatEleve) -> Iterator[str]:
    """Propositions that wait for an answer, on vœux that were not withdrawn."""
    for cle, proposition in etat.propositions.items():
        voeu, dite = etat.voeux.get(cle), etat.expirations.get(cle)
        if proposition.decision not in A_REPONDRE or cle in etat.reponses:
            continue
        if voeu is not None and voeu.etat is EtatVoeu.SUPPRIME:
            continue
        if _a_dire(dite, proposition.version):
            yield cle


def _non_confirmes(etat: EtatEleve, calendrier: Calendrier, maintenant: datetime) -> Iterator[Declaration]:
    limite = calendrier.dates.get(Etape.CONFIRMATION_LIMITE)
    if limite is None or not echue(limite, maintenant):
        return
    for cle in _a_confirmer(etat):
        version = etat.voeux[cle].version
        revision = _apres(etat.non_confirmes.get(cle), version, _dite(calendrier))
        yield Declaration(NON_CONFIRME, cle, version, revision, limite, annule=False)


def _expirees(
    etat: EtatEleve, recues: Mapping[str, datetime], calendrier: Calendrier, maintenant: datetime
) -> Iterator[Declaration]:
    for cle in _ouvertes(etat):
        proposition = etat.propositions[cle]
        limite, revision = proposition.date_limite, 0
        if limite is None:
            limite, revision = _limite_du_calendrier(cle, recues, calendrier), _dite(calendrier)
        if limite is not None and echue(limite, maintenant):
            revision = _apres(etat.expirations.get(cle), proposition.version, revision)
            yield Declaration(EXPIRATION, cle, proposition.version, revision, limite, annule=False)


def _reportees(
    etat: EtatEleve, recues: Mapping[str, datetime], calendrier: Calendrier, maintenant: datetime
) -> Iterator[Declaration]:
    """What was drawn from the calendar and is no longer true of it."""
    confirmation = calendrier.dates.get(Etape.CONFIRMATION_LIMITE)
    for genre, table in ((NON_CONFIRME, etat.non_confirmes), (EXPIRATION, etat.expirations)):
        for cle, dite in table.items():
            if dite.annule or not dite.revision or (genre == EXPIRATION and _datee(etat, cle, dite)):
                continue
            limite = confirmation if genre == NON_CONFIRME else _limite_du_calendrier(cle, recues, calendrier)
            if limite is None or not echue(limite, maintenant):
                nouvelle = limite or dite.date_limite
                yield Declaration(genre, cle, dite.version, _reportee(calendrier), nouvelle, annule=True)


def _datee(etat: EtatEleve, cle: str, dite: Echeance) -> bool:
    """The proposition carries its own date: the calendar has no say."""
    proposition = etat.propositions.get(cle)
    return (
        proposition is not None
        and proposition.version == dite.version
        and proposition.date_limite is not None
    )


def _limite_du_calendrier(
    cle: str, recues: Mapping[str, datetime], calendrier: Calendrier
) -> datetime | None:
    return calendrier.date_limite(recues[cle]) if cle in recues else None


def _dite(calendrier: Calendrier) -> int:
    return 2 * calendrier.version + 1


def _reportee(calendrier: Calendrier) -> int:
    """Above what earlier versions of the calendar said, below what this one will say."""
    return 2 * calendrier.version
