"""Reading back what the simulator of the nation has written."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.simulateur.nation.commande import Commande
from services.simulateur.nation.ecriture import ecrire
from services.simulateur.nation.tables import echantillon


def ecrite(sortie: Path, lycees: int = 6, *, ouvriers: int = 1, **options: Any) -> Commande:
    commande = Commande(sortie, echantillon(lycees), **options)
    ecrire(commande, ouvriers=ouvriers)
    return commande


def noms_des_fichiers(sortie: Path) -> list[str]:
    manifeste = json.loads((sortie / "manifest.json").read_text())
    return [fichier["nom"] for fichier in manifeste["fichiers"]]


def lignes(sortie: Path) -> Iterator[bytes]:
    """In the order of the manifest."""
    for nom in noms_des_fichiers(sortie):
        yield from gzip.decompress((sortie / nom).read_bytes()).splitlines()


def faits(sortie: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, lignes(sortie))


def empreintes(sortie: Path) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    return {
        str(chemin.relative_to(sortie)): hashlib.sha256(chemin.read_bytes()).hexdigest()
        for chemin in sorted(sortie.rglob("*"))
        if chemin.is_file()
    }
