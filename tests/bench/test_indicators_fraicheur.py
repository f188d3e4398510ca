"""From the instant at which ingest takes a fact (``recordedtime``) to the figure read at the gateway with it counted.

Real indicators and gateway, each in a process of its own; facts are sent by ingest's publisher, ten times a second. Among
them, pupils of one lycée register: its number of inscrits, polled at the gateway as a chef's program would, says
when each is counted. Steady, then a burst of ten times as many, then steady again.

``BENCH_RATE``: facts per second (1,000); ``BENCH_STEADY_S``, ``BENCH_BURST_S``: seconds of each part.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.local.ports import free_port
from shared.events import topics as t
from shared.events.enveloppe import Evenement
from shared.kafka import bulk
from shared.kafka.framing import frame
from tests.bench.session import Session
from tests.kit.dates import publier_dates
from tests.kit.faults import fleet, records
from tests.kit.journal import EDITEUR, Faits, a_jour
from tests.kit.login import compte, emetteur
from tests.kit.services import World

DEBIT = int(os.environ.get("BENCH_RATE", "1000"))
CALME_S, RAFALE_S = (float(os.environ.get(nom, "10")) for nom in ("BENCH_STEADY_S", "BENCH_BURST_S"))
BATTEMENTS, SONDES = 10, 2
"""Sends per second, and registrations in each."""
UAI, ELEVES = "0921166T", 8_000
pytestmark = pytest.mark.bench


class Sondage:
    """What the gateway answered: (time, inscrits), each time that it changed."""

    def __init__(self) -> None:
        self.vus: list[tuple[float, int]] = []
        self.durees: list[float] = []
        self.fini = Event()

    def suivre(self, client: httpx.Client, chemin: str) -> None:
        """In a thread of its own: what sends the facts does not delay what reads the figures."""
        while not self.fini.wait(0.01):
            debut = time.perf_counter()
            inscrits = _inscrits(client.get(chemin).raise_for_status().json())
            self.durees.append(time.perf_counter() - debut)
            if not self.vus or self.vus[-1][1] != inscrits:
                self.vus.append((time.time(), inscrits))

    def attentes(self, acceptes: Sequence[float]) -> list[float]:
        """Seconds until each of ``acceptes`` (instants, growing) was counted."""
        attentes, vus = [], iter(self.vus)
        quand, compte_ = next(vus)
        for rang, accepte in enumerate(acceptes, 1):
            while compte_ < rang:
                quand, compte_ = next(vus)
            attentes.append(quand - accepte)
        return attentes


def _inscrits(page: dict[str, Any]) -> int:
    lignes = page["ensemble"]["indicateurs"]
    return next(ligne["numerateur"] for ligne in lignes if ligne["code"] == "participation_actuelle")


async def test_freshness_at_the_gateway(opened: World, tmp_path: Path) -> None:
    parties = ((CALME_S, DEBIT), (RAFALE_S, 10 * DEBIT), (CALME_S, DEBIT))
    sondes = int(sum(secondes for secondes, _ in parties) * BATTEMENTS * SONDES)
    faits = Faits(opened, 3)
    ids = [faits.eleve_id() for _ in range(sondes)]
    fond = Session(opened, ELEVES, 2 * ELEVES + int(sum(s * d for s, d in parties) * 2.3)).melee()
    bases = [next(fond) for _ in range(2 * ELEVES)]
    await publier_dates(opened, bases)
    sondage = Sondage()
    async with _portes(opened, tmp_path) as client:
        await bulk_publier(opened, [faits.eleve(i, uai=UAI, academie="25", departement="092") for i in ids])
        await a_jour(opened, "indicators", 120)
        chemin = f"/api/v1/sessions/2026/lycees/{UAI}/indicateurs"
        suivi = asyncio.create_task(asyncio.to_thread(sondage.suivre, client, chemin))
        inscriptions = iter([faits.dossier(i) for i in ids])
        bornes = [
            await _envoyer(opened, *partie, (fait for _, fait in fond), inscriptions) for partie in parties
        ]
        await a_jour(opened, "indicators", 120)
        await asyncio.sleep(1)
        sondage.fini.set()
        await suivi
        assert sondage.vus[-1][1] == sondes, f"{sondage.vus[-1][1]} inscrits read of {sondes}"
    acceptes = await _acceptes(opened, set(ids))
    attentes = sondage.attentes(acceptes)
    assert len(attentes) == len(acceptes) == sum(bornes)
    _dire(attentes, bornes, sondage)


def _dire(attentes: list[float], bornes: list[int], sondage: Sondage) -> None:
    debut = 0
    for quoi, nombre in zip(
        (f"{DEBIT:,}/s", f"burst of {10 * DEBIT:,}/s", f"{DEBIT:,}/s after it"), bornes, strict=True
    ):
        siennes = sorted(attentes[debut : debut + nombre])
        debut += nombre
        p50, p99 = siennes[len(siennes) // 2], siennes[int(len(siennes) * 0.99)]
        print(
            f"\n{quoi:<22} p50 {p50 * 1e3:>7,.0f} ms   p99 {p99 * 1e3:>7,.0f} ms   of {len(siennes)} registrations",
            end="",
        )
    durees = sorted(sondage.durees)
    print(
        f"\nthe poll itself: p50 {durees[len(durees) // 2] * 1e3:.1f} ms, {len(durees)} requests", flush=True
    )


async def _envoyer(
    world: World, secondes: float, debit: int, fond: Iterator[Evenement], inscriptions: Iterator[Evenement]
) -> int:
    """At its times, whatever each send takes; returns how many registered."""
    settings, engine = await world.settings(EDITEUR), await world.engine(EDITEUR)
    envois, debut = int(secondes * BATTEMENTS), time.perf_counter()
    try:
        async with bulk.publisher(settings, engine, "fraicheur") as editeur:
            for rang in range(envois):
                lot = [next(fond) for _ in range(debit // BATTEMENTS - SONDES)]
                lot[len(lot) // 2 : len(lot) // 2] = [next(inscriptions) for _ in range(SONDES)]
                encadres = [frame(fait) for fait in lot]
                await asyncio.sleep(max(0.0, debut + rang / BATTEMENTS - time.perf_counter()))
                await editeur.send(encadres, _rien)
    finally:
        await engine.dispose()
    retard = time.perf_counter() - debut - secondes
    if retard > 0.5:
        print(f"\nthe sender itself was {retard:.1f} s late at {debit:,}/s", end="")
    return envois * SONDES


async def _rien(tx: AsyncConnection) -> None:
    del tx


async def bulk_publier(world: World, faits: Sequence[Evenement]) -> None:
    settings, engine = await world.settings(EDITEUR), await world.engine(EDITEUR)
    try:
        async with bulk.publisher(settings, engine, "fraicheur") as editeur:
            for debut in range(0, len(faits), bulk.CHUNK):
                await editeur.send([frame(fait) for fait in faits[debut : debut + bulk.CHUNK]], _rien)
    finally:
        await engine.dispose()


async def _acceptes(world: World, ids: set[str]) -> list[float]:
    """When ingest took each registration, in order."""
    instants = [
        datetime.fromisoformat(dict(record.headers)["ce_recordedtime"].decode()).timestamp()
        for record in await records(world, t.DOSSIER)
        if record.key.decode() in ids
    ]
    return sorted(instants)


@asynccontextmanager
async def _portes(world: World, dossier: Path) -> AsyncIterator[httpx.Client]:
    """Indicators and the gateway, and a client with the token of the chef of that lycée."""
    port = free_port()
    comptes = [compte("chef", "chef", lycees=[UAI])]
    async with emetteur(dossier, f"http://127.0.0.1:{port}", comptes) as oidc, fleet(world) as navires:
        indicateurs = await navires.service("indicators")
        reglages = {nom.upper(): str(valeur) for nom, valeur in oidc.reglages.items()}
        passerelle = await navires.service(
            "gateway", **reglages, HTTP_PORT=str(port), INDICATORS_URL=indicateurs.url
        )
        passerelle.port = port
        await indicateurs.until_ready()
        await passerelle.until_ready()
        with httpx.Client(base_url=passerelle.url, headers=await oidc.porteur("chef"), timeout=30) as client:
            yield client
