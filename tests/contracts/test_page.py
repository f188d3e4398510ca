"""The browsable page: whole, alone, and readable by whoever reads with a keyboard, a voice or a printer."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from shared.events.generate import CONTRATS
from shared.events.golden import tous
from shared.events.page import champs
from shared.events.schemas import evenements
from shared.events.topics import CATALOGUE

PAGE = CONTRATS / "index.html"


@pytest.fixture(scope="module")
def page() -> Any:
    return html.fromstring(PAGE.read_text(encoding="utf-8"))


def test_every_event_is_there_with_its_fields_and_its_golden_events(page: Any) -> None:
    for topic, nom, modele in evenements():
        (article,) = page.xpath("//article[@id=$id]", id=f"{topic.nom}-{nom}")
        lignes = {"".join(ligne.itertext()) for ligne in article.xpath(".//tbody//th")}
        assert set(modele.model_fields) <= lignes, nom
    liens = {lien.rpartition("/")[2] for lien in page.xpath("//@href") if lien.startswith("golden/")}
    assert liens == {f"{nom}.json" for nom in tous(CONTRATS)}
    assert {topic.nom for topic in CATALOGUE} <= set(
        re.findall(r"[a-z_]+(?:\.[a-z_]+)+\.v\d", PAGE.read_text("utf-8"))
    )


def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(page: Any) -> None:
    ancres = set(page.xpath("//@id"))
    for lien in page.xpath("//@href | //@src"):
        adresse = urlsplit(lien)
        assert not adresse.scheme, lien
        assert not adresse.netloc, lien
        assert not adresse.path or (CONTRATS / unquote(adresse.path)).resolve().exists(), lien
        assert adresse.path or not adresse.fragment or unquote(adresse.fragment) in ancres, lien
    for fichier in (CONTRATS / "page").iterdir():
        assert "http" not in fichier.read_text(encoding="utf-8")
    assert page.xpath("//style | //@style | //script[not(@src)] | //@onclick") == []


def test_it_is_built_for_everybody(page: Any) -> None:
    assert page.get("lang") == "en"
    assert [nom for nom, fois in Counter(page.xpath("//@id")).items() if fois > 1] == []
    niveaux = [int(titre.tag[1]) for titre in page.xpath("//h1 | //main//h2 | //main//h3 | //main//h4")]
    assert niveaux[0] == 1
    assert all(suivant - precedent <= 1 for precedent, suivant in pairwise(niveaux))
    for table in page.xpath("//table"):
        assert table.xpath("./caption")
        assert all(cellule.get("scope") for cellule in table.xpath(".//th"))
    assert page.xpath("//label[@for='search']")
    assert len(page.xpath("//main")) == len(page.xpath("//nav[@aria-label]")) == 1


def test_nested_fields_and_types_are_said_in_words() -> None:
    publie = {
        "required": ["notes"],
        "properties": {
            "notes": {
                "type": "array",
                "items": {
                    "required": ["etat"],
                    "properties": {
                        "etat": {"type": "string", "pattern": "^[SA]$"},
                        "secteur": {"type": "string", "pattern": "^(PUBLIC|PRIVE)$"},
                        "rang": {
                            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "null"}]
                        },
                        "uai": {"type": "string", "pattern": "^[0-9]{7}[A-Z]$"},
                    },
                },
            }
        },
    }
    assert [(c.nom, c.type, c.toujours, c.profondeur) for c in champs(publie)] == [
        ("notes", "list of object", True, 0),
        ("notes[].etat", "S · A", True, 1),
        ("notes[].secteur", "PUBLIC · PRIVE", False, 1),
        ("notes[].rang", "integer, 1 to 9", False, 1),
        ("notes[].uai", "UAI", False, 1),
    ]
