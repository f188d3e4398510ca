"""Deposit of a file, by HTTP or by the command line: durable on disk, then a row that says so."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

from services.ingest import store
from services.ingest.calendrier.vie import exiger_ouverte
from services.ingest.imports import Imports, nom_montrable
from services.ingest.natures import NATURES


async def deposer(
    imports: Imports,
    nature: str,
    morceaux: AsyncIterator[bytes],
    nom: Callable[[], str],
    *,
    demandeur: str,
    uai: str | None = None,
    confirme: bool = False,
    essai: bool = False,
) -> str:
    """Id of the import. ``nom`` is asked for after the bytes, when an upload has told it.

    ``essai``: a dry run first, whose file waits to be integrated.

    Raises:
        FichierRefuse: empty or too large.
        Refus: 409, the session is not open.
    """
    reglages = imports.settings
    async with imports.engine.connect() as tx:
        await exiger_ouverte(tx, reglages.session)
    import_id = str(uuid4())
    maximum = NATURES[nature].maximum(reglages)
    sha256, octets = await imports.depots.recevoir(import_id, morceaux, maximum)
    depot = store.Depot(
        id=import_id,
        session=reglages.session,
        nature=nature,
        uai=uai,
        nom_fichier=nom_montrable(nom(), NATURES[nature].nom_defaut),
        sha256=sha256,
        octets=octets,
        demandeur=demandeur,
        confirme=confirme,
        essai=essai,
    )
    async with imports.engine.begin() as tx:
        await exiger_ouverte(tx, reglages.session)
        await store.deposer(tx, depot)
    return import_id
