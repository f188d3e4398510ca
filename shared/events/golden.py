"""Golden events: records as they lie on the log, one file each, kept readable for ever.

``golden/<Event>.v<major>.json`` is one ordinary event; ``golden/<Event>.v<major>.<case>.json`` a telling case (a
deletion, a tombstone, the least that a producer may say). Each holds ``topic``, ``key``, ``headers``, ``value``.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.events.cles import CLES, cle
from shared.events.enveloppe import entetes, evenement, horodatage
from shared.events.modeles import Contrat
from shared.events.schemas import Schema, evenements, schema
from shared.events.topics import Retention, Topic

Dore = Mapping[str, Any]
_QUAND = datetime(2026, 1, 20, 11, tzinfo=UTC)
_RECUE = datetime(2026, 1, 20, 11, 0, 0, 1, tzinfo=UTC)
_VALEURS: Mapping[str, Any] = {"session": 2026, "version": 1, "annee": 2025}
_FORMATS = {
    "uuid": "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f",
    "date": "2026-01-20",
    "date-time": "2026-01-20T11:00:00Z",
}


def nom_dore(topic: Topic, nom: str) -> str:
    """``VoeuModifie.v1``: an event's name and the version of its topic."""
    return f"{nom}.{topic.nom.rpartition('.')[2]}"


def tous(dossier: Path) -> dict[str, Dore]:
    """Every golden event by the name of its file."""
    return {
        chemin.stem: json.loads(chemin.read_text(encoding="utf-8"))
        for chemin in sorted((dossier / "golden").glob("*.json"))
    }


def principaux(dossier: Path) -> dict[str, Dore]:
    """The ordinary one of each event, by event and version."""
    return {nom: dore for nom, dore in tous(dossier).items() if nom.count(".") == 1}


def problemes(dossier: Path) -> list[str]:
    """Golden events that are missing, that belong to no contract, or that today's model refuses."""
    connus = tous(dossier)
    contrats = {nom_dore(topic, nom): (topic, modele) for topic, nom, modele in evenements()}
    trouves = [
        f"golden/{nom}.json: missing, `python -m shared.events.generate --golden` drafts it"
        for nom in sorted(contrats.keys() - connus.keys())
    ]
    for nom, dore in connus.items():
        contrat = contrats.get(".".join(nom.split(".")[:2]))
        refus = _refus(dore, *contrat) if contrat else "no event of this name and version"
        trouves += [f"golden/{nom}.json: {refus}"] if refus else []
    return trouves


def _refus(dore: Dore, topic: Topic, modele: type[Contrat]) -> str | None:
    if dore["value"] is None:
        return None if topic.retention is Retention.COMPACTEE else "a tombstone on a topic kept whole"
    try:
        modele.model_validate_json(json.dumps(dore["value"]), strict=True)
    except ValidationError as erreur:
        return f"no longer readable, {erreur.error_count()} error(s)"
    return None


def rediger(dossier: Path) -> list[Path]:
    """Draft the missing golden events from their schemas, to be made telling by hand; returns the new files."""
    ecrits = []
    for topic, nom, modele in evenements():
        chemin = dossier / "golden" / f"{nom_dore(topic, nom)}.json"
        if not chemin.is_file():
            chemin.parent.mkdir(parents=True, exist_ok=True)
            texte = json.dumps(exemple(topic, nom, modele), ensure_ascii=False, indent=2)
            chemin.write_text(f"{texte}\n", encoding="utf-8")
            ecrits.append(chemin)
    return ecrits


def exemple(topic: Topic, nom: str, modele: type[Contrat]) -> dict[str, Any]:
    """One event that its contract accepts, every field filled."""
    decrit = schema(topic, nom, modele)
    valeur = _valeur(decrit, decrit.get("$defs", {}), nom)
    donnees = modele.model_validate_json(json.dumps(valeur), strict=True)
    cle_ = cle(CLES[nom], valeur)
    fait = evenement(topic, donnees, cle=cle_, version=valeur.get("version", 1), time=_QUAND, type_=nom)
    attributs = {champ: texte.decode() for champ, texte in entetes(fait, horodatage(_RECUE))}
    return {
        "topic": fait.topic,
        "key": cle_,
        "headers": attributs,
        "value": json.loads(fait.donnees or b"null"),
    }


def _valeur(noeud: Schema, definitions: Mapping[str, Schema], champ: str) -> Any:
    """A value that a schema accepts, said by the field's name where it is free."""
    if "$ref" in noeud:
        return _valeur(definitions[noeud["$ref"].rpartition("/")[2]], definitions, champ)
    if "anyOf" in noeud:
        return _valeur(noeud["anyOf"][0], definitions, champ)
    if "properties" in noeud:
        return {nom: _valeur(fils, definitions, nom) for nom, fils in noeud["properties"].items()}
    if "items" in noeud:
        return [_valeur(noeud["items"], definitions, champ.removesuffix("s"))]
    return _VALEURS.get(
        champ, noeud.get("const", noeud["enum"][0] if "enum" in noeud else _simple(noeud, champ))
    )


def _simple(noeud: Schema, champ: str) -> Any:
    match noeud.get("type"):
        case "boolean":
            return bool(noeud.get("default"))
        case "integer" | "number":
            return min(max(1, noeud.get("minimum", 1)), noeud.get("maximum", 1))
        case "string":
            return _FORMATS.get(noeud.get("format", "")) or _texte(noeud, champ)
    return None


def _texte(noeud: Schema, champ: str) -> str:
    motif = noeud.get("pattern", "")
    limite = noeud.get("maxLength", len(champ))
    return next(texte for texte in (champ[:limite], "0750001A", _selon(motif)) if re.search(motif, texte))


def _selon(motif: str) -> str:
    """The first text that a plain pattern allows: first alternatives, first characters, least repetitions."""
    plat = re.sub(r"\(([^|()]*)[^()]*\)\??", r"\1", motif.strip("^$"))
    return re.sub(
        r"\[([^\]])[^\]]*\](?:\{(\d+)[^}]*\})?[+*?]?", lambda trouve: trouve[1] * int(trouve[2] or 1), plat
    )
