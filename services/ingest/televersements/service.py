"""Uploads in pieces: announced, received, verified, then deposited like any other file.

What is stored as received was fsynced before, so whatever dies the upload goes on from there. A
second writer takes the place of the first, which then only held a connection that nobody feeds.
"""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Row
from starlette.requests import ClientDisconnect

from services.ingest import store as imports_store
from services.ingest.calendrier.vie import exiger_ouverte
from services.ingest.imports import Imports, nom_montrable
from services.ingest.natures import NATURES
from services.ingest.televersements import store
from services.ingest.televersements.domain import Annonce, Etat
from services.ingest.televersements.fichier import Ecrivain, OccupeError, seul, sha256
from services.ingest.televersements.flux import jusqu_a
from services.ingest.televersements.refus import decale, deja_recu, exiger_entier, occupe
from shared.http.errors import Refus, introuvable

_log = structlog.get_logger()
_DURABLE = 16 << 20
_CEDER_S = 5.0
_MARGE_DISQUE = 256 << 20
_SUFFIXE = ".televersement"


class Televersements:
    """The uploads of one service; ``running.resources["televersements"]``."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports
        self._reglages = imports.settings
        self._engine = imports.engine
        self._arrets: dict[str, asyncio.Event] = {}
        self._sommes: dict[str, tuple[int, Any]] = {}

    async def ouvrir(self, demandeur: str, annonce: Annonce) -> tuple[Row[Any], bool]:
        """A new upload, or the one already open for the same file (True): a client need not remember it.

        Raises:
            Refus: 413 too large, 422 unknown nature, 429 too many at once, 507 no room on disk.
        """
        nature = NATURES.get(annonce.nature)
        if nature is None:
            raise Refus(422, "nature", "Cette nature de fichier n’existe pas.")
        if annonce.octets > (maximum := nature.maximum(self._reglages)):
            raise Refus(413, "trop_gros", f"Le fichier dépasse {maximum >> 20} Mo.")
        session = self._reglages.session
        async with self._engine.begin() as tx:
            deja = await store.ouvert(tx, session, demandeur, annonce)
            if deja is not None:
                return deja, True
            if await store.combien(tx, demandeur) >= self._reglages.televersements_max:
                phrase = "Trop d’envois sont ouverts à la fois : terminez-en ou annulez-en un."
                raise Refus(429, "trop_d_envois", phrase)
            self._exiger_place(annonce.octets)
            neuf = await store.ouvrir(
                tx,
                str(uuid4()),
                annonce,
                session=session,
                demandeur=demandeur,
                duree=self._reglages.televersement_ttl_s,
            )
        return neuf, False

    def _exiger_place(self, octets: int) -> None:
        self._imports.depots.ouvrir()
        if shutil.disk_usage(self._imports.depots.racine).free < octets + _MARGE_DISQUE:
            raise Refus(507, "plus_de_place", "Il n’y a plus de place pour ce fichier. Réessayez plus tard.")

    async def lire(self, demandeur: str, identifiant: str) -> Row[Any]:
        """An upload of this caller; somebody else's does not exist."""
        async with self._engine.connect() as tx:
            ligne = await store.lire(tx, self._reglages.session, identifiant)
        if ligne is None or ligne.demandeur != demandeur:
            raise introuvable()
        return ligne

    async def recevoir(
        self, demandeur: str, identifiant: str, offset: int, morceaux: AsyncIterator[bytes], *, essai: bool
    ) -> Row[Any]:
        """Append ``morceaux`` at ``offset``; when the file is whole it is verified and deposited.

        Raises:
            Refus: 400 more than announced, 408 the client hangs, 409 not the offset or taken over,
                410 closed, 422 the sum is not the announced one.
        """
        ligne = await self.lire(demandeur, identifiant)
        if deja_recu(ligne, offset):
            return ligne
        self._ceder(identifiant)
        try:
            async with seul(self._chemin(identifiant), _CEDER_S) as descripteur:
                ligne = await self.lire(demandeur, identifiant)
                if deja_recu(ligne, offset):
                    return ligne
                if ligne.recus != offset:
                    raise decale(ligne.recus, offset)
                if offset < ligne.octets:
                    await self._ecrire(ligne, descripteur, morceaux)
                    ligne = await self.lire(demandeur, identifiant)
                if ligne.etat == Etat.EN_COURS and ligne.recus == ligne.octets:
                    await self._deposer(ligne, essai=essai)
        except OccupeError as erreur:
            raise occupe() from erreur
        return await self.lire(demandeur, identifiant)

    def _ceder(self, identifiant: str) -> None:
        """Ask whoever writes this upload in this process to stop where he is."""
        if arret := self._arrets.get(identifiant):
            arret.set()

    async def _ecrire(self, ligne: Row[Any], descripteur: int, morceaux: AsyncIterator[bytes]) -> None:
        exiger_entier(self._chemin(ligne.id), ligne.recus)
        ecrivain = Ecrivain(descripteur, ligne.recus, self._reprendre_somme(ligne))
        async with self._arret(ligne.id) as arret:
            assis = ligne.recus
            try:
                async for morceau in jusqu_a(morceaux, arret, self._reglages.body_timeout_s):
                    if ecrivain.position + len(morceau) > ligne.octets:
                        raise Refus(400, "trop_d_octets", "Il est venu plus d’octets qu’annoncé.")
                    ecrivain.ecrire(morceau)
                    if ecrivain.position - assis >= _DURABLE:
                        assis = await self._asseoir(ligne.id, ecrivain)
            except ClientDisconnect:
                _log.info("upload interrupted", upload=ligne.id)
            finally:
                await self._asseoir(ligne.id, ecrivain)

    async def _asseoir(self, identifiant: str, ecrivain: Ecrivain) -> int:
        recus = await ecrivain.asseoir()
        async with self._engine.begin() as tx:
            await store.avancer(tx, identifiant, recus, self._reglages.televersement_ttl_s)
        if ecrivain.somme is not None:
            self._sommes[identifiant] = recus, ecrivain.somme
        return recus

    def _reprendre_somme(self, ligne: Row[Any]) -> Any | None:
        """The sum so far, when this process has seen every byte; else the file is read again at the end."""
        if ligne.recus == 0:
            return hashlib.sha256()
        jusqu_ou, somme = self._sommes.pop(ligne.id, (-1, None))
        return somme if jusqu_ou == ligne.recus else None

    async def _deposer(self, ligne: Row[Any], *, essai: bool) -> None:
        """The whole file is there: verify it, then one transaction makes it an import of the same id."""
        chemin, depot = self._chemin(ligne.id), self._imports.depots.depot(ligne.id)
        jusqu_ou, somme = self._sommes.pop(ligne.id, (-1, None))
        lieu = depot if depot.exists() else chemin
        trouvee = somme.hexdigest() if jusqu_ou == ligne.octets else await asyncio.to_thread(sha256, lieu)
        if trouvee != ligne.sha256:
            await self._clore(ligne.id, Etat.REFUSE)
            raise Refus(
                422, "somme", "Le fichier reçu n’est pas celui annoncé (sha256) : recommencez l’envoi."
            )
        if lieu is chemin:
            chemin.replace(depot)
        else:
            chemin.unlink(missing_ok=True)
        async with self._engine.begin() as tx:
            await exiger_ouverte(tx, ligne.session)
            if await store.clore(tx, ligne.id, Etat.RECU):
                await imports_store.deposer(tx, _depot(ligne, essai=essai))

    async def annuler(self, demandeur: str, identifiant: str) -> None:
        """Forget an upload that is not whole; harmless when it is already closed."""
        await self.lire(demandeur, identifiant)
        self._ceder(identifiant)
        await self._clore(identifiant, Etat.ANNULE)

    async def perimer(self) -> int:
        """Forget the uploads that nobody goes on with; how many."""
        async with self._engine.begin() as tx:
            perimes = await store.perimer(tx)
        for identifiant in perimes:
            self._oublier(identifiant)
        return len(perimes)

    async def _clore(self, identifiant: str, etat: Etat) -> None:
        async with self._engine.begin() as tx:
            clos = await store.clore(tx, identifiant, etat)
        if clos:
            self._oublier(identifiant)

    def _oublier(self, identifiant: str) -> None:
        self._sommes.pop(identifiant, None)
        self._chemin(identifiant).unlink(missing_ok=True)

    def _chemin(self, identifiant: str) -> Path:
        return self._imports.depots.racine / f"{identifiant}{_SUFFIXE}"

    @asynccontextmanager
    async def _arret(self, identifiant: str) -> AsyncIterator[asyncio.Event]:
        arret = self._arrets[identifiant] = asyncio.Event()
        try:
            yield arret
        finally:
            if self._arrets.get(identifiant) is arret:
                del self._arrets[identifiant]


def _depot(ligne: Row[Any], *, essai: bool) -> imports_store.Depot:
    return imports_store.Depot(
        id=ligne.id,
        session=ligne.session,
        nature=ligne.nature,
        uai=ligne.uai,
        nom_fichier=nom_montrable(ligne.nom_fichier, NATURES[ligne.nature].nom_defaut),
        sha256=ligne.sha256,
        octets=ligne.octets,
        demandeur=ligne.demandeur,
        confirme=ligne.confirme,
        essai=essai,
    )
