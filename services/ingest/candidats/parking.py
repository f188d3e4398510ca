"""Facts whose pupil is not known yet, and dossiers out of scope: SQL in sets.

Rows taken out are marked with the import that took them and deleted at its end: a spool that is
lost loses nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.candidats.sortants import Sortant, deballer
from services.ingest.identity import Cles, Nature, Nom
from shared.db import litteraux


@dataclass(frozen=True, slots=True)
class AParquer:
    """``ine`` on a dossier only: by it, a pupil who arrives finds his dossier."""

    numero: str
    ine: str | None
    fait: Sortant


_PARQUER = text(
    """
    INSERT INTO registre.parking (session, dossier, cle, sujet, sequence, ine, fait)
    SELECT :session, d, :cle, s, n, i, f
      FROM unnest(CAST(:dossiers AS bytea[]), CAST(:sujets AS text[]), CAST(:sequences AS bigint[]),
                  CAST(:ines AS bytea[]), CAST(:faits AS bytea[])) AS t(d, s, n, i, f)
    ON CONFLICT DO NOTHING
    """
)
_LIBERER = text(
    """
    UPDATE registre.parking SET libere_par = CAST(:import_id AS uuid)
     WHERE session = :session AND dossier = ANY(CAST(:dossiers AS bytea[])) AND libere_par IS NULL
    RETURNING dossier, sequence, fait
    """
)
_PAR_INE = text(
    """
    SELECT p.dossier, p.cle, p.ine FROM unnest(CAST(CAST(:ines AS text) AS bytea[])) AS i
     CROSS JOIN LATERAL (
           SELECT dossier, cle, ine, sequence FROM registre.parking
            WHERE session = :session AND ine = i AND libere_par IS NULL OFFSET 0) AS p
     ORDER BY p.sequence
    """
)
_LIER = text(
    """
    INSERT INTO registre.alias (session, empreinte, cle, nature, eleve_id)
    SELECT :session, e, c, 'D', i
      FROM unnest(CAST(:empreintes AS bytea[]), CAST(:cles AS smallint[]), CAST(:ids AS uuid[])) AS t(e, c, i)
    ON CONFLICT DO NOTHING
    """
)
_ABANDONNER = text(
    """
    DELETE FROM registre.parking
     WHERE session = :session AND dossier = ANY(CAST(:dossiers AS bytea[])) AND libere_par IS NULL
    """
)
_HORS = text(
    """
    SELECT dossier FROM registre.hors_perimetre
     WHERE session = :session AND dossier = ANY(CAST(:dossiers AS bytea[]))
    """
)
_SORTIR_DU_PERIMETRE = text(
    """
    INSERT INTO registre.hors_perimetre (session, dossier)
    SELECT :session, unnest(CAST(:dossiers AS bytea[])) ON CONFLICT DO NOTHING
    """
)
_RENTRER = text(
    """
    DELETE FROM registre.hors_perimetre
     WHERE session = :session AND dossier = ANY(CAST(:dossiers AS bytea[]))
    """
)
_COMPTER = text("SELECT count(*) FROM registre.parking WHERE session = :session AND libere_par IS NULL")


async def parquer(tx: AsyncConnection, cles: Cles, session: int, faits: Sequence[AParquer]) -> None:
    if faits:
        await tx.execute(
            _PARQUER,
            {
                "session": session,
                "cle": cles.courante,
                "dossiers": [cles.empreinte(Nom(Nature.DOSSIER, f.numero)) for f in faits],
                "sujets": [f.fait.sujet for f in faits],
                "sequences": [f.fait.version for f in faits],
                "ines": [cles.empreinte(Nom(Nature.INE, f.ine)) if f.ine else None for f in faits],
                "faits": [f.fait.emballer() for f in faits],
            },
        )


async def liberer(
    tx: AsyncConnection, session: int, import_id: str, dossiers: Mapping[bytes, str]
) -> list[tuple[str, Sortant]]:
    """Take out the facts of ``dossiers`` (HMAC → eleve_id), in the order of their sequence."""
    if not dossiers:
        return []
    valeurs = {"session": session, "import_id": import_id, "dossiers": list(dossiers)}
    lignes = (await tx.execute(_LIBERER, valeurs)).all()
    return [
        (dossiers[ligne.dossier], deballer(ligne.fait))
        for ligne in sorted(lignes, key=lambda ligne: ligne.sequence)
    ]


async def lier_par_ine(
    tx: AsyncConnection, cles: Cles, session: int, eleves: Mapping[str, str]
) -> dict[bytes, str]:
    """Link the parked dossiers of ``eleves`` (INE → eleve_id); HMAC of dossier → eleve_id."""
    par_empreinte = {
        empreinte: eleve_id
        for ine, eleve_id in eleves.items()
        for empreinte in cles.empreintes(Nom(Nature.INE, ine))
    }
    if not par_empreinte:
        return {}
    lignes = (await tx.execute(_PAR_INE, {"session": session, "ines": litteraux.octets(par_empreinte)})).all()
    lies = {ligne.dossier: (ligne.cle, par_empreinte[ligne.ine]) for ligne in lignes}
    if lies:
        await tx.execute(
            _LIER,
            {
                "session": session,
                "empreintes": list(lies),
                "cles": [cle for cle, _ in lies.values()],
                "ids": [eleve_id for _, eleve_id in lies.values()],
            },
        )
    return {dossier: eleve_id for dossier, (_, eleve_id) in lies.items()}


async def hors_perimetre(tx: AsyncConnection, cles: Cles, session: int, numeros: Collection[str]) -> set[str]:
    """Those of ``numeros`` whose dossier is known to be out of scope."""
    par_empreinte = _par_empreinte(cles, numeros)
    if not par_empreinte:
        return set()
    lus = await tx.execute(_HORS, {"session": session, "dossiers": list(par_empreinte)})
    return {par_empreinte[empreinte] for empreinte in lus.scalars()}


async def sortir_du_perimetre(tx: AsyncConnection, cles: Cles, session: int, numeros: Collection[str]) -> int:
    """Remember the dossiers, drop what is parked of them; number of facts dropped."""
    if not numeros:
        return 0
    neuves = [cles.empreinte(Nom(Nature.DOSSIER, numero)) for numero in numeros]
    await tx.execute(_SORTIR_DU_PERIMETRE, {"session": session, "dossiers": neuves})
    toutes = list(_par_empreinte(cles, numeros))
    return (await tx.execute(_ABANDONNER, {"session": session, "dossiers": toutes})).rowcount


async def rentrer_dans_le_perimetre(
    tx: AsyncConnection, cles: Cles, session: int, numeros: Collection[str]
) -> None:
    if numeros:
        dossiers = list(_par_empreinte(cles, numeros))
        await tx.execute(_RENTRER, {"session": session, "dossiers": dossiers})


async def compter(tx: AsyncConnection, session: int) -> int:
    return int((await tx.execute(_COMPTER, {"session": session})).scalar_one())


def _par_empreinte(cles: Cles, numeros: Collection[str]) -> dict[bytes, str]:
    return {e: numero for numero in numeros for e in cles.empreintes(Nom(Nature.DOSSIER, numero))}
