"""Pure rules of the service eleves: the row of a pupil, the lists, what is worth an event."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from shared.domaine.etat import EtatEleve
from shared.domaine.statut import nombre_de_propositions, statut
from shared.domaine.voeux import nombre_confirmes, nombre_de_voeux
from shared.events.modeles import Statut


class Liste(StrEnum):
    TOUS = "tous"
    NON_INSCRITS = "non_inscrits"
    INSCRITS_SANS_VOEU = "inscrits_sans_voeu"


@dataclass(frozen=True, slots=True)
class Situation:
    """What ``eleves.statut.v1`` says of a pupil."""

    statut: Statut
    voeux: int
    voeux_confirmes: int
    propositions: int


def situation(etat: EtatEleve | None) -> Situation | None:
    """None for an orphan: facts without scolarité contribute nothing until completed."""
    if etat is None or etat.scolarite is None:
        return None
    return Situation(
        statut(etat), nombre_de_voeux(etat), nombre_confirmes(etat), nombre_de_propositions(etat)
    )


def cle_de_tri(nom: str, prenom: str) -> str:
    """Alphabetical key without accents, case or punctuation: « de l’Œuvre » sorts under deloeuvre."""
    decompose = unicodedata.normalize("NFKD", f"{nom} {prenom}".casefold())
    return "".join(
        lettre
        for lettre in decompose.replace("œ", "oe").replace("æ", "ae")
        if lettre.isalnum() or lettre == " "
    )


def dans_liste(etat: EtatEleve, liste: Liste) -> bool:
    """The definition of each list; ``store.PREDICATS`` says the same in SQL, a test holds them together."""
    if not etat.present:
        return False
    if liste is Liste.NON_INSCRITS:
        return not etat.inscrit
    if liste is Liste.INSCRITS_SANS_VOEU:
        return etat.inscrit and nombre_de_voeux(etat) == 0
    return True
