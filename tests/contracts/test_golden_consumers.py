"""Every consumer reads every golden event of its topics with its real codec, folds it, and refuses none."""

import json
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from services.cli.registry import service
from shared.db.migrations import SERVICES
from shared.domaine.etat import replier
from shared.events.generate import CONTRATS
from shared.events.golden import Dore, tous
from shared.events.topics import CATALOGUE, Topic
from shared.kafka.partition import partition_de
from shared.kafka.projection import ProjectionEleves
from shared.kafka.records import Codec
from shared.settings import Settings
from tests.kit.faults import rejected, rows
from tests.kit.journal import a_jour
from tests.kit.services import PARTITIONS, World
from tests.kit.tranches import tranche

DORES = tous(CONTRATS)
CONSOMMATEURS = [nom for nom in SERVICES if service(nom).projection is not None]


def _projection(nom: str) -> Any:
    return service(nom).projection


def _topics(nom: str) -> tuple[Topic, ...]:
    return tuple(_projection(nom).topics)


def _lus_par(nom: str) -> dict[str, Dore]:
    lus = {f"2026.{topic.nom}" for topic in _topics(nom)}
    return {dore: contenu for dore, contenu in DORES.items() if contenu["topic"] in lus}


CAS = [(nom, dore) for nom in CONSOMMATEURS for dore in _lus_par(nom)]


def _octets(dore: Dore) -> bytes | None:
    return None if dore["value"] is None else json.dumps(dore["value"], ensure_ascii=False).encode()


def _entetes(dore: Dore) -> list[tuple[str, bytes]]:
    return [(nom, valeur.encode()) for nom, valeur in dore["headers"].items()]


def test_every_topic_read_by_somebody_has_golden_events() -> None:
    for nom in CONSOMMATEURS:
        assert {f"2026.{topic.nom}" for topic in _topics(nom)} == {d["topic"] for d in _lus_par(nom).values()}
    assert {topic.nom for nom in CONSOMMATEURS for topic in _topics(nom)} <= {t.nom for t in CATALOGUE}


@pytest.mark.parametrize(("nom", "dore"), CAS)
def test_it_is_decoded_and_folded(nom: str, dore: str) -> None:
    contenu = DORES[dore]
    codec = Codec({f"2026.{topic.nom}": topic for topic in _topics(nom)})
    valeur, cle = _octets(contenu), contenu["key"].encode()
    brut = ConsumerRecord(
        contenu["topic"], 0, 0, 0, 0, cle, valeur, None, len(cle), len(valeur or b""), _entetes(contenu)
    )
    (lu,) = codec.lire(tranche([brut]))
    assert lu.erreur is None
    if not lu.topic.par_eleve:
        assert (lu.eleve_id, lu.fait) == ("", None)
        assert (lu.reference is None) is (valeur is None)
        return
    assert lu.eleve_id == contenu["key"][:36]
    if valeur is None:
        assert lu.fait is None
        return
    assert lu.fait is not None
    if issubclass(_projection(nom), ProjectionEleves):
        etat = replier(None, [lu.fait])
        assert etat is not None
        assert etat == replier(etat, [lu.fait])


def _par_eleve(topic: str) -> bool:
    return next(connu.par_eleve for connu in CATALOGUE if topic.endswith(connu.nom))


async def _publier(world: World, dores: dict[str, Dore]) -> None:
    """As they are in the files, on the topics of this world."""
    producer = AIOKafkaProducer(bootstrap_servers=world.servers.kafka_bootstrap, acks="all")
    await producer.start()
    try:
        for dore in dores.values():
            await producer.send_and_wait(
                f"{world.prefix}{dore['topic']}",
                _octets(dore),
                key=dore["key"].encode(),
                partition=partition_de(dore["key"], PARTITIONS) if _par_eleve(dore["topic"]) else 0,
                headers=_entetes(dore),
            )
    finally:
        await producer.stop()


@pytest.mark.parametrize("nom", CONSOMMATEURS)
async def test_the_running_service_refuses_none_and_knows_each_subject(opened: World, nom: str) -> None:
    settings: Settings = await opened.settings(nom)
    assert settings.session == 2026
    dores = _lus_par(nom)
    await _publier(opened, dores)
    async with opened.running(nom):
        await a_jour(opened, nom)
        async with rejected(opened, nom) as log:
            assert await log.pending() == []
        connus = await _connus(opened, nom)
    assert connus >= {UUID(dore["key"][:36]) for dore in dores.values() if _par_eleve(dore["topic"])}


async def _connus(world: World, nom: str) -> set[UUID]:
    """Pupils that the projection speaks of, in any of its tables."""
    tables = [table.name for table in _projection(nom).tables.sorted_tables if "eleve_id" in table.columns]
    requete = " UNION ".join(f"SELECT eleve_id::text FROM {{p}}.{table}" for table in tables)
    return {UUID(ligne[0]) for ligne in await rows(world, nom, requete)}
