"""What must hold after any chaos: nothing lost, nothing twice, every projection a function of the log."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRecord

from shared.events.topics import AVIS, DOSSIER, ELEVE, FICHE, STATUT, VOEU, Topic
from tests.faults.naive import Naive, cells, cible, distincts, naive_cells, naive_pupils
from tests.kit.faults import differences, outbox_empty, records, rows
from tests.kit.journal import a_jour
from tests.kit.services import World

SERVICES = ("indicators", "eleves", "avenir")
Accepted = Mapping[tuple[str, str], Mapping[int, str | None]]
"""(pupil, cible) → version → capacité, as answered 2xx by avenir."""


async def everything_holds(
    world: World, accepted: Accepted, services: Sequence[str] = SERVICES
) -> dict[str, int]:
    """All of it; returns a few counts for a summary."""
    for name in services:
        await a_jour(world, name, 180)
        await outbox_empty(world, name)
    lus = await records(world, ELEVE, DOSSIER, VOEU)
    pupils = naive_pupils(lus)
    assert _stamps_grow(lus)
    await _projections(world, pupils)
    for name in services:
        assert not any((await differences(world, name)).values()), name
        assert await rows(world, name, "SELECT count(*) FROM mechanism.outbox_aside") == [(0,)]
    doubles = await _statuts(world) + await _fiches(world) + await _avis(world, accepted)
    return {"records": len(lus), "pupils": len(pupils), "republished by a crash": doubles}


def _stamps_grow(lus: Sequence[ConsumerRecord]) -> bool:
    """``recordedtime`` is strictly increasing per partition."""
    last: dict[tuple[str, int], tuple[int, bytes]] = {}
    for lu in lus:
        place, stamp = (lu.topic, lu.partition), dict(lu.headers)["ce_recordedtime"]
        assert place not in last or last[place] < (lu.offset, stamp), (place, lu.offset)
        assert place not in last or last[place][1] < stamp, (place, lu.offset, "recordedtime")
        last[place] = (lu.offset, stamp)
    return True


async def _projections(world: World, pupils: Mapping[str, Naive]) -> None:
    assert await cells(world) == naive_cells(pupils)
    colonnes = "uai, classe, serie, present, inscrit, statut, voeux, voeux_confirmes"
    found = await rows(world, "eleves", f"SELECT eleve_id::text, {colonnes} FROM {{p}}.eleve")
    assert {row[0]: row[1:] for row in found} == {i: _dossier(p) for i, p in pupils.items()}
    avis = await rows(
        world, "avenir", "SELECT eleve_id::text, cible FROM registre.avis WHERE capacite IS NOT NULL"
    )
    rendus: defaultdict[str, set[str]] = defaultdict(set)
    for eleve_id, rendu in avis:
        rendus[eleve_id].add(rendu)
    fiches = await rows(
        world, "avenir", "SELECT eleve_id::text, cibles, coalesce(avis_rendus, 0) FROM {p}.eleve"
    )
    assert {row[0]: (row[1], row[2]) for row in fiches} == {
        i: (cibles := sorted(map(cible, p.actifs)), len(rendus[i].intersection(cibles)))
        for i, p in pupils.items()
    }


def _dossier(pupil: Naive) -> tuple[Any, ...]:
    eleve = pupil.eleve
    inscrit = pupil.dossier is not None
    if eleve is None:
        return (None, None, None, None, inscrit, None, None, None)
    lieu = (eleve["uai"], eleve.get("classe"), eleve["serie"], not eleve.get("date_sortie"))
    return (*lieu, inscrit, _statut(pupil), distincts(pupil.actifs), distincts(pupil.confirmes))


def _statut(pupil: Naive) -> str:
    if pupil.dossier is None:
        return "NON_INSCRIT"
    if pupil.dossier["etat"] == "DEMISSION":
        return "DEMISSIONNAIRE"
    if not pupil.actifs:
        return "INSCRIT"
    return "CONFIRME" if pupil.confirmes else "AVEC_VOEUX"


async def published(world: World, topic: Topic) -> tuple[dict[str, dict[int, dict[str, Any]]], int]:
    """Key → version → value of a topic of ours; and how many records a crash put there again.

    A record that comes again is the same to the byte, and the versions of a key come in their order.
    """
    seen: defaultdict[str, dict[int, tuple[bytes, bytes]]] = defaultdict(dict)
    doubles = 0
    for lu in await records(world, topic):
        key, version = lu.key.decode(), json.loads(lu.value)["version"]
        same = (lu.value, dict(lu.headers)["ce_id"])
        if version in seen[key]:
            assert seen[key][version] == same, f"{topic.nom} {key} says two things at version {version}"
            doubles += 1
            continue
        assert version == len(seen[key]) + 1, f"{topic.nom} {key}: {version} after {list(seen[key])}"
        seen[key][version] = same
    return {k: {v: json.loads(same[0]) for v, same in says.items()} for k, says in seen.items()}, doubles


async def _statuts(world: World) -> int:
    """The last event of every pupil says what the projection says, under its version."""
    out, doubles = await published(world, STATUT)
    colonnes = "statut_version, statut, voeux, voeux_confirmes, propositions"
    found = await rows(
        world, "eleves", f"SELECT eleve_id::text, {colonnes} FROM {{p}}.eleve WHERE statut IS NOT NULL"
    )
    said = {key: says[max(says)] for key, says in out.items()}
    champs = ("version", "statut", "voeux", "voeux_confirmes", "propositions")
    assert {k: tuple(v[c] for c in champs) for k, v in said.items()} == {row[0]: row[1:] for row in found}
    return doubles


async def _fiches(world: World) -> int:
    out, doubles = await published(world, FICHE)
    found = await rows(
        world,
        "avenir",
        "SELECT eleve_id::text, fiche_version, avis_rendus, cardinality(cibles) FROM {p}.eleve"
        " WHERE coalesce(fiche_version, 0) > 0",
    )
    said = {key: says[max(says)] for key, says in out.items()}
    champs = ("version", "avis_rendus", "cibles")
    assert {k: tuple(v[c] for c in champs) for k, v in said.items()} == {row[0]: row[1:] for row in found}
    return doubles


async def _avis(world: World, accepted: Accepted) -> int:
    """Every avis answered 2xx is in the registre and on its topic, under its version, and nothing else is."""
    out, doubles = await published(world, AVIS)
    told = {k: {v: value.get("capacite") for v, value in says.items()} for k, says in out.items()}
    history: defaultdict[str, dict[int, str | None]] = defaultdict(dict)
    for key, version, apres in await rows(
        world, "avenir", "SELECT eleve_id::text || '/' || cible, version, apres FROM registre.avis_historique"
    ):
        history[key][version] = (apres if isinstance(apres, dict) else json.loads(apres))["capacite"]
    assert told == dict(history)
    for key, versions in accepted.items():
        assert versions.items() <= history["/".join(key)].items(), key
    latest = await rows(
        world, "avenir", "SELECT eleve_id::text || '/' || cible, version, capacite FROM registre.avis"
    )
    assert {row[0]: (row[1], row[2]) for row in latest} == {
        k: (max(v), v[max(v)]) for k, v in history.items()
    }
    return doubles
