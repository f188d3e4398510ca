"""JSON Schemas (2020-12) of the contracts: what a subscriber validates a value against."""

from collections.abc import Iterator
from typing import Any

from shared.events.dictionnaire import RESUMES, dire
from shared.events.modeles import Contrat
from shared.events.topics import CATALOGUE, Topic

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def evenements() -> Iterator[tuple[Topic, str, type[Contrat]]]:
    """(topic, event's name, model) of every published contract, in the catalogue's order."""
    for topic in CATALOGUE:
        for nom, modele in topic.contrats.items():
            yield topic, nom, modele


def schema(topic: Topic, nom: str, modele: type[Contrat]) -> Schema:
    """Optional fields may be absent from the value; readers ignore fields that they do not know."""
    corps = modele.model_json_schema(mode="validation")
    tete = {"$schema": DIALECT, "$id": f"urn:pilotage:{topic.nom}:{nom}", "title": nom}
    resume = {"description": RESUMES[nom]} if nom in RESUMES else {}
    return {**tete, **resume, **dire(modele.__name__, _sans_titres(corps))}


def composants() -> dict[str, Schema]:
    """Every model and enumeration by name, for one document that refers to them."""
    reunis: dict[str, Schema] = {}
    for _, _, modele in evenements():
        corps = modele.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
        reunis |= corps.pop("$defs", {})
        reunis[modele.__name__] = corps
    return {nom: dire(nom, _sans_titres(corps)) for nom, corps in sorted(reunis.items())}


def _sans_titres(noeud: Any) -> Any:
    """Pydantic's titles only repeat the names of the fields."""
    if isinstance(noeud, list):
        return [_sans_titres(element) for element in noeud]
    if not isinstance(noeud, dict):
        return noeud
    return {
        cle: _sans_titres(valeur)
        for cle, valeur in noeud.items()
        if not (cle == "title" and isinstance(valeur, str))
    }
