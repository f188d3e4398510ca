"""Topic batches → the reducer → one row per pupil with his timeline, and an event when the situation changed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import bulletins, chronologie, lignes, reprise
from services.eleves.models import PROJECTION_TABLES
from shared import reunions
from shared.db import pupils
from shared.domaine.etat import EtatEleve, replier
from shared.events import rapide as r
from shared.events.enveloppe import Evenement
from shared.events.topics import ACCUSE, BULLETIN, FAITS_ELEVE, FICHE, IDENTITE
from shared.kafka.projection import Effets, ProjectionEleves
from shared.kafka.records import Lu
from shared.settings import Settings

_ENSEMBLE = 300
"""Pupils folded and written at once, in order of their ids: whoever reads a list meanwhile waits for one lot only."""


class Pli(NamedTuple):
    """A pupil after a window. ``change``: his state or his timeline moved."""

    apres: EtatEleve | None
    chronologie: bytes | None
    change: bool


def plier(avant: EtatEleve | None, frise: bytes | None, lus: Sequence[Lu]) -> Pli:
    """The state and the timeline; a pupil who turned out to be another has none."""
    apres = replier(avant, [lu.fait for lu in lus if lu.fait is not None])
    if apres is not None and apres.fusionne:
        return Pli(apres, chronologie.VIDE, apres is not avant or frise != chronologie.VIDE)
    suite = chronologie.ajouter(frise, lus)
    return Pli(apres, suite, apres is not None and (apres is not avant or suite is not frise))


class ElevesProjection(ProjectionEleves):
    topics = (IDENTITE, *FAITS_ELEVE, BULLETIN, FICHE, ACCUSE)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._prefixe = settings.topic_prefix

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """As every projection of pupils, and the timeline in the same reading and writing of the row.

        A fact that an older version brings changes the timeline without changing the state.
        """
        groupes: defaultdict[str, list[Lu]] = defaultdict(list)
        for lu in lus:
            if lu.fait is not None:
                groupes[lu.eleve_id].append(lu)
        ids, effets = sorted(groupes), Effets()
        for debut in range(0, len(ids), _ENSEMBLE):
            siens = {eleve_id: groupes[eleve_id] for eleve_id in ids[debut : debut + _ENSEMBLE]}
            effets.sorties += await self._plier(tx, siens)
        return effets

    async def _plier(self, tx: AsyncConnection, groupes: Mapping[str, Sequence[Lu]]) -> list[Evenement]:
        connus = await pupils.charger_avec(tx, list(groupes), "chronologie")
        plis = {eleve_id: plier(*connus[eleve_id], siens) for eleve_id, siens in groupes.items()}
        await asyncio.sleep(0)
        fusionnes = [eleve_id for eleve_id, pli in plis.items() if pli.apres and pli.apres.fusionne]
        await bulletins.ecrire(tx, _notes(groupes, frozenset(fusionnes)))
        await bulletins.effacer(tx, fusionnes)
        await reunions.noter(tx, _autres(plis))
        changes = {eleve_id: pli for eleve_id, pli in plis.items() if pli.change}
        quand = {eleve_id: max(lu.recordedtime for lu in groupes[eleve_id]) for eleve_id in changes}
        return await self._ecrire(tx, changes, quand)

    async def _ecrire(
        self, tx: AsyncConnection, plis: Mapping[str, Pli], quand: Mapping[str, str]
    ) -> list[Evenement]:
        etats = {eleve_id: pli.apres for eleve_id, pli in plis.items() if pli.apres is not None}
        frises = {eleve_id: pli.chronologie for eleve_id, pli in plis.items()}
        dits = await lignes.ecrire(tx, etats, frises)
        return [dit.evenement(datetime.fromisoformat(quand[dit.eleve_id]), self._prefixe) for dit in dits]

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Carry the versions over; what a rebuild corrected goes out as the old version + 1."""
        maintenant = datetime.now(UTC)
        dits = await reprise.corriger(tx, ancienne, nouvelle)
        return [dit.evenement(maintenant, self._prefixe) for dit in dits]


def _autres(plis: Mapping[str, Pli]) -> dict[str, EtatEleve]:
    """Pupils whom the window told to be others."""
    return {i: pli.apres for i, pli in plis.items() if pli.change and pli.apres and pli.apres.fusionne}


def _notes(groupes: Mapping[str, Sequence[Lu]], sauf: frozenset[str]) -> Iterator[r.Bulletin]:
    for eleve_id, lus in groupes.items():
        if eleve_id not in sauf:
            yield from (lu.fait for lu in lus if type(lu.fait) is r.Bulletin)
