"""Rows of pupils: written by the consumer and by commands with the same functions, under the rows' lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.complements import charger
from services.eleves.sujets import SUJETS, Dit
from shared.db import lignes, outbox, pupils
from shared.domaine.etat import EtatEleve, encoder
from shared.domaine.ligne import ligne

_CODES = tuple(sujet.code for sujet in SUJETS)
_TU = "e.{code}_dit IS NULL AND n.{code}_dit IS NOT DISTINCT FROM CAST(:{code}_silence AS text)"
_DIRE = f"n.{{code}}_dit IS NOT NULL AND n.{{code}}_dit IS DISTINCT FROM e.{{code}}_dit AND NOT ({_TU})"
_SUJET = f"""
    {{code}}_dit = CASE WHEN {_DIRE} THEN n.{{code}}_dit ELSE e.{{code}}_dit END,
    {{code}}_version = CASE WHEN {_DIRE} THEN coalesce(e.{{code}}_version, 0) + 1 ELSE e.{{code}}_version END
"""
_CHANGE = """
    CASE WHEN new.{code}_version IS DISTINCT FROM old.{code}_version THEN new.{code}_version END AS {code}
"""
_ECRIRE = text(
    f"""
    WITH ecrites AS (
    UPDATE eleve e
       SET etat = n.etat, chronologie = coalesce(n.chronologie, e.chronologie), {lignes.AFFECTATIONS}, {
        ", ".join(_SUJET.format(code=c) for c in _CODES)
    }
      FROM unnest(CAST(:eleve_id AS uuid[]), CAST(:etat AS bytea[]), CAST(:chronologie AS bytea[]),
                  {", ".join(f"CAST(:{c}_dit AS text[])" for c in _CODES)}, {lignes.TABLEAUX})
           AS n(eleve_id, etat, chronologie, {", ".join(f"{c}_dit" for c in _CODES)}, {lignes.NOMS})
     WHERE e.eleve_id = n.eleve_id
    RETURNING e.eleve_id, {", ".join(_CHANGE.format(code=c) for c in _CODES)})
    SELECT eleve_id::text, {", ".join(_CODES)} FROM ecrites WHERE num_nonnulls({", ".join(_CODES)}) > 0
    """
)


async def ecrire(
    tx: AsyncConnection,
    etats: Mapping[str, EtatEleve],
    chronologies: Mapping[str, bytes | None] = MappingProxyType({}),
) -> list[Dit]:
    """Write the rows of pupils locked by the caller, from their facts and the registre.

    ``chronologies``: the columns of the pupils whose timeline may have moved; the others keep theirs.
    Returns what is to be published of them, by pupil in the order of ``etats``, then by subject.
    """
    if not etats:
        return []
    complements = await charger(tx, {eleve_id: etat.session for eleve_id, etat in etats.items()})
    rangs = [ligne(etat, complements[eleve_id]) for eleve_id, etat in etats.items()]
    dits = {
        sujet.code: [
            sujet.dire(etat, complements[eleve_id], rang)
            for (eleve_id, etat), rang in zip(etats.items(), rangs, strict=True)
        ]
        for sujet in SUJETS
    }
    parametres: dict[str, Any] = lignes.parametres(rangs)
    parametres["eleve_id"] = list(etats)
    parametres["etat"] = [encoder(etat) for etat in etats.values()]
    parametres["chronologie"] = [chronologies.get(eleve_id) for eleve_id in etats]
    for sujet in SUJETS:
        parametres[f"{sujet.code}_dit"] = [sujet.ecrire(dit) for dit in dits[sujet.code]]
        parametres[f"{sujet.code}_silence"] = sujet.ecrire(sujet.silence)
    nouvelles = {row.eleve_id: row[1:] for row in (await tx.execute(_ECRIRE, parametres)).all()}
    return [
        Dit(sujet, eleve_id, etat.session, dits[sujet.code][i], version)
        for i, (eleve_id, etat) in enumerate(etats.items())
        if eleve_id in nouvelles
        for sujet, version in zip(SUJETS, nouvelles[eleve_id], strict=True)
        if version is not None
    ]


async def verrouiller(tx: AsyncConnection, ids: Sequence[str]) -> dict[str, EtatEleve]:
    """Facts of pupils who exist, their rows locked until the end of ``tx``: before the registre is written."""
    lus = await pupils.charger(tx, sorted(ids))
    return {eleve_id: etat for eleve_id, etat in lus.items() if etat is not None}


async def rafraichir(
    tx: AsyncConnection, etats: Mapping[str, EtatEleve], *, le: datetime, prefixe: str
) -> None:
    """After a command wrote the registre of pupils that it locked: their rows again, and the events due.

    ``etats``: what :func:`verrouiller` returned. ``le``: the time of the command.
    """
    dits = await ecrire(tx, etats)
    await outbox.append(tx, [dit.evenement(le, prefixe) for dit in dits])
