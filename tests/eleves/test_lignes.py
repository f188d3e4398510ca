"""Rows and what is published of them: facts and commands go the same way, a rebuild keeps versions and what was typed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.complements import charger
from services.eleves.consumers import ElevesProjection
from shared.db import generations
from shared.db import lignes as sql
from shared.db.engine import enter_generation, reading, writing
from shared.domaine.etat import decoder
from shared.domaine.ligne import LigneEleve, ligne
from tests.kit.appels import Servi, servi
from tests.kit.journal import Faits
from tests.kit.services import World

QUAND = datetime(2026, 2, 3, 10, tzinfo=UTC)
_DECIDER = text(
    """
    INSERT INTO registre.bourse (session, eleve_id, etat, echelon, piece_vue, version, uai, auteur, role, le)
    VALUES (2026, CAST(:id AS uuid), :etat, :echelon, true, 1, '0750001A', 'chef-a', 'chef', :le)
    ON CONFLICT (session, eleve_id) DO UPDATE SET etat = excluded.etat, echelon = excluded.echelon
    """
)


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "eleves") as service:
        yield service


async def decider(eleves: Servi, eleve_id: str, etat: str | None, echelon: int | None = None) -> None:
    """What a command does: lock, registre, rows and events, in one transaction."""
    async with writing(eleves.running.engine) as tx:
        etats = await lignes.verrouiller(tx, [eleve_id])
        await tx.execute(_DECIDER, {"id": eleve_id, "etat": etat, "echelon": echelon, "le": QUAND})
        await lignes.rafraichir(tx, etats, le=QUAND, prefixe=eleves.running.settings.topic_prefix)


async def lire(connection: AsyncConnection) -> dict[str, tuple[LigneEleve, Any]]:
    rows = await connection.execute(text(f"SELECT eleve_id::text, etat, {sql.NOMS} FROM eleve"))
    return {row.eleve_id: (sql.lire(row), row.etat) for row in rows}


async def dits(eleves: Servi, type_: str) -> list[tuple[Any, ...]]:
    sortis = [s for s in await eleves.sortis() if s["type"] == type_]
    return [(s["version"], s.get("etat"), s.get("echelon")) for s in sortis]


async def test_the_row_is_the_pure_function_of_the_facts_and_the_registre(
    eleves: Servi, world: World
) -> None:
    faits = Faits(world)
    un, orphelin = faits.eleve_id(), faits.eleve_id()
    await eleves.plier(
        [
            faits.eleve(un, specialites=("MATHS", "PC")),
            faits.identite(un, nom_usage="d’Été", ine="0123456789A"),
            faits.dossier(un, pieces_manquantes=("RIB",), bulletins_saisis=("T1",)),
            faits.voeu(un),
            faits.voeu(orphelin),
        ]
    )
    await decider(eleves, un, "CERTIFIEE", 4)
    async with reading(eleves.running.engine) as connection:
        lus = await lire(connection)
        complements = await charger(connection, dict.fromkeys(lus, 2026))
    assert {nom: rang for nom, (rang, _) in lus.items()} == {
        nom: ligne(decoder(etat), complements[nom]) for nom, (_, etat) in lus.items()
    }
    rang = lus[un][0]
    assert (rang.bourse, rang.bourse_echelon, rang.specialites) == ("CERTIFIEE", 4, ("MATHS", "PC"))
    assert rang.recherche == "oeuvrard eloise dete 0123456789a"
    assert (lus[orphelin][0].uai, lus[orphelin][0].statut) == (None, None)


async def test_a_decision_is_said_once_and_taken_back_once(eleves: Servi, world: World) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    await eleves.plier([faits.eleve(un)])
    assert await dits(eleves, "BourseCertifiee") == []
    await decider(eleves, un, "CERTIFIEE", 4)
    await decider(eleves, un, "CERTIFIEE", 4)
    await eleves.plier([faits.dossier(un)])
    await decider(eleves, un, None)
    await decider(eleves, un, None)
    assert [dit[:2] for dit in await dits(eleves, "BourseCertifiee")] == [(1, "CERTIFIEE"), (2, "AUCUNE")]
    assert [version for version, *_ in await dits(eleves, "StatutModifie")] == [1, 2]


async def regenerer(eleves: Servi) -> tuple[int, int]:
    """A second generation as a rebuild under way leaves it: folded from the facts, before the last commands."""
    async with eleves.running.engine.begin() as tx:
        nouvelle = await generations.create(tx, ElevesProjection.tables)
        await tx.execute(
            text(
                f"INSERT INTO projection_{nouvelle}.eleve (eleve_id, etat) SELECT eleve_id, etat FROM projection_1.eleve"
            )
        )
        await enter_generation(tx, nouvelle)
        ids = list((await tx.execute(text("SELECT eleve_id::text FROM eleve"))).scalars())
        await lignes.ecrire(tx, await lignes.verrouiller(tx, ids))
    return 1, nouvelle


async def basculer(eleves: Servi, ancienne: int, nouvelle: int) -> list[Any]:
    async with eleves.running.engine.begin() as tx:
        evenements = await ElevesProjection(eleves.running.settings).differences(tx, ancienne, nouvelle)
        await generations.point_to(tx, nouvelle)
    return evenements


async def versions(eleves: Servi) -> dict[str, tuple[Any, ...]]:
    async with reading(eleves.running.engine) as connection:
        rows = await connection.execute(
            text("SELECT eleve_id::text, statut_version, bourse_version, bourse_dit IS NOT NULL FROM eleve")
        )
        return {row[0]: tuple(row)[1:] for row in rows}


async def test_a_rebuild_keeps_versions_and_what_was_typed_while_it_ran(eleves: Servi, world: World) -> None:
    faits = Faits(world)
    un, deux, trois = (faits.eleve_id() for _ in range(3))
    await eleves.plier([faits.eleve(e) for e in (un, deux, trois)])
    await eleves.plier([faits.dossier(un)])
    await decider(eleves, un, "CERTIFIEE", 2)
    ancienne, nouvelle = await regenerer(eleves)
    await decider(eleves, un, "CERTIFIEE", 5)
    await decider(eleves, deux, "REFUSEE")
    avant = await versions(eleves)
    assert await basculer(eleves, ancienne, nouvelle) == []
    assert await versions(eleves) == avant == {un: (2, 2, True), deux: (1, 1, True), trois: (1, None, False)}
    async with reading(eleves.running.engine) as connection:
        lus = await lire(connection)
    assert (lus[un][0].bourse_echelon, lus[deux][0].bourse, lus[trois][0].bourse) == (5, "REFUSEE", "AUCUNE")


async def test_what_a_rebuild_says_otherwise_goes_out_as_the_next_version(
    eleves: Servi, world: World
) -> None:
    faits = Faits(world)
    un, deux = faits.eleve_id(), faits.eleve_id()
    await eleves.plier([faits.eleve(e) for e in (un, deux)])
    await decider(eleves, deux, "CERTIFIEE", 2)
    ancienne, nouvelle = await regenerer(eleves)
    async with eleves.running.engine.begin() as tx:
        await tx.execute(text("""UPDATE projection_1.eleve SET statut_dit = '["INSCRIT",0,0,0]'"""))
        await tx.execute(text(f"UPDATE projection_{nouvelle}.eleve SET bourse_dit = NULL"))
    sortis = await basculer(eleves, ancienne, nouvelle)
    dits_ = sorted((s.type, s.cle) for s in sortis)
    assert dits_ == [("BourseCertifiee", deux), *sorted(("StatutModifie", e) for e in (un, deux))]
    assert await versions(eleves) == {un: (2, None, False), deux: (2, 2, True)}
