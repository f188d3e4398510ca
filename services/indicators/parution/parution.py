"""A tick: what changed of the margins since the last one, suppressed together, said in one transaction."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from services.indicators.parution import position, store
from services.indicators.parution.domain import (
    Chiffres,
    Cle,
    Figure,
    Marge,
    a_dire,
    chiffres,
    empreinte,
)
from services.indicators.parution.masques import Cases
from services.indicators.parution.position import Position
from services.indicators.store import codes
from shared.db import generations, outbox
from shared.db.engine import enter_current, enter_generation
from shared.events import modeles as m
from shared.events.enveloppe import Evenement, evenement
from shared.events.topics import INDICATEUR
from shared.settings import Settings

_LOT = 2_000
Masquer = Callable[[Cases], Mapping[Cle, Marge]]
"""What small numbers withhold, of all lycées together."""


class Instant(NamedTuple):
    """What a tick reads at once."""

    generation: int
    position: Position
    cases: Cases
    codes: frozenset[str]


@dataclass
class Parution:
    """The publication of one session, by whoever leads. ``dites``: what it knows to be said."""

    settings: Settings
    engine: AsyncEngine
    masquer: Masquer
    mesures: tuple[str, ...]
    figures: tuple[Figure, ...]
    dites: dict[Cle, Marge] = field(default_factory=dict)
    vu: tuple[int, int] | None = None

    async def tic(self) -> int:
        """Say what differs from what was said last; returns the number of events."""
        lu = await self._lire()
        if lu is None:
            return 0
        marges = await asyncio.to_thread(self.masquer, lu.cases)
        figures = [un for un in self.figures if self._connue(un, lu.codes)]
        dits = {cle: (marge, chiffres(marge, figures)) for cle, marge in a_dire(self.dites, marges)}
        publiees = await self._dire(lu, dits)
        if publiees is None:
            self.oublier()
            return 0
        self.dites.update({cle: marge for cle, (marge, _) in dits.items()})
        self.vu = (lu.generation, lu.position.faits)
        return publiees

    def _connue(self, figure: Figure, codes: Collection[str]) -> bool:
        """Whether this generation counts it; otherwise the next rebuild will."""
        return {self.mesures[figure.numerateur], self.mesures[figure.base]} <= set(codes)

    def oublier(self) -> None:
        """What is said is read again at the next tick."""
        self.dites.clear()
        self.vu = None

    async def _lire(self) -> Instant | None:
        """All of one instant; None when nothing was folded since the last tick."""
        session = self.settings.session
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            generation = await generations.current(connection)
            await enter_generation(connection, generation)
            lue = await position.lire(connection, session)
            if self.vu == (generation, lue.faits) or not lue.faits:
                return None
            noms = await codes(connection)
            cases = await store.cases(connection, session, noms, self.mesures)
            if self.vu is None or self.vu[0] != generation:
                self._reprendre(await store.connues(connection, session))
        return Instant(generation, lue, cases, frozenset(noms))

    def _reprendre(self, connues: Mapping[Cle, str]) -> None:
        """Known to be said, but not what: the digests will tell."""
        personne = (0,) * len(self.mesures)
        self.dites = {cle: Marge(academie, personne, -1) for cle, academie in connues.items()}

    async def _dire(self, lu: Instant, dits: Mapping[Cle, tuple[Marge, Chiffres]]) -> int | None:
        """In one transaction: versions, digests, events. None when a newer state was said meanwhile."""
        session = self.settings.session
        async with self.engine.begin() as tx:
            if await enter_current(tx) != lu.generation:
                return None
            if not await store.avancer(tx, session, lu.generation, lu.position.faits):
                return None
            retenues = [(cle, marge.academie, empreinte(dit)) for cle, (marge, dit) in dits.items()]
            versions = await store.retenir(tx, session, retenues)
            faits = [
                self._evenement(lu.position.au, cle, versions[cle], *dits[cle]) for cle in sorted(versions)
            ]
            for debut in range(0, len(faits), _LOT):
                await outbox.append(tx, faits[debut : debut + _LOT])
        return len(versions)

    def _evenement(self, au: str, cle: Cle, version: int, marge: Marge, dits: Chiffres) -> Evenement:
        instant = datetime.fromisoformat(au)
        donnees = m.MargeModifiee.model_validate(
            {
                "session": self.settings.session,
                "version": version,
                "uai": cle[0],
                "serie": cle[1],
                "academie": marge.academie,
                "situation_au": instant,
                "indicateurs": tuple(dits),
            }
        )
        return evenement(
            INDICATEUR,
            donnees,
            cle="/".join(cle),
            version=version,
            time=instant,
            prefixe=self.settings.topic_prefix,
        )
