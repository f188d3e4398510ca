"""The released contracts: what may change in the catalogue, and whom the rest would harm."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from shared.events.baseline import REGLE_CLE, REGLES_TOPIC, courantes, lire, ruptures_du_catalogue
from shared.events.generate import CONTRATS

Promesses = dict[str, Any]
VOEU, IDENTITE, BULLETIN = "candidature.voeu.v1", "siecle.identite.v1", "scolarite.bulletin.v1"
TORTS = {regle.champ: regle.tort for regle in (*REGLES_TOPIC, REGLE_CLE)}


def _apres(changer: Callable[[Promesses], object], avant: Promesses | None = None) -> list[str]:
    promises = avant or lire(CONTRATS)[1]
    devenues = copy.deepcopy(promises)
    changer(devenues)
    return ruptures_du_catalogue(promises, devenues)


def _renommer(promesses: Promesses) -> None:
    evenements = promesses[VOEU]["events"]
    evenements["VoeuChange"] = evenements.pop("VoeuModifie")


def _deplacer(promesses: Promesses) -> None:
    promesses[BULLETIN]["events"]["VoeuModifie"] = promesses[VOEU]["events"].pop("VoeuModifie")


def test_today_s_contracts_hold_what_was_released() -> None:
    assert lire(CONTRATS)[0] != "0.0.0"
    assert ruptures_du_catalogue(lire(CONTRATS)[1], courantes()) == []


@pytest.mark.parametrize(
    "changer",
    [
        lambda p: p.update({"nouveau.sujet.v1": p[VOEU]}),
        lambda p: p[VOEU]["events"].update(VoeuCommente=p[BULLETIN]["events"]["BulletinRemonte"]),
        lambda p: p[VOEU]["events"]["VoeuModifie"]["schema"]["properties"].update(x={"type": "string"}),
    ],
    ids=["a topic", "an event", "an optional field"],
)
def test_additions_pass(changer: Callable[[Promesses], object]) -> None:
    assert _apres(changer) == []


@pytest.mark.parametrize(
    ("changer", "phrase"),
    [
        (
            lambda p: p[VOEU].update(owner="eleves"),
            f"{VOEU}: owner changed from ingest to eleves: {TORTS['owner']}",
        ),
        (
            lambda p: p[VOEU].update({"class": "nominative"}),
            f"{VOEU}: class changed from pseudonyme to nominative: {TORTS['class']}",
        ),
        (
            lambda p: p[IDENTITE].update(retention="entiere"),
            f"{IDENTITE}: retention changed from compactee to entiere: {TORTS['retention']}",
        ),
        (
            lambda p: p[IDENTITE].update(settings={"cleanup.policy": "compact"}),
            (
                f"{IDENTITE}: settings changed from {lire(CONTRATS)[1][IDENTITE]['settings']}"
                f" to {{'cleanup.policy': 'compact'}}: {TORTS['settings']}"
            ),
        ),
        (
            lambda p: p[VOEU].update(partitions="one"),
            f"{VOEU}: partitions changed from by pupil to one: {TORTS['partitions']}",
        ),
        (
            lambda p: p[IDENTITE]["events"]["IdentiteRemontee"].update(key="{ine}"),
            f"{IDENTITE}/IdentiteRemontee key changed from {{eleve_id}} to {{ine}}: {TORTS['key']}",
        ),
        (
            lambda p: p[VOEU]["events"]["VoeuModifie"]["schema"]["properties"].pop("rang"),
            f"{VOEU}/VoeuModifie $: rang removed: subscribers that read it find nothing any more",
        ),
        (
            lambda p: p[VOEU]["events"].pop("VoeuModifie"),
            f"{VOEU}/VoeuModifie removed: subscribers that wait for it hear nothing any more",
        ),
        (
            _renommer,
            f"{VOEU}/VoeuModifie renamed to VoeuChange: subscribers that wait for it hear nothing any more",
        ),
        (
            _deplacer,
            f"{VOEU}/VoeuModifie moved to {BULLETIN}: subscribers that wait for it hear nothing any more",
        ),
        (lambda p: p.pop(VOEU), f"{VOEU}: topic removed: its subscribers hear nothing any more"),
    ],
)
def test_a_broken_promise_is_named_with_the_harm(changer: Callable[[Promesses], object], phrase: str) -> None:
    assert _apres(changer) == [phrase]


def test_a_topic_may_go_once_its_next_version_was_released() -> None:
    promises = {**lire(CONTRATS)[1], "candidature.voeu.v2": lire(CONTRATS)[1][VOEU]}
    assert _apres(lambda p: p.pop(VOEU), promises) == []
    assert _apres(lambda p: p.pop("candidature.voeu.v2"), promises) != []
