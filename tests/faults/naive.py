"""What a log says, computed without any of our mechanism: highest version per subject, then counted."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord

from shared.events import topics as t
from tests.kit.faults import rows
from tests.kit.services import World


def naive_latest(lus: Sequence[ConsumerRecord]) -> dict[tuple[str, str], dict[str, Any]]:
    """The value with the highest version of each (topic's object, key): the whole reducer, in five lines."""
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for record in lus:
        topic, type_ = record.topic.partition("2026.")[2], dict(record.headers)["ce_type"]
        if topic == t.DOSSIER.nom and type_ != b"fr.pilotage.DossierModifie.v1":
            continue  # a bourse or a CAES is another subject of the same topic
        subject = (topic, record.key.decode())
        value = json.loads(record.value)
        if subject not in latest or latest[subject]["version"] < value["version"]:
            latest[subject] = value
    return latest


@dataclass
class Naive:
    """One pupil as plain dictionaries."""

    eleve: dict[str, Any] | None = None
    dossier: dict[str, Any] | None = None
    voeux: list[dict[str, Any]] = field(default_factory=list)

    @property
    def actifs(self) -> list[dict[str, Any]]:
        return [voeu for voeu in self.voeux if voeu["etat"] != "SUPPRIME"]

    @property
    def confirmes(self) -> list[dict[str, Any]]:
        return [voeu for voeu in self.voeux if voeu["etat"] == "CONFIRME"]


def distincts(voeux: Sequence[Mapping[str, Any]]) -> int:
    """The sous-vœux of a vœu multiple count once."""
    return len({voeu["voeu_id"] for voeu in voeux})


def cible(voeu: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (voeu["voeu_id"], voeu.get("sous_voeu_id"))))


def naive_pupils(lus: Sequence[ConsumerRecord]) -> dict[str, Naive]:
    pupils: defaultdict[str, Naive] = defaultdict(Naive)
    for (topic, key), value in naive_latest(lus).items():
        pupil = pupils[key[:36]]
        if topic == t.ELEVE.nom:
            pupil.eleve = value
        elif topic == t.DOSSIER.nom:
            pupil.dossier = value
        elif topic == t.VOEU.nom:
            pupil.voeux.append(value)
    return pupils


def naive_cells(pupils: Mapping[str, Naive]) -> Counter[tuple[str, str, str]]:
    """(uai, serie, mesure) → pupils, by the definitions and nothing else."""
    cells: Counter[tuple[str, str, str]] = Counter()
    for pupil in pupils.values():
        if pupil.eleve is None:
            continue
        if not pupil.eleve.get("date_sortie"):
            place = (pupil.eleve["uai"], pupil.eleve["serie"])
            cells.update((*place, mesure) for mesure in _mesures(pupil))
        if fige := pupil.eleve.get("vivier_initial"):
            cells[fige["uai"], fige["serie"], "vivier_initial"] += 1
            cells[fige["uai"], fige["serie"], "participants_initiaux"] += pupil.dossier is not None
    return +cells


def _mesures(pupil: Naive) -> list[str]:
    """Before the admission: nothing here answers a vœu."""
    if pupil.dossier is None:
        return ["vivier"]
    demandes, confirmes = _l1_pass(pupil.actifs), _l1_pass(pupil.confirmes)
    parti = pupil.dossier["etat"] == "DEMISSION"
    says = {
        "vivier": True,
        "inscrits": True,
        "sans_voeu": not demandes,
        "l1_pass": any(demandes),
        "que_l1_pass": bool(demandes) and all(demandes),
        "confirmes": bool(confirmes),
        "confirmes_l1_pass": any(confirmes),
        "confirmes_que_l1_pass": bool(confirmes) and all(confirmes),
        "sans_voeu_confirme": not confirmes,
        "demissions": parti,
        "complementaire": not parti and any(v["phase"] == "COMPLEMENTAIRE" for v in pupil.actifs),
    }
    return [mesure for mesure, counts in says.items() if counts]


def _l1_pass(voeux: Sequence[Mapping[str, Any]]) -> list[bool]:
    return [v["famille"] in {"LICENCE", "LAS", "PASS"} and v["voie"] == "ETUDIANT" for v in voeux]


async def cells(world: World, table: str = "cellule") -> Counter[tuple[str, str, str]]:
    """The projection of indicators, in the shape of :func:`naive_cells`; of ``mouvement``, the days summed."""
    codes = await rows(world, "indicators", "SELECT rang, code FROM {p}.definition ORDER BY rang")
    sommes = ", ".join(f"sum(m{rang:02d})::int" for rang, _ in codes)
    requete = f"SELECT uai, serie, {sommes or 0} FROM {{p}}.{table} GROUP BY uai, serie"
    found = await rows(world, "indicators", requete)
    return +Counter(
        {
            (uai, serie, code): n or 0
            for uai, serie, *valeurs in found
            for (_, code), n in zip(codes, valeurs, strict=True)
        }
    )
