"""From a deposited file to a spool on disk, or to what is said of it: the analysis of an import.

Identity and parking are the analyses' shared memory: one at a time per session, but those of SIECLE,
which bear one another. A dry run, or an analysis that asks, is rolled back: its file waits.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Row
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest import avancement, rejets, store
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion, SpoolDEssai
from services.ingest.depots import Depots, Lu, suivre
from services.ingest.etape import PERDU, Etape, lieu
from services.ingest.identity import AliasPrisError
from services.ingest.lignes import Carnet
from services.ingest.natures import NATURES
from services.ingest.referentiels import memoire
from services.ingest.refus import AConfirmer, FichierRefuse
from services.ingest.settings import IngestSettings
from shared.kafka import bulk
from shared.kafka.bulk import BusySourceError
from shared.kafka.spool import SpoolWriter
from shared.nomenclatures.complement import avec

_log = structlog.get_logger()
ATTENTE_VERROU_S = 0.2
_PROGRES_S = 0.5
_INTERNE = "L’import a échoué pour une raison interne : prévenez l’exploitant avec ce numéro d’import."
_DEJA = (
    "Ce fichier, identique, a déjà été intégré : rien n’est changé. Confirmez pour le reprendre quand même."
)
_PANNES = (OSError, TimeoutError, DBAPIError, avancement.TentativePerimeeError)
"""What a later turn may get over; anything else would fail again."""


class _RienNEstEcrit(Exception):  # noqa: N818 - internal: rolls the analysis back
    """A dry run is over, or a question is asked."""


class Fin(NamedTuple):
    """An analysis that has come to its end."""

    analyse: Analyse
    tentative: int
    conclusion: Conclusion

    @property
    def uai(self) -> str | None:
        return self.conclusion.uai or self.analyse.recu.uai


class Analyses(Etape):
    """Analyses deposited files, one by one or beside one another."""

    def __init__(self, settings: IngestSettings, engine: AsyncEngine, depots: Depots) -> None:
        super().__init__(settings, engine, depots)
        self._tour = asyncio.Lock()

    async def analyser(self, recu: Row[Any]) -> bool:
        """Analyse once; False when another analysis came between, so that it must be done again."""
        async with self.seul(NATURES[recu.nature].places(self.settings) > 1):
            tentative = (await self.commencer([recu]))[recu.id]
            carnet = Carnet(self.engine, recu.id, tentative)
            try:
                await self._preparer(recu, tentative, carnet)
            except AliasPrisError:
                return False
            except FichierRefuse as refus:
                await carnet.verser(refus.lignes)
                await self.refuser(recu, tentative, refus)
            except (DataError, IntegrityError, ProgrammingError) as erreur:
                await self._refuser_pour_bogue(recu, tentative, erreur)
            except _PANNES:
                raise
            except Exception as erreur:  # noqa: BLE001 - a bug of ours must not stop the imports that follow
                await self._refuser_pour_bogue(recu, tentative, erreur)
        return True

    async def commencer(self, recus: Sequence[Row[Any]]) -> dict[str, int]:
        """A new start of each; what earlier ones left is gone."""
        async with self.engine.begin() as tx:
            tentatives = await avancement.commencer(tx, [recu.id for recu in recus])
        for import_id, tentative in tentatives.items():
            self.depots.oublier_spools(import_id, tentative)
        return tentatives

    async def _refuser_pour_bogue(self, recu: Row[Any], tentative: int, erreur: Exception) -> None:
        _log.error("import failed", import_id=recu.id, error=type(erreur).__name__, at=lieu(erreur))
        await self.refuser(recu, tentative, FichierRefuse("INTERNE", _INTERNE))

    async def _preparer(self, recu: Row[Any], tentative: int, carnet: Carnet) -> None:
        """The whole analysis in one transaction, committed when the spool is on disk."""
        depot = self.depots.depot(recu.id)
        if not depot.exists():
            raise FichierRefuse("PERDU", PERDU)
        lu, conclusion = Lu(), Conclusion()
        async with self.engine.connect() as tx, tx.begin() as transaction:
            with suppress(_RienNEstEcrit), self._spool(recu, tentative) as spool:
                analyse = Analyse(
                    self.settings, tx, recu=recu, depot=suivre(depot, lu), spool=spool, carnet=carnet
                )
                async with self._progres(analyse, tentative, lu):
                    conclusion = await self._demander_ou_conclure(analyse)
                await analyse.verser()
                if recu.essai or analyse.questions:
                    raise _RienNEstEcrit
            if recu.essai or analyse.questions:
                await transaction.rollback()
                await self._suspendre(analyse, tentative, conclusion)
                return
            await self.ecrire_la_fin([Fin(analyse, tentative, conclusion)])
        self.ranger(analyse)

    def ranger(self, analyse: Analyse) -> None:
        """The deposit is read: it goes, or is kept whole for a replay of its refused lines."""
        recu = analyse.recu
        a_part = NATURES[recu.nature].rejouable or recu.rejeu_de is not None
        self.depots.ranger(recu.id, garder=analyse.a_des_rejets and not a_part)

    def _spool(self, recu: Row[Any], tentative: int) -> AbstractContextManager[SpoolWriter | SpoolDEssai]:
        if recu.essai:
            return SpoolDEssai()
        return SpoolWriter(self.depots.nouveau_spool(recu.id, tentative))

    async def _demander_ou_conclure(self, analyse: Analyse) -> Conclusion:
        try:
            return await self._conclure(analyse)
        except AConfirmer as question:
            analyse.questions.append(question)
            return Conclusion()

    async def ecrire_la_fin(self, fins: Sequence[Fin]) -> None:
        """Of analyses of one nature, in the transaction that they share."""
        commun = fins[0].analyse
        tx, nature = commun.tx, NATURES[commun.recu.nature]
        for fin in fins:
            if fin.uai and fin.analyse.a_des_rejets:
                await rejets.situer(tx, fin.analyse.import_id, fin.uai)
        entiers = {
            fin.analyse.import_id: fin.uai
            for fin in fins
            if nature.remplace
            and fin.analyse.recu.rejeu_de is None
            and (fin.conclusion.version is not None or fin.uai is None)
        }
        if entiers:
            await rejets.remplacer(tx, commun.session, nature.code, entiers)
        await avancement.vers_publication(
            tx,
            [
                avancement.Analysee(
                    fin.analyse.import_id,
                    fin.tentative,
                    fin.analyse.spool.count,
                    fin.uai,
                    fin.conclusion.version,
                    fin.analyse.compte_rendu.montrer(),
                )
                for fin in fins
            ],
        )

    async def _suspendre(self, analyse: Analyse, tentative: int, conclusion: Conclusion) -> None:
        etat = "ESSAI" if analyse.essai else "A_CONFIRMER"
        async with self.engine.begin() as tx:
            await store.suspendre(
                tx,
                analyse.import_id,
                tentative,
                etat=etat,
                total=analyse.spool.count,
                uai=conclusion.uai,
                questions=[question.montrer() for question in analyse.questions],
                compte_rendu=analyse.compte_rendu.montrer(),
                heures=self.settings.attente_h,
            )
        _log.info("import waits", import_id=analyse.import_id, state=etat, nature=analyse.recu.nature)

    @asynccontextmanager
    async def _progres(self, analyse: Analyse, tentative: int, lu: Lu) -> AsyncIterator[None]:
        """Show counters and bytes read, now and then, to who looks at the import."""

        async def montrer() -> None:
            while True:
                await asyncio.sleep(_PROGRES_S)
                octets = min(lu.octets, analyse.recu.octets)
                with suppress(*_PANNES):
                    async with self.engine.begin() as tx:
                        compteurs = analyse.compte_rendu.compteurs
                        await store.progres(tx, analyse.import_id, tentative, compteurs, octets)

        tache = asyncio.create_task(montrer())
        try:
            yield
        finally:
            tache.cancel()
            await asyncio.wait({tache})

    async def _conclure(self, analyse: Analyse) -> Conclusion:
        recu = analyse.recu
        nature = NATURES[recu.nature]
        a_comparer = not (nature.identique_refait or recu.confirme)
        if a_comparer and await store.deja_fait(analyse.tx, recu.session, nature.code, recu.sha256):
            analyse.compte_rendu.ajouter(Ligne(0, "DEJA_FAIT", _DEJA, Gravite.IGNORE))
            return Conclusion()
        with avec(await memoire.complement(analyse.tx, recu.session)):
            return await nature.analyser(analyse)

    @asynccontextmanager
    async def seul(self, partage: bool) -> AsyncIterator[None]:
        """Wait for one's turn to analyse: alone in the session, or (``partage``) beside one's like."""
        async with nullcontext() if partage else self._tour:
            while True:
                try:
                    async with bulk.exclusive(self.engine, self.verrou("analyse"), shared=partage):
                        yield
                        return
                except BusySourceError:
                    await asyncio.sleep(ATTENTE_VERROU_S)
