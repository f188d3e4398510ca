"""An import from deposit to end: deposited file → analysis → spool → publication with checkpoints.

Identity and parking are the analyses' shared memory: one at a time per session, but those of SIECLE,
which bear one another. One import at a time per nature and place, in the order of deposit of each
lycée. Whatever dies, the next turn goes on: DEPOSE and ANALYSE
start the analysis again from the file, PUBLICATION goes on from its checkpoint with the spool.
A dry run, or an analysis that asks, is rolled back: its file waits in ESSAI or A_CONFIRMER.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest import rejets, store
from services.ingest.compte_rendu import CompteRendu, Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion, SpoolDEssai
from services.ingest.depots import Depots, Lu, suivre
from services.ingest.identity import AliasPrisError
from services.ingest.lignes import Carnet
from services.ingest.natures import NATURES
from services.ingest.places import Place, prendre_place
from services.ingest.referentiels import memoire
from services.ingest.refus import AConfirmer, FichierRefuse
from services.ingest.settings import IngestSettings
from shared.events.topics import CATALOGUE
from shared.kafka import bulk
from shared.kafka.bulk import BusySourceError
from shared.kafka.clients import admin
from shared.kafka.spool import SpoolWriter
from shared.nomenclatures.complement import avec

_log = structlog.get_logger()
_ATTENTE_VERROU_S = 0.2
_PROGRES_S = 0.5
FINIS = frozenset({"TERMINE", "REFUSE", "ESSAI", "A_CONFIRMER", "ANNULE", "EXPIRE"})
"""States that nothing but somebody's command leaves."""
EN_ATTENTE = frozenset({"ESSAI", "A_CONFIRMER"})
"""Those among them whose file is kept for that command."""
_PERDU = "Le fichier intermédiaire de cet import a disparu avant la fin de sa publication : déposez le fichier à nouveau."
_INTERNE = "L’import a échoué pour une raison interne : prévenez l’exploitant avec ce numéro d’import."
_DEJA = (
    "Ce fichier, identique, a déjà été intégré : rien n’est changé. Confirmez pour le reprendre quand même."
)
_PANNES = (OSError, TimeoutError, DBAPIError, store.TentativePerimeeError)
"""What a later turn may get over; anything else would fail again."""


class SessionFermeeError(Exception):
    """The topics of the session do not exist: nothing can be published before it is opened."""


class _RienNEstEcrit(Exception):  # noqa: N818 - internal: rolls the analysis back
    """A dry run is over, or a question is asked."""


class Imports:
    """Runs deposited imports. One instance per process and session."""

    def __init__(self, settings: IngestSettings, engine: AsyncEngine) -> None:
        self.settings = settings
        self.engine = engine
        self.depots = Depots(settings.spool_dir)
        self._ouverte = False
        self._tour = asyncio.Lock()

    async def avancer(self, nature: str) -> None:
        """Bring the deposited imports of ``nature`` to their end, as many at once as this process may.

        Raises:
            BusySourceError: other processes hold every place.
        """
        de_front = NATURES[nature].de_front(self.settings)
        fins = await asyncio.gather(*(self._occuper(nature) for _ in range(de_front)), return_exceptions=True)
        erreurs = [fin for fin in fins if isinstance(fin, BaseException)]
        graves = [erreur for erreur in erreurs if not isinstance(erreur, BusySourceError)]
        if graves or len(erreurs) == len(fins):
            raise (graves or erreurs)[0]

    async def _occuper(self, nature: str) -> None:
        places = NATURES[nature].places(self.settings)
        async with prendre_place(self.engine, self._verrou(nature), places) as place:
            while await self._un(nature, place):
                pass

    async def _un(self, nature: str, place: Place) -> bool:
        """Bring one import to its end; False when none is left for this place."""
        async with self.engine.connect() as tx:
            suivants = await store.suivants(
                tx, self.settings.session, nature, NATURES[nature].places(self.settings)
            )
        for import_id in suivants:
            async with place.tenir(import_id) as tenu:
                recu = await self.lire(import_id) if tenu else None
                if recu is not None and recu.etat not in FINIS:
                    await self._traiter(recu, place.rang)
                    return True
        return False

    async def attendre(self, import_id: str, nature: str) -> Row[Any]:
        """Same, and wait for ``import_id`` even when another process does the work."""
        while True:
            try:
                await self.avancer(nature)
            except BusySourceError:
                await asyncio.sleep(_ATTENTE_VERROU_S)
            recu = await self.lire(import_id)
            if recu is not None and recu.etat in FINIS:
                return recu

    async def integrer(self, import_id: str, *, confirme: bool) -> bool:
        """Integrate the file of a dry run; ``confirme``: yes to what it asked. Whether it was one."""
        return await self._reprendre(import_id, "ESSAI", confirme=confirme)

    async def confirmer(self, import_id: str) -> bool:
        """Yes to what the import asks. Whether it asked."""
        return await self._reprendre(import_id, "A_CONFIRMER", confirme=True)

    async def _reprendre(self, import_id: str, etat: str, *, confirme: bool) -> bool:
        async with self.engine.begin() as tx:
            return await store.reprendre(tx, self.settings.session, import_id, etat, confirme=confirme)

    async def annuler(self, import_id: str) -> bool:
        """Forget a dry run or an import that asks, and its file. Whether it was one."""
        async with self.engine.begin() as tx:
            annule = await store.annuler(tx, self.settings.session, import_id)
        if annule:
            self.depots.oublier(import_id)
        return annule

    async def expirer(self) -> int:
        """Forget what nobody answered in time; how many."""
        async with self.engine.begin() as tx:
            expires = await store.expirer(tx, self.settings.session)
        for import_id in expires:
            self.depots.oublier(import_id)
        return len(expires)

    async def menage(self) -> int:
        """Delete the files that no import needs; how many."""
        async with self.engine.connect() as tx:
            a_garder = await store.a_garder(tx)
        return self.depots.menage(a_garder)

    async def lire(self, import_id: str) -> Row[Any] | None:
        async with self.engine.connect() as tx:
            return await store.lire(tx, self.settings.session, import_id)

    async def en_attente(self) -> list[str]:
        """Natures that have work to do."""
        async with self.engine.connect() as tx:
            return await store.en_attente(tx, self.settings.session)

    def _verrou(self, quoi: str) -> str:
        return f"{self.settings.topic_prefix}ingest.{self.settings.session}.{quoi}"

    async def _traiter(self, recu: Row[Any], rang: int) -> None:
        if recu.etat != "PUBLICATION":
            while not await self._analyser(recu):
                pass
        a_publier = await self.lire(recu.id)
        if a_publier is not None and a_publier.etat == "PUBLICATION":
            await self._publier(a_publier, rang)
            self.depots.oublier(recu.id)

    async def _analyser(self, recu: Row[Any]) -> bool:
        """Analyse once; False when another analysis came between, so that it must be done again."""
        async with self._seul(NATURES[recu.nature].places(self.settings) > 1):
            async with self.engine.begin() as tx:
                tentative = await store.commencer(tx, recu.id)
            self.depots.oublier_spools(recu.id)
            carnet = Carnet(self.engine, recu.id, tentative)
            try:
                await self._preparer(recu, tentative, carnet)
            except AliasPrisError:
                return False
            except FichierRefuse as refus:
                await carnet.verser(refus.lignes)
                await self._refuser(recu, tentative, refus)
            except (DataError, IntegrityError, ProgrammingError) as erreur:
                await self._refuser_pour_bogue(recu, tentative, erreur)
            except _PANNES:
                raise
            except Exception as erreur:  # noqa: BLE001 - a bug of ours must not stop the imports that follow
                await self._refuser_pour_bogue(recu, tentative, erreur)
        return True

    async def _refuser_pour_bogue(self, recu: Row[Any], tentative: int, erreur: Exception) -> None:
        _log.error("import failed", import_id=recu.id, error=type(erreur).__name__, at=lieu(erreur))
        await self._refuser(recu, tentative, FichierRefuse("INTERNE", _INTERNE))

    async def _refuser(self, recu: Row[Any], tentative: int, refus: FichierRefuse) -> None:
        compte_rendu = CompteRendu()
        compte_rendu.refuser(refus.code, refus.phrase)
        async with self.engine.begin() as tx:
            await store.refuser(tx, recu.id, tentative, compte_rendu.montrer())
        self.depots.oublier(recu.id)
        _log.info("import refused", import_id=recu.id, code=refus.code)

    async def _preparer(self, recu: Row[Any], tentative: int, carnet: Carnet) -> None:
        """The whole analysis in one transaction, committed when the spool is on disk."""
        depot = self.depots.depot(recu.id)
        if not depot.exists():
            raise FichierRefuse("PERDU", _PERDU)
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
            await self._ecrire_la_fin(analyse, tentative, conclusion)
        self.depots.oublier_depot(recu.id)

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

    async def _ecrire_la_fin(self, analyse: Analyse, tentative: int, conclusion: Conclusion) -> None:
        recu, tx = analyse.recu, analyse.tx
        uai = conclusion.uai or recu.uai
        if uai:
            await rejets.situer(tx, recu.id, uai)
        if NATURES[recu.nature].remplace and (conclusion.version is not None or uai is None):
            await rejets.remplacer(tx, recu.session, recu.nature, uai, recu.id)
        await store.vers_publication(
            tx,
            recu.id,
            tentative,
            total=analyse.spool.count,
            uai=uai,
            version=conclusion.version,
            compte_rendu=analyse.compte_rendu.montrer(),
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

    async def _publier(self, recu: Row[Any], rang: int) -> None:
        spool = self.depots.spool(recu.id, recu.tentative)
        if recu.total and not spool.exists():
            await self._perdre(recu)
            return

        async def checkpoint(tx: AsyncConnection, rang: int) -> None:
            await store.checkpoint(tx, recu.id, recu.tentative, rang)

        if recu.checkpoint < (recu.total or 0):
            await self._verifier_session()
            await bulk.publish(
                self.settings,
                self.engine,
                spool,
                source=f"{recu.nature.lower()}.{rang}",
                start=recu.checkpoint,
                checkpoint=checkpoint,
            )
        async with self.engine.begin() as tx:
            await store.terminer(tx, recu.id, recu.tentative)
        _log.info("import done", import_id=recu.id, nature=recu.nature, events=recu.total)

    async def _verifier_session(self) -> None:
        """A producer asked for a topic that does not exist would try for long and say little."""
        if self._ouverte:
            return
        client = admin(self.settings)
        await client.start()
        try:
            existants = set(await client.list_topics())
        finally:
            await client.close()
        prefixe, session = self.settings.topic_prefix, self.settings.session
        attendus = {topic.complet(prefixe, session) for topic in CATALOGUE if topic.proprietaire == "ingest"}
        if not attendus <= existants:
            raise SessionFermeeError(f"session {session} is not open: pilotage session open {session}")
        self._ouverte = True

    async def _perdre(self, recu: Row[Any]) -> None:
        _log.error("spool lost", import_id=recu.id)
        async with self.engine.begin() as tx:
            await store.oublier_publication(tx, recu.id)
        await self._refuser(recu, recu.tentative, FichierRefuse("PERDU", _PERDU))

    @asynccontextmanager
    async def _seul(self, partage: bool) -> AsyncIterator[None]:
        """Wait for one's turn to analyse: alone in the session, or (``partage``) beside one's like."""
        async with nullcontext() if partage else self._tour:
            while True:
                try:
                    async with bulk.exclusive(self.engine, self._verrou("analyse"), shared=partage):
                        yield
                        return
                except BusySourceError:
                    await asyncio.sleep(_ATTENTE_VERROU_S)


def lieu(erreur: Exception) -> str:
    """Where it happened; never the message, which may quote a line of the file."""
    cadres = traceback.extract_tb(erreur.__traceback__)
    return " < ".join(f"{Path(cadre.filename).name}:{cadre.lineno}" for cadre in reversed(cadres[-4:]))


def nom_montrable(nom: str | None, defaut: str) -> str:
    """File name as shown in lists: no path, no control character."""
    court = Path((nom or "").replace("\\", "/")).name
    propre = "".join(lettre for lettre in court if lettre.isprintable())[:120]
    return propre or defaut
