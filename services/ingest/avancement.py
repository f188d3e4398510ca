"""SQL of the steps of imports, several at a time: started, analysed, published so far, ended.

Every step is that of one ``tentative``: a later start of the same import has taken over.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import lignes, rejets


class TentativePerimeeError(Exception):
    """A later start of the same import has taken over: this one must stop."""


class Analysee(NamedTuple):
    """End of an analysis. ``total``: events to publish."""

    import_id: str
    tentative: int
    total: int
    uai: str | None
    version: int | None
    compte_rendu: Mapping[str, Any]


class Avancee(NamedTuple):
    """``rang``: so many events of the import are published."""

    import_id: str
    tentative: int
    rang: int


_COMMENCER = text(
    """
    UPDATE registre.import
       SET etat = 'ANALYSE', tentative = tentative + 1, checkpoint = 0, octets_lus = 0, total = NULL,
           questions = NULL, phase_le = now(), modifie_le = now()
     WHERE id = ANY(CAST(:ids AS uuid[])) AND etat IN ('DEPOSE', 'ANALYSE')
    RETURNING CAST(id AS text), tentative
    """
)
_PUBLIER = text(
    """
    UPDATE registre.import AS i
       SET etat = 'PUBLICATION', total = t.total, checkpoint = 0, uai = t.uai, version = t.version,
           compte_rendu = CAST(t.compte_rendu AS jsonb), octets_lus = octets, phase_le = now(),
           modifie_le = now()
      FROM unnest(CAST(:ids AS uuid[]), CAST(:tentatives AS integer[]), CAST(:totaux AS bigint[]),
                  CAST(:uais AS text[]), CAST(:versions AS bigint[]), CAST(:comptes_rendus AS text[]))
           AS t(id, tentative, total, uai, version, compte_rendu)
     WHERE i.id = t.id AND i.tentative = t.tentative AND etat = 'ANALYSE'
    """
)
_AVANCER = text(
    """
    UPDATE registre.import AS i SET checkpoint = t.rang, modifie_le = now()
      FROM unnest(CAST(:ids AS uuid[]), CAST(:tentatives AS integer[]), CAST(:rangs AS bigint[]))
           AS t(id, tentative, rang)
     WHERE i.id = t.id AND i.tentative = t.tentative AND etat = 'PUBLICATION'
    """
)
_TERMINER = text(
    """
    UPDATE registre.import AS i SET etat = 'TERMINE', checkpoint = total, modifie_le = now(),
           compte_rendu = jsonb_set(compte_rendu, '{compteurs,publies}', to_jsonb(total))
      FROM unnest(CAST(:ids AS uuid[]), CAST(:tentatives AS integer[])) AS t(id, tentative)
     WHERE i.id = t.id AND i.tentative = t.tentative AND etat = 'PUBLICATION'
    """
)
_DEPARQUER = (
    text("DELETE FROM registre.parking WHERE libere_par = ANY(CAST(:ids AS uuid[]))"),
    text("DELETE FROM registre.voeu_en_attente WHERE libere_par = ANY(CAST(:ids AS uuid[]))"),
)


async def commencer(tx: AsyncConnection, ids: Collection[str]) -> dict[str, int]:
    """A new start of each analysis; earlier ones are fenced. Returns their numbers."""
    commencees = (await tx.execute(_COMMENCER, {"ids": list(ids)})).all()
    tentatives: dict[str, int] = {import_id: tentative for import_id, tentative in commencees}  # noqa: C416 - rows
    if len(tentatives) != len(ids):
        raise TentativePerimeeError
    await lignes.oublier(tx, {un: tentative for un, tentative in tentatives.items() if tentative > 1})
    return tentatives


async def vers_publication(tx: AsyncConnection, analyses: Sequence[Analysee]) -> None:
    """End of analyses; in their transaction, so that what they wrote stands or falls with it."""
    ids, tentatives, totaux, uais, versions, comptes_rendus = zip(*analyses, strict=True)
    valeurs = {
        "ids": ids,
        "tentatives": tentatives,
        "totaux": totaux,
        "uais": uais,
        "versions": versions,
        "comptes_rendus": [msgspec.json.encode(montre).decode() for montre in comptes_rendus],
    }
    await _toutes(tx, _PUBLIER, valeurs)


async def avancer(tx: AsyncConnection, avancees: Sequence[Avancee]) -> None:
    ids, tentatives, rangs = zip(*avancees, strict=True)
    await _toutes(tx, _AVANCER, {"ids": ids, "tentatives": tentatives, "rangs": rangs})


async def terminer(tx: AsyncConnection, tentatives: Mapping[str, int]) -> None:
    """All their events are published; what they released is no longer parked."""
    ids = list(tentatives)
    await _toutes(tx, _TERMINER, {"ids": ids, "tentatives": list(tentatives.values())})
    for statement in _DEPARQUER:
        await tx.execute(statement, {"ids": ids})
    await rejets.regler(tx, ids)


async def _toutes(tx: AsyncConnection, statement: TextClause, valeurs: Mapping[str, Any]) -> None:
    if (await tx.execute(statement, valeurs)).rowcount != len(valeurs["ids"]):
        raise TentativePerimeeError
