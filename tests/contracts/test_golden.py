"""One event of each type as it lies on the log: readable by its schema, its model and its twin."""

import json
from datetime import datetime
from typing import Any

import msgspec
import pytest
from aiokafka import ConsumerRecord
from jsonschema import Draft202012Validator

from shared.events.enveloppe import entetes, evenement
from shared.events.generate import CONTRATS
from shared.events.golden import Dore, nom_dore, principaux, tous
from shared.events.modeles import Contrat
from shared.events.rapide import JUMEAUX
from shared.events.schemas import evenements
from shared.events.topics import Retention, Topic
from shared.kafka.records import Codec
from tests.kit.tranches import tranche

DORES = tous(CONTRATS)
TOUS = [
    pytest.param(topic, nom, modele, DORES[dore], id=dore)
    for topic, nom, modele in evenements()
    for dore in DORES
    if dore == nom_dore(topic, nom) or dore.startswith(f"{nom_dore(topic, nom)}.")
]
JUMELES = [p for p in TOUS if p.values[1] in JUMEAUX.get(p.values[0].nom, {})]


def test_there_is_one_file_per_type_and_no_other() -> None:
    assert set(principaux(CONTRATS)) == {nom_dore(topic, nom) for topic, nom, _ in evenements()}
    assert {".".join(dore.split(".")[:2]) for dore in DORES} == set(principaux(CONTRATS))


@pytest.mark.parametrize(("topic", "nom", "modele", "dore"), TOUS)
def test_model_and_published_schema_accept_it(
    topic: Topic, nom: str, modele: type[Contrat], dore: Dore
) -> None:
    valeur = dore["value"]
    if valeur is None:
        assert topic.retention is Retention.COMPACTEE
        return
    publie = json.loads((CONTRATS / topic.nom / f"{nom}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(publie)
    Draft202012Validator(publie, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(valeur)
    lu = modele.model_validate_json(json.dumps(valeur), strict=True)
    assert {champ for champ in valeur if champ not in type(lu).model_fields} == set()


@pytest.mark.parametrize(("topic", "nom", "modele", "dore"), TOUS)
def test_publishing_it_again_gives_the_same_envelope(
    topic: Topic, nom: str, modele: type[Contrat], dore: Dore
) -> None:
    if dore["value"] is None:
        return
    donnees = modele.model_validate_json(json.dumps(dore["value"]), strict=True)
    fait = evenement(
        topic,
        donnees,
        cle=dore["key"],
        version=dore["value"].get("version", 1),
        time=datetime.fromisoformat(dore["headers"]["ce_time"]),
        type_=nom,
    )
    assert fait.topic == dore["topic"]
    emis = {cle: valeur.decode() for cle, valeur in entetes(fait, dore["headers"]["ce_recordedtime"])}
    assert emis == dore["headers"]
    assert modele.model_validate_json(fait.donnees or b"", strict=True) == donnees


@pytest.mark.parametrize(("topic", "nom", "modele", "dore"), JUMELES)
def test_twin_reads_every_field_as_the_model_does(
    topic: Topic, nom: str, modele: type[Contrat], dore: Dore
) -> None:
    (lu,) = Codec({dore["topic"]: topic}).lire(tranche([_brut(dore)]))
    assert lu.erreur is None
    dit = lu.fait if topic.par_eleve else lu.reference
    if dore["value"] is None:
        assert dit is None
        return
    assert isinstance(dit, JUMEAUX[topic.nom][nom])
    attendu = modele.model_validate_json(json.dumps(dore["value"]), strict=True).model_dump()
    lus = msgspec.to_builtins(dit)
    assert lus == {champ: msgspec.to_builtins(attendu[champ]) for champ in lus}


def _brut(dore: dict[str, Any]) -> "ConsumerRecord[bytes, bytes]":
    valeur = None if dore["value"] is None else json.dumps(dore["value"], ensure_ascii=False).encode()
    return ConsumerRecord(
        dore["topic"],
        0,
        0,
        0,
        0,
        dore["key"].encode(),
        valeur,
        None,
        0,
        len(valeur or b""),
        [(cle, texte.encode()) for cle, texte in dore["headers"].items()],
    )
