"""Any sequence of create, change, delete, duplicate, late and reordered facts: incremental equals recomputed."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, TypeVar

import pytest
from aiokafka import ConsumerRecord
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.indicators.consumers import IndicatorsProjection
from services.indicators.domain import contribution
from shared.db.engine import reading, writing
from shared.domaine.etat import decoder
from shared.events import modeles as m
from shared.events.enveloppe import Evenement, entetes, horodatage_us
from shared.kafka.records import Codec, Lu
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.faults.naive import naive_cells, naive_pupils
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import World

T = TypeVar("T")
ELEVES = st.integers(0, 4)
VERSIONS = st.integers(1, 6)
VOEUX = st.sampled_from(("v1", "v2", "v3"))
_CELLULES = text("SELECT uai, serie, classe, mesure, n FROM cellule")
_ETATS = text("SELECT etat FROM eleve")


class Indicators(RuleBasedStateMachine):
    """The real projection on a real database; the log is a list, windows are cut at random."""

    world: ClassVar[World]
    engine: ClassVar[AsyncEngine]
    projection: ClassVar[IndicatorsProjection]
    run: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.faits = Faits(self.world)
        self.ids = [self.faits.eleve_id() for _ in range(5)]
        self.log: list[ConsumerRecord] = []
        self.waiting: list[Lu] = []
        self.said: dict[tuple[str, str, int], Evenement] = {}
        self.codec = Codec({t.complet(self.world.prefix, 2026): t for t in self.projection.topics})

    @initialize()
    def empty(self) -> None:
        self.wait(self._empty())

    @rule(eleve=ELEVES, version=VERSIONS, uai=st.sampled_from((LYCEE_A, LYCEE_B)), serie=st.sampled_from(Serie),
          classe=st.sampled_from(("TG1", "TG2", None)), sorti=st.booleans(), fige=st.booleans())  # fmt: skip
    def scolarite(
        self, *, eleve: int, version: int, uai: str, serie: Serie, classe: str | None, sorti: bool, fige: bool
    ) -> None:
        vivier = {"uai": LYCEE_A, "serie": Serie.GENERALE, "date": date(2026, 1, 15)} if fige else None
        sortie = date(2026, 3, 1) if sorti else None
        champs = {
            "uai": uai,
            "serie": serie,
            "classe": classe,
            "date_sortie": sortie,
            "vivier_initial": vivier,
        }
        self.say(self.faits.eleve(self.ids[eleve], version, **champs), version)

    @rule(eleve=ELEVES, version=VERSIONS, etat=st.sampled_from(m.EtatDossier))
    def dossier(self, eleve: int, version: int, etat: m.EtatDossier) -> None:
        self.say(self.faits.dossier(self.ids[eleve], version, etat=etat), version)

    @rule(eleve=ELEVES, voeu=VOEUX, version=VERSIONS, famille=st.sampled_from(Famille),
          voie=st.sampled_from(m.Voie), etat=st.sampled_from(m.EtatVoeu))  # fmt: skip
    def voeu(
        self, *, eleve: int, voeu: str, version: int, famille: Famille, voie: m.Voie, etat: m.EtatVoeu
    ) -> None:
        champs = {"famille": famille, "voie": voie, "etat": etat}
        self.say(self.faits.voeu(self.ids[eleve], voeu, version, **champs), version)

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """A fact that was already said comes back: a duplicate, or a late one."""
        if self.log:
            lu = data.draw(st.sampled_from(self.log))
            self.receive(replace(lu, offset=len(self.log)))

    @rule(cut=st.integers(1, 8), shuffled=st.randoms(use_true_random=False))
    def window(self, cut: int, shuffled: Any) -> None:
        """Part of what waits is folded, in any order."""
        self.fold(cut, shuffled)

    @rule()
    def crash(self) -> None:
        """A window that was folded and whose transaction never committed leaves nothing."""
        if self.waiting:
            self.wait(self._apply_and_die(list(self.waiting)))

    @invariant()
    def incremental_equals_recomputed(self) -> None:
        folded = [lu.brut for lu in self.folded()]
        cells, states = self.wait(self._stored())
        assert cells == naive_cells(naive_pupils(folded))
        counted = Counter((c.uai, c.serie, c.classe, c.mesure) for etat in states for c in contribution(etat))
        assert cells == counted

    def say(self, fait: Evenement, version: int) -> None:
        """A source says one thing only at a version: the first one drawn is the one that stands."""
        self.receive(self._record(self.said.setdefault((fait.topic, fait.cle, version), fait)))

    def receive(self, record: ConsumerRecord) -> None:
        self.log.append(record)
        self.waiting.append(self.codec.lire_un(record, record.topic))

    def folded(self) -> list[Lu]:
        waiting = {lu.brut.offset for lu in self.waiting}
        return [self.codec.lire_un(r, r.topic) for r in self.log if r.offset not in waiting]

    def fold(self, cut: int, rng: Any) -> None:
        rng.shuffle(self.waiting)
        window, self.waiting = self.waiting[:cut], self.waiting[cut:]
        assert all(lu.erreur is None for lu in window)
        if window:
            self.wait(self._apply(window))

    def teardown(self) -> None:
        if self.waiting:
            window, self.waiting = self.waiting, []
            self.wait(self._apply(window))
            self.incremental_equals_recomputed()

    def _record(self, fait: Evenement) -> ConsumerRecord:
        offset = len(self.log)
        headers = tuple(entetes(fait, horodatage_us(1_700_000_000_000_000 + offset)))
        key = fait.cle.encode()
        return ConsumerRecord(fait.topic, 0, offset, 0, 0, key, fait.donnees, None, len(key), 0, headers)

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.run.run(coroutine)

    async def _apply(self, window: list[Lu]) -> None:
        async with writing(self.engine) as tx:
            await self.projection.appliquer(tx, window)

    async def _apply_and_die(self, window: list[Lu]) -> None:
        with suppress(ConnectionResetError):
            async with writing(self.engine) as tx:
                await self.projection.appliquer(tx, window)
                raise ConnectionResetError

    async def _stored(self) -> tuple[Counter[Any], list[Any]]:
        async with reading(self.engine) as connection:
            cells = Counter({tuple(row[:4]): row[4] for row in await connection.execute(_CELLULES)})
            return cells, [decoder(row[0]) for row in await connection.execute(_ETATS) if row[0]]

    async def _empty(self) -> None:
        async with writing(self.engine) as tx:
            await tx.execute(text("TRUNCATE eleve, cellule"))


def test_any_sequence_of_facts_gives_incremental_equal_to_recomputed(
    servers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Indicators.world = World(servers, prefix="stateful.")
    with asyncio.Runner() as runner:
        Indicators.run = runner
        Indicators.engine = runner.run(Indicators.world.engine("indicators"))
        Indicators.projection = IndicatorsProjection(runner.run(Indicators.world.settings("indicators")))
        try:
            run_state_machine_as_test(
                Indicators,
                settings=settings(
                    max_examples=60,
                    stateful_step_count=40,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(_end(Indicators.world, Indicators.engine))


async def _end(world: World, engine: AsyncEngine) -> None:
    from tests.kit.services import _drop  # noqa: PLC0415

    await engine.dispose()
    await _drop(world.servers.database_url, list(world.databases.values()))
