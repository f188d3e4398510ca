"""Hypothesis strategies of rows of pupils and of predicates, close to every boundary."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.domaine.calendrier import Calendrier, debut_du_jour, jour_de
from shared.domaine.etapes import Etape
from shared.domaine.ligne import LigneEleve
from shared.domaine.predicats import (
    LISTE,
    REPLIES,
    TYPES,
    ALaDate,
    Champ,
    Compare,
    Contexte,
    Contient,
    EstNul,
    Et,
    Jalon,
    Non,
    NonVide,
    Op,
    Ou,
    Parmi,
    Predicat,
    Texte,
)
from shared.domaine.tri import cle_de_tri

MAINTENANTS = (
    datetime(2026, 3, 12, 22, 59, 30, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2026, 6, 4, 21, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 6, 4, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
)
"""Late in the evening in Paris, midnight, and both changes of the clock."""
_ECARTS = [timedelta(days=j, microseconds=us) for j in range(-4, 5) for us in (-1, 0, 1)]
INSTANTS = st.one_of(
    *(st.sampled_from([m + ecart for m in MAINTENANTS for ecart in _ECARTS]),),
    st.sampled_from([debut_du_jour(jour_de(m)) + ecart for m in MAINTENANTS for ecart in _ECARTS]),
)
JOURS = st.sampled_from([jour_de(m) + timedelta(days=j) for m in MAINTENANTS for j in range(-2, 3)])
MOTS = [
    "Élie",
    "elie",
    "E\u0301lie",
    "ŒUVRARD",
    "oeuvrard",
    "Nguyễn",
    "d’Arc",
    "Zoé",
    "zoe ",
    "ß",
    "SS",
    "%",
    "_",
    "",
]
TEXTES = st.sampled_from(MOTS) | st.text(max_size=3).filter(lambda t: "\x00" not in t and _codable(t))
CODES = st.sampled_from(["BTS", "bts", "LICENCE", "PASS", "T1", "T2"])
ENTIERS = st.sampled_from([0, 1, 2, 3, 32_767]) | st.integers(0, 40)


def _codable(texte: str) -> bool:
    return texte.encode("utf-8", "ignore").decode() == texte


VALEURS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: ENTIERS,
    str: TEXTES | CODES,
    date: JOURS,
    datetime: INSTANTS,
    LISTE: st.lists(CODES, max_size=3).map(tuple),
}


def _champ(nom: str, type_: Any) -> st.SearchStrategy[Any]:
    if nom in REPLIES:
        return st.none() | st.lists(TEXTES, max_size=2).map(lambda mots: cle_de_tri(*mots))
    return st.none() | VALEURS[type_]


lignes: st.SearchStrategy[LigneEleve] = st.fixed_dictionaries(
    {nom: _champ(nom, type_) for nom, type_ in TYPES.items() if nom != "session"}
).map(lambda champs: LigneEleve(session=2026, **champs))
contextes: st.SearchStrategy[Contexte] = st.builds(
    Contexte,
    st.sampled_from(MAINTENANTS),
    st.none()
    | st.builds(Calendrier, st.just(2026), st.dictionaries(st.sampled_from(Etape), INSTANTS, max_size=8)),
)


def _noms(*types: Any) -> list[str]:
    return [nom for nom, type_ in TYPES.items() if type_ in types]


def _comparaison(nom: str) -> st.SearchStrategy[Predicat]:
    type_ = TYPES[nom]
    ops = list(Op) if type_ in {int, date, datetime} else [Op.EGAL, Op.DIFFERENT]
    valeurs: st.SearchStrategy[Any] = VALEURS[type_] | st.builds(Champ, st.sampled_from(_noms(type_)))
    if type_ in {date, datetime}:
        valeurs = valeurs | st.builds(ALaDate, st.integers(-4, 4), st.booleans())
    return st.builds(Compare, st.just(nom), st.sampled_from(ops), valeurs)


def _parmi(nom: str) -> st.SearchStrategy[Predicat]:
    return st.builds(Parmi, st.just(nom), st.lists(VALEURS[TYPES[nom]], max_size=3).map(tuple))


_ATOMES: st.SearchStrategy[Predicat] = st.one_of(
    st.sampled_from(_noms(bool, int, str, date, datetime)).flatmap(_comparaison),
    st.sampled_from(_noms(int, str)).flatmap(_parmi),
    st.builds(Contient, st.sampled_from(_noms(LISTE)), CODES),
    st.builds(NonVide, st.sampled_from(_noms(LISTE))),
    st.builds(Texte, TEXTES, st.sampled_from(sorted(REPLIES))),
    st.builds(EstNul, st.sampled_from(sorted(TYPES))),
    st.builds(Jalon, st.sampled_from(Etape), st.none() | st.integers(-4, 4), st.none() | st.integers(-4, 4)),
)


def _composes(membres: st.SearchStrategy[Predicat]) -> st.SearchStrategy[Predicat]:
    plusieurs = st.lists(membres, max_size=3).map(tuple)
    return st.builds(Et, plusieurs) | st.builds(Ou, plusieurs) | st.builds(Non, membres)


predicats: st.SearchStrategy[Predicat] = st.recursive(_ATOMES, _composes, max_leaves=6)
