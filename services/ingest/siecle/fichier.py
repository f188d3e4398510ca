"""A file of pupils on its way through the analysis. Several go together, each with its own compte rendu."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.ingest.contexte import Analyse
from services.ingest.identity import Nom
from services.ingest.readers.siecle import Lecture
from services.ingest.scolarite.taches import Question
from services.ingest.siecle.absents import Presents
from services.ingest.siecle.domain import Tri
from services.ingest.siecle.entete import Entete
from services.ingest.siecle.lecture import noms
from services.ingest.siecle.lu import EleveLu
from services.ingest.siecle.mouvements import Mouvements


class Resolu(NamedTuple):
    """A pupil of the file, with his id."""

    eleve_id: str
    lu: EleveLu
    noms: Sequence[Nom]
    nouveau: bool


@dataclass(slots=True)
class Fichier:
    """``avant``: the lycée before it; ``mouvements``: what it moves of it so far; ``ids``: pupil identified → rang."""

    analyse: Analyse
    lecture: Lecture
    entete: Entete
    tri: Tri
    avant: Presents = field(default_factory=lambda: Presents({}, ()))
    mouvements: Mouvements = field(default_factory=Mouvements)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def uai(self) -> str:
        return self.entete.uai

    def noms(self, lu: EleveLu) -> list[Nom]:
        return noms(lu.eleve_id_siecle, lu.ine, self.entete.uai)


class Part(NamedTuple):
    """What a lot holds of one file: its pupils by eleve_id, and those who seem to be two."""

    fichier: Fichier
    par_id: dict[str, Resolu]
    conflits: list[Question]

    @property
    def analyse(self) -> Analyse:
        return self.fichier.analyse


class EnsembleImpossibleError(Exception):
    """These files must be taken one by one: one says something of a pupil of another, or asks a question."""


Lot = Sequence[tuple[Fichier, EleveLu]]
