"""The printed commands, run by Kafka's own tool on a broker that asks who calls: each class reads what it may."""

import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from deploy.local import jars
from deploy.local.errors import LauncherError
from deploy.local.java import JAVA
from deploy.local.kafka import KafkaServer
from deploy.local.layout import Layout, cache
from deploy.local.ports import LOOPBACK, free_port
from shared.events.acls import main
from shared.events.topics import CATALOGUE, Classe

MOT_DE_PASSE = "only-for-this-test"
VOEU, IDENTITE = "2026.candidature.voeu.v1", "2026.siecle.identite.v1"
INDICATEUR, INTENTION = "2026.indicateurs.serie.v1", "2026.orientation.intention.v1"


class _Gardee(KafkaServer):
    """Whoever comes by the second listener says who he is, and may do what ACLs say."""

    porte = 0

    def _write_settings(self, data: Path) -> Path:
        self.porte = self.porte or free_port()
        chemin = super()._write_settings(data)
        lus = dict(ligne.split("=", 1) for ligne in chemin.read_text().splitlines())
        clients = f"CLIENTS://{LOOPBACK}:{self.porte}"
        jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        lus |= {
            "listeners": f"{lus['listeners']},{clients}",
            "advertised.listeners": f"{lus['advertised.listeners']},{clients}",
            "listener.security.protocol.map": f"{lus['listener.security.protocol.map']},CLIENTS:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": jaas,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }
        chemin.write_text("".join(f"{cle}={valeur}\n" for cle, valeur in lus.items()))
        return chemin


@pytest.fixture(scope="module")
def outils() -> str:
    """Class path of Kafka's command line."""
    try:
        tools = jars.class_path(cache(), Path(__file__).parent / "java" / "tools.lock")
        return f"{jars.class_path(cache())}:{tools}"
    except LauncherError as erreur:
        pytest.skip(f"Kafka's command line cannot be fetched: {erreur}")


@pytest.fixture(scope="module")
def gardee(outils: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Gardee]:
    serveur = _Gardee(Layout(tmp_path_factory.mktemp("gardee")))
    serveur.start()
    yield serveur
    serveur.kill()


def _outil(gardee: _Gardee, outils: str, classe: str, *mots: str) -> str:
    """Run one of Kafka's tools as its script would."""
    (admin := gardee.data.parent / "admin.properties").touch()
    voulus = [str(admin) if mot == "admin.properties" else mot for mot in mots]
    fait = subprocess.run(
        [JAVA, "-cp", outils, classe, *voulus], check=False, capture_output=True, text=True, timeout=60
    )
    assert fait.returncode == 0, fait.stdout + fait.stderr
    return fait.stdout


def _accorder(gardee: _Gardee, outils: str, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    capsys.readouterr()
    assert main([*arguments, "--bootstrap", gardee.bootstrap]) == 0
    for ligne in capsys.readouterr().out.splitlines():
        script, *mots = shlex.split(ligne)
        assert script == "kafka-acls.sh"
        _outil(gardee, outils, "org.apache.kafka.tools.AclCommand", *mots)


def _compte(gardee: _Gardee, outils: str, nom: str) -> None:
    _outil(
        gardee,
        outils,
        "kafka.admin.ConfigCommand",
        *("--bootstrap-server", gardee.bootstrap, "--alter", "--entity-type", "users", "--entity-name", nom),
        *("--add-config", f"SCRAM-SHA-512=[password={MOT_DE_PASSE}]"),
    )


async def _remplir(gardee: _Gardee) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=gardee.bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=gardee.bootstrap)
    await admin.start()
    await producer.start()
    try:
        topics = (VOEU, IDENTITE, INDICATEUR, INTENTION)
        await admin.create_topics([NewTopic(topic, 1, 1) for topic in topics])
        for topic in topics:
            await producer.send_and_wait(topic, b"{}", key=b"x")
    finally:
        await producer.stop()
        await admin.close()


def _acces(gardee: _Gardee, nom: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": f"{LOOPBACK}:{gardee.porte}",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": nom,
        "sasl_plain_password": MOT_DE_PASSE,
    }


async def _lire(gardee: _Gardee, nom: str, topic: str, groupe: str) -> int:
    """Number of records that ``nom`` reads from zero in the group ``groupe``."""
    consumer = AIOKafkaConsumer(
        topic,
        **_acces(gardee, nom),
        group_id=groupe,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        lus = await consumer.getmany(timeout_ms=10_000)
        await consumer.commit({TopicPartition(topic, 0): 1})
        return sum(map(len, lus.values()))
    finally:
        await consumer.stop()


async def test_a_subscriber_reads_its_classes_and_nothing_else(
    gardee: _Gardee, outils: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await _remplir(gardee)
    for nom in ("dgesip", "voisin", "chiffres"):
        _compte(gardee, outils, nom)
    _accorder(gardee, outils, capsys, "User:dgesip", "2026", "pseudonyme", "publique")

    assert await _lire(gardee, "dgesip", VOEU, "dgesip.suivi") == 1
    with pytest.raises(TopicAuthorizationFailedError):
        await _lire(gardee, "dgesip", IDENTITE, "dgesip.suivi")
    with pytest.raises(GroupAuthorizationFailedError):
        await _lire(gardee, "dgesip", VOEU, "pilotage.2026.eleves")
    with pytest.raises(TopicAuthorizationFailedError):
        await _lire(gardee, "voisin", VOEU, "voisin.suivi")
    assert await _lire(gardee, "dgesip", INTENTION, "dgesip.suivi") == 1
    _accorder(gardee, outils, capsys, "User:chiffres", "2026", "pseudonyme", "--only", "indicateurs.serie.v1")
    assert await _lire(gardee, "chiffres", INDICATEUR, "chiffres.suivi") == 1
    for topic in (VOEU, INTENTION):
        with pytest.raises(TopicAuthorizationFailedError):
            await _lire(gardee, "chiffres", topic, "chiffres.suivi")
    producer = AIOKafkaProducer(**_acces(gardee, "dgesip"))
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(VOEU, b"{}")
    finally:
        await producer.stop()

    _accorder(gardee, outils, capsys, "User:dgesip", "2026", "pseudonyme", "publique", "--remove")
    with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        await _lire(gardee, "dgesip", VOEU, "dgesip.suivi")


def _accordes(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    assert main(["User:x", "2026", *arguments]) == 0
    return {suivant for mot, suivant in pairwise(shlex.split(capsys.readouterr().out)) if mot == "--topic"}


@pytest.mark.parametrize("classe", Classe)
def test_a_class_is_exactly_its_topics(classe: Classe, capsys: pytest.CaptureFixture[str]) -> None:
    voulus = {topic.nom for topic in CATALOGUE if topic.classe is classe} - {"audit.acces.v1"}
    assert _accordes(capsys, classe, "--topic-prefix", "p.") == {f"p.2026.{nom}" for nom in voulus}


def test_a_subscriber_may_get_some_topics_of_its_class_only(capsys: pytest.CaptureFixture[str]) -> None:
    seuls = ["--only", "audit.acces.v1", "siecle.identite.v1"]
    assert _accordes(capsys, "pseudonyme", *seuls) == {"2026.audit.acces.v1"}
