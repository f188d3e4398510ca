"""What a service gives to the mechanism: its topics, its tables, its pure fold and its set-based SQL."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import pupils
from shared.domaine.etat import EtatEleve, replier
from shared.events.enveloppe import Evenement
from shared.events.topics import Topic
from shared.kafka.records import Lu


@dataclass(slots=True)
class Effets:
    """What a window leads to, beside the rows written: events, and records refused with a reason."""

    sorties: list[Evenement] = field(default_factory=list)
    refus: list[tuple[Lu, str]] = field(default_factory=list)


class Projection(Protocol):
    """A consumer's side of a service.

    ``tables`` are the projection tables, without schema: the transaction decides the generation.
    """

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The pupil topics it folds, all co-partitioned."""

    @property
    def tables(self) -> MetaData:
        """What a new generation is made of."""

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold valid records and write, in sets, inside ``tx``."""

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """At a switch: carry the versions of derived subjects over, return the events of what differs."""


class Changement(NamedTuple):
    """One pupil changed by a window. ``recordedtime``: of the last fact folded."""

    eleve_id: str
    avant: EtatEleve | None
    apres: EtatEleve
    recordedtime: str


class ProjectionEleves:
    """Base of the projections that keep one row per pupil: load under lock, fold, write what changed."""

    topics: tuple[Topic, ...]
    tables: MetaData

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Group by pupil, fold each group, hand the changed pupils to ``ecrire``."""
        groupes: defaultdict[str, list[Lu]] = defaultdict(list)
        for lu in lus:
            if lu.fait is not None:
                groupes[lu.eleve_id].append(lu)
        etats = await pupils.charger(tx, sorted(groupes))
        changements = list(_changements(groupes, etats))
        return Effets(await self.ecrire(tx, changements)) if changements else Effets()

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        """Write the changed pupils in sets; return the events to publish, in order."""
        raise NotImplementedError

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing derived is published, unless the service says otherwise."""
        del tx, ancienne, nouvelle
        return []


def _changements(groupes: dict[str, list[Lu]], etats: dict[str, EtatEleve | None]) -> "list[Changement]":
    changes = []
    for eleve_id, lus in groupes.items():
        avant = etats[eleve_id]
        apres = replier(avant, [lu.fait for lu in lus if lu.fait is not None])
        if apres is not None and apres is not avant:
            changes.append(Changement(eleve_id, avant, apres, max(lu.recordedtime for lu in lus)))
    return changes
