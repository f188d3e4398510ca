"""A simulated session of a few lycées: every figure of every day equals what plain SQL says of the simulator's facts."""

import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.cli.registry import projecting
from services.indicators.declinaisons import Dimension, declinaisons
from services.indicators.domain import Comptage
from services.indicators.etat import Etat, decoder
from services.indicators.mesures import COLONNES, MESURES
from services.simulateur import LYCEE_A, LYCEE_B
from shared.db.engine import reading, writing
from tests.indicators._plat import TABLES, Plat, fenetres, simuler
from tests.kit.services import World

REQUETE = (Path(__file__).parent / "sql_des_definitions.sql").read_text()
CODES = [mesure.code for mesure in MESURES]
_ICI = "NOT sorti AND s.uai = ou AND s.serie = en_serie"
DIMENSIONS = {
    Dimension.ENSEMBLE: "''",
    Dimension.CLASSE: f"CASE WHEN {_ICI} THEN coalesce(classe, '') ELSE '' END",
    Dimension.SPECIALITES: f"CASE WHEN {_ICI} THEN specialites ELSE '' END",
    Dimension.SEXE: "coalesce(sexe, '')",
    Dimension.BOURSIER: "CASE WHEN boursier THEN 'OUI' ELSE 'NON' END",
    Dimension.CORDEES: "CASE WHEN cordees THEN 'OUI' ELSE 'NON' END",
}


@pytest.fixture(scope="module")
def plat() -> Plat:
    return simuler((LYCEE_A, LYCEE_B), 0.25)


@pytest.fixture
async def plate(world: World, plat: Plat) -> AsyncIterator[asyncpg.Connection]:
    """The facts as tables, in a database of their own session."""
    await world.settings("indicators")
    url = make_url(world.databases["indicators"]).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    await connection.execute(TABLES)
    for table, lignes in plat.lignes.items():
        await connection.copy_records_to_table(table, records=lignes)
        await connection.execute(f"ANALYZE {table}")
    yield connection
    await connection.close()


async def _sql(
    plate: asyncpg.Connection, *groupe: str, depuis: str = "true"
) -> dict[tuple[Any, ...], dict[str, int]]:
    """By day and group, only what counts somebody."""
    rangs = ", ".join(str(rang + 1) for rang in range(len(groupe) + 1))
    requete = REQUETE.format(groupe=", ".join(groupe), rangs=rangs, depuis=depuis)
    return {
        tuple(ligne)[: len(groupe) + 1]: {code: ligne[code] for code in CODES if ligne[code]}
        for ligne in await plate.fetch(requete)
    }


@pytest.fixture
async def plie(world: World, plat: Plat) -> AsyncIterator[AsyncEngine]:
    """The same facts folded by the service, in windows of any size."""
    settings, engine = await world.settings("indicators"), await world.engine("indicators")
    projection = projecting("indicators").projection(settings)  # type: ignore[misc]
    for fenetre in fenetres(plat.lus, random.Random(3)):
        async with writing(engine) as tx:
            await projection.appliquer(tx, fenetre)
    yield engine
    await engine.dispose()


async def test_every_measure_of_every_day_is_what_plain_sql_says(
    plie: AsyncEngine, plate: asyncpg.Connection
) -> None:
    attendues = await _sql(plate, "ou", "en_serie")
    jours = sorted({jour for jour, *_ in attendues})
    colonnes = ", ".join(COLONNES)
    async with reading(plie) as connection:
        rows = (await connection.execute(text(f"SELECT uai, serie, jour, {colonnes} FROM mouvement"))).all()
        cellules = (await connection.execute(text(f"SELECT uai, serie, {colonnes} FROM cellule"))).all()
        etats = (await connection.execute(text("SELECT etat FROM eleve"))).scalars().all()
    assert _par_jour(rows, jours) == attendues
    du_dernier = {cle[1:]: comptes for cle, comptes in attendues.items() if cle[0] == jours[-1]}
    assert {tuple(row[:2]): _comptes(row[2:]) for row in cellules} == du_dernier
    assert len(jours) > 100
    vues = {code for comptes in attendues.values() for code in comptes}
    assert vues >= set(CODES) - {"que_refus", "complementaire_admis"}, "rare: test_exactitude sees them"
    await _declinaisons(plate, jours[-1], [decoder(etat) for etat in etats])


async def _declinaisons(plate: asyncpg.Connection, jour: date, etats: list[Etat]) -> None:
    """A lycée's own figures, by every dimension that it alone sees."""
    lues = {
        (uai, *part): comptes
        for uai in (LYCEE_A, LYCEE_B)
        for part, comptes in declinaisons(Comptage(MESURES), uai, etats).items()
    }
    for dimension, expression in DIMENSIONS.items():
        siennes = {
            (uai, serie, modalite): _comptes(comptes.values())
            for (uai, serie, quelle, modalite), comptes in lues.items()
            if quelle == dimension
        }
        attendues = await _sql(plate, "ou", "en_serie", expression, depuis=f"jour = '{jour}'")
        assert siennes == {cle[1:]: comptes for cle, comptes in attendues.items()}, dimension


def _par_jour(rows: Any, jours: list[date]) -> dict[tuple[Any, ...], dict[str, int]]:
    """The figures at the end of each day: the sum of the movements up to it."""
    figures: dict[tuple[Any, ...], dict[str, int]] = {}
    for uai, serie in {tuple(row[:2]) for row in rows}:
        siens = sorted((row for row in rows if tuple(row[:2]) == (uai, serie)), key=lambda row: row[2])
        somme = [0] * len(COLONNES)
        for jour in jours:
            while siens and siens[0][2] <= jour:
                somme = [a + (b or 0) for a, b in zip(somme, siens.pop(0)[3:], strict=True)]
            if comptes := _comptes(somme):
                figures[jour, uai, serie] = comptes
    return figures


def _comptes(valeurs: Any) -> dict[str, int]:
    return {code: n for code, n in zip(CODES, valeurs, strict=False) if n}
