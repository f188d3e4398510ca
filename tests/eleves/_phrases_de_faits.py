"""Facts written as in the tables of docs: « proposition v1 OUI @2 » is version 2 of that proposition."""

from datetime import UTC, date, datetime
from typing import Any

from shared.events import rapide as r
from shared.events.modeles import Decision, EtatDossier, EtatVoeu, Phase, Profil, Reponse, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.strategies import ELEVE

LIMITE = datetime(2026, 6, 5, 21, 59, tzinfo=UTC)


def fait(phrase: str) -> r.Fait:
    """The fact of one phrase.

    Raises:
        KeyError, ValueError: it is not in the vocabulary of the tables.
    """
    mots = [mot for mot in phrase.split() if not mot.startswith("@")]
    versions = [int(mot[1:]) for mot in phrase.split() if mot.startswith("@")]
    commun: dict[str, Any] = {"session": 2026, "eleve_id": ELEVE, "version": (versions or [1])[0]}
    return _FAITS[mots[0]](commun, *mots[1:])


def faits(phrases: str) -> list[r.Fait]:
    return [fait(phrase.strip()) for phrase in phrases.split(";")]


def _scolarite(commun: dict[str, Any], classe: str = "T1", sortie: str = "") -> r.Eleve:
    return r.Eleve(
        **commun,
        uai="0750001A",
        academie="01",
        departement="075",
        serie=Serie.GENERALE,
        mef="M",
        classe=classe,
        date_sortie=date(2026, 3, 1) if sortie == "sortie" else None,
    )


def _dossier(commun: dict[str, Any], etat: str) -> r.Dossier:
    return r.Dossier(**commun, profil=Profil.TERMINALE, etat=EtatDossier(etat))


def _voeu(commun: dict[str, Any], cle: str, etat: str) -> r.Voeu:
    return r.Voeu(
        **commun,
        voeu_id=cle,
        formation_id=f"F-{cle}",
        famille=Famille.BTS,
        selective=True,
        academie_formation="01",
        voie=Voie.ETUDIANT,
        phase=Phase.PRINCIPALE,
        etat=EtatVoeu(etat),
    )


def _proposition(commun: dict[str, Any], cle: str, decision: str) -> r.Proposition:
    return r.Proposition(**commun, voeu_id=cle, decision=Decision(decision), date_limite=LIMITE)


def _reponse(commun: dict[str, Any], cle: str, reponse: str) -> r.ReponseDonnee:
    return r.ReponseDonnee(**commun, voeu_id=cle, reponse=Reponse(reponse))


def _expiree(commun: dict[str, Any], cle: str, annulee: str = "") -> r.PropositionExpiree:
    return r.PropositionExpiree(
        **commun, voeu_id=cle, date_limite=LIMITE, annule=bool(annulee), revision=len(annulee)
    )


def _non_confirme(commun: dict[str, Any], cle: str) -> r.VoeuNonConfirme:
    return r.VoeuNonConfirme(**commun, voeu_id=cle, date_limite=LIMITE)


_FAITS: dict[str, Any] = {
    "scolarité": _scolarite,
    "dossier": _dossier,
    "vœu": _voeu,
    "proposition": _proposition,
    "réponse": _reponse,
    "expirée": _expiree,
    "non-confirmé": _non_confirme,
}
