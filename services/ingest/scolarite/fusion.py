"""Two pupils who are one: the loser's aliases and entries go to the survivor, his facts are told again.

DEMANDEE: decided. REPRISE: aliases moved, ``IdentiteFusionnee`` on its way; what is on the log, or
still in the spool of an import that began before, is to be told again under the survivor. TERMINEE.
Each step is one transaction, ids are deterministic: whatever dies, the job goes on.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.scolarite import defusion
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.partage import oublier, photographier
from services.ingest.scolarite.redite import TERMINER, reprendre
from services.ingest.settings import IngestSettings
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import decoder_locale, encoder_locale, fusionner
from shared.db import outbox
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement, identifiant
from shared.events.modeles import IdentiteFusionnee
from shared.http.errors import Refus
from shared.kafka.bulk import exclusive

_log = structlog.get_logger()

LAISSEES = frozenset({"import_ligne"})
"""Tables that name a pupil and are of the past: they stay as they were written."""
DEPLACEES = frozenset({"bulletin", "dispositif", "echeance", "statut_boursier"})
"""Tables of other themes whose rows go to the survivor, unless he has his own."""
_CLES_DEPLACEES = {"bulletin": ("annee", "periode"), "echeance": ("sujet",)}

_ALIAS = text(
    """
    SELECT eleve_id::text AS eleve_id, count(*) AS noms, bool_or(nature = 'I') AS ine FROM registre.alias
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[])) GROUP BY eleve_id
    """
)
_DEMANDER = text(
    """
    INSERT INTO registre.fusion (session, perdant, survivant, etat, auteur)
    VALUES (:session, CAST(:perdant AS uuid), CAST(:survivant AS uuid), 'DEMANDEE', :auteur)
    ON CONFLICT DO NOTHING RETURNING true
    """
)
_DANS_L_ETAT = text(
    """
    SELECT perdant::text AS perdant, survivant::text AS survivant, auteur, attend::text[] AS attend
      FROM registre.fusion WHERE session = :session AND etat = :etat ORDER BY demandee_le, perdant
    """
)
_SURVIVANT = text(
    "SELECT survivant::text FROM registre.fusion"
    " WHERE session = :session AND perdant = CAST(:perdant AS uuid) AND etat = 'DEMANDEE' FOR UPDATE"
)
_DEPLACER = tuple(
    text(requete)
    for requete in (
        """
        UPDATE registre.alias SET eleve_id = CAST(:survivant AS uuid)
         WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)
        """,
        """
        INSERT INTO registre.scolarite (session, eleve_id, uai, date_entree, date_sortie, version, contenu, gele)
        SELECT session, CAST(:survivant AS uuid), uai, date_entree, date_sortie, version, contenu, gele
          FROM registre.scolarite WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)
        ON CONFLICT (session, eleve_id, uai) DO UPDATE
           SET date_entree = excluded.date_entree, date_sortie = excluded.date_sortie,
               version = excluded.version, contenu = excluded.contenu
         WHERE scolarite.version < excluded.version
        """,
        "DELETE FROM registre.scolarite WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)",
        """
        INSERT INTO registre.vivier_initial (session, eleve_id, uai, serie, le)
        SELECT session, CAST(:survivant AS uuid), uai, serie, le FROM registre.vivier_initial
         WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)
        ON CONFLICT DO NOTHING
        """,
        "DELETE FROM registre.vivier_initial WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)",
        "DELETE FROM registre.eleve_connu WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)",
        """
        UPDATE registre.fusion SET survivant = CAST(:survivant AS uuid)
         WHERE session = :session AND survivant = CAST(:perdant AS uuid)
        """,
        """
        UPDATE registre.tache SET etat = 'CADUQUE', version = version + 1, modifiee_le = now()
         WHERE session = :session AND etat IN ('OUVERTE', 'ESCALADEE') AND CAST(:perdant AS uuid) = ANY(eleves)
        """,
    )
)
_DES_AUTRES = tuple(
    text(requete)
    for table, cle in _CLES_DEPLACEES.items()
    for requete in (
        f"""
        UPDATE registre.{table} d SET eleve_id = CAST(:survivant AS uuid)
         WHERE d.session = :session AND d.eleve_id = CAST(:perdant AS uuid)
           AND NOT EXISTS (SELECT 1 FROM registre.{table} s
                            WHERE s.session = d.session AND s.eleve_id = CAST(:survivant AS uuid)
                              AND {" AND ".join(f"s.{champ} = d.{champ}" for champ in cle)})
        """,
        f"DELETE FROM registre.{table} WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)",
    )
) + tuple(
    text(
        f"UPDATE registre.{table} SET eleve_id = CAST(:survivant AS uuid)"
        " WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)"
    )
    for table in sorted(DEPLACEES - _CLES_DEPLACEES.keys())
)
_ENTREES = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, version, contenu, auteur FROM registre.scolarite_locale
     WHERE session = :session AND eleve_id IN (CAST(:perdant AS uuid), CAST(:survivant AS uuid))
    """
)
_OUBLIER_ENTREES = text(
    "DELETE FROM registre.scolarite_locale WHERE session = :session AND eleve_id = CAST(:perdant AS uuid)"
)
_ENTREE = text(
    """
    INSERT INTO registre.scolarite_locale (session, eleve_id, uai, version, contenu, auteur)
    SELECT :session, CAST(:survivant AS uuid), u, v, c, a
      FROM unnest(CAST(:uais AS text[]), CAST(:versions AS integer[]), CAST(:contenus AS bytea[]),
                  CAST(:auteurs AS text[])) AS n(u, v, c, a)
    ON CONFLICT (session, eleve_id, uai) DO UPDATE
       SET version = excluded.version, contenu = excluded.contenu, modifie_le = now()
    """
)
_EN_PUBLICATION = text(
    "SELECT coalesce(array_agg(id::text), '{}') FROM registre.import WHERE session = :session AND etat = 'PUBLICATION'"
)
_REPRENDRE = text(
    """
    UPDATE registre.fusion SET etat = 'REPRISE', attend = CAST(:attend AS uuid[]), modifiee_le = now()
     WHERE session = :session AND perdant = CAST(:perdant AS uuid) AND etat = 'DEMANDEE'
    """
)


async def demander(
    tx: AsyncConnection, contexte: Contexte, eleves: Sequence[str], survivant: str | None = None
) -> str:
    """Decide the merge; the job does it. Returns the survivor: the one with an INE, with more names."""
    lus = (await tx.execute(_ALIAS, {"session": contexte.session, "ids": list(eleves)})).all()
    noms = {ligne.eleve_id: (ligne.ine, ligne.noms) for ligne in lus}
    garde = survivant or max(eleves, key=lambda eleve: (*noms.get(eleve, (False, 0)), eleve))
    (perdant,) = (eleve for eleve in eleves if eleve != garde)
    valeurs = {
        "session": contexte.session,
        "perdant": perdant,
        "survivant": garde,
        "auteur": contexte.acteur,
    }
    if (await tx.execute(_DEMANDER, valeurs)).scalar() is None:
        raise Refus(409, "deja_fusionne", "L’un de ces deux élèves a déjà été fusionné.")
    return garde


async def avancer(settings: IngestSettings, engine: AsyncEngine) -> bool:
    """Bring the merges on; True when some wait for an import to end.

    Raises:
        BusySourceError: an analysis is under way, or another process does this.
    """
    await avancer_les_alias(settings, engine)
    await oublier(engine, settings)
    reprises = await _lire(engine, settings.session, "REPRISE")
    if not reprises:
        return await defusion.avancer(settings, engine)
    async with exclusive(engine, f"{settings.topic_prefix}ingest.{settings.session}.fusions"):
        return await reprendre(settings, engine, reprises)


async def avancer_les_alias(settings: IngestSettings, engine: AsyncEngine) -> None:
    """The first step, between two analyses: names and entries go to the survivor, both are told."""
    for ligne in await _lire(engine, settings.session, "DEMANDEE"):
        source = f"{settings.topic_prefix}ingest.{settings.session}.analyse"
        async with exclusive(engine, source), engine.begin() as tx:
            await _deplacer(tx, settings, ligne)


async def _lire(engine: AsyncEngine, session: int, etat: str) -> Sequence[Row[Any]]:
    async with engine.connect() as tx:
        return (await tx.execute(_DANS_L_ETAT, {"session": session, "etat": etat})).all()


async def _deplacer(tx: AsyncConnection, settings: IngestSettings, ligne: Row[Any]) -> None:
    """Aliases, scolarités, entries and stamp go to the survivor; both are told in one transaction."""
    session, perdant = settings.session, ligne.perdant
    survivant = (await tx.execute(_SURVIVANT, {"session": session, "perdant": perdant})).scalar()
    if survivant is None:
        return
    attend = list((await tx.execute(_EN_PUBLICATION, {"session": session})).scalar_one())
    await tx.execute(_REPRENDRE, {"session": session, "perdant": perdant, "attend": attend})
    if survivant == perdant:
        await tx.execute(TERMINER, {"session": session, "perdants": [perdant], "faits": [0]})
        return
    noms = {"session": session, "perdant": perdant, "survivant": survivant}
    await scolarites.connus(tx, session, sorted((perdant, survivant)))
    await photographier(tx, session, perdant, survivant)
    await _fusionner_entrees(tx, noms)
    for requete in (*_DEPLACER, *_DES_AUTRES):
        await tx.execute(requete, noms)
    contexte = Contexte(settings=settings, session=session, acteur=ligne.auteur)
    await outbox.append(tx, _annonces(settings, noms, contexte))
    await contexte.publier(tx, None, [survivant])
    _log.info("merge begun", awaited_imports=len(attend))


def _annonces(settings: IngestSettings, noms: Mapping[str, Any], contexte: Contexte) -> list[Evenement]:
    """The merge, and the end of the loser's name on the compacted topic."""
    perdant = noms["perdant"]
    fait = IdentiteFusionnee(
        session=settings.session, eleve_id=UUID(perdant), version=1, survivant=UUID(noms["survivant"])
    )
    annonce = evenement(
        t.ELEVE,
        fait,
        cle=f"{perdant}/fusion",
        version=1,
        time=contexte.le,
        prefixe=settings.topic_prefix,
        type_="IdentiteFusionnee",
    )
    complet = t.IDENTITE.complet(settings.topic_prefix, settings.session)
    tombe = Evenement(
        topic=complet,
        cle=perdant,
        type="IdentiteRemontee",
        id=identifiant(complet, f"{perdant}/fusion", 1),
        time=annonce.time,
        source=annonce.source,
        donnees=None,
    )
    return [annonce, tombe]


async def _fusionner_entrees(tx: AsyncConnection, noms: Mapping[str, Any]) -> None:
    lues = (await tx.execute(_ENTREES, dict(noms))).all()
    gardees = {ligne.uai: ligne for ligne in lues if ligne.eleve_id == noms["survivant"]}
    venues = [ligne for ligne in lues if ligne.eleve_id == noms["perdant"]]
    if not venues:
        return
    locales = [
        fusionner(
            decoder_locale(gardees[ligne.uai].contenu) if ligne.uai in gardees else None,
            decoder_locale(ligne.contenu),
        )
        for ligne in venues
    ]
    await tx.execute(
        _ENTREE,
        {
            "session": noms["session"],
            "survivant": noms["survivant"],
            "uais": [ligne.uai for ligne in venues],
            "versions": [
                max(ligne.version, gardees[ligne.uai].version if ligne.uai in gardees else 0) + 1
                for ligne in venues
            ],
            "contenus": [encoder_locale(locale) for locale in locales],
            "auteurs": [ligne.auteur for ligne in venues],
        },
    )
    await tx.execute(_OUBLIER_ENTREES, {"session": noms["session"], "perdant": noms["perdant"]})
