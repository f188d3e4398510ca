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


def _apres(changer: Callable[[Schema], object], avant: Schema = VOEU) -> list[str]:
    apres = copy.deepcopy(avant)
    changer(apres)
    return ruptures(avant, apres)


def _ajouter(nom: str, **champ: Any) -> Callable[[Schema], None]:
    return lambda schema: schema["properties"].update({nom: champ})


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


@pytest.mark.parametrize(
    ("changer", "phrase"),
    [
        (lambda s: s["properties"].pop("rang"), "$: rang removed"),
        (lambda s: s["properties"]["selective"].update(type="string"), "$.selective: type retyped"),
        (lambda s: s["properties"]["voeu_id"].update(pattern="^[0-9]+$"), "$.voeu_id: pattern retyped"),
        (lambda s: s["required"].append("rang"), "$: rang newly required"),
        (lambda s: s["required"].remove("voie"), "$: voie no longer always present"),
        (lambda s: s["$defs"]["Voie"]["enum"].remove("ETUDIANT"), "$.voie: ETUDIANT value removed"),
        (
            lambda s: s["$defs"]["Voie"]["enum"].append("ALTERNANCE"),
            "$.voie: ALTERNANCE value added to a closed list",
        ),
        (lambda s: s["properties"]["voeu_id"].update(maxLength=20), "$.voeu_id: maxLength bounds changed"),
        (lambda s: s["properties"]["voeu_id"].update(maxLength=80), "$.voeu_id: maxLength bounds changed"),
        (lambda s: s["properties"]["version"].pop("maximum"), "$.version: maximum bounds changed"),
        (lambda s: s["properties"]["internat"].update(default=True), "$.internat: default default changed"),
        (
            lambda s: s["properties"]["rang"].update(
                anyOf=[{"type": "string", "maximum": 2147483647, "minimum": 0}, {"type": "null"}]
            ),
            "$.rang: type retyped",
        ),
    ],
)
def test_what_breaks_somebody_is_named(changer: Callable[[Schema], object], phrase: str) -> None:
    assert _apres(changer) == [phrase]


def test_a_field_deep_inside_counts_too() -> None:
    assert _apres(lambda s: s["$defs"]["VivierInitial"]["properties"].pop("date"), ELEVE) == [
        "$.vivier_initial: date removed"
    ]
    assert (
        _apres(lambda s: s["$defs"]["VivierInitial"]["properties"].update(x={"type": "string"}), ELEVE) == []
    )
    assert _apres(lambda s: s["properties"]["specialites"]["items"].update(maxLength=3), ELEVE) == [
        "$.specialites[]: maxLength bounds changed"
    ]


def test_every_rule_is_exercised_by_a_change_of_a_model() -> None:
    class Tordu(m.ContratEleve):
        voeu_id: int
        sous_voeu_id: Annotated[str, Field(max_length=3)] = "x"
        voie: m.Phase
        etat: m.EtatVoeu | None = None
        formation_id: m.Code
        nouveau: str

    phrases = ruptures(VOEU, schema(t.VOEU, "VoeuModifie", Tordu))
    for regle in REGLES:
        assert any(regle.phrase in phrase for phrase in phrases), regle.phrase


def test_no_contract_breaks_itself() -> None:
    for topic, nom, modele in evenements():
        courant = schema(topic, nom, modele)
        assert ruptures(courant, courant) == []
        assert "$ref" not in str(deplier(courant))
