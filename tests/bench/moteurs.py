"""Engines that count the same facts: how each is timed, and what is said of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import psutil

from services.indicators.mesures import COLONNES
from shared.db.offsets import Place
from tests.bench.mesure import Mesure, Processus, service
from tests.bench.peers.totaux import Totaux
from tests.kit.faults import rows
from tests.kit.services import World


@dataclass(frozen=True, slots=True)
class Resultat:
    """``machine``: CPU seconds of everything on it, broker and database included."""

    nom: str
    faits: int
    mesure: Mesure
    machine: float
    totaux: Totaux

    def dire(self, reference: "Resultat | None") -> str:
        m = self.mesure
        part = (
            "" if reference is None else f"   ours is {m.secondes / reference.mesure.secondes:.2f} × as fast"
        )
        return (
            f"{self.nom:<38} {self.faits / m.secondes:>9,.0f} facts/s in {m.secondes:>6.1f} s   CPU per fact"
            f" {m.cpu / self.faits * 1e6:>5.1f} µs its own, {self.machine / self.faits * 1e6:>5.1f} µs the machine"
            f"   RSS {m.rss:>5,.0f} MB{part}"
        )


@asynccontextmanager
async def machine() -> AsyncIterator[list[float]]:
    """CPU seconds that the whole machine spent inside the block, in the list at its end."""
    depenses: list[float] = []
    debut = _machine()
    yield depenses
    depenses.append(_machine() - debut)


def _machine() -> float:
    temps = psutil.cpu_times()
    return float(temps.user + temps.system + temps.nice)


async def notre(world: World, faits: int, fins: Mapping[Place, int], processus: int) -> Resultat:
    """The real service in so many processes of its own, on a database of its own, from the first partition adopted."""
    monde = World(world.servers, prefix=world.prefix)
    await monde.settings("indicators")
    async with AsyncExitStack() as pile, machine() as depenses:
        membres = [
            await pile.enter_async_context(
                service(monde, "indicators", GROUP_INSTANCE_ID=f"{monde.prefix}{processus}{rang}")
            )
            for rang in range(processus)
        ]
        mesure = await _rattraper(membres, fins)
    nom = f"indicators, exactly once, {processus} process{'es' if processus > 1 else ''}"
    return Resultat(nom, faits, mesure, depenses[0], await totaux_de(monde))


async def _rattraper(membres: list[Processus], fins: Mapping[Place, int]) -> Mesure:
    """Until every partition is folded: seconds, highest RSS of one process, CPU of all."""
    lecteur, autres = membres[0], [psutil.Process(membre.popen.pid) for membre in membres[1:]]
    tache = asyncio.create_task(lecteur.rattraper(fins))
    pic = 0.0
    while not tache.done():
        pic = max([pic, *(autre.memory_info().rss / 1e6 for autre in autres)])
        await asyncio.sleep(0.1)
    mesure = tache.result()
    temps = [autre.cpu_times() for autre in autres]
    cpu = mesure.cpu + sum(t.user + t.system for t in temps)
    return Mesure(mesure.secondes, max(mesure.rss, pic), cpu)


async def totaux_de(world: World) -> Totaux:
    codes = [
        code for (code,) in await rows(world, "indicators", "SELECT code FROM {p}.definition ORDER BY rang")
    ]
    sommes = ", ".join(f"sum({colonne})::int" for colonne in COLONNES[: len(codes)])
    requete = f"SELECT uai, serie, {sommes} FROM {{p}}.cellule GROUP BY uai, serie"
    return {
        (uai, serie): {code: n or 0 for code, n in zip(codes, valeurs, strict=True)}
        for uai, serie, *valeurs in await rows(world, "indicators", requete)
    }
