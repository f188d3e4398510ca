"""SQL of what each lycée says of its pupils, and of what was last published of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.dispositifs import store as dispositifs
from services.ingest.dispositifs.domain import Complement
from services.ingest.siecle.effective import Dite, Inscrite, Locale, Vivier, decoder_locale
from shared.db import litteraux


class Connu(NamedTuple):
    """What was last published: hashes and versions; the lycée of the effective scolarité.

    ``homonyme``: keyed HMAC of name, first name and birth date.
    """

    uai: str | None = None
    identite: bytes | None = None
    identite_version: int = -1
    scolarite: bytes | None = None
    scolarite_version: int = -1
    homonyme: bytes | None = None


class Retenu(NamedTuple):
    """``import_id`` None: a command, whose events are durable with it."""

    eleve_id: str
    import_id: str | None
    connu: Connu


_LIRE = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, date_entree, date_sortie, version, contenu, gele::text AS gele
      FROM registre.scolarite WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_LOCALES = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, contenu FROM registre.scolarite_locale
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_VIVIERS = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, serie, le FROM registre.vivier_initial
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_CONNUS = """
    SELECT eleve_id::text AS eleve_id, uai, identite, identite_version, scolarite, scolarite_version, homonyme
      FROM registre.eleve_connu WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
     ORDER BY eleve_id
    """
_ECRIRE = text(
    """
    INSERT INTO registre.scolarite (session, eleve_id, uai, date_entree, date_sortie, version, contenu, gele)
    SELECT :session, i, u, e, s, v, c, CASE WHEN u = ANY(CAST(:gelees AS text[])) THEN CAST('{}' AS jsonb) END
      FROM unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:uais AS text) AS text[]),
                  CAST(CAST(:entrees AS text) AS date[]), CAST(CAST(:sorties AS text) AS date[]),
                  CAST(CAST(:versions AS text) AS bigint[]), CAST(:contenus AS bytea[]))
           AS t(i, u, e, s, v, c)
     ORDER BY i
    ON CONFLICT (session, eleve_id, uai) DO UPDATE
       SET date_entree = excluded.date_entree, date_sortie = excluded.date_sortie,
           version = excluded.version, contenu = excluded.contenu
    """
)
_GELEES = text(
    """
    SELECT uai FROM (SELECT DISTINCT ON (uai) uai, close FROM registre.remontee
                      WHERE session = :session AND uai = ANY(CAST(:uais AS text[]))
                      ORDER BY uai, version DESC) r
     WHERE close
    """
)
_RETENIR = text(
    """
    INSERT INTO registre.eleve_connu
           (session, eleve_id, import_id, uai, identite, identite_version, scolarite, scolarite_version, homonyme)
    SELECT :session, i, coalesce(m, CAST(:commande AS uuid)), u, ih, iv, sh, sv, h
      FROM unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:imports AS text) AS uuid[]),
                  CAST(CAST(:uais AS text) AS text[]), CAST(CAST(:identites AS text) AS bytea[]),
                  CAST(CAST(:identite_versions AS text) AS bigint[]), CAST(CAST(:scolarites AS text) AS bytea[]),
                  CAST(CAST(:scolarite_versions AS text) AS bigint[]), CAST(CAST(:homonymes AS text) AS bytea[]))
           AS t(i, m, u, ih, iv, sh, sv, h)
     ORDER BY i
    ON CONFLICT (session, eleve_id) DO UPDATE
       SET import_id = coalesce(nullif(excluded.import_id, CAST(:commande AS uuid)), eleve_connu.import_id),
           uai = excluded.uai,
           identite = excluded.identite, identite_version = excluded.identite_version,
           scolarite = excluded.scolarite, scolarite_version = excluded.scolarite_version,
           homonyme = excluded.homonyme
    """
)
_COMMANDE = "00000000-0000-0000-0000-000000000000"
_DU_LYCEE = text(
    "SELECT eleve_id::text FROM registre.scolarite WHERE session = :session AND uai = :uai AND date_sortie IS NULL"
)


_RIEN: Mapping[str, Any] = {}


async def lire(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, dict[str, Inscrite]]:
    """eleve_id → UAI → what that lycée's file says."""
    trouvees: dict[str, dict[str, Inscrite]] = {}
    if not ids:
        return trouvees
    for eleve_id, *reste in (await tx.execute(_LIRE, _ids(session, ids))).all():
        inscrite = Inscrite(*reste)
        trouvees.setdefault(eleve_id, {})[inscrite.uai] = inscrite
    return trouvees


async def locales(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, dict[str, Locale]]:
    """eleve_id → UAI → what that lycée entered itself."""
    trouvees: dict[str, dict[str, Locale]] = {}
    if not ids:
        return trouvees
    for eleve_id, uai, contenu in (await tx.execute(_LOCALES, _ids(session, ids))).all():
        trouvees.setdefault(eleve_id, {})[uai] = decoder_locale(contenu)
    return trouvees


async def dites(
    tx: AsyncConnection,
    session: int,
    ids: Collection[str],
    nouvelles: Mapping[str, Inscrite] | None = None,
    complements: Mapping[str, Mapping[str, Complement]] | None = None,
) -> dict[str, list[Dite]]:
    """eleve_id → what each lycée says, files and local entries; pupils of whom nobody says anything are left out.

    ``nouvelles``: just written, of pupils minted in this transaction, of whom nobody can have said anything else.
    ``complements``: of all ``ids``, when they were read already.
    """
    neufs = nouvelles or {}
    connus = [eleve_id for eleve_id in ids if eleve_id not in neufs]
    siecle, entrees = await lire(tx, session, connus), await locales(tx, session, connus)
    autres = await dispositifs.complements(tx, session, ids) if complements is None else complements
    dites: dict[str, list[Dite]] = {}
    for eleve_id in ids:
        neuve = neufs.get(eleve_id)
        de_siecle = siecle.get(eleve_id, _RIEN) if neuve is None else {neuve.uai: neuve}
        de_locales = entrees.get(eleve_id, _RIEN)
        siens = autres.get(eleve_id)
        lycees = sorted(de_siecle.keys() | de_locales.keys()) if de_locales else sorted(de_siecle)
        if lycees:
            dites[eleve_id] = [
                Dite(
                    uai,
                    de_siecle.get(uai),
                    de_locales.get(uai),
                    dispositifs.complement_de(siens, uai) if siens else None,
                )
                for uai in lycees
            ]
    return dites


async def viviers(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, Vivier]:
    if not ids:
        return {}
    lignes = (await tx.execute(_VIVIERS, _ids(session, ids))).all()
    return {eleve_id: Vivier(*reste) for eleve_id, *reste in lignes}


async def connus(
    tx: AsyncConnection, session: int, ids: Collection[str], *, verrou: bool = True
) -> dict[str, Connu]:
    """What was last published, locked until the end of ``tx``: files and commands take turns."""
    if not ids:
        return {}
    requete = text(_CONNUS + (" FOR UPDATE" if verrou else ""))
    lignes = (await tx.execute(requete, _ids(session, ids))).all()
    return {eleve_id: Connu(*reste) for eleve_id, *reste in lignes}


async def ecrire(
    tx: AsyncConnection, session: int, inscrites: Mapping[str, Inscrite], *, geler: bool = False
) -> set[str]:
    """``geler``: a pupil new to a lycée whose remontée is closed brings no Cordées and no bourse.

    Returns the UAI of these lycées.
    """
    lignes = list(inscrites.values())
    if not lignes:
        return set()
    uais = sorted({ligne.uai for ligne in lignes})
    gelees: list[Any] = []
    if geler:
        gelees = list((await tx.execute(_GELEES, {"session": session, "uais": uais})).scalars())
    await tx.execute(
        _ECRIRE,
        {
            "session": session,
            "gelees": gelees,
            "ids": litteraux.bruts(inscrites),
            "uais": litteraux.bruts([ligne.uai for ligne in lignes]),
            "entrees": litteraux.jours([ligne.date_entree for ligne in lignes]),
            "sorties": litteraux.jours([ligne.date_sortie for ligne in lignes]),
            "versions": litteraux.nombres([ligne.version for ligne in lignes]),
            "contenus": [ligne.contenu for ligne in lignes],
        },
    )
    return set(gelees)


async def retenir(tx: AsyncConnection, session: int, retenus: Sequence[Retenu]) -> None:
    if not retenus:
        return
    ids, imports, connus = zip(*retenus, strict=True)
    uais, identites, identite_versions, scolarites, scolarite_versions, homonymes = zip(*connus, strict=True)
    await tx.execute(
        _RETENIR,
        {
            "session": session,
            "commande": _COMMANDE,
            "ids": litteraux.bruts(ids),
            "imports": litteraux.bruts(imports),
            "uais": litteraux.bruts(uais),
            "identites": litteraux.octets(identites),
            "identite_versions": litteraux.nombres(identite_versions),
            "scolarites": litteraux.octets(scolarites),
            "scolarite_versions": litteraux.nombres(scolarite_versions),
            "homonymes": litteraux.octets(homonymes),
        },
    )


async def du_lycee(tx: AsyncConnection, session: int, uai: str) -> set[str]:
    """Pupils whom the lycée's file has said to be there."""
    return set((await tx.execute(_DU_LYCEE, {"session": session, "uai": uai})).scalars())


def _ids(session: int, ids: Collection[str]) -> dict[str, Any]:
    return {"session": session, "ids": list(ids)}
