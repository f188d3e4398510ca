"""The same measures as a materialised view of PostgreSQL: the facts loaded by COPY (not timed), one refresh timed.

Its query is the one that the tests hold our figures to (tests/indicators/sql_des_definitions.sql), of the last day only. No
history, nothing between two refreshes.
"""

import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from shared.events import rapide as r
from shared.events import topics as t
from shared.events.rapide import decodeurs
from tests.bench.mesure import Mesure, plain
from tests.bench.moteurs import Resultat, machine
from tests.bench.peers.totaux import MESURES
from tests.indicators._plat import TABLES
from tests.kit.faults import records
from tests.kit.services import World

_REQUETE = Path(__file__).parents[2] / "indicators" / "sql_des_definitions.sql"
_FIN = "(SELECT max(jour) FROM (SELECT jour FROM s_reponse UNION ALL SELECT jour FROM s_proposition) AS fin)"


async def mesurer(world: World, faits: int) -> Resultat:
    monde = World(world.servers, prefix=world.prefix)
    await monde.settings("indicators")
    connection = await asyncpg.connect(plain(monde.databases["indicators"]))
    try:
        await connection.execute(TABLES.replace("TEMP ", ""))
        await _charger(world, connection)
        requete = _REQUETE.read_text().format(groupe="ou, en_serie", rangs="1, 2, 3", depuis=f"jour = {_FIN}")
        await connection.execute(f"CREATE MATERIALIZED VIEW mesures AS {requete} WITH NO DATA")
        await connection.execute("ANALYZE")
        async with machine() as depenses:
            debut = time.perf_counter()
            await connection.execute("REFRESH MATERIALIZED VIEW mesures")
            secondes = time.perf_counter() - debut
        totaux = {
            (ligne["ou"], ligne["en_serie"]): {code: ligne[code] for code in MESURES}
            for ligne in await connection.fetch("SELECT * FROM mesures")
        }
    finally:
        await connection.close()
    nom = "PostgreSQL materialised view, 1 refresh"
    return Resultat(nom, faits, Mesure(secondes, 0, depenses[0]), depenses[0], totaux)


async def _charger(world: World, connection: asyncpg.Connection) -> None:
    lecteurs = {topic.complet(world.prefix, world.session): decodeurs(topic) for topic in t.FAITS_ELEVE}
    lignes: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record in await records(world, *t.FAITS_ELEVE):
        entetes = dict(record.headers)
        fait = lecteurs[record.topic][entetes["ce_type"]].decode(record.value)
        jour = _jour(entetes["ce_recordedtime"])
        table, ligne = _ligne(fait)
        lignes[table].append((fait.eleve_id, *ligne[0], fait.version, jour, *ligne[1]))
    for table, siennes in lignes.items():
        await connection.copy_records_to_table(table, records=siennes)


def _jour(recordedtime: bytes) -> date:
    """The facts of the bench are all recorded in the morning: their day is the same in Paris."""
    return date.fromisoformat(recordedtime[:10].decode())


def _ligne(fait: Any) -> tuple[str, tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Table, then what comes before version and day, and after."""
    match fait:
        case r.Eleve():
            suite = (
                fait.uai,
                fait.serie.value,
                fait.classe,
                fait.sexe,
                bool(fait.codes_bourse),
                fait.cordees,
            )
            return "s_eleve", (
                (),
                (*suite, "+".join(fait.specialites), fait.date_sortie is not None, None, None),
            )
        case r.Dossier():
            return "s_dossier", ((), (fait.etat.value,))
        case r.Voeu():
            suite = (fait.famille.value, fait.voie.value, fait.phase.value, fait.etat.value)
            return "s_voeu", ((fait.voeu_id,), suite)
        case r.Proposition():
            return "s_proposition", ((fait.voeu_id,), (fait.decision.value,))
        case _:
            return "s_reponse", ((fait.voeu_id,), (fait.reponse.value,))
