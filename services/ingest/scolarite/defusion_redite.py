"""What the log holds of two pupils parted again, told under whom it belongs to. Reading, then pure sharing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.scolarite.redite import DIRE_A_NOUVEAU, attend_encore, ordre, sous, tombe
from services.ingest.settings import IngestSettings
from shared.db import outbox
from shared.events import topics as t
from shared.kafka.partition import partition_de
from shared.kafka.records import Lu
from shared.kafka.replay import LogReader

_log = structlog.get_logger()
_decoder = msgspec.json.Decoder(dict[str, Any]).decode
_TOPICS = (*DIRE_A_NOUVEAU, t.IDENTITE)
_CANDIDATURE = frozenset(topic.nom for topic in (t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE))
_TERMINER = text(
    """
    UPDATE registre.fusion SET etat = 'ANNULEE', faits = :faits, avant = NULL, modifiee_le = now()
     WHERE session = :session AND perdant = CAST(:perdant AS uuid) AND etat = 'ANNULATION' RETURNING true
    """
)
Sujet = tuple[str, str]
"""Topic, and the end of the key, after the pupil's id."""


@dataclass(frozen=True, slots=True)
class Dit:
    """A record of the log, as the sharing sees it. ``contenu``: without the pupil's id."""

    sujet: Sujet
    ordre: tuple[int, int]
    quand: datetime
    contenu: Mapping[str, Any]
    lu: Lu


def partager(
    du_perdant: Iterable[Dit], du_survivant: Iterable[Dit], fusion: datetime
) -> dict[str, list[Dit]]:
    """``un`` (the loser again) and ``autre``: the last state of each subject of theirs.

    A subject that only the loser had before the merge stays his, whatever came since; one that both had is each one's
    own. One that came since is his if he alone had a candidature, else the survivor's.
    """
    siens, restants = _par_sujet(du_perdant), _par_sujet(du_survivant)
    rendus = {sujet: _dernier(dits) for sujet, dits in siens.items()}
    autre: dict[Sujet, Dit] = {}
    propres = {sujet: _propres(dits, siens.get(sujet, [])) for sujet, dits in restants.items()}
    avait = {sujet for sujet, dits in propres.items() if any(dit.quand < fusion for dit in dits)}
    seul_candidat = _candidat(siens) and not _candidat(avait)
    for sujet, dits in propres.items():
        nouveau_de_lui = sujet not in siens and sujet not in avait and seul_candidat and _candidat([sujet])
        if sujet in avait or not (sujet in siens or nouveau_de_lui):
            if dits:
                autre[sujet] = _dernier(dits)
        elif dits:
            rendus[sujet] = _dernier([*siens.get(sujet, []), *dits])
    return {"un": list(rendus.values()), "autre": list(autre.values())}


def _par_sujet(dits: Iterable[Dit]) -> dict[Sujet, list[Dit]]:
    trouves: dict[Sujet, list[Dit]] = {}
    for dit in dits:
        trouves.setdefault(dit.sujet, []).append(dit)
    return trouves


def _propres(dits: Sequence[Dit], siens: Sequence[Dit]) -> list[Dit]:
    """Those that are no copies of the loser's."""
    copies = [(dit.ordre, dit.contenu) for dit in siens]
    return [dit for dit in dits if (dit.ordre, dit.contenu) not in copies]


def _dernier(dits: Sequence[Dit]) -> Dit:
    return max(dits, key=lambda dit: dit.ordre)


def _candidat(sujets: Collection[Sujet]) -> bool:
    return any(topic in _CANDIDATURE for topic, _ in sujets)


async def redire(settings: IngestSettings, engine: AsyncEngine, lignes: Sequence[Row[Any]]) -> bool:
    """True when some wait for an import that began before."""
    pretes = [ligne for ligne in lignes if not await attend_encore(engine, ligne)]
    if pretes:
        async with LogReader(settings, list(_TOPICS), {settings.session}) as lecteur:
            fins = await lecteur.ends()
            partitions = 1 + max(place.part for place in fins)
            for ligne in pretes:
                dits: dict[str, list[Dit]] = {ligne.perdant: [], ligne.survivant: []}
                for part in sorted({partition_de(eleve_id, partitions) for eleve_id in dits}):
                    async for lu, _ in lecteur.read(part, {}, fins):
                        if lu.eleve_id in dits and lu.brut.value is not None and lu.erreur is None:
                            dits[lu.eleve_id].append(_dit(lu))
                await _dire(settings, engine, ligne, dits)
    return len(pretes) < len(lignes)


def _dit(lu: Lu) -> Dit:
    contenu = _decoder(lu.brut.value)
    contenu.pop("eleve_id", None)
    quand = datetime.fromisoformat(lu.recordedtime)
    return Dit((lu.topic.nom, lu.brut.key.decode()[36:]), ordre(lu), quand, contenu, lu)


async def _dire(
    settings: IngestSettings, engine: AsyncEngine, ligne: Row[Any], dits: Mapping[str, Sequence[Dit]]
) -> None:
    parts = partager(dits[ligne.perdant], dits[ligne.survivant], ligne.demandee_le)
    sortants = [sous(dit.lu, getattr(ligne, qui)) for qui, siens in parts.items() for dit in siens]
    compactes = {
        dit.lu.brut.key: dit.lu
        for dit in dits[ligne.survivant]
        if dit.lu.topic.retention is t.Retention.COMPACTEE
    }
    sortants += [tombe(lu) for lu in compactes.values()]
    async with engine.begin() as tx:
        valeurs = {"session": settings.session, "perdant": ligne.perdant, "faits": len(sortants)}
        if (await tx.execute(_TERMINER, valeurs)).scalar():
            await outbox.append(tx, sortants)
    _log.info("parted again", facts=len(sortants))
