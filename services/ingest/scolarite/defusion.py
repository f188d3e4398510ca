"""A merge taken back: within some days, with a confirmation, by facts that compensate it.

Whatever folded the merge keeps nothing of the loser, and has the loser's facts among the survivor's: neither id can be
used again. Both get a new one. ``IdentiteFusionnee`` says that the survivor is now his new id, and, in a second version,
that the loser is now his; aliases and rows are shared out, scolarités said, and what the log holds of either is told
again under whom it belongs to. For subscribers these are merges like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.scolarite import taches
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.defusion_redite import redire
from services.ingest.scolarite.domain import Etat, Genre
from services.ingest.scolarite.partage import partager
from services.ingest.scolarite.taches import Question
from services.ingest.settings import IngestSettings
from shared.db import outbox
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import IdentiteFusionnee
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.kafka.bulk import exclusive

_log = structlog.get_logger()
_COLONNES = """
    perdant::text, survivant::text, etat, auteur, demandee_le, modifiee_le, annulation, avant IS NOT NULL AS reprenable
"""
_LISTER = text(
    f"""
    SELECT {_COLONNES} FROM registre.fusion f
     WHERE session = :session AND perdant <> survivant
       AND (CAST(:lycees AS text[]) IS NULL OR EXISTS (
           SELECT 1 FROM registre.scolarite s WHERE s.session = f.session AND s.uai = ANY(CAST(:lycees AS text[]))
              AND s.eleve_id::text IN (f.survivant::text, f.annulation ->> 'survivant', f.annulation ->> 'perdant')))
     ORDER BY demandee_le DESC, perdant LIMIT 200
    """
)
_LIRE = text(
    f"SELECT {_COLONNES} FROM registre.fusion"
    " WHERE session = :session AND perdant = CAST(:perdant AS uuid) FOR UPDATE"
)
_PLUS_RECENTE = text(
    """
    SELECT EXISTS (SELECT 1 FROM registre.fusion f JOIN registre.fusion g USING (session)
                    WHERE f.session = :session AND f.perdant = CAST(:perdant AS uuid) AND g.perdant <> f.perdant
                      AND (g.survivant = f.survivant OR g.perdant = f.survivant) AND g.etat <> 'ANNULEE'
                      AND (g.demandee_le, g.perdant) > (f.demandee_le, f.perdant))
    """
)
_EN_PUBLICATION = text(
    "SELECT coalesce(array_agg(id::text), '{}') FROM registre.import WHERE session = :session AND etat = 'PUBLICATION'"
)
_ANNULER = text(
    """
    UPDATE registre.fusion
       SET etat = 'ANNULATION', modifiee_le = now(), attend = CAST(:attend AS uuid[]),
           annulation = jsonb_build_object('par', CAST(:par AS text), 'motif', CAST(:motif AS text),
               'le', CAST(:le AS text), 'perdant', CAST(:un AS text), 'survivant', CAST(:autre AS text))
     WHERE session = :session AND perdant = CAST(:perdant AS uuid)
    """
)
_A_REDIRE = text(
    """
    SELECT perdant::text AS perdant, survivant::text AS survivant, attend::text[] AS attend, demandee_le,
           annulation ->> 'perdant' AS un, annulation ->> 'survivant' AS autre
      FROM registre.fusion WHERE session = :session AND etat = 'ANNULATION' ORDER BY modifiee_le, perdant
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annuler:
    """``perdant``: names the merge. ``lycees``: of the caller, None for the operator."""

    perdant: str
    motif: str
    confirme: bool
    lycees: tuple[str, ...] | None = None

    def demande(self, session: int) -> dict[str, object]:
        return {"commande": "DEFUSION", "session": session, "perdant": self.perdant, "motif": self.motif}


async def lister(
    tx: AsyncConnection, contexte: Contexte, lycees: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Merges of these lycées (None: of all), the last first, each with until when it may be taken back."""
    valeurs = {"session": contexte.session, "lycees": None if lycees is None else list(lycees)}
    return [_montrer(contexte, row) for row in (await tx.execute(_LISTER, valeurs)).all()]


async def annuler(tx: AsyncConnection, contexte: Contexte, voulu: Annuler) -> dict[str, Any]:
    """Take a merge back.

    Raises:
        Refus: 404 not theirs, 409 too late or not the last one, 422 not confirmed.
    """
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, voulu.demande(contexte.session))
    if deja is not None:
        return deja
    await contexte.attendre_son_tour(tx)
    noms = {"session": contexte.session, "perdant": voulu.perdant}
    fusion = (await tx.execute(_LIRE, noms)).one_or_none()
    if fusion is None or not await _concerne(tx, contexte, fusion, voulu.lycees):
        raise introuvable()
    await _exiger(tx, contexte, fusion, voulu)
    ids = {"un": str(uuid4()), "autre": str(uuid4())}
    noms |= {"survivant": fusion.survivant, **ids}
    await partager(tx, noms)
    attend = list((await tx.execute(_EN_PUBLICATION, noms)).scalar_one())
    dit = {"par": contexte.acteur, "motif": voulu.motif, "le": contexte.le.isoformat(), "attend": attend}
    await tx.execute(_ANNULER, {**noms, **dit})
    await outbox.append(tx, _annonces(contexte, noms))
    await contexte.publier(tx, None, sorted(ids.values()))
    await _ne_plus_demander(tx, contexte, tuple(ids.values()))
    _log.info("merge taken back", awaited_imports=len(attend))
    reponse = _montrer(contexte, (await tx.execute(_LIRE, noms)).one())
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


async def avancer(settings: IngestSettings, engine: AsyncEngine) -> bool:
    """Tell again what the log holds of pupils parted again; True when some wait for an import to end."""
    async with engine.connect() as tx:
        lignes = (await tx.execute(_A_REDIRE, {"session": settings.session})).all()
    if not lignes:
        return False
    async with exclusive(engine, f"{settings.topic_prefix}ingest.{settings.session}.fusions"):
        return await redire(settings, engine, lignes)


async def _concerne(
    tx: AsyncConnection, contexte: Contexte, fusion: Any, lycees: tuple[str, ...] | None
) -> bool:
    if lycees is None:
        return True
    ids = [fusion.survivant, *((fusion.annulation or {}).get(qui) for qui in ("perdant", "survivant"))]
    dits = await taches.lycees_de(tx, contexte.session, [qui for qui in ids if qui])
    return any(set(uais) & set(lycees) for uais in dits.values())


async def _exiger(tx: AsyncConnection, contexte: Contexte, fusion: Any, voulu: Annuler) -> None:
    if fusion.annulation is not None:
        raise Refus(409, "deja_annulee", "Cette réunion est déjà défaite.")
    if fusion.etat != "TERMINEE":
        raise Refus(
            409, "en_cours", "La réunion de ces deux dossiers est en cours : réessayez dans un instant."
        )
    limite = _limite(contexte, fusion.demandee_le)
    if contexte.le > limite or not fusion.reprenable:
        jours = contexte.settings.fusion_annulation_jours
        raise Refus(
            409,
            "trop_tard",
            f"Une réunion de dossiers se défait dans les {jours} jours ; ce délai est passé.",
        )
    if (
        await tx.execute(_PLUS_RECENTE, {"session": contexte.session, "perdant": voulu.perdant})
    ).scalar_one():
        phrase = "Ce dossier a été réuni encore une fois depuis : défaites d’abord la dernière réunion."
        raise Refus(409, "pas_la_derniere", phrase)
    if not voulu.confirme:
        phrase = "Confirmez : chacun des deux élèves retrouvera son propre dossier."
        raise Refus(422, "confirmation", phrase)


def _limite(contexte: Contexte, demandee_le: datetime) -> datetime:
    return demandee_le + timedelta(days=contexte.settings.fusion_annulation_jours)


def _annonces(contexte: Contexte, noms: dict[str, Any]) -> list[Evenement]:
    """The survivor's first: whoever looks between the two finds the loser in a dossier that still exists."""
    suites = ((noms["survivant"], noms["autre"], 1), (noms["perdant"], noms["un"], 2))
    return [
        evenement(
            t.ELEVE,
            IdentiteFusionnee(
                session=contexte.session, eleve_id=UUID(qui), version=version, survivant=UUID(nouveau)
            ),
            cle=f"{qui}/fusion",
            version=version,
            time=contexte.le,
            prefixe=contexte.settings.topic_prefix,
            type_="IdentiteFusionnee",
        )
        for qui, nouveau, version in suites
    ]


async def _ne_plus_demander(tx: AsyncConnection, contexte: Contexte, ids: tuple[str, ...]) -> None:
    """Whether these two are one was asked, and answered: no."""
    question = Question(Genre.MEME_ELEVE, taches.paire(*ids), {"motif": "DEFUSION"})
    await taches.ouvrir(tx, contexte.session, [question])
    ouvertes = await taches.lister(tx, contexte.session)
    tache = next(tache for tache in ouvertes if set(tache["eleves"]) == set(ids))
    qui = {"auteur": contexte.acteur, "le": contexte.le.isoformat()}
    resolution = {"choix": "DISTINCTS", "uai": None, **qui}
    await taches.enregistrer(
        tx, contexte.session, tache["id"], reponses={}, etat=Etat.RESOLUE, resolution=resolution
    )


def _montrer(contexte: Contexte, row: Any) -> dict[str, Any]:
    limite = _limite(contexte, row.demandee_le)
    return {
        "perdant": row.perdant,
        "survivant": row.survivant,
        "etat": row.etat,
        "auteur": row.auteur,
        "demandee_le": row.demandee_le.isoformat(),
        "jusqu_au": limite.isoformat(),
        "annulable": row.etat == "TERMINEE" and row.reprenable and contexte.le <= limite,
        "annulation": row.annulation,
    }
