"""Following a merge: what was typed goes where the pupil went, his row and what is said of him with it."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.bourses import registre as bourses
from services.eleves.cordees import registre as cordees
from services.eleves.reunions import registre
from shared.reunions import Reunion, suivant

ACTE = "REUNION"
"""In the history of what was moved."""
_TRACEURS = {"BOURSE": bourses.tracer, "CORDEES": cordees.tracer}


async def suivre(tx: AsyncConnection, reunion: Reunion, prefixe: str) -> None:
    """One merge, or one that was taken back."""
    session, de, vers = reunion.session, reunion.perdant, reunion.survivant
    tenues = {ligne.porteur for ligne in await registre.venues(tx, session, de)} if reunion.reprise else set()
    etats = await lignes.verrouiller(tx, sorted({de, vers, *tenues}))
    if reunion.reprise:
        await registre.rendre(tx, session, de, vers)
    await registre.deplacer(tx, session, de, vers)
    await lignes.rafraichir(tx, etats, le=datetime.now(UTC), prefixe=prefixe)
    for objet in sorted(await registre.mouvees(tx, session, de, vers)):
        await _TRACEURS[objet](tx, session, [vers], ACTE)


suivre_les_reunions = suivant(suivre)
