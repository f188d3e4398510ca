"""Every event and every field of the published contracts says what it means; the dictionary says nothing else."""

from typing import Any

import pytest

from shared.events.dictionnaire import CHAMPS, RESUMES, muets
from shared.events.modeles import Contrat
from shared.events.schemas import evenements, schema
from shared.events.topics import Topic

TOUS = [pytest.param(topic, nom, modele, id=nom) for topic, nom, modele in evenements()]


@pytest.mark.parametrize(("topic", "nom", "modele"), TOUS)
def test_it_says_what_it_means(topic: Topic, nom: str, modele: type[Contrat]) -> None:
    publie = schema(topic, nom, modele)
    assert publie.get("description"), f"a docstring on the model, or RESUMES[{nom!r}]"
    assert list(muets(publie)) == [], "a description on the field, or an entry of CHAMPS"


def test_no_entry_is_left_over() -> None:
    modeles: dict[str, Any] = {
        modele.__name__: schema(topic, nom, modele) for topic, nom, modele in evenements()
    }
    for publie in list(modeles.values()):
        modeles |= publie.get("$defs", {})
    connus = {champ for publie in modeles.values() for champ in publie.get("properties", {})}
    connus |= {f"{nom}.{champ}" for nom, publie in modeles.items() for champ in publie.get("properties", {})}
    assert set(CHAMPS) - connus == set()
    assert set(RESUMES) <= {nom for _, nom, _ in evenements()}
