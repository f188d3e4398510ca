"""Marks of synthetic pupils: a level per pupil, a taste per matière, a little chance per period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from services.simulateur.eleves import Eleve
from shared.nomenclatures.matieres import specialite_de_la_matiere
from shared.nomenclatures.series import Serie

_COMMUNES = (
    ("010300", "Philosophie", 4.0, -1.6),
    ("043700", "Histoire-géographie", 3.0, 0.0),
    ("043800", "Enseignement moral et civique", 1.0, 0.8),
    ("100100", "Éducation physique et sportive", 2.0, 2.2),
)
_PROPRES = {
    "G": (),
    "T": (("061300", "Mathématiques", 3.0, -0.8), ("062300", "Physique-chimie", 4.0, -0.5)),
    "P": (("061300", "Mathématiques", 2.0, -0.6), ("071100", "Enseignement professionnel", 8.0, 1.0)),
}
_OPTIONS = (
    ("024100", "Latin", 1.0, 1.5),
    ("275700", "Histoire des arts", 1.0, 1.6),
    ("278500", "Théâtre", 1.0, 2.0),
    ("083200", "Musique", 1.0, 1.8),
)
_LANGUES = {"02": "Anglais", "04": "Chinois", "06": "Espagnol", "09": "Italien", "01": "Allemand"}
_NIVEAUX = {"G": 13.1, "T": 12.2, "P": 12.4}
"""Means of a terminale by voie: hypothesis, of the order that lycées publish."""
_APPRECIATIONS = (
    (16.0, ("Excellent trimestre, travail approfondi et participation active.", "Très bon ensemble, bravo.")),
    (
        13.0,
        ("Bon travail, sérieux et régulier.", "Ensemble satisfaisant ; continuez ainsi, cœur à l’ouvrage."),
    ),
    (
        10.0,
        (
            "Résultats corrects, mais le travail personnel doit être plus régulier.",
            "Peut mieux faire à l’écrit.",
        ),
    ),
    (0.0, ("Des difficultés : il faut revoir les bases et demander de l’aide.", "Travail trop irrégulier.")),
)
_ECART_ELEVE, _ECART_MATIERE, _ECART_PERIODE = 2.2, 1.5, 0.8


class Tirage(Protocol):
    """What a draw depends on besides the pupil."""

    @property
    def graine(self) -> int: ...
    @property
    def session(self) -> int: ...
    @property
    def periodes(self) -> int: ...
    @property
    def decoupage(self) -> int: ...
    @property
    def premiere(self) -> bool: ...
    @property
    def options(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Matiere:
    code: str
    libelle: str
    coefficient: float
    ecart: float
    langue: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """``moyenne`` None unless ``etat`` is S."""

    matiere: Matiere
    etat: str
    moyenne: float | None
    appreciation: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Marks of one pupil over one period; ``classe``: name, of that year."""

    annee: int
    periode: int
    classe: str
    notes: tuple[Note, ...]


def tirer(tirage: Tirage, eleve: Eleve) -> Iterator[Bulletin]:
    """This year's bulletins, then last year's; drawn from the pupil alone."""
    voie = eleve.serie.voie if eleve.serie else "G"
    niveau = _NIVEAUX[voie] + Random(f"{tirage.graine}/{eleve.indice}/niveau").gauss(0, _ECART_ELEVE)
    matieres = list(_matieres_de(eleve, voie, tirage.options))
    classe = eleve.division or ""
    yield from _annee(tirage, eleve, tirage.session, classe, (niveau, matieres, tirage.periodes))
    if tirage.premiere and not eleve.doublement:
        avant = classe.replace("T", "1", 1)
        yield from _annee(
            tirage, eleve, tirage.session - 1, avant, (niveau + 0.3, matieres, tirage.decoupage)
        )


def _annee(
    tirage: Tirage, eleve: Eleve, annee: int, classe: str, quoi: tuple[float, Sequence[Matiere], int]
) -> Iterator[Bulletin]:
    """``quoi``: the pupil's level, his matières, how many periods."""
    niveau, matieres, periodes = quoi
    gouts = Random(f"{tirage.graine}/{eleve.indice}/{annee}/gouts")
    forces = [niveau + matiere.ecart + gouts.gauss(0, _ECART_MATIERE) for matiere in matieres]
    for periode in range(1, periodes + 1):
        alea = Random(f"{tirage.graine}/{eleve.indice}/{annee}/{periode}")
        notes = tuple(_note(alea, matiere, force) for matiere, force in zip(matieres, forces, strict=True))
        yield Bulletin(annee, periode, classe, notes)


def _matieres_de(eleve: Eleve, voie: str, options: int) -> Iterator[Matiere]:
    for communes in (_COMMUNES, _PROPRES[voie], _OPTIONS[:options]):
        for code, libelle, coefficient, ecart in communes:
            yield Matiere(code, libelle, coefficient, ecart)
    for code in dict.fromkeys(code for _, code in eleve.options):
        specialite = specialite_de_la_matiere(code)
        if code.startswith("03") and code[4:] in {"01", "02"}:
            libelle = f"{_LANGUES.get(code[2:4], 'Langue vivante')} LV{'A' if code.endswith('1') else 'B'}"
            yield Matiere(code, libelle, 3.0, 0.2, f"LV{code[-1]}")
        elif specialite is not None and eleve.serie is Serie.GENERALE:
            yield Matiere(code, specialite.libelle, 16.0, -0.2)


def _note(alea: Random, matiere: Matiere, force: float) -> Note:
    etat = alea.choices("SNAD", (96.5, 2.0, 1.0, 2.5 if matiere.code == "100100" else 0.5))[0]
    moyenne = round(min(20.0, max(0.5, force + alea.gauss(0, _ECART_PERIODE))), 2)
    if etat != "S":
        return Note(matiere, etat, None, "Non évalué ce trimestre." if etat == "N" else "")
    phrases = next(phrases for seuil, phrases in _APPRECIATIONS if moyenne >= seuil)
    return Note(matiere, etat, moyenne, alea.choice(phrases))
