"""Reading of the small CSV tables kept in ``donnees`` (UTF-8, ``;``, first line: column names)."""

import csv
from importlib.resources import files


def lire(nom: str) -> list[dict[str, str]]:
    """Rows of ``donnees/<nom>.csv`` in the file's order."""
    texte = files(__package__).joinpath("donnees", f"{nom}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(texte.splitlines(), delimiter=";"))
