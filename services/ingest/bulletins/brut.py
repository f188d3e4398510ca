"""A notes file as the reader finds it, before any rule: all texts, prefixes of codes kept."""

from dataclasses import dataclass, field
from typing import NamedTuple


class NoteBrute(NamedTuple):
    service: str
    etat: str
    moyenne: str
    rang: str
    coefficient: str
    appreciation: str


class BulletinBrut(NamedTuple):
    periode: str
    notes: list[NoteBrute]


class AnneeBrute(NamedTuple):
    annee: str
    classe: str
    bulletins: list[BulletinBrut]


class EleveBrut(NamedTuple):
    """``rang``: from 1, in the file. Name and birth date propose, and go no further."""

    rang: int
    code: str
    ine: str
    nom: str
    prenom: str
    naissance: str
    annees: list[AnneeBrute]


class ClasseBrute(NamedTuple):
    annee: str
    nom: str
    niveau: str
    decoupage: str


class ServiceBrut(NamedTuple):
    """A group over one period. ``enseignants``, ``matiere``: codes."""

    annee: str
    periode: str
    enseignants: tuple[str, ...]
    matiere: str
    langue: str
    groupe: str
    effectif: str
    haute: str
    basse: str
    moyenne: str


class MatiereBrute(NamedTuple):
    sconet: str
    libelle: str


class EnseignantBrut(NamedTuple):
    nom: str
    prenom: str


class EnteteBrut(NamedTuple):
    """Attributes of ``fichier`` and ``etablissement``."""

    logiciel: str
    version: str
    date_creation: str
    rne: str


@dataclass(slots=True)
class FichierBrut:
    """The six lists, by code, or by code and année; pupils in file order."""

    entete: EnteteBrut
    classes: dict[tuple[str, str], ClasseBrute] = field(default_factory=dict)
    services: dict[tuple[str, str], ServiceBrut] = field(default_factory=dict)
    matieres: dict[str, MatiereBrute] = field(default_factory=dict)
    enseignants: dict[str, EnseignantBrut] = field(default_factory=dict)
    langues: dict[str, str] = field(default_factory=dict)
    eleves: list[EleveBrut] = field(default_factory=list)
