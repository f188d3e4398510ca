"""SQL of the nominative lists, one statement per page. Every query starts from the session and the caller's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.ordre import DERNIER, Ordre, Position, cle, urgence
from shared.db import lignes
from shared.domaine.catalogue import LISTES
from shared.domaine.filtres import Filtres, predicats
from shared.domaine.ligne import LigneEleve
from shared.domaine.liste import Liste
from shared.domaine.predicats import Contexte, Et, Predicat
from shared.domaine.predicats_sql import Sql, compiler
from shared.http.perimetre import SES_CLASSES, Perimetre, portee

PERIMETRE = (
    f"session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES} AND present"
)
_PAGE = """
    WITH visite AS (
        SELECT reference FROM registre.visite
         WHERE session = :session AND acteur = :acteur AND uai = :uai AND liste = :liste
    ), liste AS MATERIALIZED (
        SELECT eleve_id, ({cle}) COLLATE "C" AS cle, coalesce(tri, '{dernier}') COLLATE "C" AS cle_nom,
               EXISTS (SELECT FROM visite) AND eleve_id NOT IN (SELECT unnest(reference) FROM visite) AS nouveau
          FROM eleve WHERE {condition}
    ), page AS (
        SELECT * FROM liste
         WHERE {garde} AND (CAST(:cle AS text) IS NULL OR cle {apres} :cle
            OR (cle = :cle AND (cle_nom, eleve_id) > (:cle_nom, CAST(:eleve_id AS uuid))))
         ORDER BY cle {sens}, cle_nom, eleve_id LIMIT :limite
    ), taille AS (
        SELECT count(*) FILTER (WHERE {garde}) AS total, count(*) FILTER (WHERE nouveau) AS nouveaux FROM liste
    )
    SELECT total, nouveaux, page.cle, page.cle_nom, nouveau, eleve_id::text AS eleve_id, {noms}
      FROM taille LEFT JOIN page ON true LEFT JOIN eleve USING (eleve_id)
     ORDER BY page.cle {sens}, page.cle_nom, eleve_id
"""
"""Beside the page, the length of the list: one row without pupil when the page is empty.

The pupils known to the reader are a hashed subplan: a join would be planned on a guess of their number.
"""
_AVANT = 6
"""Columns before those of the pupil's row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """What a list is narrowed by, its order, and where the previous page ended. ``liste``: a code.

    ``nouveaux``: only those who came into it since the reader's last visit.
    """

    liste: str = "tous"
    filtres: Filtres = field(default_factory=Filtres)
    texte: str | None = None
    nouveaux: bool = False
    ordre: Ordre = field(default_factory=Ordre)
    apres: Position | None = None
    limite: int = 50

    @property
    def predicat(self) -> Predicat:
        return Et((LISTES[self.liste].condition, *predicats(self.filtres, self.texte)))

    @property
    def tranche(self) -> "Tranche":
        if self.ordre.tri is None:
            tri = LISTES[self.liste].tri
            expression, descendant = urgence([(tri.champ, tri.descendant), ("classe", False)]), False
        else:
            descendant = self.ordre.descendant
            expression = cle(self.ordre.tri, descendant=descendant)
        return Tranche(
            liste=self.liste,
            cle=Sql(expression, {}),
            descendant=descendant,
            nouveaux=self.nouveaux,
            apres=self.apres,
            limite=self.limite,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """Which pupils of those found: ordered by the text ``cle``, after ``apres``. ``liste``: whose visits count."""

    liste: str
    cle: Sql
    descendant: bool = False
    nouveaux: bool = False
    apres: Position | None = None
    limite: int = 50


@dataclass(frozen=True, slots=True)
class Eleve:
    """``nouveau``: he was not in the list at the reader's last visit."""

    eleve_id: str
    rang: LigneEleve
    nouveau: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """``total``: length of the filtered list; ``fin``: where this page ends when there is another."""

    total: int
    nouveaux: int
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
        scope = {"session": self.session, "uai": self.uai, **portee(self.perimetre)}
        return {**scope, "acteur": self.perimetre.acteur}

    def visible(self, liste: Liste) -> bool:
        """Some lists are for the chef and his adjoints."""
        return self.perimetre.direction or not liste.reservee


async def lister(lecture: Lecture, filtre: Filtre) -> Page:
    return await lire(lecture, filtre.predicat, filtre.tranche)


async def lire(lecture: Lecture, predicat: Predicat, tranche: Tranche) -> Page:
    """The pupils in scope for whom ``predicat`` holds."""
    dit = compiler(predicat, lecture.contexte)
    requete = prepare(
        _PAGE.format(
            noms=lignes.NOMS,
            cle=tranche.cle.texte,
            dernier=DERNIER,
            condition=f"{PERIMETRE} AND {dit.texte}",
            garde="nouveau" if tranche.nouveaux else "true",
            apres="<" if tranche.descendant else ">",
            sens="DESC" if tranche.descendant else "ASC",
        )
    )
    parametres = {**lecture.parametres, **dit.parametres, **tranche.cle.parametres, **_bornes(tranche)}
    rows = (await lecture.connection.execute(requete, parametres)).all()
    return _page(rows, tranche.limite)


@lru_cache(maxsize=1_024)
def prepare(requete: str) -> TextClause:
    """Parsed once: values are never in the text, so that texts are few."""
    return text(requete)


def _bornes(tranche: Tranche) -> dict[str, Any]:
    """One pupil more than the page tells whether there is another."""
    apres = tranche.apres
    return {
        "liste": tranche.liste,
        "cle": apres and apres.cle,
        "cle_nom": apres and apres.nom,
        "eleve_id": apres and apres.eleve_id,
        "limite": tranche.limite + 1,
    }


def _page(rows: Sequence[Any], limite: int) -> Page:
    presents = [row for row in rows if row.eleve_id is not None]
    fin = None
    if len(presents) > limite:
        derniere = presents[limite - 1]
        fin = Position(derniere.cle, derniere.cle_nom, derniere.eleve_id)
    eleves = [
        Eleve(row.eleve_id, lignes.lire_valeurs(row[_AVANT:]), row.nouveau) for row in presents[:limite]
    ]
    return Page(rows[0].total, rows[0].nouveaux, eleves, fin)


def visibles(lecture: Lecture) -> Mapping[str, Liste]:
    """The lists that the reader may open, in the order of the menus."""
    return {code: liste for code, liste in LISTES.items() if lecture.visible(liste)}
