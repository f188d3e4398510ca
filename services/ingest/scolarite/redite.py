"""The second step of a merge: what is on the log of the loser is told again under the survivor."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.settings import IngestSettings
from shared.db import outbox
from shared.events import topics as t
from shared.events.enveloppe import TYPE_PREFIX, Evenement, entete, identifiant
from shared.kafka.partition import partition_de
from shared.kafka.records import Lu
from shared.kafka.replay import LogReader

_log = structlog.get_logger()
_decoder = msgspec.json.Decoder(dict[str, Any]).decode
_encoder = msgspec.json.Encoder().encode
DIRE_A_NOUVEAU = (t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE, t.BULLETIN)
"""Not the acknowledgements: they name versions of the loser's objects; the survivor's are sent and acknowledged anew."""
_EN_COURS = text(
    """
    SELECT EXISTS (SELECT 1 FROM registre.import WHERE id = ANY(CAST(:attend AS uuid[])) AND etat = 'PUBLICATION')
        OR EXISTS (SELECT 1 FROM mechanism.outbox
                    WHERE aggregateid LIKE ANY(CAST(:cles AS text[])) AND type <> 'IdentiteFusionnee')
    """
)
TERMINER = text(
    """
    UPDATE registre.fusion f SET etat = 'TERMINEE', faits = n.faits, modifiee_le = now()
      FROM unnest(CAST(:perdants AS uuid[]), CAST(:faits AS integer[])) AS n(perdant, faits)
     WHERE f.session = :session AND f.perdant = n.perdant AND f.etat = 'REPRISE'
    RETURNING f.perdant
    """
)


async def reprendre(settings: IngestSettings, engine: AsyncEngine, reprises: Sequence[Row[Any]]) -> bool:
    """Tell the losers' facts again, one reading of a partition for all the merges in it."""
    pretes = [ligne for ligne in reprises if not await attend_encore(engine, ligne)]
    topics = list(DIRE_A_NOUVEAU)
    if pretes:
        async with LogReader(settings, topics, {settings.session}) as lecteur:
            fins = await lecteur.ends()
            partitions = 1 + max(place.part for place in fins)
            groupes: dict[int, dict[str, str]] = {}
            for ligne in pretes:
                part = partition_de(ligne.perdant, partitions)
                groupes.setdefault(part, {})[ligne.perdant] = ligne.survivant
            for part, perdants in groupes.items():
                faits = [lu async for lu, _ in lecteur.read(part, {}, fins) if lu.eleve_id in perdants]
                await _dire_a_nouveau(engine, settings.session, perdants, faits)
    return len(pretes) < len(reprises)


async def attend_encore(engine: AsyncEngine, ligne: Row[Any]) -> bool:
    async with engine.connect() as tx:
        valeurs = {"attend": ligne.attend, "cles": [f"{ligne.perdant}%"]}
        return bool((await tx.execute(_EN_COURS, valeurs)).scalar_one())


async def _dire_a_nouveau(
    engine: AsyncEngine, session: int, perdants: Mapping[str, str], faits: Collection[Lu]
) -> None:
    """The last state of each subject, at its own version, in the order in which it was told."""
    derniers: dict[tuple[str, str], tuple[tuple[int, int], Lu]] = {}
    for lu in faits:
        if lu.brut.value is not None and lu.erreur is None:
            sujet, rang = (lu.brut.topic, lu.brut.key.decode()), ordre(lu)
            if sujet not in derniers or derniers[sujet][0] <= rang:
                derniers[sujet] = (rang, lu)
    gardes = [lu for _, lu in derniers.values()]
    dits = [sous(lu, perdants[lu.eleve_id]) for lu in gardes]
    dits += [tombe(lu) for lu in gardes if lu.topic.retention is t.Retention.COMPACTEE]
    comptes = {perdant: sum(lu.eleve_id == perdant for lu in gardes) for perdant in perdants}
    async with engine.begin() as tx:
        valeurs = {"session": session, "perdants": list(comptes), "faits": list(comptes.values())}
        if len((await tx.execute(TERMINER, valeurs)).all()) == len(perdants):
            await outbox.append(tx, dits)
    _log.info("merge done", merges=len(perdants), facts=len(gardes))


def ordre(lu: Lu) -> tuple[int, int]:
    """Version and revision: the source's own order, then ours."""
    return lu.fait.version if lu.fait else -1, getattr(lu.fait, "revision", 0)


def sous(lu: Lu, survivant: str) -> Evenement:
    """The fact as the survivor's; its version and time are its own."""
    cle = survivant + lu.brut.key.decode()[36:]
    return _copie(lu, cle, _encoder({**_decoder(lu.brut.value), "eleve_id": survivant}), cle)


def tombe(lu: Lu) -> Evenement:
    """The end of the loser's texts, where the last state of a key is kept."""
    cle = lu.brut.key.decode()
    return _copie(lu, cle, None, f"{cle}/fusion")


def _copie(lu: Lu, cle: str, donnees: bytes | None, sujet: str) -> Evenement:
    entetes = lu.brut.headers
    type_ = (entete(entetes, "ce_type") or b"").decode().removeprefix(TYPE_PREFIX).rpartition(".")[0]
    return Evenement(
        topic=lu.brut.topic,
        cle=cle,
        type=type_,
        id=identifiant(lu.brut.topic, sujet, *ordre(lu)),
        time=(entete(entetes, "ce_time") or b"").decode(),
        source=(entete(entetes, "ce_source") or b"").decode(),
        donnees=donnees,
    )
