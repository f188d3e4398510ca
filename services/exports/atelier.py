"""The workshop: makes the workbooks asked for, off the event loop, and deletes the expired ones.

An export is taken by the lock of its row. A process that dies releases it, and the next worker,
here or in another replica, makes it again: nothing is to be repaired at start-up.
"""

import asyncio
import hashlib
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.exports import domain, store
from services.exports.classeur import ecrire
from services.exports.filtres import dire as dire_filtres
from services.exports.store import Demande, Produit
from shared.db import outbox
from shared.db.engine import reading
from shared.domaine.catalogue import LISTES
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import ExportPret
from shared.events.topics import EXPORT
from shared.http.idempotency import oublier
from shared.nomenclatures.lycees import lycee
from shared.service import Running

_log = structlog.get_logger()
_INFRASTRUCTURE = (SQLAlchemyError, OSError)
_RETRY_S = 5.0
_HOUR_S = 3_600
REVEIL = "reveil"
"""Key of ``Running.resources``: the event set when an export is asked for in this process."""


async def ouvrir(running: Running, stack: AsyncExitStack) -> None:
    del stack
    running.resources[REVEIL] = asyncio.Event()


async def make_workbooks(running: Running) -> None:
    """Runs as long as the service: ``export_workers`` workbooks at a time."""
    async with asyncio.TaskGroup() as workers:
        for _ in range(running.settings.export_workers):
            workers.create_task(_work(running))


async def _work(running: Running) -> None:
    reveil: asyncio.Event = running.resources[REVEIL]
    while True:
        try:
            while await fabriquer_un(running):
                pass
            running.health.green("exports")
        except _INFRASTRUCTURE as erreur:
            running.health.red("exports", "workbooks cannot be made; retrying")
            _log.warning("export interrupted, will retry", error=type(erreur).__name__)
            await asyncio.sleep(_RETRY_S)
        with suppress(TimeoutError):
            await asyncio.wait_for(reveil.wait(), running.settings.export_poll_s)
        reveil.clear()


async def fabriquer_un(running: Running) -> bool:
    """Make the oldest workbook asked for; False when there is none."""
    async with running.engine.begin() as tx:
        demande = await store.prendre(tx)
        if demande is None:
            return False
        try:
            produit = await _produire(running.engine, demande)
        except _INFRASTRUCTURE:
            raise
        except Exception as erreur:  # noqa: BLE001 - this export fails, the others go on
            _log.error("export failed", export=demande.id, error=type(erreur).__name__)
            await store.echouer(tx, demande.id)
        else:
            await store.terminer(tx, demande.id, produit)
            await outbox.append(tx, [_pret(demande, produit, running.settings.topic_prefix)])
    return True


async def _produire(engine: AsyncEngine, demande: Demande) -> Produit:
    situation, liste = datetime.now(UTC), LISTES[demande.liste]
    async with reading(engine) as connection:
        eleves = await store.eleves(connection, demande, situation)
    modele = domain.Demande(
        liste=liste,
        uai=demande.uai,
        lycee=lycee(demande.uai),
        session=demande.session,
        situation=situation,
        filtres=dire_filtres(demande.filtres),
        direction=demande.direction,
    )
    contenu = await asyncio.to_thread(ecrire, domain.composer(modele, eleves))
    return Produit(
        pret_le=datetime.now(UTC),
        lignes=len(eleves),
        nom=domain.nom_de_fichier(liste, demande.uai, demande.session, situation),
        sha256=hashlib.sha256(contenu).hexdigest(),
        contenu=contenu,
    )


def _pret(demande: Demande, produit: Produit, prefixe: str) -> Evenement:
    donnees = ExportPret(
        session=demande.session,
        version=1,
        export_id=UUID(demande.id),
        uai=demande.uai,
        liste=demande.liste,
        lignes=produit.lignes,
    )
    return evenement(EXPORT, donnees, cle=demande.id, version=1, time=produit.pret_le, prefixe=prefixe)


async def purge(running: Running) -> None:
    """Hourly: expired workbooks and old idempotency keys go."""
    while True:
        try:
            async with running.engine.begin() as tx:
                partis = await store.purger(tx, datetime.now(UTC))
                await oublier(tx, running.settings.idempotency_days)
            _log.info("expired exports deleted", exports=partis)
        except _INFRASTRUCTURE as erreur:
            _log.warning("expired exports not deleted", error=type(erreur).__name__)
        await asyncio.sleep(_HOUR_S)
