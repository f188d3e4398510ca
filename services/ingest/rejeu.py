"""Correction and replay of rejected lines: those of one import go again through its analysis, as a small import."""

import json
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

from services.ingest import rejets, store
from services.ingest.imports import Imports
from services.ingest.natures import NATURES
from services.ingest.refus import FichierRefuse

LIGNE_MAX = 1 << 20
LOT_MAX = 10_000


async def corriger(imports: Imports, import_id: str, rang: int, ligne: bytes) -> bool:
    """Keep ``ligne`` in place of the rejected one, until it is replayed. Whether there was such a reject.

    Raises:
        FichierRefuse: it cannot be one line of the file.
    """
    propre = _une_ligne(ligne)
    async with imports.engine.begin() as tx:
        return await rejets.corriger(tx, imports.settings.session, import_id, rang, propre)


def _une_ligne(ligne: bytes) -> bytes:
    """A JSON object written over several lines is put on one."""
    propre = ligne.strip()
    if b"\n" in propre or b"\r" in propre:
        try:
            propre = json.dumps(json.loads(propre), ensure_ascii=False).encode()
        except ValueError as erreur:
            raise FichierRefuse(
                "LIGNE", "La correction doit tenir en une ligne, ou être du JSON."
            ) from erreur
    if not propre or len(propre) > LIGNE_MAX:
        raise FichierRefuse("LIGNE", "La correction est vide ou dépasse 1 Mo.")
    return propre


async def rejouer(
    imports: Imports, import_id: str, rangs: Sequence[int] | None, demandeur: str
) -> tuple[str, int] | None:
    """Deposit again the rejects ``rangs`` of an import (None: all that can be), as corrected or as received.

    Returns the id of the small import and how many lines it has; None when there is nothing to replay.
    """
    origine = await imports.lire(import_id)
    if origine is None or not NATURES[origine.nature].rejouable:
        return None
    rejeu = str(uuid4())
    async with imports.engine.begin() as tx:
        lignes = await rejets.a_rejouer(tx, imports.settings.session, import_id, rangs, LOT_MAX)
        if not lignes:
            return None
        contenu = b"".join(valeur + b"\n" for _, valeur in lignes)
        sha256, octets = await imports.depots.recevoir(rejeu, _morceaux(contenu), len(contenu))
        depot = store.Depot(
            id=rejeu,
            session=imports.settings.session,
            nature=origine.nature,
            uai=origine.uai,
            nom_fichier=f"rejets-{import_id[:8]}",
            sha256=sha256,
            octets=octets,
            demandeur=demandeur,
            confirme=True,
            rejeu_de=import_id,
        )
        await store.deposer(tx, depot)
        await rejets.rejouer(tx, import_id, rejeu, [rang for rang, _ in lignes])
    return rejeu, len(lignes)


async def _morceaux(contenu: bytes) -> AsyncIterator[bytes]:
    yield contenu


def explication(rejet: dict[str, object]) -> str:
    """What to do about it, in English, for operators."""
    if rejet["etat"] != "A_TRAITER":
        return _REGLES[str(rejet["etat"])]
    if rejet["rejouable"]:
        return "Correct the line (or the référentiel that it needs), then replay it; or drop it."
    return _SANS_LIGNE.get(str(rejet["nature"]), "Its sender mends it and sends it again; then drop this.")


_SANS_LIGNE = {
    "SIECLE": "The lycée mends the pupil in SIECLE, exports again and deposits the new file, which settles this.",
    "BULLETINS": "The lycée mends it in its gradebook, which sends again: that settles this.",
    "FAITS": "The line is too long or beyond REJETS_MAX: the platform sends it again; then drop this.",
}
_REGLES = {
    "REJEU": "It is being replayed.",
    "REJOUE": "Replayed and taken; its line is erased.",
    "REMPLACE": "A later file of the lycée has settled it.",
    "ABANDONNE": "Given up; its line is erased.",
}
