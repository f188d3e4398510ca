"""The table of rules: what may change in a version of a contract, and what needs the next one."""

import copy
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import Field

from shared.events import modeles as m
from shared.events import topics as t
from shared.events.compat import REGLES, deplier, ruptures
from shared.events.schemas import evenements, schema

Schema = dict[str, Any]
VOEU = schema(t.VOEU, "VoeuModifie", m.VoeuModifie)
ELEVE = schema(t.ELEVE, "EleveRemonte", m.EleveRemonte)
TORTS = {regle.phrase: regle.tort for regle in REGLES}


def _apres(changer: Callable[[Schema], object], avant: Schema = VOEU) -> list[str]:
    apres = copy.deepcopy(avant)
    changer(apres)
    return ruptures(avant, apres)


def _ajouter(nom: str, **champ: Any) -> Callable[[Schema], None]:
    return lambda schema: schema["properties"].update({nom: champ})


def _champ(nom: str, **change: Any) -> Callable[[Schema], None]:
    return lambda schema: schema["properties"][nom].update(change)


@pytest.mark.parametrize(
    "changer",
    [
        _ajouter("couleur", type="string"),
        _ajouter("lieu", anyOf=[{"type": "string"}, {"type": "null"}], default=None),
        lambda s: s.update(description="said otherwise", title="Other"),
        lambda s: s["$defs"]["Voie"]["enum"].reverse(),
        lambda s: s["required"].reverse(),
    ],
)
def test_what_harms_nobody_passes(changer: Callable[[Schema], object]) -> None:
    assert _apres(changer) == []


CHANGEMENTS: list[tuple[str, str, Callable[[Schema], object]]] = [
    ("removed", "$: rang", lambda s: s["properties"].pop("rang")),
    ("retyped", "$.selective: type", _champ("selective", type="string")),
    ("retyped", "$.version: multipleOf", _champ("version", multipleOf=2)),
    (
        "retyped",
        "$.rang: type",
        _champ("rang", anyOf=[{"type": "string", "maximum": 2147483647, "minimum": 0}, {"type": "null"}]),
    ),
    ("newly required", "$: rang", lambda s: s["required"].append("rang")),
    ("no longer always present", "$: voie", lambda s: s["required"].remove("voie")),
    ("value removed", "$.voie: ETUDIANT", lambda s: s["$defs"]["Voie"]["enum"].remove("ETUDIANT")),
    (
        "value added to a closed list",
        "$.voie: ALTERNANCE",
        lambda s: s["$defs"]["Voie"]["enum"].append("ALTERNANCE"),
    ),
    ("changed", "$.voeu_id: pattern", _champ("voeu_id", pattern="^[0-9]+$")),
    ("changed", "$.voeu_id: pattern", lambda s: s["properties"]["voeu_id"].pop("pattern")),
    ("tightened", "$.voeu_id: maxLength", _champ("voeu_id", maxLength=20)),
    ("tightened", "$.voeu_id: minLength", _champ("voeu_id", minLength=2)),
    ("tightened", "$.version: exclusiveMaximum", _champ("version", exclusiveMaximum=9)),
    ("loosened", "$.voeu_id: maxLength", _champ("voeu_id", maxLength=80)),
    ("loosened", "$.version: maximum", lambda s: s["properties"]["version"].pop("maximum")),
    ("loosened", "$.version: minimum", _champ("version", minimum=-1)),
    ("default changed", "$.internat: default", _champ("internat", default=True)),
    ("changed in a way that no rule knows", "$.voie: not", _champ("voie", **{"not": {"const": "X"}})),
]


@pytest.mark.parametrize(("regle", "ou", "changer"), CHANGEMENTS)
def test_what_breaks_somebody_is_named_with_the_harm(
    regle: str, ou: str, changer: Callable[[Schema], object]
) -> None:
    assert _apres(changer) == [f"{ou} {regle}: {TORTS[regle]}"]


def test_every_rule_has_its_case() -> None:
    assert {regle for regle, _, _ in CHANGEMENTS} == {regle.phrase for regle in REGLES}


def test_a_field_deep_inside_counts_too() -> None:
    assert _apres(lambda s: s["$defs"]["VivierInitial"]["properties"].pop("date"), ELEVE) == [
        f"$.vivier_initial: date removed: {TORTS['removed']}"
    ]
    assert (
        _apres(lambda s: s["$defs"]["VivierInitial"]["properties"].update(x={"type": "string"}), ELEVE) == []
    )
    assert _apres(lambda s: s["properties"]["specialites"]["items"].update(maxLength=3), ELEVE) == [
        f"$.specialites[]: maxLength tightened: {TORTS['tightened']}"
    ]


def test_a_changed_model_breaks_several_rules_at_once() -> None:
    class Tordu(m.ContratEleve):
        voeu_id: int
        sous_voeu_id: Annotated[str, Field(max_length=3)] = "x"
        voie: m.Phase
        etat: m.EtatVoeu | None = None
        formation_id: m.Code
        nouveau: str

    phrases = ruptures(VOEU, schema(t.VOEU, "VoeuModifie", Tordu))
    for regle in ("removed", "retyped", "newly required", "no longer always present", "value removed"):
        assert any(regle in phrase for phrase in phrases), regle


def test_no_contract_breaks_itself() -> None:
    for topic, nom, modele in evenements():
        courant = schema(topic, nom, modele)
        assert ruptures(courant, courant) == []
        assert "$ref" not in str(deplier(courant))
