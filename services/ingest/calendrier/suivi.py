"""Ingest's own memory of vœux and propositions: one row per pupil, folded from the log.

It is what jobs look for deadlines in, and what a correction of the référentiel is drawn from. A fact
that was prepared before a correction and published after it is corrected here, as it is folded.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.calendrier.echeances import attentes
from services.ingest.models import PROJECTION_TABLES
from services.ingest.referentiels import memoire
from services.ingest.referentiels.reemission import perime, reemettre
from shared.domaine.etat import EtatEleve, cle_voeu, replier
from shared.events import rapide as r
from shared.events.enveloppe import Evenement, entete
from shared.events.topics import DOSSIER, PROPOSITION, REPONSE, VOEU, Topic
from shared.kafka.projection import Effets
from shared.kafka.records import Lu
from shared.settings import Settings

_LUS = (r.Dossier, r.Voeu, r.VoeuNonConfirme, r.Proposition, r.PropositionExpiree, r.ReponseDonnee)


class Memoire(NamedTuple):
    """``recues``: version and reception of each proposition, by key of its vœu."""

    etat: EtatEleve
    recues: dict[str, tuple[int, datetime]]

    @property
    def receptions(self) -> dict[str, datetime]:
        return {cle: recue for cle, (_, recue) in self.recues.items()}


_encoder = msgspec.msgpack.Encoder(order="deterministic").encode
_decodeur = msgspec.msgpack.Decoder(Memoire)
decoder = _decodeur.decode

_CREER = text(
    "INSERT INTO suivi (eleve_id) SELECT * FROM unnest(CAST(:ids AS uuid[])) ORDER BY 1 ON CONFLICT DO NOTHING"
)
_CHARGER = text(
    "SELECT eleve_id::text AS eleve_id, etat FROM suivi WHERE eleve_id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY eleve_id FOR UPDATE"
)
_ECRIRE = text(
    """
    UPDATE suivi s
       SET session = :session, etat = n.etat, limite = n.limite, recue = n.recue, a_confirmer = n.a_confirmer,
           declare = n.declare, formations = string_to_array(n.formations, ' ')
      FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS bytea[]), CAST(:limites AS timestamptz[]),
                  CAST(:recues AS timestamptz[]), CAST(:a_confirmer AS boolean[]), CAST(:declares AS boolean[]),
                  CAST(:formations AS text[]))
           AS n(eleve_id, etat, limite, recue, a_confirmer, declare, formations)
     WHERE s.eleve_id = n.eleve_id
    """
)


class SuiviDesVoeux:
    """A part of ingest's projection: see ``consumers``."""

    topics: tuple[Topic, ...] = (DOSSIER, VOEU, PROPOSITION, REPONSE)
    tables: MetaData = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._prefixe = settings.topic_prefix

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        groupes: defaultdict[str, list[Lu]] = defaultdict(list)
        for lu in lus:
            if isinstance(lu.fait, _LUS):
                groupes[lu.eleve_id].append(lu)
        if not groupes:
            return Effets()
        avant = await _charger(tx, sorted(groupes))
        apres = {eleve_id: _plier(avant[eleve_id], siens) for eleve_id, siens in groupes.items()}
        changes = {i: m for i, m in apres.items() if m is not None and m is not avant[i]}
        if not changes:
            return Effets()
        session = next(iter(changes.values())).etat.session
        await _ecrire(tx, session, changes)
        return Effets(await self._corriger(tx, session, changes))

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing that is derived is published from these rows at a switch."""
        del tx, ancienne, nouvelle
        return []

    async def _corriger(
        self, tx: AsyncConnection, session: int, changes: dict[str, Memoire]
    ) -> list[Evenement]:
        """Vœux that came with an older version of their formation than the référentiel's."""
        formations = (await memoire.complement(tx, session)).formations
        if not formations:
            return []
        maintenant = datetime.now(UTC)
        return [
            reemettre(
                eleve_id,
                cle,
                voeu,
                formations[voeu.formation_id],
                session=session,
                time=maintenant,
                prefixe=self._prefixe,
            )
            for eleve_id, tenue in changes.items()
            for cle, voeu in tenue.etat.voeux.items()
            if perime(voeu, formations.get(voeu.formation_id))
        ]


async def _charger(tx: AsyncConnection, ids: Sequence[str]) -> dict[str, Memoire | None]:
    await tx.execute(_CREER, {"ids": ids})
    lignes = (await tx.execute(_CHARGER, {"ids": ids})).all()
    return {ligne.eleve_id: decoder(ligne.etat) if ligne.etat else None for ligne in lignes}


def _plier(avant: Memoire | None, lus: Sequence[Lu]) -> Memoire | None:
    etat = replier(avant.etat if avant else None, [lu.fait for lu in lus if lu.fait is not None])
    recues = dict(avant.recues) if avant else {}
    for lu in lus:
        if isinstance(lu.fait, r.Proposition):
            cle = cle_voeu(lu.fait.voeu_id, lu.fait.sous_voeu_id)
            if cle not in recues or recues[cle][0] < lu.fait.version:
                recues[cle] = (lu.fait.version, _quand(lu))
    if etat is None or (avant is not None and etat is avant.etat and recues == avant.recues):
        return avant
    return Memoire(etat, recues)


def _quand(lu: Lu) -> datetime:
    """When it happened; when it was recorded, for a record without the header."""
    brut = entete(lu.brut.headers, "ce_time") if lu.brut is not None else None
    return datetime.fromisoformat(brut.decode() if brut else lu.recordedtime)


async def _ecrire(tx: AsyncConnection, session: int, changes: dict[str, Memoire]) -> None:
    attendus = [attentes(tenue.etat, tenue.receptions) for tenue in changes.values()]
    await tx.execute(
        _ECRIRE,
        {
            "session": session,
            "ids": list(changes),
            "etats": [_encoder(tenue) for tenue in changes.values()],
            "limites": [a.limite for a in attendus],
            "recues": [a.recue for a in attendus],
            "a_confirmer": [a.a_confirmer for a in attendus],
            "declares": [a.declare for a in attendus],
            "formations": [
                " ".join(sorted({voeu.formation_id for voeu in tenue.etat.voeux.values()}))
                for tenue in changes.values()
            ],
        },
    )
