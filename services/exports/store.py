"""SQL of the service exports, in sets. What a caller reads starts from the session and his lycées."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.exports.domain import EleveListe, EtatExport
from shared.domaine.etat import EtatEleve, encoder
from shared.domaine.listes import Liste, dans_liste
from shared.domaine.statut import statut
from shared.domaine.voeux import nombre_confirmes, nombre_de_voeux
from shared.events.modeles import Statut
from shared.http.perimetre import Perimetre
from shared.kafka.projection import Changement
from shared.nomenclatures.series import Serie

_COLONNES = {
    "etat": "bytea",
    "session": "smallint",
    "uai": "text",
    "classe": "text",
    "serie": "text",
    "nom": "text",
    "prenom": "text",
    "naissance": "date",
    "ine": "text",
    "boursier": "boolean",
    "statut": "text",
    "voeux": "smallint",
    "voeux_confirmes": "smallint",
}
_ECRIRE = text(
    f"""
    UPDATE eleve e
       SET {", ".join(f"{c} = n.{c}" for c in _COLONNES)}, listes = string_to_array(n.listes, ' ')
      FROM unnest(CAST(:eleve_id AS uuid[]), CAST(:listes AS text[]),
                  {", ".join(f"CAST(:{c} AS {t}[])" for c, t in _COLONNES.items())})
           AS n(eleve_id, listes, {", ".join(_COLONNES)})
     WHERE e.eleve_id = n.eleve_id
    """
)
_ELEVES = text(
    """
    SELECT classe, nom, prenom, naissance, ine, serie, statut, boursier, voeux, voeux_confirmes
      FROM eleve WHERE session = :session AND uai = :uai AND :liste = ANY(listes)
    """
)
_CREER = text(
    """
    INSERT INTO registre.export (id, session, uai, liste, demandeur, etat, cree_le, expire_le)
    VALUES (CAST(:id AS uuid), :session, :uai, :liste, :demandeur, :etat, :cree_le, :expire_le)
    """
)
_PERIMETRE = (
    "id = CAST(:id AS uuid) AND session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[]))"
)
_LIRE = text(
    "SELECT id::text, uai, session, liste, etat, lignes, nom, sha256, cree_le, pret_le, expire_le,"
    f" octet_length(contenu) AS taille FROM registre.export WHERE {_PERIMETRE}"
)
_CONTENU = text(f"SELECT contenu FROM registre.export WHERE {_PERIMETRE}")
_PRENDRE = text(
    """
    SELECT id::text, session, uai, liste FROM registre.export WHERE etat = 'EN_COURS'
     ORDER BY cree_le LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_TERMINER = text(
    """
    UPDATE registre.export SET etat = 'PRET', pret_le = :pret_le, lignes = :lignes, nom = :nom,
           sha256 = :sha256, contenu = :contenu
     WHERE id = CAST(:id AS uuid)
    """
)
_ECHOUER = text("UPDATE registre.export SET etat = 'ECHEC' WHERE id = CAST(:id AS uuid)")
_PURGER = text("DELETE FROM registre.export WHERE expire_le < :maintenant")


@dataclass(frozen=True, slots=True)
class Demande:
    """An export taken by a worker."""

    id: str
    session: int
    uai: str
    liste: Liste


@dataclass(frozen=True, slots=True, kw_only=True)
class Produit:
    """A workbook made. ``lignes``: pupils in it."""

    pret_le: datetime
    lignes: int
    nom: str
    sha256: str
    contenu: bytes


async def ecrire(tx: AsyncConnection, changements: Sequence[Changement]) -> None:
    lignes = [_ligne(c.apres) for c in changements]
    parametres: dict[str, list[Any]] = {c: [ligne[c] for ligne in lignes] for c in (*_COLONNES, "listes")}
    parametres["eleve_id"] = [c.eleve_id for c in changements]
    await tx.execute(_ECRIRE, parametres)


def _ligne(etat: EtatEleve) -> dict[str, Any]:
    scolarite, identite = etat.scolarite, etat.identite
    return {
        "etat": encoder(etat),
        "session": etat.session,
        "uai": scolarite and scolarite.uai,
        "listes": " ".join(liste for liste in Liste if dans_liste(etat, liste)) if scolarite else None,
        "classe": scolarite and scolarite.classe,
        "serie": scolarite and scolarite.serie.value,
        "nom": identite and identite.nom,
        "prenom": identite and identite.prenom,
        "naissance": identite and identite.naissance,
        "ine": identite and identite.ine,
        "boursier": scolarite and scolarite.boursier,
        "statut": statut(etat).value,
        "voeux": nombre_de_voeux(etat),
        "voeux_confirmes": nombre_confirmes(etat),
    }


async def eleves(connection: AsyncConnection, demande: Demande) -> list[EleveListe]:
    """The pupils of the list, in no order."""
    parametres = {"session": demande.session, "uai": demande.uai, "liste": demande.liste.value}
    return [_eleve(row) for row in await connection.execute(_ELEVES, parametres)]


def _eleve(row: Row[Any]) -> EleveListe:
    return EleveListe(
        classe=row.classe,
        nom=row.nom,
        prenom=row.prenom,
        naissance=row.naissance,
        ine=row.ine,
        serie=Serie(row.serie),
        statut=Statut(row.statut),
        boursier=row.boursier,
        voeux=row.voeux,
        voeux_confirmes=row.voeux_confirmes,
    )


async def creer(
    tx: AsyncConnection, demande: Demande, demandeur: str, cree_le: datetime, expire_le: datetime
) -> None:
    await tx.execute(
        _CREER,
        {
            "id": demande.id,
            "session": demande.session,
            "uai": demande.uai,
            "liste": demande.liste.value,
            "demandeur": demandeur,
            "etat": EtatExport.EN_COURS.value,
            "cree_le": cree_le,
            "expire_le": expire_le,
        },
    )


async def lire(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str, export_id: str
) -> Row[Any] | None:
    """State of an export of the caller's lycées, without its content; None for anybody else's."""
    parametres = _parametres(perimetre, session, uai, export_id)
    return (await connection.execute(_LIRE, parametres)).one_or_none()


async def contenu(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str, export_id: str
) -> bytes | None:
    parametres = _parametres(perimetre, session, uai, export_id)
    found: bytes | None = (await connection.execute(_CONTENU, parametres)).scalar()
    return found


def _parametres(perimetre: Perimetre, session: int, uai: str, export_id: str) -> dict[str, Any]:
    return {"id": export_id, "session": session, "uai": uai, "lycees": list(perimetre.lycees)}


async def prendre(tx: AsyncConnection) -> Demande | None:
    """The oldest export to make, held until the end of ``tx``: a worker that dies lets it go."""
    row = (await tx.execute(_PRENDRE)).one_or_none()
    return Demande(row.id, row.session, row.uai, Liste(row.liste)) if row else None


async def terminer(tx: AsyncConnection, export_id: str, produit: Produit) -> None:
    await tx.execute(
        _TERMINER,
        {
            "id": export_id,
            "pret_le": produit.pret_le,
            "lignes": produit.lignes,
            "nom": produit.nom,
            "sha256": produit.sha256,
            "contenu": produit.contenu,
        },
    )


async def echouer(tx: AsyncConnection, export_id: str) -> None:
    await tx.execute(_ECHOUER, {"id": export_id})


async def purger(tx: AsyncConnection, maintenant: datetime) -> int:
    """Delete the expired workbooks; returns how many."""
    return (await tx.execute(_PURGER, {"maintenant": maintenant})).rowcount
