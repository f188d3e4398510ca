"""SQL of the service exports, in sets. What a caller reads starts from the session and his lycées."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.exports.domain import EtatExport
from shared.db import lignes
from shared.domaine.catalogue import LISTES
from shared.domaine.complements_publies import complements_publies
from shared.domaine.etat import encoder
from shared.domaine.filtres import Filtres, predicats
from shared.domaine.ligne import LigneEleve, ligne
from shared.domaine.predicats import Contexte, Et, Parmi, Predicat
from shared.domaine.predicats_sql import compiler
from shared.http.perimetre import Perimetre
from shared.kafka.projection import Changement

_ECRIRE = text(
    f"""
    UPDATE eleve e SET etat = n.etat, {lignes.AFFECTATIONS}
      FROM unnest(CAST(:eleve_id AS uuid[]), CAST(:etat AS bytea[]), {lignes.TABLEAUX})
           AS n(eleve_id, etat, {lignes.NOMS})
     WHERE e.eleve_id = n.eleve_id
    """
)
_ELEVES = f"SELECT {lignes.NOMS} FROM eleve WHERE session = :session AND uai = :uai AND {{condition}}"
_CREER = text(
    """
    INSERT INTO registre.export
           (id, session, uai, liste, demandeur, etat, cree_le, expire_le, filtres, classes, direction)
    VALUES (CAST(:id AS uuid), :session, :uai, :liste, :demandeur, :etat, :cree_le, :expire_le,
            CAST(:filtres AS jsonb), CAST(:classes AS text[]), :direction)
    """
)
_PERIMETRE = (
    "id = CAST(:id AS uuid) AND session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[]))"
    " AND (:direction OR demandeur = :acteur)"
)
"""The chef and his adjoints see the workbooks of the lycée; anybody else his own."""
_LIRE = text(
    "SELECT id::text, uai, session, liste, etat, lignes, nom, sha256, cree_le, pret_le, expire_le,"
    f" octet_length(contenu) AS taille FROM registre.export WHERE {_PERIMETRE}"
)
_CONTENU = text(f"SELECT contenu FROM registre.export WHERE {_PERIMETRE}")
_PRENDRE = text(
    """
    SELECT id::text, session, uai, liste, filtres, classes, direction FROM registre.export WHERE etat = 'EN_COURS'
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

SANS_FILTRE = Filtres()


@dataclass(frozen=True, slots=True)
class Demande:
    """An export asked for. ``liste``: a code of the catalogue. ``classes``: codes of the only ones seen."""

    id: str
    session: int
    uai: str
    liste: str
    filtres: Filtres = SANS_FILTRE
    classes: tuple[str, ...] | None = None
    direction: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Produit:
    """A workbook made. ``lignes``: pupils in it."""

    pret_le: datetime
    lignes: int
    nom: str
    sha256: str
    contenu: bytes


async def ecrire(tx: AsyncConnection, changements: Sequence[Changement]) -> None:
    """Write the folded pupils; what people typed of them comes from the log too."""
    rangs = [ligne(c.apres, complements_publies(c.apres)) for c in changements]
    parametres: dict[str, Any] = lignes.parametres(rangs)
    parametres["eleve_id"] = [c.eleve_id for c in changements]
    parametres["etat"] = [encoder(c.apres) for c in changements]
    await tx.execute(_ECRIRE, parametres)


async def eleves(connection: AsyncConnection, demande: Demande, a_la_date: datetime) -> list[LigneEleve]:
    """The pupils of the list, narrowed, in no order."""
    dit = compiler(_condition(demande), Contexte(a_la_date))
    parametres = {"session": demande.session, "uai": demande.uai, **dit.parametres}
    rows = await connection.execute(text(_ELEVES.format(condition=dit.texte)), parametres)
    return [lignes.lire(row) for row in rows]


def _condition(demande: Demande) -> Predicat:
    membres: list[Predicat] = [LISTES[demande.liste].condition, *predicats(demande.filtres)]
    if demande.classes is not None:
        membres.append(Parmi("classe", demande.classes))
    return Et(tuple(membres))


async def creer(
    tx: AsyncConnection, demande: Demande, demandeur: str, cree_le: datetime, expire_le: datetime
) -> None:
    await tx.execute(
        _CREER,
        {
            "id": demande.id,
            "session": demande.session,
            "uai": demande.uai,
            "liste": demande.liste,
            "demandeur": demandeur,
            "etat": EtatExport.EN_COURS.value,
            "cree_le": cree_le,
            "expire_le": expire_le,
            "filtres": demande.filtres.model_dump_json(exclude_defaults=True),
            "classes": None if demande.classes is None else list(demande.classes),
            "direction": demande.direction,
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
    return {
        "id": export_id,
        "session": session,
        "uai": uai,
        "lycees": list(perimetre.lycees),
        "direction": perimetre.direction,
        "acteur": perimetre.acteur,
    }


async def prendre(tx: AsyncConnection) -> Demande | None:
    """The oldest export to make, held until the end of ``tx``: a worker that dies lets it go."""
    row = (await tx.execute(_PRENDRE)).one_or_none()
    if row is None:
        return None
    classes = None if row.classes is None else tuple(row.classes)
    filtres = Filtres.model_validate(row.filtres or {})
    return Demande(row.id, row.session, row.uai, row.liste, filtres, classes, row.direction)


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
