"""What the readers find in the files that describe a lycée, before any rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Liste(StrEnum):
    """Tables of a lycée that are kept, by the file that says them."""

    MEF = "MEF"
    MATIERE = "MATIERE"
    BOURSE = "BOURSE"
    REGIME = "REGIME"
    ETABLISSEMENT = "ETABLISSEMENT"
    PERIODE = "PERIODE"
    LYCEE = "LYCEE"


@dataclass(frozen=True, slots=True)
class StructureBrute:
    """A DIVISION or GROUPE as written. ``rang``: from 1, in the file. ``genre``: D or G."""

    rang: int
    genre: str
    code: str
    libelle: str
    contrat: str
    mefs: tuple[str, ...]
    divisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entree:
    """One row of a table. ``rattachement``: the national code of an academic MEF or matière."""

    rang: int
    liste: Liste
    code: str
    libelle: str = ""
    rattachement: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
