"""Any sequence of create, change, delete, duplicate, late and reordered facts: incremental equals recomputed."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from aiokafka import ConsumerRecord
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.indicators.consumers import IndicatorsProjection
from services.indicators.mesures import COLONNES, MESURES
from shared.db.engine import reading, writing
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
CODES = tuple(mesure.code for mesure in MESURES)
_CELLULES = text(f"SELECT uai, serie, {', '.join(COLONNES)} FROM cellule")
_MOUVEMENTS = text(f"SELECT jour, uai, serie, {', '.join(COLONNES)} FROM mouvement")
_MATIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
Cells = Counter[tuple[str, str, str]]


def _counted(rows: Iterable[Any]) -> Cells:
    """Sum of rows of (uai, serie, measures...)."""
    cells: Cells = Counter()
    for uai, serie, *valeurs in rows:
        for code, n in zip(CODES, valeurs, strict=False):
            cells[uai, serie, code] += n or 0
    return Counter({cle: n for cle, n in cells.items() if n})


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
        self.days: list[int] = []
        self.day = 0
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
            self.receive(replace(lu, offset=len(self.log), headers=self._stamped(lu.headers)))

    @rule(cut=st.integers(1, 8), shuffled=st.randoms(use_true_random=False))
    def window(self, cut: int, shuffled: Any) -> None:
        """Part of what waits is folded, in any order."""
        self.fold(cut, shuffled)

    @rule()
    def crash(self) -> None:
        """A window that was folded and whose transaction never committed leaves nothing."""
        if self.waiting:
            self.wait(self._apply_and_die(list(self.waiting)))

    @rule()
    def midnight(self) -> None:
        self.day += 1

    @invariant()
    def incremental_equals_recomputed(self) -> None:
        """Today, and at the end of every day as it was known that day."""
        folded = self.folded()
        cells, movements = self.wait(self._stored())
        assert cells == naive_cells(naive_pupils(folded))
        for day in {self.days[record.offset] for record in folded}:
            known = [record for record in folded if self.days[record.offset] <= day]
            until = [row[1:] for row in movements if row[0] <= (_MATIN + timedelta(days=day)).date()]
            assert _counted(until) == naive_cells(naive_pupils(known))

    def say(self, fait: Evenement, version: int) -> None:
        """A source says one thing only at a version: the first one drawn is the one that stands."""
        self.receive(self._record(self.said.setdefault((fait.topic, fait.cle, version), fait)))

    def receive(self, record: ConsumerRecord) -> None:
        self.log.append(record)
        self.days.append(self.day)
        self.waiting.append(self.codec.lire_un(record, record.topic))

    def folded(self) -> list[ConsumerRecord]:
        waiting = {lu.brut.offset for lu in self.waiting}
        return [record for record in self.log if record.offset not in waiting]

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
        headers = self._stamped(tuple(entetes(fait, "")))
        key = fait.cle.encode()
        return ConsumerRecord(fait.topic, 0, offset, 0, 0, key, fait.donnees, None, len(key), 0, headers)

    def _stamped(self, headers: Any) -> Any:
        """With the ``recordedtime`` of now."""
        us = int((_MATIN + timedelta(days=self.day)).timestamp() * 1e6) + len(self.log)
        kept = [header for header in headers if header[0] != "ce_recordedtime"]
        return (*kept, ("ce_recordedtime", horodatage_us(us).encode()))

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

    async def _stored(self) -> tuple[Cells, list[Any]]:
        async with reading(self.engine) as connection:
            cells = _counted(await connection.execute(_CELLULES))
            return cells, list(await connection.execute(_MOUVEMENTS))

    async def _empty(self) -> None:
        async with writing(self.engine) as tx:
            await tx.execute(text("TRUNCATE eleve, cellule, mouvement"))


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
                    max_examples=35,
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
