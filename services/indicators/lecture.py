"""SQL of the reading side: a lycée in one query, every cell of a session, a curve."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators.mesures import COLONNES, MESURES

Vecteur = tuple[int, ...]
_N = len(MESURES)
_LUES = COLONNES[:_N]
_TABLEAU = "ARRAY[" + ", ".join(f"coalesce(sum({m}), 0)::int" for m in _LUES) + "]"
_AUJOURDHUI = "cellule WHERE session = :session"
_CE_JOUR = "mouvement WHERE session = :session AND jour <= :jour"
_ZONE = f"""
    UNION ALL SELECT 'precedente', serie, NULL, {_TABLEAU}, NULL
      FROM mouvement WHERE session = :precedente AND uai = :uai AND jour <= :jour_precedent GROUP BY serie
    UNION ALL SELECT 'objectif', o.serie, o.indicateur, NULL,
           convert_to(json_build_object('cible', o.cible, 'note', o.note, 'continuum', o.continuum,
                                        'version', o.version, 'modifie_le', o.modifie_le)::text, 'UTF8')
      FROM registre.objectif o WHERE o.session = :session AND o.cible IS NOT NULL
       AND o.academie = (SELECT min(academie) FROM cellule WHERE session = :session AND uai = :uai)
    UNION ALL SELECT 'eleve', NULL, NULL, NULL, etat FROM eleve WHERE session = :session AND uai = :uai
    UNION ALL SELECT 'eleve', NULL, NULL, NULL, etat FROM eleve
     WHERE session = :session AND uai_initial = :uai AND uai IS DISTINCT FROM :uai
    UNION ALL SELECT 'situation', max(au), sum(faits)::text, NULL, NULL
      FROM situation WHERE session = :session"""


def _lycee(source: str) -> str:
    return (
        f"SELECT 'cellule' AS genre, serie, min(academie) AS code, {_TABLEAU} AS valeurs, NULL::bytea AS contenu"
        f" FROM {source} AND uai = :uai GROUP BY serie{_ZONE}"
    )


_LYCEE = text(_lycee(_AUJOURDHUI))
_LYCEE_CE_JOUR = text(_lycee(_CE_JOUR))


def _tout(source: str) -> str:
    return f"SELECT uai, serie, min(academie) AS academie, {_TABLEAU} AS valeurs FROM {source} GROUP BY uai, serie"


_TOUT = text(_tout(_AUJOURDHUI))
_TOUT_CE_JOUR = text(_tout(_CE_JOUR))
_COURBE = text(
    f"SELECT serie, jour, {_TABLEAU} AS valeurs FROM mouvement"
    " WHERE session = :session AND uai = :uai GROUP BY serie, jour ORDER BY serie, jour"
)
_SITUATION = text(
    "SELECT coalesce(max(au), '') AS au, coalesce(sum(faits), 0)::bigint AS faits FROM situation WHERE session = :session"
)
_GENERATION = text("SELECT courante FROM mechanism.generation")
_ACADEMIE_DU_LYCEE = text("SELECT min(academie) FROM cellule WHERE session = :session AND uai = :uai")


class Position(NamedTuple):
    """``au``: ``recordedtime`` of the last fact counted, '' before any; ``faits``: how many, in ``generation``."""

    au: str
    faits: int
    generation: int


class LuDuLycee(NamedTuple):
    """A lycée as one query finds it. ``eleves``: encoded states; ``objectifs``: by série and indicator."""

    academie: str
    series: dict[str, Vecteur]
    precedente: dict[str, Vecteur]
    objectifs: dict[tuple[str, str], dict[str, Any]]
    eleves: list[bytes]
    au: str
    faits: int


class Demande(NamedTuple):
    """``jour`` None: now. ``jour_precedent``: the same day of last session; None: nothing to compare with."""

    session: int
    uai: str
    jour: date | None = None
    jour_precedent: date | None = None


async def lycee(connection: AsyncConnection, demande: Demande) -> LuDuLycee:
    """All that the page of a lycée shows of its own, in one statement."""
    rows = await connection.execute(
        _LYCEE if demande.jour is None else _LYCEE_CE_JOUR,
        {
            "session": demande.session,
            "uai": demande.uai,
            "precedente": demande.session - 1,
            "jour_precedent": demande.jour_precedent or date(1, 1, 1),
            **({} if demande.jour is None else {"jour": demande.jour}),
        },
    )
    return _rangee(rows.all())


def _rangee(rows: Iterable[Any]) -> LuDuLycee:
    lu = LuDuLycee("", {}, {}, {}, [], "", 0)
    for genre, serie, code, valeurs, contenu in rows:
        if genre == "eleve":
            lu.eleves.append(contenu)
        elif genre == "cellule":
            lu.series[serie] = tuple(valeurs)
            lu = lu._replace(academie=code)
        elif genre == "precedente":
            lu.precedente[serie] = tuple(valeurs)
        elif genre == "objectif":
            lu.objectifs[serie, code] = json.loads(contenu)
        else:
            lu = lu._replace(au=serie or "", faits=int(code or 0))
    return lu


class Cellule(NamedTuple):
    uai: str
    serie: str
    academie: str
    valeurs: Vecteur


async def toutes(connection: AsyncConnection, session: int, jour: date | None) -> list[Cellule]:
    """Every lycée × série of the nation, now or at the end of ``jour``."""
    if jour is None:
        rows = await connection.execute(_TOUT, {"session": session})
    else:
        rows = await connection.execute(_TOUT_CE_JOUR, {"session": session, "jour": jour})
    return [Cellule(uai, serie, academie, tuple(valeurs)) for uai, serie, academie, valeurs in rows.all()]


async def courbe(
    connection: AsyncConnection, session: int, uai: str
) -> dict[str, list[tuple[date, Vecteur]]]:
    """Of a lycée, by série: what each day changed, in order; the figure of a day is the sum up to it."""
    jours: dict[str, list[tuple[date, Vecteur]]] = {}
    rows = await connection.execute(_COURBE, {"session": session, "uai": uai})
    for serie, jour, valeurs in rows.all():
        jours.setdefault(serie, []).append((jour, tuple(valeurs)))
    return jours


async def position(connection: AsyncConnection, session: int) -> Position:
    row = (await connection.execute(_SITUATION, {"session": session})).one()
    generation = (await connection.execute(_GENERATION)).scalar_one()
    return Position(row.au, row.faits, generation)


async def academie_du_lycee(connection: AsyncConnection, session: int, uai: str) -> str | None:
    found: str | None = (
        await connection.execute(_ACADEMIE_DU_LYCEE, {"session": session, "uai": uai})
    ).scalar()
    return found
