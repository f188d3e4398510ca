"""The browsable page of the contracts: static, its style and its script beside it, readable without the script.

Our own rather than AsyncAPI's HTML template: that one is a React application of several megabytes, shows nothing
without its script, prints badly, and knows neither classes nor golden events.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.events.cles import CLES
from shared.events.golden import Dore, nom_dore
from shared.events.schemas import Schema, evenements, schema
from shared.events.topics import CATALOGUE, Topic
from shared.kafka.topics import configuration

DOMAINES = {
    "siecle": "Pupils",
    "scolarite": "School life",
    "candidature": "Applications",
    "admission": "Admission",
    "referentiel": "Reference data and calendar",
    "eleves": "Where pupils stand",
    "indicateurs": "Indicators",
    "avenir": "Fiche Avenir",
    "orientation": "Orientation",
    "exports": "Workbooks",
    "audit": "Audit",
}
_MOTIFS = {r"^[A-Za-z0-9_.:\-]+$": "code", "^[0-9]{7}[A-Z]$": "UAI"}
_CHOIX = re.compile(r"\^(?:\[(?P<lettres>[A-Z]+)\]|\((?P<mots>[A-Z_|]+)\))\$")
_ENORME = 2_147_483_647


class Champ(NamedTuple):
    """A row of an event's table; ``nom`` is a path such as ``notes[].moyenne``."""

    nom: str
    type: str
    toujours: bool
    dit: str
    profondeur: int


def page(document: Mapping[str, Any], dores: Mapping[str, Dore]) -> str:
    """The whole page; the same contracts always give the same text."""
    publies = [topic for topic in CATALOGUE if topic.contrats]
    entetes = document["components"]["schemas"]["CloudEventsHeaders"]["properties"]
    return _ENV.get_template("contrats.html").render(
        document=document,
        domaines=[
            (DOMAINES.get(nom, nom), [_topic(topic, document, dores) for topic in topics])
            for nom, topics in groupby(sorted(publies, key=_rang), key=lambda topic: topic.nom.split(".")[0])
        ],
        a_venir=[topic for topic in CATALOGUE if not topic.contrats],
        entetes={nom: details.get("description") or details["const"] for nom, details in entetes.items()},
        classes=document["components"]["securitySchemes"],
    )


def _rang(topic: Topic) -> int:
    return list(DOMAINES).index(topic.nom.split(".")[0])


def _topic(topic: Topic, document: Mapping[str, Any], dores: Mapping[str, Dore]) -> dict[str, Any]:
    canal = document["channels"][topic.nom]
    messages = document["components"]["messages"]
    return {
        "nom": topic.nom,
        "classe": topic.classe.value,
        "promesse": canal["x-pilotage"],
        "reglages": configuration(topic),
        "evenements": [
            {
                "nom": nom,
                "ancre": f"{topic.nom}-{nom}",
                "schema": (publie := schema(topic, nom, modele)),
                "cle": CLES[nom],
                "motif": messages[f"{topic.nom}.{nom}"]["bindings"]["kafka"]["key"]["pattern"],
                "champs": list(champs(deplier_annote(publie))),
                "exemples": list(_exemples(nom_dore(topic, nom), dores)),
            }
            for t, nom, modele in evenements()
            if t is topic
        ],
    }


def _exemples(prefixe: str, dores: Mapping[str, Dore]) -> Iterator[tuple[str, str, Dore]]:
    """(case, file, event); the ordinary one first, its case is empty."""
    for nom, dore in sorted(dores.items()):
        if nom == prefixe or nom.startswith(f"{prefixe}."):
            yield nom.removeprefix(prefixe).lstrip("."), f"{nom}.json", dore


def deplier_annote(publie: Schema) -> Schema:
    """The schema with its definitions in their place and its descriptions kept."""
    definitions: Mapping[str, Schema] = publie.get("$defs", {})

    def ici(noeud: Any) -> Any:
        if isinstance(noeud, list):
            return [ici(element) for element in noeud]
        if not isinstance(noeud, dict):
            return noeud
        if "$ref" in noeud:
            cible = definitions[noeud["$ref"].rpartition("/")[2]]
            return ici({**cible, **{cle: valeur for cle, valeur in noeud.items() if cle != "$ref"}})
        return {cle: ici(valeur) for cle, valeur in noeud.items() if cle != "$defs"}

    deplie: Schema = ici(publie)
    return deplie


def champs(publie: Schema, chemin: str = "", profondeur: int = 0) -> Iterator[Champ]:
    """Rows of every field, those of nested objects below theirs."""
    for nom, noeud in publie.get("properties", {}).items():
        contenu, nul = _sans_nul(noeud)
        liste = "items" in contenu
        interieur = _sans_nul(contenu["items"])[0] if liste else contenu
        toujours = nom in publie.get("required", ())
        yield Champ(
            f"{chemin}{nom}", _type(contenu), toujours and not nul, noeud.get("description", ""), profondeur
        )
        yield from champs(interieur, f"{chemin}{nom}{'[]' if liste else ''}.", profondeur + 1)


def _sans_nul(noeud: Schema) -> tuple[Schema, bool]:
    autres = [choix for choix in noeud.get("anyOf", ()) if choix != {"type": "null"}]
    return (autres[0], True) if len(autres) == 1 else (noeud, False)


def _type(noeud: Schema) -> str:
    """``integer, 1 to 6``, ``list of text``, ``A · B · C``."""
    if "items" in noeud:
        return f"list of {_type(_sans_nul(noeud['items'])[0])}"
    if "enum" in noeud:
        return " · ".join(noeud["enum"])
    if "properties" in noeud:
        return "object"
    if choix := _CHOIX.fullmatch(noeud.get("pattern", "")):
        return " · ".join(choix["mots"].split("|") if choix["mots"] else choix["lettres"])
    texte = _MOTIFS.get(noeud.get("pattern", "")) or noeud.get("format", "text")
    base: str = texte if noeud["type"] == "string" else noeud["type"]
    return ", ".join([base, *_limites(noeud)])


def _limites(noeud: Schema) -> Iterator[str]:
    bas, haut = noeud.get("minimum"), noeud.get("maximum")
    if haut is not None and haut < _ENORME:
        yield f"{bas} to {haut}"
    if "pattern" in noeud and noeud["pattern"] not in _MOTIFS:
        yield noeud["pattern"]
    if "maxLength" in noeud:
        yield f"at most {noeud['maxLength']} characters"


def _prose(texte: str) -> Markup:
    """Paragraphs, and ``code``."""
    paragraphes = [" ".join(p.split()) for p in texte.split("\n\n")]
    balises = (re.sub(r"``(.+?)``", r"<code>\1</code>", str(escape(p))) for p in paragraphes)
    return Markup("".join(f"<p>{p}</p>\n" for p in balises))  # noqa: S704 - escaped just above


def _json(noeud: Any) -> Markup:
    """Indented; names of fields marked for the style."""
    texte = str(escape(json.dumps(noeud, ensure_ascii=False, indent=2)))
    return Markup(re.sub(r"(?m)^( *)(&#34;[^&]*&#34;):", r"\1<b>\2</b>:", texte))  # noqa: S704 - escaped just above


_ENV = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("gabarits")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENV.filters.update(prose=_prose, indente=_json)
_ENV.globals.update(CLASSES={"nominative": "nominative", "pseudonyme": "pseudonymous", "publique": "public"})
