"""Rules of tasks and of the fields that a lycée may enter: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.nomenclatures import Serie, est_terminale, serie_du_mef, specialites


class Genre(StrEnum):
    DEUX_LYCEES = "DEUX_LYCEES"
    MEME_ELEVE = "MEME_ELEVE"


class Etat(StrEnum):
    """ESCALADEE: the lycées disagree, the operator decides. CADUQUE: no longer a question."""

    OUVERTE = "OUVERTE"
    ESCALADEE = "ESCALADEE"
    RESOLUE = "RESOLUE"
    CADUQUE = "CADUQUE"


class Choix(StrEnum):
    CHEZ_NOUS = "CHEZ_NOUS"
    PAS_CHEZ_NOUS = "PAS_CHEZ_NOUS"
    FUSIONNER = "FUSIONNER"
    DISTINCTS = "DISTINCTS"


CHOIX: Mapping[Genre, tuple[Choix, ...]] = {
    Genre.DEUX_LYCEES: (Choix.CHEZ_NOUS, Choix.PAS_CHEZ_NOUS),
    Genre.MEME_ELEVE: (Choix.FUSIONNER, Choix.DISTINCTS),
}
QUESTIONS: Mapping[Genre, str] = {
    Genre.DEUX_LYCEES: "Plusieurs lycées déclarent cet élève, à la même date d’entrée. Est-il chez vous ?",
    Genre.MEME_ELEVE: "Deux élèves sont peut-être un seul : mêmes nom, prénom et date de naissance, ou un INE et un "
    "identifiant SIECLE qui désignent deux élèves. Est-ce le même élève ?",
}
LIBELLES: Mapping[Choix, str] = {
    Choix.CHEZ_NOUS: "Il est chez nous",
    Choix.PAS_CHEZ_NOUS: "Il n’est pas chez nous",
    Choix.FUSIONNER: "C’est le même élève",
    Choix.DISTINCTS: "Ce sont deux élèves",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """Where the answers lead. ``uai``: the lycée that keeps the pupil; ``choix``: what was agreed.

    ``survivant``: of two pupils who are one, the id that stays, when somebody chose.
    """

    etat: Etat
    uai: str | None = None
    choix: Choix | None = None
    survivant: str | None = None


def trancher(genre: Genre, lycees: Sequence[str], reponses: Mapping[str, Choix]) -> Issue:
    """What the answers so far decide; contradictory ones decide nothing, they go to the operator."""
    dits = {uai: choix for uai, choix in reponses.items() if uai in lycees}
    if genre is Genre.DEUX_LYCEES:
        return _un_lycee(lycees, dits)
    if len(set(dits.values())) > 1:
        return Issue(Etat.ESCALADEE)
    if dits and set(lycees) <= dits.keys():
        return Issue(Etat.RESOLUE, choix=next(iter(dits.values())))
    return Issue(Etat.OUVERTE)


def _un_lycee(lycees: Sequence[str], dits: Mapping[str, Choix]) -> Issue:
    restants = [uai for uai in lycees if dits.get(uai) is not Choix.PAS_CHEZ_NOUS]
    if len(restants) == 1 and len(lycees) > 1:
        return Issue(Etat.RESOLUE, uai=restants[0], choix=Choix.CHEZ_NOUS)
    affirmes = [uai for uai in restants if dits.get(uai) is Choix.CHEZ_NOUS]
    if not restants or len(affirmes) > 1:
        return Issue(Etat.ESCALADEE)
    return Issue(Etat.OUVERTE)


OBLIGATOIRES = ("mef", "serie", "date_entree")
"""What an entry must hold of a pupil whom SIECLE does not know."""


class SaisieInvalideError(Exception):
    """``phrase``: why, for the lycée."""

    def __init__(self, champ: str, phrase: str) -> None:
        super().__init__(champ)
        self.champ = champ
        self.phrase = phrase


def champs_saisis(saisis: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as JSON values, the série told by the MEF unless it is said.

    Raises:
        SaisieInvalideError: not a MEF of terminale, not a spécialité.
    """
    champs = dict(saisis)
    mef = champs.get("mef")
    if mef is not None:
        if not est_terminale(mef):
            raise SaisieInvalideError(
                "mef", "Ce code de formation (MEF) n’est pas celui d’une terminale connue : vérifiez-le."
            )
        champs.setdefault("serie", (serie_du_mef(mef) or Serie.AUTRE).value)
    inconnues = [cle for cle in champs.get("specialites") or () if cle not in specialites()]
    if inconnues:
        raise SaisieInvalideError("specialites", f"La spécialité « {inconnues[0]} » n’existe pas.")
    return champs


CHAMPS: Mapping[str, str] = {
    "classe": "Classe",
    "mef": "Formation (MEF)",
    "serie": "Série",
    "specialites": "Spécialités",
    "regime": "Régime",
    "statut_scolaire": "Statut",
    "date_entree": "Date d’entrée",
    "date_sortie": "Date de sortie",
    "codes_bourse": "Bourse",
    "cordees": "Cordées de la réussite",
}
"""What is compared side by side, and its name on the screen."""
