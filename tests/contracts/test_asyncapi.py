"""The published document: readable by another YAML library, closed under its references, complete."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared.db.migrations import SERVICES
from shared.events import baseline
from shared.events.asyncapi import document
from shared.events.cles import CLES
from shared.events.generate import CONTRATS
from shared.events.golden import principaux
from shared.events.topics import CATALOGUE, LECTEURS, Retention
from shared.events.yaml import yaml as emettre
from shared.kafka.topics import configuration


@pytest.fixture(scope="module")
def publie() -> Any:
    return yaml.safe_load((CONTRATS / "asyncapi.yaml").read_text(encoding="utf-8"))


def _references(noeud: Any) -> Iterator[str]:
    if isinstance(noeud, dict):
        if isinstance(noeud.get("$ref"), str):
            yield noeud["$ref"]
        noeud = list(noeud.values())
    if isinstance(noeud, list):
        for element in noeud:
            yield from _references(element)


def _pointer(racine: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        racine = racine[part]
    return racine


def test_another_library_reads_back_what_was_written() -> None:
    voulu = document(principaux(CONTRATS), baseline.lire(CONTRATS)[0])
    assert yaml.safe_load(emettre(voulu)) == voulu


def test_strings_that_look_like_something_else_stay_strings() -> None:
    piege = {"no": ["NON", "yes", "1.0", "2026-01-01", "a: b # c", "é\n\t\"'"], "vide": [], "rien": {}}
    assert yaml.safe_load(emettre(piege)) == piege


def test_every_reference_resolves(publie: Any) -> None:
    references = set(_references(publie))
    assert references
    for reference in references:
        assert _pointer(publie, reference)


def test_every_topic_is_there_with_its_owner_class_and_retention(publie: Any) -> None:
    assert publie["asyncapi"] == "3.0.0"
    assert list(publie["channels"]) == [topic.nom for topic in CATALOGUE]
    for topic in CATALOGUE:
        canal = publie["channels"][topic.nom]
        assert canal["address"] == "{session}." + topic.nom
        effacement = {"tombstone"} if topic.contrats and topic.retention is Retention.COMPACTEE else set()
        assert set(canal["messages"]) == {*topic.contrats, *effacement}
        assert canal["x-pilotage"]["owner"] == topic.proprietaire
        assert canal["x-pilotage"]["class"] == topic.classe
        assert canal["x-pilotage"]["keptWhole"] is (topic.retention is Retention.ENTIERE)
        reglages = canal["bindings"]["kafka"]["topicConfiguration"]
        assert reglages["cleanup.policy"] == [configuration(topic)["cleanup.policy"]]


def _messages(publie: Any) -> Iterator[tuple[str, Any]]:
    """Those of events, by topic."""
    for nom, message in publie["components"]["messages"].items():
        if nom != "tombstone":
            yield nom.rpartition(".")[0], message


def test_a_message_is_one_record_with_its_key_and_headers(publie: Any) -> None:
    for topic, message in _messages(publie):
        charge = _pointer(publie, message["payload"]["$ref"])
        assert charge["type"] == "object", topic
        assert message["bindings"]["kafka"]["key"]["description"]
        entetes, propre = message["headers"]["allOf"]
        assert "ce_recordedtime" in _pointer(publie, entetes["$ref"])["required"]
        assert propre["properties"]["ce_type"]["const"] == f"fr.pilotage.{message['name']}.v1"


def test_keys_and_headers_of_golden_events_match_what_is_documented(publie: Any) -> None:
    schemas = {"components": publie["components"]}
    for topic, message in _messages(publie):
        dore = principaux(CONTRATS)[f"{message['name']}.v1"]
        cle = message["bindings"]["kafka"]["key"]
        assert re.search(cle["pattern"], dore["key"])
        assert re.search(r"^[^{}\[\]]+$", dore["key"])
        assert dore["topic"] == f"2026.{topic}"
        Draft202012Validator({**message["headers"], **schemas}).validate(dore["headers"])
        Draft202012Validator({**message["payload"], **schemas}).validate(message["examples"][0]["payload"])


def test_rights_are_said_by_class(publie: Any) -> None:
    for topic in CATALOGUE:
        operations = [
            operation
            for operation in publie["operations"].values()
            if operation["channel"]["$ref"] == f"#/channels/{topic.nom}"
        ]
        for operation in operations:
            assert operation["security"] == [{"$ref": f"#/components/securitySchemes/{topic.classe}"}]
        assert bool(operations) is bool(topic.contrats)


def test_events_of_one_topic_share_a_key_only_when_they_are_states_of_one_subject() -> None:
    for topic in CATALOGUE:
        cles: dict[str, set[type]] = {}
        for nom, modele in topic.contrats.items():
            cles.setdefault(CLES[nom], set()).add(modele)
        for cle, modeles in cles.items():
            assert len(modeles) == 1, (topic.nom, cle)


def test_consumers_named_are_those_that_fold_the_topic() -> None:
    from services.cli.registry import service  # noqa: PLC0415 - the registry imports every service

    vus: dict[str, set[str]] = {}
    for nom in SERVICES:
        projection = service(nom).projection
        for topic in getattr(projection, "topics", ()):
            vus.setdefault(topic.nom, set()).add(nom)
    assert {nom: set(lecteurs) for nom, lecteurs in LECTEURS.items()} == vus
