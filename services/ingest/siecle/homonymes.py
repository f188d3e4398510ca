"""The name under which two pupils are thought to be one. Pure."""

import unicodedata
from datetime import date
from functools import lru_cache

from services.ingest.identity import Nature, Nom


def nom_de(nom: str, prenom: str, naissance: date) -> Nom:
    """By what two pupils are thought to be one: it proposes, it never merges."""
    return Nom(Nature.PERSONNE, f"{_plat(nom)}|{_plat(prenom)}|{naissance.isoformat()}")


@lru_cache(maxsize=8192)
def _plat(texte: str) -> str:
    """Without accents, case, spaces or punctuation."""
    if texte.isascii() and texte.isalnum():
        return texte.casefold()
    decompose = unicodedata.normalize("NFKD", texte.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(lettre for lettre in decompose if lettre.isalnum())
