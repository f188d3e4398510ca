"""The guides are true to the code: links lead somewhere, settings and commands are all there, the example runs."""

import asyncio
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from services.cli.main import app
from shared.db.migrations import SERVICES
from shared.events import acls
from shared.events.topics import CATALOGUE
from shared.settings import Settings
from tests.kit.journal import Faits, attendre, publier
from tests.kit.services import World

RACINE = Path(__file__).parents[2]
PAGES = [
    RACINE / "README.md",
    RACINE / "CHANGELOG.md",
    *sorted((RACINE / "docs").rglob("*.md")),
    *sorted((RACINE / "examples").rglob("*.md")),
]
OPERATEUR = (RACINE / "docs" / "guide-operator.md").read_text(encoding="utf-8")
ABONNE = (RACINE / "docs" / "guide-subscriber.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(RACINE)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for cible in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        chemin = (page.parent / cible).resolve()
        assert chemin.exists(), cible


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_is_in_the_operator_s_table(service: str) -> None:
    module = importlib.import_module(f"services.{service}.settings")
    (classe,) = (c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__)
    assert issubclass(classe, Settings)
    for champ in set(classe.model_fields) - {"service"}:
        assert f"`{champ.upper()}`" in OPERATEUR, champ


def test_every_command_is_in_the_operator_s_guide() -> None:
    def feuilles(commande: Any, chemin: str) -> list[str]:
        if not isinstance(commande, TyperGroup):
            return [chemin]
        noms = commande.list_commands(None)
        return [f for nom in noms for f in feuilles(commande.get_command(None, nom), f"{chemin} {nom}")]

    for commande in feuilles(get_command(app), "pilotage"):
        assert commande in OPERATEUR, commande


def test_every_published_topic_is_in_the_subscriber_s_table() -> None:
    classes = {"pseudonyme": "pseudonymous", "nominative": "nominative", "publique": "public"}
    for topic in CATALOGUE:
        if topic.contrats:
            kept = {"entiere": "whole", "compactee": "last state"}[topic.retention]
            assert f"| `{topic.nom}` | {topic.proprietaire} | {classes[topic.classe]} | {kept} |" in ABONNE


def test_the_rights_in_the_subscriber_s_guide_are_those_that_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demandes = re.findall(r"python -m shared\.events\.acls (.*)", ABONNE)
    assert len(demandes) == 4
    for demande in demandes:
        assert acls.main(demande.split()) == 0
    capsys.readouterr()
    acls.main(demandes[1].split())
    assert (
        capsys.readouterr().out.split()
        == " ".join(re.findall(r"(?m)^ {4,}((?:kafka-acls|--op|--topic).*)", ABONNE)).split()
    )


async def test_the_subscriber_s_example_follows_from_zero(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (exemple,) = re.findall(r"```python\n(.*?)```", ABONNE, re.DOTALL)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", opened.servers.kafka_bootstrap)
    monkeypatch.setenv("TOPIC", f"{opened.prefix}2026.candidature.voeu.v1")
    monkeypatch.setenv("GROUP", f"{opened.prefix}subscriber")
    faits = Faits(opened)
    eleve = faits.eleve_id()
    await publier(
        opened, [faits.voeu(eleve, "v1", version=2), faits.voeu(eleve, "v1"), faits.voeu(eleve, "v2")]
    )
    espace: dict[str, Any] = {}
    exec(compile(exemple, "guide-subscriber.md", "exec"), espace)  # noqa: S102 - our own page

    async def tout_lu() -> bool:
        return len(espace["voeux"]) == 2

    async with espace["broker"]:
        await espace["broker"].start()
        await attendre(tout_lu)
        await asyncio.sleep(0.2)
    assert {cle: voeu["version"] for cle, voeu in espace["voeux"].items()} == {
        f"{eleve}/v1": 2,
        f"{eleve}/v2": 1,
    }
