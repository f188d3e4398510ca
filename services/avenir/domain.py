"""Pure rules of the service avenir: what an avis may be written for, and how a fiche progresses."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domaine.etat import EtatEleve
from shared.domaine.voeux import actif
from shared.events.modeles import Capacite


@dataclass(frozen=True, slots=True)
class Fiche:
    """Progress of a pupil's fiche. Version 0: it never had a cible, nothing was said of it."""

    version: int = 0
    avis_rendus: int = 0
    cibles: int = 0


@dataclass(frozen=True, slots=True)
class Avis:
    """One avis as it stands. ``orphelin`` is not stored: the vœu may be withdrawn, and come back."""

    cible: str
    formation_id: str | None
    capacite: Capacite | None
    version: int
    auteur: str
    modifie_le: datetime


class Motif(StrEnum):
    """Why an avis is refused; the sentence is for the chef d'établissement."""

    FORMATION_NON_DEMANDEE = "formation_non_demandee"
    VOEU_RETIRE = "voeu_retire"
    ELEVE_SORTI = "eleve_sorti"

    @property
    def phrase(self) -> str:
        return _PHRASES[self]


_PHRASES = {
    Motif.FORMATION_NON_DEMANDEE: "L’élève n’a pas demandé cette formation : un avis ne porte que sur "
    "un vœu qu’il a formulé.",
    Motif.VOEU_RETIRE: "L’élève a retiré ce vœu : l’avis déjà saisi est conservé, mais ne peut plus être modifié.",
    Motif.ELEVE_SORTI: "L’élève a quitté l’établissement : son avis ne peut plus être modifié.",
}


class Precondition(StrEnum):
    """What ``If-Match`` says of the version to change."""

    REMPLIE = "remplie"
    ABSENTE = "absente"
    PERIMEE = "perimee"


def cibles(etat: EtatEleve) -> tuple[str, ...]:
    """Keys of the vœux and sous-vœux asked for and not withdrawn, sorted."""
    return tuple(sorted(cle for cle, voeu in etat.voeux.items() if actif(voeu)))


def refus(etat: EtatEleve, cible: str) -> Motif | None:
    """Why no avis may be written for ``cible``, or None when it may."""
    voeu = etat.voeux.get(cible)
    if voeu is None:
        return Motif.FORMATION_NON_DEMANDEE
    if not actif(voeu):
        return Motif.VOEU_RETIRE
    return None if etat.present else Motif.ELEVE_SORTI


def precondition(if_match: str | None, version: int) -> Precondition:
    """``version`` 0: no avis yet, then none is asked for."""
    if if_match is None:
        return Precondition.ABSENTE if version else Precondition.REMPLIE
    attendue = if_match.strip().removeprefix("W/")
    remplie = attendue == f'"{version}"' or (attendue == "*" and version > 0)
    return Precondition.REMPLIE if remplie else Precondition.PERIMEE


def avancer(connue: Fiche, cibles_actives: Collection[str], rendus: Collection[str]) -> Fiche:
    """The fiche after a change of vœux or avis; ``connue`` itself when nothing moved.

    ``rendus``: every cible with an avis, withdrawn ones included.
    """
    actives = frozenset(cibles_actives)
    avis_rendus = len(actives.intersection(rendus))
    if (avis_rendus, len(actives)) == (connue.avis_rendus, connue.cibles):
        return connue
    return Fiche(connue.version + 1, avis_rendus, len(actives))
