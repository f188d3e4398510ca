"""What a service gives to the mechanism: its topics, its tables, its pure fold and its set-based SQL."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol, cast

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import pupils
from shared.domaine.etat import EtatEleve, replier
from shared.events.enveloppe import Evenement
from shared.events.rapide import Legers
from shared.events.topics import Topic
from shared.kafka.lots import Lot, Moments
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
        """What it folds: topics by pupil, all co-partitioned, and topics that are not (:func:`abonnements`)."""

    @property
    def tables(self) -> MetaData:
        """What a new generation is made of."""

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold valid records and write, in sets, inside ``tx``."""

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """At a switch: carry the versions of derived subjects over, return the events of what differs."""


class Fenetre(Protocol):
    """What a projection does of one transaction: lots of records, each pupil in one of them, then its end."""

    async def appliquer(self, lus: Sequence[Lu]) -> Effets:
        """Fold the valid records of a lot and write what is of them alone."""

    async def clore(self) -> Effets:
        """Write what is of all of them together."""


class FenetreParEleve(Fenetre, Protocol):
    """One that takes facts by pupil, without their records, where there are many."""

    moments: Moments

    async def plier(self, lot: Lot) -> None:
        """As ``appliquer``; each fact comes with what ``moments`` makes of its hour, not in order of time."""


def par_eleve(fenetre: Fenetre) -> FenetreParEleve | None:
    return cast("FenetreParEleve", fenetre) if hasattr(fenetre, "plier") else None


class _Directe:
    """Of a projection that needs no end."""

    def __init__(self, projection: Projection, tx: AsyncConnection) -> None:
        self._projection = projection
        self._tx = tx

    async def appliquer(self, lus: Sequence[Lu]) -> Effets:
        return await self._projection.appliquer(self._tx, lus)

    async def clore(self) -> Effets:
        return Effets()


def fenetre(projection: Projection, tx: AsyncConnection) -> Fenetre:
    """The projection's own ``fenetre(tx)`` when it has one."""
    ouvrir: Callable[[AsyncConnection], Fenetre] | None = getattr(projection, "fenetre", None)
    return ouvrir(tx) if ouvrir else _Directe(projection, tx)


def legers(projection: Projection) -> Legers:
    """What the projection reads instead of some twins; nothing unless it says so."""
    siens: Legers = getattr(projection, "legers", {})
    return siens


REFERENTIELS = "referentiels"


def abonnements(topics: Sequence[Topic]) -> dict[str, tuple[Topic, ...]]:
    """Topics by subscriber. The pupils' one has no name: Range keeps a pupil together over equal counts.

    The others share a subscriber of their own: between two topics there is no order to keep.
    """
    par_eleve = tuple(topic for topic in topics if topic.par_eleve)
    autres = tuple(topic for topic in topics if not topic.par_eleve)
    return {nom: siens for nom, siens in (("", par_eleve), (REFERENTIELS, autres)) if siens}


class Composee:
    """A projection of several parts that share one generation: each is given the records of its own topics."""

    parties: ClassVar[Sequence[Callable[[Any], Projection]]] = ()
    topics: tuple[Topic, ...] = ()
    tables: MetaData

    def __init_subclass__(cls) -> None:
        siens = (topic for partie in cls.parties for topic in partie.topics)  # type: ignore[attr-defined]
        cls.topics = tuple(dict.fromkeys(siens))

    def __init__(self, settings: Any) -> None:
        faites = [partie(settings) for partie in self.parties]
        self._parties = [(partie, frozenset(topic.nom for topic in partie.topics)) for partie in faites]

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """The parts in their order, in one transaction."""
        effets = Effets()
        presents = {lu.topic.nom for lu in lus}
        for partie, noms in self._parties:
            siens = lus if presents <= noms else [lu for lu in lus if lu.topic.nom in noms]
            if siens:
                siens_effets = await partie.appliquer(tx, siens)
                effets.sorties += siens_effets.sorties
                effets.refus += siens_effets.refus
        return effets

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        trouvees = [await partie.differences(tx, ancienne, nouvelle) for partie, _ in self._parties]
        return [evenement for siennes in trouvees for evenement in siennes]


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
