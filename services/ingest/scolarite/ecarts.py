"""What the files said of a lycée since its remontée was closed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite import remontee
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import ecart_gele
from services.ingest.siecle.entete import PARIS

_PHRASES: Mapping[str, str] = {
    "codes_bourse": "La bourse de SIECLE a changé après la clôture de la remontée : elle n’est pas reprise. Certifiez "
    "la bourse de l’élève dans Pilotage.",
    "dispositif": "Le dispositif des Cordées de la réussite a changé dans SIECLE après la clôture de la remontée : il "
    "n’est pas repris. Saisissez-le dans Pilotage.",
    "cordees": "L’inscription aux Cordées de la réussite a changé dans SIECLE après la clôture de la remontée : elle "
    "n’est pas reprise. Saisissez-la dans Pilotage.",
}
_ARRIVE = (
    "L’élève est arrivé après la clôture de la remontée : il est suivi, sans compter dans le vivier initial."
)
_PARTI = "L’élève a quitté le lycée après la clôture de la remontée : il reste compté dans le vivier initial."


async def ecarts(tx: AsyncConnection, session: int, uai: str) -> dict[str, Any]:
    """What the files said since the closing: Cordées and bourse not applied, arrivals, departures."""
    etat = (await tx.execute(remontee.ETAT, {"session": session, "uai": uai})).mappings().one_or_none()
    if etat is None or not etat["close"]:
        return {"uai": uai, "close": False, "ecarts": []}
    figes = set((await tx.execute(remontee.ELEVES_FIGES, {"session": session, "uai": uai})).scalars())
    geles = set((await tx.execute(remontee.ELEVES_GELES, {"session": session, "uai": uai})).scalars())
    presents = await remontee.presents_de(tx, session, uai)
    siecle = await scolarites.lire(tx, session, sorted(geles))
    trouves = [
        _ecart(eleve_id, champ, _PHRASES[champ], fige, lu, applique=False, version=inscrite.version)
        for eleve_id, par_uai in sorted(siecle.items())
        if (inscrite := par_uai.get(uai)) is not None
        for champ, (fige, lu) in ecart_gele(inscrite).items()
    ]
    stampes = await scolarites.viviers(tx, session, sorted(presents))
    trouves += [
        _ecart(e, "arrivee", _ARRIVE, None, None, applique=True) for e in sorted(presents) if e not in stampes
    ]
    trouves += [
        _ecart(e, "depart", _PARTI, None, None, applique=True) for e in sorted(figes) if e not in presents
    ]
    return {"uai": uai, "close": True, "close_le": etat["le"].isoformat(), "ecarts": trouves}


def _ecart(
    eleve_id: str, quoi: str, phrase: str, fige: Any, lu: Any, *, applique: bool, version: int | None = None
) -> dict[str, Any]:
    """``version``: HORODATAGE of the file that says so, µs."""
    quand = datetime.fromtimestamp(version / 1_000_000, UTC).astimezone(PARIS) if version else None
    return {
        "eleve_id": eleve_id,
        "quoi": quoi,
        "a_la_cloture": fige,
        "dans_siecle": lu,
        "applique": applique,
        "fichier_du": quand.isoformat() if quand else None,
        "phrase": phrase,
    }
