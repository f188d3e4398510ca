"""Each example really runs: from zero, then live, then killed and started again, and knows what it should."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local import jars
from deploy.local.errors import LauncherError
from deploy.local.java import JAVA
from deploy.local.layout import cache
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.cles import CLES, cle
from shared.events.enveloppe import Evenement, entetes, evenement
from shared.kafka.clients import fenced_producer
from shared.kafka.partition import partition_de
from shared.nomenclatures.series import Serie
from tests.kit.journal import LYCEE_A, LYCEE_B, QUAND, Faits, attendre, publier
from tests.kit.services import PARTITIONS, World

RACINE = Path(__file__).parents[2]
EXEMPLES = RACINE / "examples"
Resume = dict[str, Any]


@dataclass
class Exemple:
    """A program that follows; what it prints goes to a file."""

    commande: list[str]
    env: dict[str, str]
    sortie: Path
    processus: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def lancer(self, **env: str) -> None:
        self.sortie.write_bytes(b"")
        with self.sortie.open("ab") as sortie, self.sortie.with_suffix(".err").open("ab") as erreurs:
            self.processus.append(
                subprocess.Popen(
                    self.commande,
                    env={**self.env, **env},
                    cwd=self.sortie.parent,
                    stdout=sortie,
                    stderr=erreurs,
                )
            )

    def finir(self, comment: signal.Signals) -> None:
        for processus in self.processus:
            processus.send_signal(comment)
            processus.wait(20)
        self.processus.clear()

    async def saura(self, attendu: Resume) -> None:
        """Wait for the last line to be ``attendu``, and say what it was otherwise."""

        async def su() -> bool:
            return self.dernier() == attendu

        try:
            await attendre(su, 40)
        except AssertionError:
            assert self.dernier() == attendu, self.erreurs()[-2_000:]

    def dernier(self) -> Resume | None:
        lignes = [
            ligne for ligne in self.sortie.read_text(encoding="utf-8").split("\n")[:-1] if ligne[:1] == "{"
        ]
        return json.loads(lignes[-1]) if lignes else None

    def erreurs(self) -> str:
        return self.sortie.with_suffix(".err").read_text(encoding="utf-8")


def _python(dossier: Path) -> list[str]:
    del dossier
    return [sys.executable, str(EXEMPLES / "python" / "follow.py")]


def _java(dossier: Path) -> list[str]:
    """Compiled by the compiler of Eclipse on the JRE of the test broker, against its own jars: no JDK is needed."""
    try:
        bibliotheques = jars.class_path(cache())
        compilateur = jars.class_path(cache(), Path(__file__).parent / "java" / "ecj.lock")
    except LauncherError as erreur:
        pytest.skip(f"the Java example cannot be compiled: {erreur}")
    sources = sorted(str(chemin) for chemin in (EXEMPLES / "java").rglob("*.java"))
    compiler = [JAVA, "-jar", compilateur, "-17", "-proc:none", "-warn:none"]
    fait = subprocess.run(
        [*compiler, "-cp", bibliotheques, "-d", str(dossier / "classes"), *sources],
        check=False,
        capture_output=True,
        text=True,
    )
    assert fait.returncode == 0, fait.stdout + fait.stderr
    chemin = os.pathsep.join([str(dossier / "classes"), bibliotheques])
    return [
        JAVA,
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        chemin,
        "fr.example.pilotage.Follow",
    ]


@pytest.fixture(params=[_python, _java], ids=["python", "java"])
def exemple(request: pytest.FixtureRequest, opened: World, tmp_path: Path) -> Iterator[Exemple]:
    commande: Callable[[Path], list[str]] = request.param
    env = {
        "PATH": os.environ["PATH"],
        "KAFKA_BOOTSTRAP": opened.servers.kafka_bootstrap,
        "TOPIC_PREFIX": opened.prefix,
        "SESSION": str(opened.session),
        "GROUP": f"{opened.prefix}example",
        "STATE": str(tmp_path / "state"),
    }
    lance = Exemple(commande(tmp_path), env, tmp_path / "sortie")
    yield lance
    lance.finir(signal.SIGKILL)


def _indicateur(world: World, uai: str, version: int, **figures: int) -> Evenement:
    donnees = m.IndicateurModifie(
        session=world.session,
        version=version,
        uai=uai,
        serie=Serie.GENERALE,
        indicateur="participation",
        **figures,
    )
    return _fait(world, t.INDICATEUR, donnees)


def _marge(world: World, uai: str, version: int, **figures: tuple[int, int] | None) -> Evenement:
    """All the figures of a série; None: suppressed."""
    donnees = m.MargeModifiee(
        session=world.session,
        version=version,
        uai=uai,
        serie=Serie.STL,
        academie="01",
        situation_au=QUAND,
        indicateurs=tuple(
            m.ChiffreDeMarge(indicateur=code, numerateur=n and n[0], denominateur=n and n[1])
            for code, n in figures.items()
        ),
    )
    return _fait(world, t.INDICATEUR, donnees)


def _expiration(world: World, eleve: str, voeu: str, version: int, revision: int, **champs: Any) -> Evenement:
    donnees = m.VoeuNonConfirme.model_validate(
        {
            "session": world.session,
            "eleve_id": eleve,
            "version": version,
            "voeu_id": voeu,
            "date_limite": QUAND,
            "revision": revision,
            **champs,
        }
    )
    return _fait(world, t.VOEU, donnees)


def _fusion(world: World, faits: Faits, eleve: str, survivant: str) -> list[Evenement]:
    """A vœu of a pupil who turns out to be another one."""
    donnees = m.IdentiteFusionnee.model_validate(
        {"session": world.session, "eleve_id": eleve, "version": 1, "survivant": survivant}
    )
    return [faits.voeu(eleve, "v1"), _fait(world, t.ELEVE, donnees)]


def _fait(world: World, topic: t.Topic, donnees: Any) -> Evenement:
    valeur = donnees.model_dump(mode="json", exclude_none=True)
    return evenement(
        topic,
        donnees,
        cle=cle(CLES[type(donnees).__name__], valeur),
        version=donnees.version,
        time=QUAND,
        prefixe=world.prefix,
    )


async def _hors_contrat(world: World, cle: str, valeur: bytes | None, type_: str) -> None:
    """A record on the vœux topic that our own producers would not write today."""
    topic = t.VOEU.complet(world.prefix, world.session)
    producer = AIOKafkaProducer(bootstrap_servers=world.servers.kafka_bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(
            topic,
            valeur,
            key=cle.encode(),
            partition=partition_de(cle, PARTITIONS),
            headers=[("ce_type", f"fr.pilotage.{type_}.v1".encode())],
        )
    finally:
        await producer.stop()


async def _avorter(world: World, fait: Evenement) -> None:
    """Write ``fait`` in a transaction that is given up: it was never said."""
    producer = fenced_producer(await world.settings("indicators"), "avortement")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(
            fait.topic,
            fait.donnees,
            key=fait.cle.encode(),
            partition=partition_de(fait.cle, PARTITIONS),
            headers=entetes(fait, "2026-01-20T12:00:00.000000Z"),
        )
        await producer.abort_transaction()
    finally:
        await producer.stop()


async def test_it_follows_from_zero_then_live_then_after_a_crash(opened: World, exemple: Exemple) -> None:
    faits = Faits(opened)
    a, b, c = (faits.eleve_id() for _ in range(3))
    await publier(
        opened,
        [
            faits.voeu(a, "v1", version=2, etat=m.EtatVoeu.CONFIRME),
            faits.voeu(a, "v1"),
            faits.voeu(a, "v2"),
            faits.voeu(b, "v1"),
            faits.eleve(b),
            *_fusion(opened, faits, c, b),
            _indicateur(opened, LYCEE_A, 3, numerateur=90, denominateur=112),
            _indicateur(opened, LYCEE_A, 2, numerateur=80, denominateur=112),
            _marge(opened, LYCEE_A, 5, participation=(20, 24), sans_voeu=(6, 20), ancien=(7, 20)),
        ],
    )
    await _avorter(opened, faits.voeu(b, "jamais"))
    await _hors_contrat(opened, f"{b}/v8", b"{", "VoeuModifie")
    await _hors_contrat(opened, f"{b}/v9", b'{"version": 1}', "VoeuInconnu")
    exemple.lancer()
    participation, stl = f"{LYCEE_A}/GENERALE/participation", f"{LYCEE_A}/STL/"
    marge = {f"{stl}participation": "20/24", f"{stl}sans_voeu": "6/20", f"{stl}ancien": "7/20"}
    await exemple.saura(
        {"voeux": {"CONFIRME": 1, "FORMULE": 2}, "indicateurs": {participation: "90/112", **marge}}
    )

    await publier(
        opened,
        [
            faits.voeu(b, "v1", version=3, etat=m.EtatVoeu.COMPLET),
            faits.voeu(b, "v1", version=2),
            _expiration(opened, a, "v2", 1, 1),
            _expiration(opened, b, "v1", 1, 1),
            _indicateur(opened, LYCEE_B, 1, numerateur=7, denominateur=9),
            _indicateur(opened, LYCEE_A, 4),
            _marge(opened, LYCEE_A, 6, participation=(21, 24), sans_voeu=None),
            _marge(opened, LYCEE_A, 4, participation=(1, 24)),
        ],
    )
    ailleurs = f"{LYCEE_B}/GENERALE/participation"
    vivants = {"voeux": {"COMPLET": 1, "CONFIRME": 1, "NON_CONFIRME": 1}}
    marge = {f"{stl}participation": "21/24", f"{stl}sans_voeu": "-/-"}
    await exemple.saura({**vivants, "indicateurs": {participation: "-/-", ailleurs: "7/9", **marge}})

    exemple.finir(signal.SIGKILL)
    await _hors_contrat(opened, f"{a}/v1", None, "VoeuModifie")
    await publier(
        opened,
        [
            _expiration(opened, a, "v2", 1, 2, annule=True),
            _indicateur(opened, LYCEE_B, 2, numerateur=8, denominateur=9),
        ],
    )
    exemple.lancer()
    final = {
        "voeux": {"COMPLET": 1, "FORMULE": 1},
        "indicateurs": {participation: "-/-", ailleurs: "8/9", **marge},
    }
    await exemple.saura(final)
    assert exemple.erreurs().count("refused: ") == 1, "resumed where it was: the bad record is met once"
    exemple.finir(signal.SIGTERM)

    exemple.lancer(STATE=f"{exemple.env['STATE']}.again", GROUP=f"{opened.prefix}again")
    await exemple.saura(final)
