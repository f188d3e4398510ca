"""Correction and replay of rejected lines: those of one import go again through its analysis, as a small import."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from services.ingest import rejets, store
from services.ingest.imports import Imports
from services.ingest.natures import NATURES
from services.ingest.presentation import conseil
from services.ingest.refus import FichierRefuse
from shared.http.errors import Refus

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
    if origine is None:
        return None
    if not NATURES[origine.nature].rejouable:
        return await _reprendre(imports, origine, demandeur)
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


async def _reprendre(imports: Imports, origine: Row[Any], demandeur: str) -> tuple[str, int] | None:
    """The whole file again: what was taken changes nothing, what was refused may be taken now.

    Raises:
        Refus: 409, a later file says otherwise.
    """
    session, depots, rejeu = imports.settings.session, imports.depots, str(uuid4())
    if origine.etat != "TERMINE" or not depots.garde(origine.id).exists():
        return None
    async with imports.engine.begin() as tx:
        combien = await rejets.tout_rejouer(tx, session, origine.id, rejeu)
        if not combien:
            return None
        if await rejets.depasse(tx, session, origine.id):
            raise Refus(
                409, "fichier_depasse", "Un fichier plus récent a été pris : c’est lui qu’il faut corriger."
            )
        depot = store.Depot(
            id=rejeu,
            session=session,
            nature=origine.nature,
            uai=origine.uai,
            nom_fichier=origine.nom_fichier,
            sha256=origine.sha256,
            octets=depots.reprendre(origine.id, rejeu),
            demandeur=demandeur,
            confirme=True,
            rejeu_de=origine.id,
        )
        await store.deposer(tx, depot)
    return rejeu, combien


async def _morceaux(contenu: bytes) -> AsyncIterator[bytes]:
    yield contenu


def explication(rejet: dict[str, object]) -> str:
    """What to do about it, in English, for operators."""
    if rejet["etat"] != "A_TRAITER":
        return _REGLES[str(rejet["etat"])]
    if rejet["rejouable"]:
        mode = NATURES[str(rejet["nature"])].rejouable
        return _LIGNE if mode else _FICHIER.format(ou=_OU.get(str(rejet["nature"]), _OU_AUTRE))
    return _SANS_LIGNE.get(str(rejet["nature"]), "Its sender mends it and sends it again; then drop this.")


def situer(imports: Imports, rejet: dict[str, Any]) -> dict[str, Any]:
    """The reject with whether it can be replayed, also when that takes its whole file, and what to do about it."""
    garde = not NATURES[rejet["nature"]].rejouable and imports.depots.garde(rejet["import_id"]).exists()
    dit = {**rejet, "rejouable": rejet["rejouable"] or (garde and rejet["etat"] == "A_TRAITER")}
    return {**dit, "explication": explication(dit)}


def corrigeable(nature: str) -> None:
    """Whether a line of this nature can be corrected here.

    Raises:
        Refus: 409, with where it is corrected.
    """
    if not NATURES[nature].rejouable:
        phrase = f"Une ligne de ce fichier ne se corrige pas ici : {conseil(nature)}"
        raise Refus(409, "correction_a_la_source", phrase)


_LIGNE = "Correct the line (or the référentiel that it needs), then replay it; or drop it."
_FICHIER = (
    "Correct it {ou}; a later file settles this. If the line is right and something else was missing (a référentiel, a"
    " pupil, the answer to a task), replay: the whole file is taken again, what was taken changes nothing."
)
_OU = {"SIECLE": "in SIECLE and export again", "BULLETINS": "in the gradebook, which sends again"}
_OU_AUTRE = "in the file and deposit it again, whole"
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
