"""SQL of échelons and dispositifs: set by set, by HMAC of the name that a line gave, pupil known or not."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.dispositifs.domain import Complement, LigneDispositif, Statut
from services.ingest.identity import Cles, Nature, Nom
from shared.events.modeles import Dispositif

_ECRIRE_STATUTS = text(
    """
    INSERT INTO registre.statut_boursier AS b (session, empreinte, cle, eleve_id, est_boursier, echelon)
    SELECT :session, e, :cle, i, o, n
      FROM unnest(CAST(:empreintes AS bytea[]), CAST(:ids AS uuid[]), CAST(:boursiers AS boolean[]),
                  CAST(:echelons AS smallint[])) AS t(e, i, o, n)
     ORDER BY e
    ON CONFLICT (session, empreinte) DO UPDATE
       SET eleve_id = coalesce(excluded.eleve_id, b.eleve_id), est_boursier = excluded.est_boursier,
           echelon = excluded.echelon, cle = excluded.cle
     WHERE (b.eleve_id, b.est_boursier, b.echelon)
           IS DISTINCT FROM (coalesce(excluded.eleve_id, b.eleve_id), excluded.est_boursier, excluded.echelon)
    RETURNING eleve_id::text
    """
)
_OUBLIER_STATUTS = text(
    "DELETE FROM registre.statut_boursier WHERE session = :session AND empreinte = ANY(CAST(:anciennes AS bytea[]))"
)
_OUBLIER_DISPOSITIFS = text(
    """
    DELETE FROM registre.dispositif
     WHERE session = :session AND uai = :uai AND empreinte <> ALL(CAST(:empreintes AS bytea[]))
    RETURNING eleve_id::text
    """
)
_ECRIRE_DISPOSITIFS = text(
    """
    INSERT INTO registre.dispositif AS d (session, uai, empreinte, cle, eleve_id, dispositif)
    SELECT :session, :uai, e, :cle, i, n
      FROM unnest(CAST(:empreintes AS bytea[]), CAST(:ids AS uuid[]), CAST(:dispositifs AS text[])) AS t(e, i, n)
     ORDER BY e
    ON CONFLICT (session, uai, empreinte) DO UPDATE
       SET eleve_id = coalesce(excluded.eleve_id, d.eleve_id), dispositif = excluded.dispositif, cle = excluded.cle
     WHERE (d.eleve_id, d.dispositif)
           IS DISTINCT FROM (coalesce(excluded.eleve_id, d.eleve_id), excluded.dispositif)
    RETURNING eleve_id::text
    """
)
_LIER = {
    table: text(
        f"""
        UPDATE registre.{table} SET eleve_id = t.i
          FROM unnest(CAST(:empreintes AS bytea[]), CAST(:ids AS uuid[])) AS t(e, i)
         WHERE session = :session AND empreinte = t.e AND eleve_id IS DISTINCT FROM t.i
        """
    )
    for table in ("statut_boursier", "dispositif")
}
_CONNUS = text(
    """
    SELECT EXISTS (SELECT FROM registre.statut_boursier WHERE session = :session),
           EXISTS (SELECT FROM registre.dispositif WHERE session = :session)
    """
)
_ECHELONS = text(
    """
    SELECT eleve_id::text AS eleve_id, max(echelon) AS echelon FROM registre.statut_boursier
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[])) AND est_boursier GROUP BY eleve_id
    """
)
_DISPOSITIFS = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, min(dispositif) AS dispositif FROM registre.dispositif
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[])) GROUP BY eleve_id, uai
    """
)


def nom_de(ligne: LigneDispositif, uai: str) -> Nom:
    """The name by which a line of the CSV tells its pupil: his INE, else his ELEVE_ID in this lycée."""
    if ligne.ine:
        return Nom(Nature.INE, ligne.ine)
    return Nom(Nature.SIECLE, f"{uai}/{ligne.eleve_siecle}")


async def ecrire_statuts(
    tx: AsyncConnection, session: int, cles: Cles, statuts: Collection[Statut], ids: Mapping[Nom, str]
) -> set[str]:
    """Pupils of whom something changed."""
    noms = [Nom(Nature.INE, statut.ine) for statut in statuts]
    anciennes = [empreinte for nom in noms for empreinte in cles.empreintes(nom)[1:]]
    if anciennes:
        await tx.execute(_OUBLIER_STATUTS, {"session": session, "anciennes": anciennes})
    changes = await tx.execute(
        _ECRIRE_STATUTS,
        {
            "session": session,
            "cle": cles.courante,
            "empreintes": [cles.empreinte(nom) for nom in noms],
            "ids": [ids.get(nom) for nom in noms],
            "boursiers": [statut.est_boursier for statut in statuts],
            "echelons": [statut.echelon for statut in statuts],
        },
    )
    return {eleve_id for eleve_id in changes.scalars() if eleve_id}


async def remplacer_dispositifs(
    tx: AsyncConnection,
    session: int,
    cles: Cles,
    uai: str,
    lignes: Mapping[Nom, Dispositif],
    *,
    ids: Mapping[Nom, str],
) -> set[str]:
    """The lycée's list, whole; pupils of whom something changed."""
    par_nom = {nom: dispositif.value for nom, dispositif in lignes.items()}
    empreintes = [cles.empreinte(nom) for nom in par_nom]
    valeurs = {"session": session, "uai": uai, "empreintes": empreintes}
    partis = await tx.execute(_OUBLIER_DISPOSITIFS, valeurs)
    changes = await tx.execute(
        _ECRIRE_DISPOSITIFS,
        {
            **valeurs,
            "cle": cles.courante,
            "ids": [ids.get(nom) for nom in par_nom],
            "dispositifs": list(par_nom.values()),
        },
    )
    return {eleve_id for eleve_id in (*partis.scalars(), *changes.scalars()) if eleve_id}


async def lier(tx: AsyncConnection, session: int, cles: Cles, ids: Iterable[tuple[Nom, str]]) -> None:
    """Give what waited for pupils, now known by these names, to them."""
    tables = await _tables(tx, session)
    if not tables:
        return
    paires = [(empreinte, eleve_id) for nom, eleve_id in ids for empreinte in cles.empreintes(nom)]
    if not paires:
        return
    valeurs = {
        "session": session,
        "empreintes": [empreinte for empreinte, _ in paires],
        "ids": [eleve_id for _, eleve_id in paires],
    }
    for table in tables:
        await tx.execute(_LIER[table], valeurs)


async def _tables(tx: AsyncConnection, session: int) -> list[str]:
    """Those that say something of anybody: a session's first files find them empty."""
    connus = (await tx.execute(_CONNUS, {"session": session})).one()
    return [table for table, connu in zip(_LIER, connus, strict=True) if connu]


async def complements(
    tx: AsyncConnection, session: int, ids: Collection[str]
) -> dict[str, dict[str, Complement]]:
    """eleve_id → UAI (empty: any lycée) → what these files say."""
    trouves: dict[str, dict[str, Complement]] = {}
    if not ids or not await _tables(tx, session):
        return trouves
    valeurs = {"session": session, "ids": list(ids)}
    for eleve_id, echelon in (await tx.execute(_ECHELONS, valeurs)).all():
        trouves[eleve_id] = {"": Complement(echelon_bourse=echelon)}
    for eleve_id, uai, dispositif in (await tx.execute(_DISPOSITIFS, valeurs)).all():
        par_uai = trouves.setdefault(eleve_id, {})
        par_uai[uai] = par_uai.get(uai, Complement())._replace(dispositif=dispositif)
    return trouves


def complement_de(par_uai: Mapping[str, Complement], uai: str) -> Complement | None:
    """For the scolarité in one lycée: what it says itself before what is said for all."""
    commun, sien = par_uai.get("", Complement()), par_uai.get(uai, Complement())
    tout = Complement(sien.echelon_bourse or commun.echelon_bourse, sien.dispositif or commun.dispositif)
    return tout if any(tout) else None
