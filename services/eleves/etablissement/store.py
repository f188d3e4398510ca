"""SQL of a lycée's settings: fiches and their history, and what pupils make of the classes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import referentiels
from services.eleves.etablissement.champs import Objet
from services.eleves.etablissement.domain import Cle, Locale
from services.eleves.etablissement.sources import ClasseVue, Fiche, Lycee

_FICHES = text(
    "SELECT objet, classe, detail, version, champs::text FROM registre.etablissement_fiche"
    " WHERE session = :session AND uai = :uai ORDER BY objet, classe, detail"
)
_CLASSES = text(
    """
    SELECT classe, count(*) AS effectif, array_agg(DISTINCT serie ORDER BY serie) AS series FROM eleve
     WHERE session = :session AND uai = :uai AND present AND classe IS NOT NULL GROUP BY classe ORDER BY classe
    """
)
_VERROUILLER = text("SELECT pg_advisory_xact_lock(hashtext('etablissement'), hashtext(:lycee))")
_ECRIRE = text(
    """
    INSERT INTO registre.etablissement_fiche (session, uai, objet, classe, detail, version, champs)
    SELECT :session, :uai, n.objet, n.classe, n.detail, n.version, n.apres
      FROM jsonb_to_recordset(CAST(:lignes AS jsonb))
           AS n(objet text, classe text, detail text, version integer, avant jsonb, apres jsonb)
    ON CONFLICT (session, uai, objet, classe, detail)
    DO UPDATE SET version = excluded.version, champs = excluded.champs
    """
)
_TRACER = text(
    """
    INSERT INTO registre.etablissement_historique
           (session, uai, objet, classe, detail, version, avant, apres, auteur, par, le)
    SELECT :session, :uai, n.objet, n.classe, n.detail, n.version, n.avant, n.apres, :auteur, :par, :le
      FROM jsonb_to_recordset(CAST(:lignes AS jsonb))
           AS n(objet text, classe text, detail text, version integer, avant jsonb, apres jsonb)
    """
)
_HISTORIQUE = text(
    "SELECT objet, classe, detail, version, avant, apres, par, le FROM registre.etablissement_historique"
    " WHERE session = :session AND uai = :uai ORDER BY id DESC LIMIT :limite"
)


@dataclass(frozen=True, slots=True)
class Changement:
    cle: Cle
    version: int
    avant: Mapping[str, Locale]
    apres: Mapping[str, Locale]


@dataclass(frozen=True, slots=True)
class Signature:
    """``acteur``: the account; ``par``: how colleagues read it."""

    acteur: str
    par: str
    le: datetime


async def charger(tx: AsyncConnection, session: int, uai: str) -> Lycee:
    """Everything said and typed of the lycée's settings."""
    return Lycee(
        session=session,
        uai=uai,
        calendrier=await referentiels.calendrier(tx, session),
        reference=await referentiels.lycee(tx, session, uai),
        communs=await referentiels.communs(tx, session, uai),
        structures=await referentiels.structures(tx, session, uai),
        enseignants=await referentiels.enseignants(tx, session, uai),
        classes=await _classes(tx, session, uai),
        fiches=await fiches(tx, session, uai),
    )


async def verrouiller(tx: AsyncConnection, session: int, uai: str) -> None:
    """Commands on one lycée's settings take turns."""
    await tx.execute(_VERROUILLER, {"lycee": f"{session}/{uai}"})


async def fiches(tx: AsyncConnection, session: int, uai: str) -> dict[Cle, Fiche]:
    lues = await tx.execute(_FICHES, {"session": session, "uai": uai})
    return {
        Cle(Objet(ligne.objet), ligne.classe, ligne.detail): Fiche(
            ligne.version, msgspec.json.decode(ligne.champs, type=dict[str, Locale])
        )
        for ligne in lues
    }


async def ecrire(
    tx: AsyncConnection, session: int, uai: str, changements: list[Changement], qui: Signature
) -> None:
    """The fiches as they become, and their history."""
    lycee = {"session": session, "uai": uai, "lignes": json.dumps([_ligne(c) for c in changements])}
    await tx.execute(_ECRIRE, lycee)
    await tx.execute(_TRACER, {**lycee, "auteur": qui.acteur, "par": qui.par, "le": qui.le})


def _ligne(changement: Changement) -> dict[str, Any]:
    return {
        "objet": changement.cle.objet,
        "classe": changement.cle.classe,
        "detail": changement.cle.detail,
        "version": changement.version,
        "avant": msgspec.to_builtins(changement.avant),
        "apres": msgspec.to_builtins(changement.apres),
    }


async def historique(tx: AsyncConnection, session: int, uai: str, limite: int) -> list[Mapping[str, Any]]:
    """Latest first."""
    lignes = await tx.execute(_HISTORIQUE, {"session": session, "uai": uai, "limite": limite})
    return [dict(ligne) for ligne in lignes.mappings()]


async def _classes(tx: AsyncConnection, session: int, uai: str) -> dict[str, ClasseVue]:
    lues = await tx.execute(_CLASSES, {"session": session, "uai": uai})
    return {
        ligne.classe: ClasseVue(ligne.effectif, tuple(serie for serie in ligne.series if serie))
        for ligne in lues
    }
