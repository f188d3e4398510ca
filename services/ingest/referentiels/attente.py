"""Vœux whose formation is not known yet: a fact before its formation waits for it, as one before its pupil does."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.candidats import feed
from services.ingest.candidats.sortants import Sortant, preparer
from services.ingest.identity import Cles, Nature, Nom

_SANS_NUMERO = "-"
_encoder = msgspec.msgpack.Encoder().encode
_decodeur = msgspec.msgpack.Decoder(feed.Voeu)
_RETENIR = text(
    """
    INSERT INTO registre.voeu_en_attente (session, formation_id, dossier, sujet, sequence, cle, fait)
    SELECT :session, o, d, s, n, :cle, f
      FROM unnest(CAST(:formations AS text[]), CAST(:dossiers AS bytea[]), CAST(:sujets AS text[]),
                  CAST(:sequences AS bigint[]), CAST(:faits AS bytea[])) AS t(o, d, s, n, f)
    ON CONFLICT DO NOTHING
    """
)
_LIBERER = text(
    """
    WITH pris AS (
        UPDATE registre.voeu_en_attente SET libere_par = CAST(:import_id AS uuid)
         WHERE session = :session AND formation_id = ANY(CAST(:formations AS text[])) AND libere_par IS NULL
        RETURNING dossier, cle, sequence, fait)
    SELECT p.dossier, p.cle, p.fait, a.eleve_id::text AS eleve_id, a.empreinte IS NOT NULL AS connu
      FROM pris p LEFT JOIN registre.alias a ON a.session = :session AND a.empreinte = p.dossier
     WHERE NOT EXISTS (SELECT 1 FROM registre.hors_perimetre h WHERE h.session = :session AND h.dossier = p.dossier)
     ORDER BY p.sequence
    """
)
_PARQUER = text(
    """
    INSERT INTO registre.parking (session, dossier, cle, sujet, sequence, fait)
    SELECT :session, * FROM unnest(CAST(:dossiers AS bytea[]), CAST(:cles AS smallint[]), CAST(:sujets AS text[]),
                                   CAST(:sequences AS bigint[]), CAST(:faits AS bytea[]))
    ON CONFLICT DO NOTHING
    """
)
_COMPTER = text(
    """
    SELECT formation_id, count(*) AS faits, min(depose_le) AS depuis FROM registre.voeu_en_attente
     WHERE session = :session AND libere_par IS NULL GROUP BY formation_id ORDER BY 2 DESC, 1 LIMIT :limite
    """
)


class AAttendre(NamedTuple):
    numero: str
    fait: feed.Voeu


class Liberes(NamedTuple):
    """``sortants``: with the pupil of each. ``parques``: those whose pupil is not known yet either."""

    sortants: list[tuple[str, Sortant]]
    parques: int


async def retenir(tx: AsyncConnection, cles: Cles, session: int, voeux: Sequence[AAttendre]) -> None:
    if not voeux:
        return
    faits = [msgspec.structs.replace(v.fait, numero_dossier=_SANS_NUMERO) for v in voeux]
    await tx.execute(
        _RETENIR,
        {
            "session": session,
            "cle": cles.courante,
            "formations": [fait.formation_id for fait in faits],
            "dossiers": [cles.empreinte(Nom(Nature.DOSSIER, v.numero)) for v in voeux],
            "sujets": [f"{fait.voeu_id}/{fait.sous_voeu_id or ''}" for fait in faits],
            "sequences": [fait.sequence for fait in faits],
            "faits": [_encoder(fait) for fait in faits],
        },
    )


async def liberer(tx: AsyncConnection, session: int, import_id: str, formations: Collection[str]) -> Liberes:
    """Take out the vœux on ``formations``, which the context's référentiel knows; park those without a pupil."""
    valeurs = {"session": session, "import_id": import_id, "formations": list(formations)}
    lignes = (await tx.execute(_LIBERER, valeurs)).all()
    prets = [(ligne, preparer(_decodeur.decode(ligne.fait))) for ligne in lignes]
    a_parquer = [(ligne, sortant) for ligne, sortant in prets if not ligne.connu]
    await _parquer(tx, session, a_parquer)
    sortants = [(ligne.eleve_id, sortant) for ligne, sortant in prets if ligne.eleve_id is not None]
    return Liberes(sortants, len(a_parquer))


async def _parquer(tx: AsyncConnection, session: int, faits: Sequence[tuple[Row[Any], Sortant]]) -> None:
    if not faits:
        return
    await tx.execute(
        _PARQUER,
        {
            "session": session,
            "dossiers": [ligne.dossier for ligne, _ in faits],
            "cles": [ligne.cle for ligne, _ in faits],
            "sujets": [sortant.sujet for _, sortant in faits],
            "sequences": [sortant.version for _, sortant in faits],
            "faits": [sortant.emballer() for _, sortant in faits],
        },
    )


async def attendues(tx: AsyncConnection, session: int, limite: int = 100) -> list[Mapping[str, Any]]:
    """Formations that vœux wait for, with how many facts and since when."""
    lignes = await tx.execute(_COMPTER, {"session": session, "limite": limite})
    return [dict(ligne) for ligne in lignes.mappings()]
