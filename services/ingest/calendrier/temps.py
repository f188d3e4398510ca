"""Time that passes is a fact: steps reached, deadlines over, formations corrected. One process at a time.

Each turn reads rows of the projection in the order of their key, a lot at a time, and publishes through
the outbox in the transaction that remembers it: a crash repeats nothing and forgets nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.calendrier import store
from services.ingest.calendrier.echeances import Declaration, declarations
from services.ingest.calendrier.evenements import declaration, etape_atteinte
from services.ingest.calendrier.suivi import decoder
from services.ingest.referentiels import memoire
from services.ingest.referentiels.reemission import perime, reemettre
from services.ingest.settings import IngestSettings
from shared.db import generations, outbox
from shared.db.engine import writing
from shared.domaine.calendrier import MINUTE, Calendrier
from shared.domaine.etapes import Etape
from shared.kafka.bulk import exclusive

_LOT = 2_000
_DEBUT = "00000000-0000-0000-0000-000000000000"
_SELECTION = (
    "SELECT eleve_id::text AS eleve_id, etat FROM suivi"
    " WHERE session = :session AND eleve_id > CAST(:curseur AS uuid) AND {condition}"
    " AND NOT EXISTS (SELECT 1 FROM registre.fusion f WHERE f.session = suivi.session AND f.perdant = suivi.eleve_id)"
    f" ORDER BY eleve_id LIMIT {_LOT}"
)
_ATTEINTES = text(
    """
    UPDATE registre.etape SET atteinte = version
     WHERE session = :session AND NOT retiree AND date <= :maintenant AND atteinte IS DISTINCT FROM version
    RETURNING code, date, version
    """
)
_RETENIR = text(
    """
    INSERT INTO registre.echeance (session, eleve_id, sujet, version, revision)
    SELECT :session, * FROM unnest(CAST(:ids AS uuid[]), CAST(:sujets AS text[]), CAST(:versions AS bigint[]),
                                   CAST(:revisions AS int[]))
    ON CONFLICT DO NOTHING
    RETURNING eleve_id::text AS eleve_id, sujet, version, revision
    """
)
_A_EXAMINER = text("SELECT examine < version FROM registre.calendrier WHERE session = :session")
_EXAMINE = text("UPDATE registre.calendrier SET examine = :version WHERE session = :session")
_CORRECTIONS = text(
    "SELECT id::text AS id, formations, curseur::text AS curseur FROM registre.correction"
    " WHERE session = :session AND NOT faite ORDER BY creee_le, id"
)
_AVANCER = text(
    """
    UPDATE registre.correction SET curseur = CAST(:curseur AS uuid), reemis = reemis + :reemis, faite = :faite
     WHERE id = CAST(:id AS uuid)
    """
)


@dataclass(frozen=True, slots=True)
class Temps:
    """What a turn works with. ``settings.session`` is the session."""

    settings: IngestSettings
    engine: AsyncEngine

    @property
    def session(self) -> int:
        return self.settings.session

    async def tourner(self, maintenant: datetime) -> Counter[str]:
        """One turn; what it published, by kind. Nothing when the session is not open.

        Raises:
            BusySourceError: another process is at it.
        """
        faits: Counter[str] = Counter()
        verrou = f"{self.settings.topic_prefix}ingest.{self.session}.temps"
        async with exclusive(self.engine, verrou):
            async with self.engine.connect() as tx:
                vie = await store.lire_vie(tx, self.session)
                calendrier = await store.lire_calendrier(tx, self.session)
            if not vie.ouverte:
                return faits
            faits["corrections"] = await self._corriger(maintenant)
            if calendrier is not None:
                faits["etapes"] = await self._etapes(maintenant)
                await self._echeances(calendrier, maintenant, faits)
        return +faits

    async def _etapes(self, maintenant: datetime) -> int:
        async with self._ouverte() as tx:
            lignes = (await tx.execute(_ATTEINTES, {"session": self.session, "maintenant": maintenant})).all()
            lignes = sorted(lignes, key=lambda ligne: (ligne.date, ligne.code))
            await outbox.append(tx, [etape_atteinte(self.settings, ligne) for ligne in lignes])
        return len(lignes)

    async def _echeances(self, calendrier: Calendrier, maintenant: datetime, faits: Counter[str]) -> None:
        echu = maintenant - MINUTE
        recues = {"echu": echu, "recue": echu - timedelta(hours=1)}
        conditions: list[str] = ["limite <= :echu", "recue <= :recue"]
        if calendrier.passee(Etape.CONFIRMATION_LIMITE, echu):
            conditions.append("a_confirmer")
        if a_examiner := await self._a_examiner():
            conditions.append("declare")
        for condition in conditions:
            await self._parcourir(condition, recues, calendrier, maintenant, faits)
        if a_examiner:
            async with self.engine.begin() as tx:
                await tx.execute(_EXAMINE, {"session": self.session, "version": calendrier.version})

    async def _a_examiner(self) -> bool:
        async with self.engine.connect() as tx:
            return bool((await tx.execute(_A_EXAMINER, {"session": self.session})).scalar())

    async def _parcourir(
        self,
        condition: str,
        valeurs: dict[str, datetime],
        calendrier: Calendrier,
        maintenant: datetime,
        faits: Counter[str],
    ) -> None:
        selection = text(_SELECTION.format(condition=condition))
        utiles = {nom: valeur for nom, valeur in valeurs.items() if f":{nom}" in condition}
        curseur: str | None = _DEBUT
        while curseur is not None:
            async with self._ouverte() as tx:
                lignes = await self._lot(tx, selection, curseur, utiles)
                curseur = lignes[-1].eleve_id if len(lignes) == _LOT else None
                faits.update(await self._declarer(tx, lignes, calendrier, maintenant))

    async def _declarer(
        self, tx: AsyncConnection, lignes: Sequence[Row[Any]], calendrier: Calendrier, maintenant: datetime
    ) -> Counter[str]:
        dites: dict[tuple[str, str, int, int], tuple[str, Declaration]] = {}
        for ligne in lignes:
            tenue = decoder(ligne.etat)
            for dite in declarations(tenue.etat, tenue.receptions, calendrier, maintenant):
                dites[ligne.eleve_id, dite.sujet, dite.version, dite.revision] = (ligne.eleve_id, dite)
        if not dites:
            return Counter()
        neuves = await self._retenir(tx, list(dites))
        sorties = [declaration(self.settings, *dites[cle], maintenant) for cle in dites if cle in neuves]
        await outbox.append(tx, sorties)
        return Counter(dites[cle][1].genre for cle in neuves)

    async def _retenir(
        self, tx: AsyncConnection, cles: Sequence[tuple[str, str, int, int]]
    ) -> set[tuple[str, str, int, int]]:
        """Those that were never published."""
        ids, sujets, versions, revisions = (list(colonne) for colonne in zip(*cles, strict=True))
        valeurs = {"ids": ids, "sujets": sujets, "versions": versions, "revisions": revisions}
        lignes = (await tx.execute(_RETENIR, {"session": self.session, **valeurs})).all()
        return {(ligne.eleve_id, ligne.sujet, ligne.version, ligne.revision) for ligne in lignes}

    async def _corriger(self, maintenant: datetime) -> int:
        """Publish again the vœux of corrected formations, from where a turn before left off."""
        async with self.engine.connect() as tx:
            a_faire = (await tx.execute(_CORRECTIONS, {"session": self.session})).all()
        if a_faire:
            await self._attendre_les_flux()
        return sum([await self._une_correction(correction, maintenant) for correction in a_faire])

    async def _attendre_les_flux(self) -> None:
        """Flushes that began before the correction was known end first; those after correct by themselves."""
        async with self.engine.begin() as tx:
            await generations.lock(tx)

    async def _une_correction(self, correction: Row[Any], maintenant: datetime) -> int:
        selection = text(_SELECTION.format(condition="formations && CAST(:formations AS text[])"))
        valeurs = {"formations": correction.formations}
        curseur, reemis, faite = correction.curseur or _DEBUT, 0, False
        while not faite:
            async with self._ouverte() as tx:
                lignes = await self._lot(tx, selection, curseur, valeurs)
                faite = len(lignes) < _LOT
                curseur = lignes[-1].eleve_id if lignes else curseur
                sorties = await self._reemettre(tx, lignes, maintenant)
                await outbox.append(tx, sorties)
                avance = {"id": correction.id, "curseur": curseur, "reemis": len(sorties), "faite": faite}
                await tx.execute(_AVANCER, avance)
                reemis += len(sorties)
        return reemis

    async def _reemettre(
        self, tx: AsyncConnection, lignes: Sequence[Row[Any]], maintenant: datetime
    ) -> list[outbox.Sortie | Any]:
        formations = (await memoire.complement(tx, self.session)).formations
        return [
            reemettre(
                ligne.eleve_id,
                cle,
                voeu,
                formations[voeu.formation_id],
                session=self.session,
                time=maintenant,
                prefixe=self.settings.topic_prefix,
            )
            for ligne in lignes
            for cle, voeu in decoder(ligne.etat).etat.voeux.items()
            if perime(voeu, formations.get(voeu.formation_id))
        ]

    async def _lot(
        self, tx: AsyncConnection, selection: TextClause, curseur: str, valeurs: dict[str, Any]
    ) -> Sequence[Row[Any]]:
        return (await tx.execute(selection, {"session": self.session, "curseur": curseur, **valeurs})).all()

    @asynccontextmanager
    async def _ouverte(self) -> AsyncIterator[AsyncConnection]:
        """A transaction over the current generation, during which the session cannot be frozen."""
        async with writing(self.engine) as tx:
            vie = await store.lire_vie(tx, self.session, verrou="FOR SHARE")
            if not vie.ouverte:
                raise SessionGeleeError
            yield tx


class SessionGeleeError(Exception):
    """The session was frozen during the turn: the next one goes on when it is opened again."""
