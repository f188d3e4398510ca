"""Twin and model: the same verdict on any value, and the same fields when they accept it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.events import golden
from shared.events.compat import deplier
from shared.events.generate import CONTRATS
from shared.events.modeles import Contrat
from shared.events.rapide import JUMEAUX, Fait, decodeur
from shared.events.schemas import evenements, schema

Valeur = dict[str, Any]
DEBUT = datetime(2, 1, 1, tzinfo=UTC).replace(tzinfo=None)
TEMPS = {"date", "date-time"}
DECALAGES = st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-9, minutes=-30))])
DORES = {nom.rpartition(".")[0]: dore for nom, dore in golden.principaux(CONTRATS).items()}
PAIRES = [
    pytest.param(
        {"title": nom, **deplier(schema(topic, nom, modele))}, modele, JUMEAUX[topic.nom][nom], id=nom
    )
    for topic, nom, modele in evenements()
    if nom in JUMEAUX.get(topic.nom, {})
]


def _valeurs(contrat: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the published schema accepts."""
    if contrat.get("nullable"):
        pleine = {cle: valeur for cle, valeur in contrat.items() if cle != "nullable"}
        return st.none() | _valeurs(pleine)
    if "enum" in contrat:
        return st.sampled_from(contrat["enum"])
    return _PAR_TYPE[contrat["type"]](contrat)


def _textes(contrat: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if contrat.get("format") in _PAR_FORMAT:
        return _PAR_FORMAT[contrat["format"]]
    plus = contrat.get("maxLength", 300)
    if "pattern" in contrat:
        return st.from_regex(contrat["pattern"].replace("$", r"\Z"), fullmatch=True).filter(
            lambda texte: len(texte) <= plus
        )
    return st.text(max_size=plus)


def _objets(contrat: Mapping[str, Any]) -> st.SearchStrategy[Valeur]:
    champs = {nom: _valeurs(contenu) for nom, contenu in contrat["properties"].items()}
    requis = {nom: champs.pop(nom) for nom in contrat.get("required", ())}
    inconnus = st.dictionaries(st.just("champ_inconnu"), st.integers() | st.text(), max_size=1)
    return st.builds(lambda a, b: {**a, **b}, st.fixed_dictionaries(requis, optional=champs), inconnus)


_PAR_FORMAT: Mapping[str, st.SearchStrategy[str]] = {
    "uuid": st.uuids().map(str),
    "date": st.dates().map(str),
    "date-time": st.datetimes(min_value=DEBUT, max_value=DEBUT.replace(year=9998), timezones=DECALAGES).map(
        datetime.isoformat
    ),
}
_PAR_TYPE: Mapping[str, Any] = {
    "string": _textes,
    "boolean": lambda _: st.booleans(),
    "integer": lambda c: st.integers(c["minimum"], c["maximum"]),
    "number": lambda c: st.floats(c["minimum"], c["maximum"]),
    "array": lambda c: st.lists(_valeurs(c["items"]), max_size=3),
    "object": _objets,
}
N_IMPORTE_QUOI = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=400)
    | st.sampled_from(
        ["", "AVEC_VOEUX", "0750001A\n", "M\n", "v1\n", "2026-02-30", "2026-01-20T12:00:00", "é"]
    )
    | st.lists(st.text(max_size=3) | st.integers(), max_size=2)
    | st.dictionaries(st.sampled_from(["uai", "serie", "date"]), st.text(max_size=3), max_size=3)
)


def _jumeau(type_: type[Fait], brut: bytes) -> Fait | None:
    try:
        return decodeur(type_).decode(brut)
    except msgspec.DecodeError:
        return None


def _modele(type_: type[Contrat], brut: bytes) -> Contrat | None:
    try:
        return type_.model_validate_json(brut, strict=True)
    except ValidationError:
        return None


def _memes_champs(lu: Fait, modele: Contrat) -> None:
    attendu = modele.model_dump()
    lus = msgspec.to_builtins(lu)
    assert lus == {champ: msgspec.to_builtins(attendu[champ]) for champ in lus}


@pytest.mark.parametrize(("contrat", "modele", "jumeau"), PAIRES)
@settings(max_examples=30, deadline=None)
@given(donnees=st.data())
def test_both_read_a_valid_value_alike(
    contrat: Valeur, modele: type[Contrat], jumeau: type[Fait], donnees: st.DataObject
) -> None:
    brut = json.dumps(donnees.draw(_objets(contrat))).encode()
    lu, attendu = _jumeau(jumeau, brut), _modele(modele, brut)
    assert lu is not None
    assert attendu is not None
    _memes_champs(lu, attendu)


@pytest.mark.parametrize(("contrat", "modele", "jumeau"), PAIRES)
@settings(max_examples=30, deadline=None)
@given(donnees=st.data())
def test_both_give_the_same_verdict_on_any_field(
    contrat: Valeur, modele: type[Contrat], jumeau: type[Fait], donnees: st.DataObject
) -> None:
    """The id is the codec's to check; for moments the model takes more spellings than RFC 3339."""
    valeur = donnees.draw(_objets(contrat))
    champ = donnees.draw(st.sampled_from(sorted(set(contrat["properties"]) - {"eleve_id"})))
    valeur[champ] = donnees.draw(N_IMPORTE_QUOI)
    brut = json.dumps(valeur).encode()
    lu, attendu = _jumeau(jumeau, brut), _modele(modele, brut)
    if contrat["properties"][champ].get("format") in TEMPS:
        assume(lu is not None)
    assert (lu is None) == (attendu is None)
    if lu is not None and attendu is not None:
        _memes_champs(lu, attendu)


def _presque(valeur: Any) -> list[Any]:
    """Values that are nearly ``valeur``, and the usual wrong ones."""
    autres: list[Any] = [
        None,
        True,
        0,
        -1,
        1.0,
        0.5,
        2**31,
        2**64,
        "",
        " ",
        "é",
        "x" * 301,
        [],
        {},
        [None],
        [""],
    ]
    if isinstance(valeur, str):
        autres += [f"{valeur}\n", f" {valeur}", valeur.lower(), f"{valeur}é", f"{valeur}\0", [valeur]]
    if isinstance(valeur, list):
        autres += [[f"{element}\n"] for element in valeur] + [[*valeur, 1], ["x" * 41], valeur[0]]
    if isinstance(valeur, dict):
        autres += [{**valeur, cle: contenu} for cle in valeur for contenu in (None, "", f"{valeur[cle]}\n")]
    return autres


@pytest.mark.parametrize(("contrat", "modele", "jumeau"), PAIRES)
def test_both_give_the_same_verdict_on_what_is_nearly_right(
    contrat: Valeur, modele: type[Contrat], jumeau: type[Fait]
) -> None:
    verdicts = set()
    juste = DORES[contrat["title"]]["value"]
    for champ in set(juste) - {"eleve_id"}:
        for autre in _presque(juste[champ]):
            brut = json.dumps({**juste, champ: autre}).encode()
            lu, attendu = _jumeau(jumeau, brut), _modele(modele, brut)
            assert (lu is None) == (attendu is None), f"{champ}: {autre!r}"
            verdicts.add(lu is None)
    assert verdicts == {True, False}


@pytest.mark.parametrize(("contrat", "modele", "jumeau"), PAIRES)
@settings(max_examples=30, deadline=None)
@given(donnees=st.data())
def test_both_refuse_a_value_without_a_required_field(
    contrat: Valeur, modele: type[Contrat], jumeau: type[Fait], donnees: st.DataObject
) -> None:
    valeur = donnees.draw(_objets(contrat))
    del valeur[donnees.draw(st.sampled_from(contrat["required"]))]
    brut = json.dumps(valeur).encode()
    assert (_jumeau(jumeau, brut), _modele(modele, brut)) == (None, None)


@pytest.mark.parametrize(("contrat", "modele", "jumeau"), PAIRES)
@settings(max_examples=30, deadline=None)
@given(donnees=st.data())
def test_both_refuse_a_figure_just_out_of_bounds(
    contrat: Valeur, modele: type[Contrat], jumeau: type[Fait], donnees: st.DataObject
) -> None:
    bornes = [
        (champ, hors)
        for champ, contenu in contrat["properties"].items()
        if contenu.get("type") == "integer"
        for hors in (contenu["minimum"] - 1, contenu["maximum"] + 1)
    ]
    champ, hors = donnees.draw(st.sampled_from(bornes))
    brut = json.dumps({**donnees.draw(_objets(contrat)), champ: hors}).encode()
    assert (_jumeau(jumeau, brut), _modele(modele, brut)) == (None, None)


def test_a_moment_without_its_offset_is_refused_by_both() -> None:
    (contrat, modele, jumeau) = next(p.values for p in PAIRES if p.id == "BourseSignalee")
    assert contrat["properties"]["signalee_le"]["format"] == "date-time"
    commun = {"session": 2026, "eleve_id": "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f", "version": 1}
    for signalee_le, lisible in (
        ("2026-01-20T12:00:00Z", True),
        ("2026-01-20T12:00:00", False),
        ("hier", False),
    ):
        brut = json.dumps({**commun, "signalee_le": signalee_le}).encode()
        assert (_jumeau(jumeau, brut) is not None) is lisible
        assert (_modele(modele, brut) is not None) is lisible
