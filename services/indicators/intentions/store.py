"""SQL of the intentions, in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators.etat import jour_du_rang
from services.indicators.intentions.domain import MESURES, CleIntention, Parcours, valeurs

_CLE = (*CleIntention._fields, "jour")
_TYPES = ("smallint", "text", "text", "text", "smallint", "text", "date")
_LUES = ", ".join(f"CAST(:{nom} AS {type_}[])" for nom, type_ in zip(_CLE, _TYPES, strict=True))
_COMPTES = ", ".join(f"CAST(:{mesure} AS int[])" for mesure in MESURES)
_AJOUTER = text(
    f"INSERT INTO intention AS i ({', '.join((*_CLE, *MESURES))})"
    f" SELECT * FROM unnest({_LUES}, {_COMPTES}) ORDER BY 1, 2, 3, 4, 5, 6, 7"
    f" ON CONFLICT ({', '.join(_CLE)}) DO UPDATE SET"
    f" {', '.join(f'{mesure} = i.{mesure} + excluded.{mesure}' for mesure in MESURES)}"
)
_RETIRER = text(
    f"DELETE FROM intention i USING unnest({_LUES}) AS n({', '.join(_CLE)})"
    f" WHERE ({', '.join(f'i.{nom}' for nom in _CLE)}) = ({', '.join(f'n.{nom}' for nom in _CLE)})"
    f" AND ({', '.join(f'i.{mesure}' for mesure in MESURES)}) = ({', '.join('0' for _ in MESURES)})"
)
_SOMMES = ", ".join(f"sum({mesure})::int AS {mesure}" for mesure in MESURES)
_LIRE = f"""
    SELECT serie, periode, famille, {_SOMMES} FROM intention
     WHERE session = :session AND {{ou}} AND jour <= coalesce(CAST(:jour AS date), 'infinity')
     GROUP BY serie, periode, famille
    HAVING ({", ".join(f"sum({mesure})" for mesure in MESURES)}) <> ({", ".join("0" for _ in MESURES)})
     ORDER BY serie, periode, famille
"""
_DU_LYCEE = text(_LIRE.format(ou="uai = :lieu"))
_DE_L_ACADEMIE = text(_LIRE.format(ou="academie = :lieu"))
_DE_LA_NATION = text(_LIRE.format(ou="CAST(:lieu AS text) IS NULL"))


@dataclass(frozen=True, slots=True)
class Ligne:
    """One famille of a série, ENSEMBLE included. ``comptes`` by the codes of ``domain.MESURES``."""

    serie: str
    periode: int
    famille: str
    comptes: Mapping[str, int]


async def ajouter(tx: AsyncConnection, parcours: Parcours) -> None:
    """Add the movements in the order of the keys; a row back at zero goes, so that windows leave no trace."""
    if not parcours:
        return
    lignes = [(*cle, jour_du_rang(jour)) for jour, cle in parcours]
    cles = dict(zip(_CLE, map(list, zip(*lignes, strict=True)), strict=True))
    comptes = map(list, zip(*map(valeurs, parcours.values()), strict=True))
    await tx.execute(_AJOUTER, {**cles, **dict(zip(MESURES, comptes, strict=True))})
    await tx.execute(_RETIRER, cles)


async def du_lycee(
    connection: AsyncConnection, session: int, uai: str, jour: date | None = None
) -> list[Ligne]:
    """At the end of ``jour``, or now, by série, période and famille; never shown outside the lycée."""
    return await _lire(connection, _DU_LYCEE, session, uai, jour)


async def de_l_academie(
    connection: AsyncConnection, session: int, academie: str, jour: date | None = None
) -> list[Ligne]:
    return await _lire(connection, _DE_L_ACADEMIE, session, academie, jour)


async def de_la_nation(connection: AsyncConnection, session: int, jour: date | None = None) -> list[Ligne]:
    return await _lire(connection, _DE_LA_NATION, session, None, jour)


async def _lire(
    connection: AsyncConnection, requete: TextClause, session: int, lieu: str | None, jour: date | None
) -> list[Ligne]:
    rows = (await connection.execute(requete, {"session": session, "lieu": lieu, "jour": jour})).all()
    return [Ligne(row[0], row[1], row[2], dict(zip(MESURES, row[3:], strict=True))) for row in rows]
