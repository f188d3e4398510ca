"""SQL of the nominative lists. Every query starts from the session and the caller's scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.ordre import DERNIER, Ordre, Position, cle, urgence
from shared.db import lignes
from shared.domaine import priorites
from shared.domaine.catalogue import LISTES
from shared.domaine.filtres import Filtres, predicats
from shared.domaine.ligne import LigneEleve
from shared.domaine.liste import Liste
from shared.domaine.predicats import Contexte, Et, Predicat
from shared.domaine.predicats_sql import compiler
from shared.http.perimetre import SES_CLASSES, Perimetre, portee

_PERIMETRE = (
    f"session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES} AND present"
)
_CLASSES = text(
    f"""
    SELECT serie, classe FROM eleve WHERE {_PERIMETRE}
     GROUP BY serie, classe, classe_tri ORDER BY serie, classe_tri, classe
    """
)
_CHOIX = text(
    f"""
    WITH siens AS (SELECT specialites, familles FROM eleve WHERE {_PERIMETRE})
    SELECT array(SELECT DISTINCT unnest(specialites) FROM siens ORDER BY 1) AS specialites,
           array(SELECT DISTINCT unnest(familles) FROM siens ORDER BY 1) AS familles
    """
)
_PAGE = """
    WITH liste AS (
        SELECT eleve_id, {noms}, ({cle}) COLLATE "C" AS cle, coalesce(tri, :dernier) COLLATE "C" AS cle_nom
          FROM eleve WHERE {condition}
    )
    SELECT eleve_id::text, {noms}, cle, cle_nom FROM liste
     WHERE CAST(:cle AS text) IS NULL OR cle {apres} :cle
        OR (cle = :cle AND (cle_nom, eleve_id) > (:cle_nom, CAST(:eleve_id AS uuid)))
     ORDER BY cle {sens}, cle_nom, eleve_id LIMIT :limite
"""
_FILE = """
    SELECT eleve_id::text, {noms}, count(*) OVER () AS total FROM eleve WHERE {condition}
     ORDER BY {poids} DESC, classe_tri COLLATE "C", tri COLLATE "C", eleve_id LIMIT :limite
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """What a list is narrowed by, its order, and where the previous page ended. ``liste``: a code."""

    liste: str = "tous"
    filtres: Filtres = field(default_factory=Filtres)
    texte: str | None = None
    ordre: Ordre = field(default_factory=Ordre)
    apres: Position | None = None
    limite: int = 50

    @property
    def predicat(self) -> Predicat:
        return Et((LISTES[self.liste].condition, *predicats(self.filtres, self.texte)))


@dataclass(frozen=True, slots=True)
class Eleve:
    eleve_id: str
    rang: LigneEleve


@dataclass(frozen=True, slots=True)
class Page:
    """``total``: length of the filtered list; ``fin``: where this page ends when there is another."""

    total: int
    eleves: list[Eleve]
    fin: Position | None


@dataclass(frozen=True, slots=True)
class Lecture:
    """Who reads the pupils of which lycée, at what moment."""

    connection: AsyncConnection
    perimetre: Perimetre
    session: int
    uai: str
    contexte: Contexte

    @property
    def parametres(self) -> dict[str, Any]:
        return {"session": self.session, "uai": self.uai, **portee(self.perimetre)}

    def visible(self, liste: Liste) -> bool:
        """Some lists are for the chef and his adjoints."""
        return self.perimetre.direction or not liste.reservee


async def lister(lecture: Lecture, filtre: Filtre) -> Page:
    dit = compiler(filtre.predicat, lecture.contexte)
    parametres = {**lecture.parametres, **dit.parametres}
    condition = f"{_PERIMETRE} AND {dit.texte}"
    total = await lecture.connection.execute(
        text(f"SELECT count(*) FROM eleve WHERE {condition}"), parametres
    )
    rows = (
        await lecture.connection.execute(_page(condition, filtre), {**parametres, **_bornes(filtre)})
    ).all()
    fin = None
    if len(rows) > filtre.limite:
        derniere = rows[filtre.limite - 1]
        fin = Position(derniere.cle, derniere.cle_nom, derniere.eleve_id)
    return Page(total.scalar_one(), [_eleve(row) for row in rows[: filtre.limite]], fin)


def _eleve(row: Any) -> Eleve:
    return Eleve(row.eleve_id, lignes.lire(row))


def _page(condition: str, filtre: Filtre) -> Any:
    ordre = filtre.ordre
    if ordre.tri is None:
        tri = LISTES[filtre.liste].tri
        expression, descendant = urgence([(tri.champ, tri.descendant), ("classe", False)]), False
    else:
        expression, descendant = cle(ordre.tri, descendant=ordre.descendant), ordre.descendant
    apres, sens = ("<", "DESC") if descendant else (">", "ASC")
    return text(_PAGE.format(noms=lignes.NOMS, cle=expression, condition=condition, apres=apres, sens=sens))


def _bornes(filtre: Filtre) -> dict[str, Any]:
    """One pupil more than the page tells whether there is another."""
    apres = filtre.apres
    return {
        "dernier": DERNIER,
        "cle": apres and apres.cle,
        "cle_nom": apres and apres.nom,
        "eleve_id": apres and apres.eleve_id,
        "limite": filtre.limite + 1,
    }


async def compter(lecture: Lecture) -> dict[str, int]:
    """Size of every list of the lycée that the caller may read, in one query."""
    dits = {
        code: compiler(liste.condition, lecture.contexte, f"l{i}_")
        for i, (code, liste) in enumerate(LISTES.items())
        if lecture.visible(liste)
    }
    comptes = ", ".join(f"count(*) FILTER (WHERE {dit.texte}) AS {code}" for code, dit in dits.items())
    parametres: dict[str, Any] = lecture.parametres
    for dit in dits.values():
        parametres.update(dit.parametres)
    rows = await lecture.connection.execute(
        text(f"SELECT {comptes} FROM eleve WHERE {_PERIMETRE}"), parametres
    )
    return dict(rows.mappings().one())


async def classes(lecture: Lecture) -> list[dict[str, Any]]:
    """Classes and séries of the lycée, for the filters."""
    rows = await lecture.connection.execute(_CLASSES, lecture.parametres)
    return [dict(row) for row in rows.mappings()]


async def choix(lecture: Lecture) -> Mapping[str, Any]:
    """Spécialités and filières that somebody has in the lycée, for the filters."""
    return dict((await lecture.connection.execute(_CHOIX, lecture.parametres)).mappings().one())


async def file(lecture: Lecture, filtres: Filtres, limite: int) -> tuple[int, list[Eleve]]:
    """« À accompagner aujourd’hui »: how many are in the queue, and the first of it."""
    dit = compiler(Et((priorites.A_ACCOMPAGNER, *predicats(filtres))), lecture.contexte)
    poids = priorites.poids_sql(lecture.contexte)
    requete = _FILE.format(noms=lignes.NOMS, condition=f"{_PERIMETRE} AND {dit.texte}", poids=poids.texte)
    parametres = {**lecture.parametres, **dit.parametres, **poids.parametres, "limite": limite}
    rows = (await lecture.connection.execute(text(requete), parametres)).all()
    return (rows[0].total if rows else 0), [_eleve(row) for row in rows]
