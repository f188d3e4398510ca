"""``python -m shared.events.generate [--check | --golden | --release X.Y.Z]``: the published contracts, from the models.

Writes ``docs/contracts/<topic>/<Event>.schema.json``, ``asyncapi.yaml`` and the browsable ``index.html``; never
writes a change that breaks a promise of the last release (``baseline.json``). ``golden/<Event>.v1.json`` are
written once: an event as it was published must stay readable for ever. ``--golden`` drafts the missing ones.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.events import baseline, golden
from shared.events.asyncapi import document
from shared.events.cles import CLES
from shared.events.page import page
from shared.events.schemas import evenements, schema
from shared.events.yaml import yaml

CONTRATS = Path(__file__).parents[2] / "docs" / "contracts"


def fichiers(dossier: Path) -> dict[Path, str]:
    """Text of every generated file, by path."""
    decrit = document(golden.principaux(dossier), baseline.lire(dossier)[0])
    return {
        **{
            dossier / topic.nom / f"{nom}.schema.json": _json(schema(topic, nom, modele))
            for topic, nom, modele in evenements()
        },
        dossier / "asyncapi.yaml": yaml(decrit),
        dossier / "index.html": page(decrit, golden.tous(dossier)),
    }


def _json(noeud: Mapping[str, Any]) -> str:
    return json.dumps(noeud, ensure_ascii=False, indent=2) + "\n"


def problemes_de_rupture(dossier: Path) -> list[str]:
    """What the last release promised and the models no longer hold."""
    _, promises = baseline.lire(dossier)
    trouvees = baseline.ruptures_du_catalogue(promises, baseline.courantes())
    return [f"breaks a subscriber, publish it as .v2: {trouvee}" for trouvee in trouvees]


def orphelins(dossier: Path, textes: Mapping[Path, str]) -> list[Path]:
    """Schemas of events that no longer exist and that no release promised."""
    return [chemin for chemin in sorted(dossier.glob("*.v*/*.schema.json")) if chemin not in textes]


def problemes_de_fraicheur(dossier: Path, textes: Mapping[Path, str]) -> list[str]:
    """Committed files that are not what the models give."""
    vieux = [
        chemin
        for chemin, texte in textes.items()
        if not chemin.is_file() or chemin.read_text(encoding="utf-8") != texte
    ]
    return [
        f"{chemin.parent.name}/{chemin.name}: out of date, run `python -m shared.events.generate`"
        for chemin in [*vieux, *orphelins(dossier, textes)]
    ]


def ecrire(dossier: Path, textes: Mapping[Path, str]) -> None:
    for chemin in orphelins(dossier, textes):
        chemin.unlink()
    for chemin, texte in textes.items():
        chemin.parent.mkdir(parents=True, exist_ok=True)
        chemin.write_text(texte, encoding="utf-8")


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.events.generate", description=__doc__)
    quoi = parser.add_mutually_exclusive_group()
    quoi.add_argument("--check", action="store_true", help="write nothing, fail on any difference")
    quoi.add_argument("--golden", action="store_true", help="draft the missing golden events first")
    quoi.add_argument("--release", metavar="X.Y.Z", help="promise today's contracts to subscribers")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None, dossier: Path = CONTRATS) -> int:
    """0 when the committed contracts are those of the models and break nobody."""
    demande = _arguments(arguments)
    if sans_cle := [nom for _, nom, _ in evenements() if nom not in CLES]:
        sys.stdout.writelines(f"{nom}: say what its key is in shared/events/cles.py\n" for nom in sans_cle)
        return 1
    if demande.golden:
        sys.stdout.writelines(f"drafted {chemin.name}\n" for chemin in golden.rediger(dossier))
    problemes = problemes_de_rupture(dossier) + golden.problemes(dossier)
    if not problemes and demande.release:
        promises = baseline.texte(demande.release, baseline.courantes())
        (dossier / baseline.FICHIER).write_text(promises, encoding="utf-8")
    textes = fichiers(dossier)
    if demande.check:
        problemes += problemes_de_fraicheur(dossier, textes)
    elif not problemes:
        ecrire(dossier, textes)
    sys.stdout.writelines(f"{probleme}\n" for probleme in problemes)
    return 1 if problemes else 0


if __name__ == "__main__":
    sys.exit(main())
