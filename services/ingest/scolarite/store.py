"""SQL of the entries of the lycées, in sets; the pupil's row in ``eleve_connu`` is their lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.siecle.effective import Locale, decoder_locale, encoder_locale

_VERSIONS = text(
    """
    SELECT eleve_id::text AS eleve_id, version, contenu FROM registre.scolarite_locale
     WHERE session = :session AND uai = :uai AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_ENREGISTRER = text(
    """
    WITH n AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:uais AS text[]), CAST(:versions AS integer[]),
                             CAST(:contenus AS bytea[])) AS n(eleve_id, uai, version, contenu)),
    trace AS (
        INSERT INTO registre.scolarite_historique
               (session, eleve_id, uai, version, acte, contenu, motif, auteur)
        SELECT :session, eleve_id, uai, version, :acte, contenu, :motif, :auteur FROM n)
    INSERT INTO registre.scolarite_locale (session, eleve_id, uai, version, contenu, auteur)
    SELECT :session, eleve_id, uai, version, contenu, :auteur FROM n
    ON CONFLICT (session, eleve_id, uai) DO UPDATE
       SET version = excluded.version, contenu = excluded.contenu, auteur = excluded.auteur, modifie_le = now()
    """
)
_HISTORIQUE = text(
    """
    SELECT version, acte, motif, auteur, le FROM registre.scolarite_historique
     WHERE session = :session AND uai = :uai AND eleve_id = CAST(:eleve_id AS uuid) ORDER BY version DESC
    """
)
_DU_LYCEE = text(
    """
    SELECT l.eleve_id::text AS eleve_id, l.version, l.auteur, l.modifie_le
      FROM registre.scolarite_locale l WHERE l.session = :session AND l.uai = :uai
     ORDER BY l.modifie_le DESC, l.eleve_id
    """
)
_EN_TOUR = text("SELECT pg_try_advisory_xact_lock(hashtext(:source))")


class Entree(NamedTuple):
    """A local entry as it stands; version 0 when there is none."""

    version: int
    locale: Locale


@dataclass(frozen=True, slots=True)
class Acte:
    """Who did what and why; kept with every state."""

    acte: str
    motif: str
    auteur: str


async def entrees(tx: AsyncConnection, session: int, uai: str, ids: Sequence[str]) -> dict[str, Entree]:
    lues = (await tx.execute(_VERSIONS, {"session": session, "uai": uai, "ids": list(ids)})).all()
    connues = {ligne.eleve_id: Entree(ligne.version, decoder_locale(ligne.contenu)) for ligne in lues}
    return {eleve_id: connues.get(eleve_id, Entree(0, Locale())) for eleve_id in ids}


async def enregistrer(
    tx: AsyncConnection, session: int, acte: Acte, nouvelles: Mapping[tuple[str, str], Entree]
) -> None:
    """Write entries and their history; ``nouvelles``: (pupil, UAI) → the new state."""
    if nouvelles:
        await tx.execute(
            _ENREGISTRER,
            {
                "session": session,
                "ids": [eleve_id for eleve_id, _ in nouvelles],
                "uais": [uai for _, uai in nouvelles],
                "versions": [entree.version for entree in nouvelles.values()],
                "contenus": [encoder_locale(entree.locale) for entree in nouvelles.values()],
                "acte": acte.acte,
                "motif": acte.motif,
                "auteur": acte.auteur,
            },
        )


async def historique(tx: AsyncConnection, session: int, uai: str, eleve_id: str) -> list[dict[str, Any]]:
    """Latest first."""
    valeurs = {"session": session, "uai": uai, "eleve_id": eleve_id}
    return [dict(ligne) for ligne in (await tx.execute(_HISTORIQUE, valeurs)).mappings()]


async def du_lycee(tx: AsyncConnection, session: int, uai: str) -> list[dict[str, Any]]:
    """Pupils of whom the lycée entered something, latest first."""
    return [
        dict(ligne) for ligne in (await tx.execute(_DU_LYCEE, {"session": session, "uai": uai})).mappings()
    ]


async def prendre_tour(tx: AsyncConnection, source: str) -> bool:
    """Take turns with the analyses of imports, until the end of ``tx``; False: one is under way."""
    return bool((await tx.execute(_EN_TOUR, {"source": source})).scalar_one())
