"""``python -m shared.events.generate [--check]``: the published contracts, from the models.

Writes ``docs/contracts/<topic>/<Event>.schema.json`` and ``docs/contracts/asyncapi.yaml``; never
writes a change that breaks a subscriber. ``golden/<Event>.json`` are written by hand, once: an
event as it was published must stay readable for ever.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.events.asyncapi import document
from shared.events.compat import ruptures
from shared.events.schemas import evenements, schema
from shared.events.yaml import yaml

CONTRATS = Path(__file__).parents[2] / "docs" / "contracts"


def exemples(dossier: Path) -> dict[str, dict[str, Any]]:
    """Golden events by name: ``key``, ``headers``, ``value``."""
    return {
        chemin.stem: json.loads(chemin.read_text(encoding="utf-8"))
        for chemin in sorted((dossier / "golden").glob("*.json"))
    }


def fichiers(dossier: Path) -> dict[Path, str]:
    """Text of every generated file, by path."""
    textes = {
        dossier / topic.nom / f"{nom}.schema.json": _json(schema(topic, nom, modele))
        for topic, nom, modele in evenements()
    }
    return {**textes, dossier / "asyncapi.yaml": yaml(document(exemples(dossier)))}


def _json(noeud: Mapping[str, Any]) -> str:
    return json.dumps(noeud, ensure_ascii=False, indent=2) + "\n"


def problemes_de_rupture(dossier: Path, textes: Mapping[Path, str]) -> list[str]:
    """What the committed contracts promise and the models no longer hold."""
    trouves = []
    for chemin in sorted(dossier.glob("*.v*/*.schema.json")):
        nom = f"{chemin.parent.name}/{chemin.name.removesuffix('.schema.json')}"
        if chemin not in textes:
            trouves.append(f"{nom}: removed")
            continue
        avant, apres = json.loads(chemin.read_text(encoding="utf-8")), json.loads(textes[chemin])
        trouves += [f"{nom} {phrase}" for phrase in ruptures(avant, apres)]
    return [f"breaks a subscriber, publish it as .v2: {trouve}" for trouve in trouves]


def problemes_de_memoire(dossier: Path) -> list[str]:
    """Golden events that are missing, or that today's model refuses."""
    connus, trouves = exemples(dossier), []
    for _, nom, modele in evenements():
        try:
            modele.model_validate_json(json.dumps(connus[nom]["value"]), strict=True)
        except KeyError:
            trouves.append(f"golden/{nom}.json: write one event of this type by hand")
        except ValidationError as erreur:
            trouves.append(f"golden/{nom}.json: no longer readable, {erreur.error_count()} error(s)")
    return trouves


def problemes_de_fraicheur(textes: Mapping[Path, str]) -> list[str]:
    """Committed files that are not what the models give."""
    return [
        f"{chemin.parent.name}/{chemin.name}: out of date, run `python -m shared.events.generate`"
        for chemin, texte in textes.items()
        if not chemin.is_file() or chemin.read_text(encoding="utf-8") != texte
    ]


def ecrire(textes: Mapping[Path, str]) -> None:
    for chemin, texte in textes.items():
        chemin.parent.mkdir(parents=True, exist_ok=True)
        chemin.write_text(texte, encoding="utf-8")


def main(arguments: list[str] | None = None, dossier: Path = CONTRATS) -> int:
    """0 when the committed contracts are those of the models and break nobody."""
    parser = argparse.ArgumentParser(prog="python -m shared.events.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on any difference")
    check = parser.parse_args(arguments).check
    textes = fichiers(dossier)
    problemes = problemes_de_rupture(dossier, textes) + problemes_de_memoire(dossier)
    if check:
        problemes += problemes_de_fraicheur(textes)
    elif not problemes:
        ecrire(textes)
    sys.stdout.writelines(f"{probleme}\n" for probleme in problemes)
    return 1 if problemes else 0


if __name__ == "__main__":
    sys.exit(main())
