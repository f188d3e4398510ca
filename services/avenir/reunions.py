"""The avis of a pupil who turned out to be another: they follow him, with their history; two on one vœu are both kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.avenir import store
from services.avenir.domain import avancer, cibles
from services.avenir.evenements import avis_rendu, fiche_avancee
from shared.db import outbox, pupils
from shared.reunions import Reunion, suivant

_DE = "session = :session AND eleve_id = CAST(:perdant AS uuid)"
_NOTER = text(
    f"""
    INSERT INTO registre.avis_reuni (session, origine, cible, porteur, capacite)
    SELECT d.session, d.eleve_id, d.cible, CAST(:survivant AS uuid),
           CASE WHEN v.capacite IS DISTINCT FROM d.capacite AND v.eleve_id IS NOT NULL THEN d.capacite END
      FROM (SELECT * FROM registre.avis WHERE {_DE}) d
      LEFT JOIN registre.avis v
        ON v.session = d.session AND v.cible = d.cible AND v.eleve_id = CAST(:survivant AS uuid)
    ON CONFLICT (session, origine, cible) DO UPDATE SET porteur = excluded.porteur, capacite = excluded.capacite
    """
)
_RENDRE = text(
    """
    UPDATE registre.avis a SET eleve_id = CAST(:survivant AS uuid)
      FROM registre.avis_reuni r
     WHERE r.session = :session AND r.origine = CAST(:perdant AS uuid) AND r.capacite IS NULL
       AND a.session = r.session AND a.eleve_id = r.porteur AND a.cible = r.cible
    RETURNING a.cible
    """
)
_PORTEURS = text(
    "SELECT DISTINCT porteur::text FROM registre.avis_reuni"
    " WHERE session = :session AND origine = CAST(:perdant AS uuid)"
)
_DEPLACER = text(
    f"""
    UPDATE registre.avis d SET eleve_id = CAST(:survivant AS uuid)
     WHERE {_DE} AND NOT EXISTS (SELECT 1 FROM registre.avis v WHERE v.session = d.session AND v.cible = d.cible
                                    AND v.eleve_id = CAST(:survivant AS uuid))
    RETURNING d.cible
    """
)
_HISTOIRE = text(
    """
    UPDATE registre.avis_historique h SET eleve_id = CAST(:survivant AS uuid)
     WHERE h.session = :session AND h.eleve_id = ANY(CAST(:sources AS uuid[]))
       AND h.cible = ANY(CAST(:cibles AS text[]))
    """
)
_SUIVRE = text(
    "UPDATE registre.avis_reuni SET porteur = CAST(:survivant AS uuid) WHERE session = :session"
    " AND (porteur = CAST(:perdant AS uuid) OR origine = CAST(:perdant AS uuid))"
)


async def suivre(tx: AsyncConnection, reunion: Reunion, prefixe: str) -> None:
    """Move the avis, say them under the survivor, and count his fiche again."""
    noms = reunion.noms
    porteurs = set((await tx.execute(_PORTEURS, noms)).scalars()) if reunion.reprise else set()
    await pupils.charger(tx, sorted({reunion.perdant, reunion.survivant, *porteurs}))
    rendues = await _deplacees(tx, _RENDRE, noms, porteurs) if reunion.reprise else []
    await tx.execute(_NOTER, noms)
    moved = rendues + await _deplacees(tx, _DEPLACER, noms, {reunion.perdant})
    await tx.execute(_SUIVRE, noms)
    avis = await store.avis(tx, reunion.session, reunion.survivant)
    rendus = [avis_rendu(reunion.session, reunion.survivant, avis[c], prefixe=prefixe) for c in sorted(moved)]
    await outbox.append(tx, rendus)
    await _recompter(tx, reunion, sorted({reunion.survivant, *porteurs}), prefixe)


async def _deplacees(
    tx: AsyncConnection, requete: TextClause, noms: Mapping[str, Any], sources: Collection[str]
) -> list[str]:
    """Avis moved with their history; returns their cibles."""
    trouvees = [str(cible) for cible in (await tx.execute(requete, noms)).scalars()]
    autres = sorted(set(sources) - {noms["survivant"]})
    await tx.execute(_HISTOIRE, {**noms, "sources": autres, "cibles": trouvees})
    return trouvees


async def _recompter(tx: AsyncConnection, reunion: Reunion, ids: Sequence[str], prefixe: str) -> None:
    etats = await pupils.charger(tx, ids)
    for eleve_id in ids:
        if (etat := etats.get(eleve_id)) is not None:
            lue = (await store.fiches(tx, {eleve_id: reunion.session}))[eleve_id]
            fiche = avancer(lue.fiche, cibles(etat), lue.rendus)
            if fiche != lue.fiche:
                await store.ecrire_fiches(tx, {eleve_id: fiche})
                maintenant = datetime.now(UTC)
                dite = fiche_avancee(reunion.session, eleve_id, fiche, time=maintenant, prefixe=prefixe)
                await outbox.append(tx, [dite])


suivre_les_reunions = suivant(suivre)
