"""One deposit for all that a lycée's administration sends: its content says which file it is."""

import asyncio

from services.ingest.contexte import Analyse, Conclusion
from services.ingest.dispositifs.analyse import analyser_dispositifs
from services.ingest.readers.archive import ouvrir
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.siecle import analyse as siecle
from services.ingest.siecle.lecture import FORMATS, limites
from services.ingest.structures.analyse import analyser_structures, analyser_tables


async def analyser(analyse: Analyse) -> Conclusion:
    """Hand the file to the theme that reads it. Raises FichierRefuse when none does."""
    genre = await asyncio.to_thread(_genre, analyse)
    if genre in FORMATS:
        return await siecle.analyser(analyse)
    if genre is Genre.STRUCTURES:
        return await analyser_structures(analyse)
    if genre is Genre.DISPOSITIFS:
        return await analyser_dispositifs(analyse)
    return await analyser_tables(analyse, genre)


def _genre(analyse: Analyse) -> Genre:
    with ouvrir(analyse.depot, limites(analyse.settings)) as flux:
        return reconnaitre(flux)[0]
