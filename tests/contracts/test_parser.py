"""The published document before the official AsyncAPI parser, where Node is installed: nothing else needs Node."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.events.generate import CONTRATS
from shared.events.topics import CATALOGUE

PARSER = Path(__file__).with_name("parser")
PERMIS = {"asyncapi-latest-version"}
"""3.1.0 adds nothing that concerns Kafka, and tools read 3.0.0."""


@pytest.fixture(scope="module")
def node() -> str:
    """Path of Node, with the parser installed as ``package-lock.json`` says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node and npm are not installed: the official parser cannot run")
    with (PARSER / ".npmrc").open() as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        if not _installe():
            _installer(npm)
    return node


def _installe() -> bool:
    demande = json.loads((PARSER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    paquet = PARSER / "node_modules" / "@asyncapi" / "parser" / "package.json"
    if not paquet.is_file():
        return False
    return bool(json.loads(paquet.read_text(encoding="utf-8"))["version"] == demande["@asyncapi/parser"])


def _installer(npm: str) -> None:
    fait = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        check=False,
        cwd=PARSER,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if fait.returncode != 0 and "npm error network" in fait.stderr:
        pytest.skip("the npm registry does not answer: the official parser cannot be installed")
    assert fait.returncode == 0, fait.stderr


def _lire(node: str, document: Path) -> Any:
    fait = subprocess.run(
        [node, "parse.mjs", str(document)], check=True, cwd=PARSER, capture_output=True, timeout=60
    )
    return json.loads(fait.stdout)


def test_the_official_parser_finds_nothing_to_say(node: str) -> None:
    lu = _lire(node, CONTRATS / "asyncapi.yaml")
    assert [plainte for plainte in lu["complaints"] if plainte["code"] not in PERMIS] == []
    assert lu["valid"]
    assert set(lu["channels"]) == {topic.nom for topic in CATALOGUE}
    for topic in CATALOGUE:
        messages = {message.pop("name"): message for message in lu["channels"][topic.nom]}
        assert messages.keys() - {"tombstone"} == set(topic.contrats)
        for nom, message in messages.items():
            payload = "null" if nom == "tombstone" else "object"
            assert message == {"payload": payload, "headers": True, "key": "string"}, (topic.nom, nom)


@pytest.mark.parametrize(
    ("juste", "faux"),
    [
        ('action: "send"', 'action: "sends"'),
        ('$ref: "#/components/schemas/VoeuModifie"', '$ref: "#/components/schemas/Perdu"'),
        ('type: "scramSha512"', 'type: "word"'),
    ],
)
def test_the_official_parser_would_see_a_mistake(node: str, tmp_path: Path, juste: str, faux: str) -> None:
    publie, document = (CONTRATS / "asyncapi.yaml").read_text(encoding="utf-8"), tmp_path / "asyncapi.yaml"
    document.write_text(publie.replace(juste, faux), encoding="utf-8")
    lu = _lire(node, document)
    assert "error" in {plainte["severity"] for plainte in lu["complaints"]}
    assert not lu["valid"]
