"""An import killed with SIGKILL anywhere and started again leaves on the log what an unbroken one does."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.ingest import store
from services.ingest.imports import Imports
from services.ingest.natures import FAITS, SIECLE
from services.simulateur import LYCEES_DE_DEMONSTRATION, Desordre, Population, Stade
from shared.events import topics as t
from shared.kafka.clients import reader
from tests.ingest import _fichiers as fichiers
from tests.kit.services import World

COMMANDE = (sys.executable, "-m", "services.cli.main", "ingest")
LYCEES = LYCEES_DE_DEMONSTRATION[:2]


class Banc:
    """The import of one world, run in processes of their own."""

    def __init__(self, world: World, imports: Imports, env: dict[str, str]) -> None:
        self.world = world
        self.imports = imports
        self.env = env

    def lancer(self, *mots: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMANDE, *mots], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    async def lancer_jusqu_au_bout(self, *mots: str) -> int:
        processus = self.lancer(*mots)
        sortie, _ = await asyncio.to_thread(processus.communicate)
        assert processus.returncode in {0, 1}, sortie.decode()
        return processus.returncode

    async def tuer_quand(self, processus: subprocess.Popen[bytes], nature: str, etat: str, apres: int) -> Any:
        """SIGKILL once the import stands in ``etat`` with more than ``apres`` events published."""
        while processus.poll() is None:
            recu = await self._suivant(nature)
            if recu is not None and recu.etat == etat and recu.checkpoint >= apres:
                processus.kill()
                processus.wait()
                return await self.imports.lire(recu.id)
            await asyncio.sleep(0.01)
        pytest.fail(f"the import was over before it could be killed in {etat}")

    async def _suivant(self, nature: str) -> Any:
        async with self.imports.engine.connect() as tx:
            suivants = await store.suivants(tx, 2026, nature, 1)
        return await self.imports.lire(suivants[0]) if suivants else None

    async def journal(self) -> dict[tuple[str, str], tuple[int, bytes]]:
        """The last version of every subject on the log, and that no version came in two forms."""
        topics = [
            topic.complet(self.world.prefix, 2026) for topic in t.CATALOGUE if topic.proprietaire == "ingest"
        ]
        derniers: dict[tuple[str, str], tuple[int, bytes]] = {}
        vus: dict[str, bytes] = {}
        client = reader(self.imports.settings)
        await client.start()
        try:
            places = [p for topic in topics for p in await _places(client, topic)]
            client.assign(places)
            await client.seek_to_beginning()
            fins = await client.end_offsets(places)
            while any([await client.position(place) < fin for place, fin in fins.items()]):
                for lus in (await client.getmany(timeout_ms=500)).values():
                    for lu in lus:
                        _retenir(lu, derniers, vus)
        finally:
            await client.stop()
        return derniers


async def _places(client: Any, topic: str) -> list[Any]:
    from aiokafka import TopicPartition  # noqa: PLC0415 - this helper only

    await client._client.force_metadata_update()
    return [TopicPartition(topic, part) for part in client.partitions_for_topic(topic) or ()]


def _retenir(lu: Any, derniers: dict[tuple[str, str], tuple[int, bytes]], vus: dict[str, bytes]) -> None:
    import msgspec  # noqa: PLC0415 - this helper only

    entetes = dict(lu.headers)
    event_id = entetes["ce_id"].decode()
    assert vus.setdefault(event_id, lu.value) == lu.value, "one event id, two contents"
    version = msgspec.json.decode(lu.value)["version"]
    type_ = entetes["ce_type"].decode()
    cle = (type_ if type_.startswith("fr.pilotage.Eleve") is False else "eleve", lu.key.decode())
    if cle not in derniers or derniers[cle][0] < version:
        derniers[cle] = (version, lu.value)


@pytest.fixture
async def banc(opened: World, tmp_path: Path) -> Any:
    spool = tmp_path / "spool"
    settings = await opened.settings("ingest", spool_dir=spool)
    engine = await opened.engine("ingest")
    env = {**os.environ, **await opened.environment("ingest"), "SPOOL_DIR": str(spool)}
    yield Banc(opened, Imports(settings, engine), env)
    await engine.dispose()


async def test_an_import_killed_in_analysis_and_in_publication_ends_as_if_nothing_had_happened(
    banc: Banc, tmp_path: Path
) -> None:
    population = Population(3, LYCEES)
    for uai in LYCEES:
        siecle = population.ecrire_siecle(uai, tmp_path / uai)
        assert await banc.lancer_jusqu_au_bout("siecle", str(siecle)) == 0
    faits = population.ecrire_faits(tmp_path, Stade.APRES, desordre=Desordre(melange=0.5, doublons=0.1))

    coupe = await banc.tuer_quand(banc.lancer("faits", str(faits)), FAITS, "ANALYSE", 0)
    assert (coupe.etat, coupe.checkpoint) == ("ANALYSE", 0)
    coupures = []
    for publie in (0, 1, 15_000):
        # Any new deposit waits for the killed one: this one is no feed and will be refused in its turn.
        coupe = await banc.tuer_quand(banc.lancer("faits", str(siecle)), FAITS, "PUBLICATION", publie)
        coupures.append(coupe.checkpoint)
    assert 15_000 <= coupures[-1] < coupe.total
    assert await banc.lancer_jusqu_au_bout("faits", str(siecle)) == 1

    fini = await banc.imports.lire(coupe.id)
    assert (fini.etat, fini.checkpoint) == ("TERMINE", fini.total)
    assert await banc.imports.en_attente() == []
    assert list(banc.imports.depots.racine.iterdir()) == []
    avant = await banc.journal()
    assert len(avant) > 10_000
    assert await banc.lancer_jusqu_au_bout("faits", str(faits), "--confirm") == 0
    assert await banc.journal() == avant, "an unbroken import gives something else"


@pytest.mark.proof
async def test_a_dry_run_killed_anywhere_keeps_its_file_and_is_integrated_as_if_nothing_had_happened(
    banc: Banc, tmp_path: Path
) -> None:
    population = Population(3, LYCEES)
    for uai in LYCEES:
        siecle = population.ecrire_siecle(uai, tmp_path / uai)
        assert await banc.lancer_jusqu_au_bout("siecle", str(siecle)) == 0
    faits = population.ecrire_faits(tmp_path, Stade.APRES)
    avant = await banc.journal()

    coupe = await banc.tuer_quand(banc.lancer("faits", str(faits), "--dry-run"), FAITS, "ANALYSE", 0)
    assert (coupe.etat, coupe.essai) == ("ANALYSE", True)
    # Whoever comes next ends the dry run first; his own file is no feed and is refused in its turn.
    assert await banc.lancer_jusqu_au_bout("faits", str(siecle)) == 1
    essai = await banc.imports.lire(coupe.id)
    assert (essai.etat, essai.total > 10_000) == ("ESSAI", True)
    assert await banc.journal() == avant, "a dry run published something"
    (depot,) = banc.imports.depots.racine.iterdir()
    assert depot.read_bytes() == faits.read_bytes()

    integrer = ("imports", "integrate", coupe.id)
    coupe = await banc.tuer_quand(banc.lancer(*integrer), FAITS, "ANALYSE", 0)
    assert (coupe.etat, coupe.essai) == ("ANALYSE", False)
    assert await banc.lancer_jusqu_au_bout(*integrer) == 1, "it was answered already"
    for publie in (0, 5_000):
        coupe = await banc.tuer_quand(banc.lancer("faits", str(siecle)), FAITS, "PUBLICATION", publie)
    assert await banc.lancer_jusqu_au_bout("faits", str(siecle)) == 1
    fini = await banc.imports.lire(coupe.id)
    assert (fini.etat, fini.checkpoint, fini.total) == ("TERMINE", essai.total, essai.total)
    assert list(banc.imports.depots.racine.iterdir()) == []
    apres = await banc.journal()
    assert await banc.lancer_jusqu_au_bout("faits", str(faits), "--confirm") == 0
    assert await banc.journal() == apres, "an unbroken import gives something else"


@pytest.mark.proof
async def test_a_question_answered_survives_a_kill_at_every_step(banc: Banc, tmp_path: Path) -> None:
    """The answer is kept: nobody is asked twice, and nothing is published before it."""
    rangs = range(1, 2_001)
    tous, moitie = tmp_path / "tous.xml", tmp_path / "moitie.xml"
    tous.write_bytes(fichiers.siecle(*(fichiers.eleve(rang) for rang in rangs)))
    moitie.write_bytes(
        fichiers.siecle(
            *(fichiers.eleve(rang, CODE_REGIME="0") for rang in rangs[:1_000]),
            horodatage="13/01/2026 08:00:00",
        )
    )
    assert await banc.lancer_jusqu_au_bout("siecle", str(tous)) == 0
    avant = await banc.journal()
    coupe = await banc.tuer_quand(banc.lancer("siecle", str(moitie)), SIECLE, "ANALYSE", 0)
    demande = await banc.imports.attendre(coupe.id, SIECLE)
    assert (demande.etat, demande.questions[0]["code"]) == ("A_CONFIRMER", "PART")
    assert await banc.journal() == avant
    confirmer = ("imports", "confirm", coupe.id)
    for etat in ("ANALYSE", "PUBLICATION"):
        processus = banc.lancer(*confirmer) if etat == "ANALYSE" else banc.lancer("siecle", str(tous))
        await banc.tuer_quand(processus, SIECLE, etat, 0)
        assert (await banc.imports.lire(coupe.id)).confirmes == ["PART"]
    fini = await banc.imports.attendre(coupe.id, SIECLE)
    assert (fini.etat, fini.total, fini.compte_rendu["compteurs"]["absents"]) == ("TERMINE", 1_000, 1_000)
    apres = await banc.journal()
    changes = [cle for cle, valeur in apres.items() if valeur != avant[cle]]
    assert len(changes) == 1_000
    await banc.imports.avancer(SIECLE)
    assert list(banc.imports.depots.racine.glob("*.spool*")) == []
