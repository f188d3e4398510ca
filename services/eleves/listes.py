"""SQL of the nominative lists. Every query starts from the session and the caller's scope."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.domain import Ordre, Position, Tri
from shared.domaine.listes import Liste, cle_de_tri
from shared.events.modeles import Statut
from shared.http.perimetre import SES_CLASSES, Perimetre, portee
from shared.nomenclatures.series import Serie

PREDICATS = {
    Liste.TOUS: "true",
    Liste.NON_INSCRITS: "NOT inscrit",
    Liste.INSCRITS_SANS_VOEU: "inscrit AND voeux = 0",
}
_DERNIER = "\U0010ffff"
"""Sorts after any text: who has no name yet, or no classe, comes last."""
_PERIMETRE = (
    f"session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES} AND present"
)
_COMPTER = text(
    f"""
    SELECT {", ".join(f"count(*) FILTER (WHERE {p}) AS {liste.value}" for liste, p in PREDICATS.items())}
      FROM eleve WHERE {_PERIMETRE}
    """
)
_CLASSES = text(
    f"""
    SELECT serie, classe FROM eleve WHERE {_PERIMETRE}
     GROUP BY serie, classe, classe_tri ORDER BY serie, classe_tri, classe
    """
)
_FILTRES = """
    (CAST(:serie AS text) IS NULL OR serie = :serie)
    AND (CAST(:classe AS text) IS NULL OR classe = :classe)
    AND (CAST(:texte AS text) IS NULL OR tri LIKE '%' || :texte || '%')
"""
_PAGE = """
    WITH liste AS (
        SELECT eleve_id, nom, prenom, classe, serie, statut, voeux, voeux_confirmes, propositions, boursier,
               ({cle}) COLLATE "C" AS cle, coalesce(tri, :dernier) COLLATE "C" AS cle_nom
          FROM eleve WHERE {condition}
    )
    SELECT eleve_id::text, nom, prenom, classe, serie, statut, voeux, voeux_confirmes, propositions, boursier,
           cle, cle_nom
      FROM liste
     WHERE CAST(:cle AS text) IS NULL OR cle {apres} :cle
        OR (cle = :cle AND (cle_nom, eleve_id) > (:cle_nom, CAST(:eleve_id AS uuid)))
     ORDER BY cle {sens}, cle_nom, eleve_id LIMIT :limite
"""


def _rang(colonne: str, codes: Iterable[str]) -> str:
    """Text key of a code: its place in the enum, unknown ones last."""
    places = ", ".join(f"'{code}'" for code in codes)
    return f"lpad(coalesce(array_position(ARRAY[{places}], {colonne}), 99999)::text, 5, '0')"


_CLES = {
    Tri.NOM: "coalesce(tri, :dernier)",
    Tri.CLASSE: "coalesce(classe_tri, :dernier)",
    Tri.SERIE: _rang("serie", Serie),
    Tri.STATUT: _rang("statut", Statut),
    Tri.VOEUX: "lpad(coalesce(voeux, 0)::text, 5, '0')",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """What a list is narrowed by, its order, and where the previous page ended."""

    liste: Liste
    serie: str | None = None
    classe: str | None = None
    texte: str | None = None
    ordre: Ordre = field(default_factory=Ordre)
    apres: Position | None = None
    limite: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """``total``: length of the filtered list; ``fin``: where this page ends when there is another."""

    total: int
    eleves: list[dict[str, Any]]
    fin: Position | None


async def lister(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str, filtre: Filtre
) -> Page:
    parametres = {
        **_perimetre(perimetre, session, uai),
        "serie": filtre.serie,
        "classe": filtre.classe,
        "texte": _motif(filtre.texte),
    }
    condition = f"{_PERIMETRE} AND {PREDICATS[filtre.liste]} AND {_FILTRES}"
    total = await connection.execute(text(f"SELECT count(*) FROM eleve WHERE {condition}"), parametres)
    rows = await connection.execute(_page(condition, filtre.ordre), {**parametres, **_bornes(filtre)})
    eleves = [dict(row) for row in rows.mappings()]
    positions = [Position(e.pop("cle"), e.pop("cle_nom"), e["eleve_id"]) for e in eleves]
    fin = positions[filtre.limite - 1] if len(eleves) > filtre.limite else None
    return Page(total.scalar_one(), eleves[: filtre.limite], fin)


def _page(condition: str, ordre: Ordre) -> Any:
    apres, sens = ("<", "DESC") if ordre.descendant else (">", "ASC")
    return text(_PAGE.format(cle=_CLES[ordre.tri], condition=condition, apres=apres, sens=sens))


def _bornes(filtre: Filtre) -> dict[str, Any]:
    """One pupil more than the page tells whether there is another."""
    apres = filtre.apres
    return {
        "dernier": _DERNIER,
        "cle": apres and apres.cle,
        "cle_nom": apres and apres.nom,
        "eleve_id": apres and apres.eleve_id,
        "limite": filtre.limite + 1,
    }


async def compter(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str
) -> dict[str, int]:
    """Size of every list of the lycée, in one query."""
    rows = await connection.execute(_COMPTER, _perimetre(perimetre, session, uai))
    return dict(rows.mappings().one())


async def classes(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str
) -> list[dict[str, Any]]:
    """Classes and séries of the lycée, for the filters."""
    rows = await connection.execute(_CLASSES, _perimetre(perimetre, session, uai))
    return [dict(row) for row in rows.mappings()]


def _perimetre(perimetre: Perimetre, session: int, uai: str) -> dict[str, Any]:
    return {"session": session, "uai": uai, **portee(perimetre)}


def _motif(texte: str | None) -> str | None:
    """Same folding as the sort key, so that a search needs no accents."""
    return (cle_de_tri(texte).strip() or None) if texte else None
