"""A session's référentiels as held in memory, read again when their version has changed."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.nomenclatures import Famille, Formation, Mef, formations
from shared.nomenclatures.complement import AUCUN, Complement
from shared.nomenclatures.mef import serie_du_mefstat11

FORMATION, ETABLISSEMENT, MEF = "formation", "etablissement", "mef"
_VERSIONS = text("SELECT objet, version FROM registre.referentiel WHERE session = :session")
_FORMATIONS = text("SELECT * FROM registre.formation WHERE session = :session")
_ACADEMIES = text("SELECT uai, academie FROM registre.etablissement WHERE session = :session")
_MEFS = text("SELECT mef, mefstat11, libelle, fermeture FROM registre.mef WHERE session = :session")
_TENUS: WeakKeyDictionary[Any, dict[int, tuple[Mapping[str, int], Complement]]] = WeakKeyDictionary()
"""By engine, then by session: versions read, and what they gave."""


async def complement(tx: AsyncConnection, session: int) -> Complement:
    """What the référentiels of ``session`` say, as ``tx`` sees them."""
    versions = {ligne.objet: ligne.version for ligne in await tx.execute(_VERSIONS, {"session": session})}
    if not versions:
        return AUCUN
    tenus = _TENUS.setdefault(tx.sync_engine, {})
    connues, tenu = tenus.get(session, ({}, AUCUN))
    if connues == versions:
        return tenu
    change = {objet for objet in versions if versions[objet] != connues.get(objet)}
    neuf = Complement(
        await _formations(tx, session) if FORMATION in change else tenu.formations,
        await _academies(tx, session) if ETABLISSEMENT in change else tenu.academies,
        await _mefs(tx, session) if MEF in change else tenu.mefs,
    )
    tenus[session] = (versions, neuf)
    return neuf


async def _formations(tx: AsyncConnection, session: int) -> dict[str, Formation]:
    lignes = await tx.execute(_FORMATIONS, {"session": session})
    return {ligne.formation_id: _formation(ligne) for ligne in lignes}


def _formation(ligne: Row[Any]) -> Formation:
    connue = formations().get(ligne.formation_id)
    return Formation(
        ligne.formation_id,
        ligne.uai or "",
        ligne.etablissement,
        ligne.libelle,
        Famille(ligne.famille),
        ligne.groupe,
        ligne.selective,
        ligne.academie,
        ligne.capacite or 0,
        connue.candidats if connue else 0,
        connue.part_boursiers if connue else None,
        connue.taux_acces if connue else None,
        ligne.version,
    )


async def _academies(tx: AsyncConnection, session: int) -> dict[str, str]:
    return {ligne.uai: ligne.academie for ligne in await tx.execute(_ACADEMIES, {"session": session})}


async def _mefs(tx: AsyncConnection, session: int) -> dict[str, Mef | None]:
    return {ligne.mef: _mef(ligne) for ligne in await tx.execute(_MEFS, {"session": session})}


def _mef(ligne: Row[Any]) -> Mef | None:
    serie = serie_du_mefstat11(ligne.mefstat11)
    if serie is None:
        return None
    fermeture = ligne.fermeture.isoformat() if ligne.fermeture else ""
    return Mef(ligne.mef, ligne.mefstat11, ligne.libelle, fermeture, serie)
