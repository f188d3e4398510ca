"""Fields of a pupil as a file writes them, judged one by one. Pure.

Few values are distinct: what is costly is remembered by value.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

TEXTE_MAX = 300
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")
_CONTROLES = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class RejetError(Exception):
    """This pupil cannot be taken. ``champ``: the one to mend, by its tag of BEE_ELEVES."""

    def __init__(self, code: str, phrase: str, champ: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
        self.champ = champ


@lru_cache(maxsize=8192)
def est_code(valeur: str) -> bool:
    """Whether a contract takes it as a code."""
    return _CODE.fullmatch(valeur) is not None


def code(champs: Mapping[str, str], nom: str) -> str | None:
    valeur = champs.get(nom)
    return valeur if valeur and est_code(valeur) else None


def texte(champs: Mapping[str, str], nom: str) -> str | None:
    valeur = champs.get(nom)
    return propre(valeur)[:TEXTE_MAX] or None if valeur else None


def propre(valeur: str) -> str:
    """Without what no name holds and no database takes: control characters, lone surrogates."""
    if valeur.isprintable() or not _CONTROLES.search(valeur):
        return valeur
    return _CONTROLES.sub(" ", valeur).strip()


def obligatoire(champs: Mapping[str, str], noms: Sequence[str], anomalie: str, quoi: str) -> str:
    """The first of ``noms`` that says something. Raises RejetError."""
    for nom in noms:
        if valeur := propre(champs.get(nom, "")):
            break
    else:
        raise RejetError(anomalie, f"{quoi} de l’élève manque : complétez sa fiche dans SIECLE.", noms[0])
    if len(valeur) > TEXTE_MAX:
        raise RejetError(
            anomalie, f"{quoi} de l’élève est trop long : corrigez sa fiche dans SIECLE.", noms[0]
        )
    return valeur


def jour(champs: Mapping[str, str], nom: str, anomalie: str, quoi: str) -> date | None:
    """A date written JJ/MM/AAAA; None when there is none. Raises RejetError."""
    valeur = champs.get(nom)
    if not valeur:
        return None
    lu = _jour(valeur)
    if lu is None:
        raise RejetError(
            anomalie, f"{quoi} de l’élève n’est pas au format JJ/MM/AAAA : corrigez-la dans SIECLE.", nom
        )
    return lu


@lru_cache(maxsize=8192)
def _jour(valeur: str) -> date | None:
    trouve = _DATE.fullmatch(valeur)
    try:
        return date(int(trouve[3]), int(trouve[2]), int(trouve[1])) if trouve else None
    except ValueError:
        return None
