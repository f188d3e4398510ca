"""The queue of imports: deposited file → analysis → spool → publication with checkpoints → end.

A few imports at a time per nature and place, in the order of deposit of each lycée. Whatever dies, the
next turn goes on: DEPOSE and ANALYSE start the analysis again from the file, PUBLICATION goes on from
its checkpoint with the spool. ESSAI and A_CONFIRMER wait for somebody's command.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest import rejets, store
from services.ingest.analyses import ATTENTE_VERROU_S, Analyses
from services.ingest.depots import Depots
from services.ingest.ensembles import Ensembles
from services.ingest.natures import NATURES
from services.ingest.places import Place, prendre_place
from services.ingest.publications import Publications
from services.ingest.settings import IngestSettings
from shared.kafka.bulk import BusySourceError, Publisher

FINIS = frozenset({"TERMINE", "REFUSE", "ESSAI", "A_CONFIRMER", "ANNULE", "EXPIRE"})
"""States that nothing but somebody's command leaves."""
EN_ATTENTE = frozenset({"ESSAI", "A_CONFIRMER"})
"""Those among them whose file is kept for that command."""


class Imports:
    """Runs deposited imports. One instance per process and session."""

    def __init__(self, settings: IngestSettings, engine: AsyncEngine) -> None:
        self.settings = settings
        self.engine = engine
        self.depots = Depots(settings.spool_dir)
        self.analyses = Analyses(settings, engine, self.depots)
        self.ensembles = Ensembles(self.analyses)
        self.publications = Publications(settings, engine, self.depots)

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
        async with (
            prendre_place(self.engine, self.analyses.verrou(nature), places) as place,
            self.publications.ouvrir(nature, place.rang) as publieur,
        ):
            while await self._quelques(nature, place, publieur):
                pass

    async def _quelques(self, nature: str, place: Place, publieur: Publisher) -> bool:
        """Bring the next imports to their end, as many as go together; False when none is left for this place."""
        lot = NATURES[nature].lot(self.settings)
        async with self.engine.connect() as tx:
            suivants = await store.suivants(
                tx, self.settings.session, nature, lot * NATURES[nature].places(self.settings)
            )
        if not suivants:
            return False
        async with place.tenir(suivants, lot) as tenus:
            recus = [recu for recu in await self.lire_plusieurs(tenus) if recu.etat not in FINIS]
            if recus:
                await self._traiter(recus, publieur)
            return bool(tenus)

    async def attendre(self, import_id: str, nature: str) -> Row[Any]:
        """Same, and wait for ``import_id`` even when another process does the work."""
        while True:
            try:
                await self.avancer(nature)
            except BusySourceError:
                await asyncio.sleep(ATTENTE_VERROU_S)
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
            self.depots.oublier_depot(import_id)
        return annule

    async def expirer(self) -> int:
        """Forget what nobody answered in time; how many."""
        async with self.engine.begin() as tx:
            expires = await store.expirer(tx, self.settings.session)
        for import_id in expires:
            self.depots.oublier_depot(import_id)
        return len(expires)

    async def menage(self) -> int:
        """Delete the files that no import needs; how many."""
        async with self.engine.connect() as tx:
            a_garder = await store.a_garder(tx)
            rejetes = await rejets.imports_en_attente(tx, self.settings.session)
        return self.depots.menage(a_garder, rejetes, self.settings.rejets_fichier_jours)

    async def lire(self, import_id: str) -> Row[Any] | None:
        return next(iter(await self.lire_plusieurs([import_id])), None)

    async def lire_plusieurs(self, ids: Sequence[str]) -> Sequence[Row[Any]]:
        """In the order of their deposit."""
        async with self.engine.connect() as tx:
            return await store.lire_plusieurs(tx, self.settings.session, ids)

    async def en_attente(self) -> list[str]:
        """Natures that have work to do."""
        async with self.engine.connect() as tx:
            return await store.en_attente(tx, self.settings.session)

    async def _traiter(self, recus: Sequence[Row[Any]], publieur: Publisher) -> None:
        """What fails is raised once the others are published."""
        a_analyser = [recu for recu in recus if recu.etat != "PUBLICATION"]
        echecs: list[Exception] = []
        for recu in await self.ensembles.analyser(a_analyser):
            try:
                while not await self.analyses.analyser(recu):
                    pass
            except Exception as erreur:  # noqa: BLE001 - raised below
                echecs.append(erreur)
        analyses = await self.lire_plusieurs([recu.id for recu in recus])
        await self.publications.publier([recu for recu in analyses if recu.etat == "PUBLICATION"], publieur)
        if echecs:
            raise echecs[0]


def nom_montrable(nom: str | None, defaut: str) -> str:
    """File name as shown in lists: no path, no control character."""
    court = Path((nom or "").replace("\\", "/")).name
    propre = "".join(lettre for lettre in court if lettre.isprintable())[:120]
    return propre or defaut
