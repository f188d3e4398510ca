"""Short code lists of SIECLE: label by code."""

from functools import lru_cache

from shared.nomenclatures.tables import lire


@lru_cache(maxsize=1)
def _listes() -> dict[str, dict[str, str]]:
    listes: dict[str, dict[str, str]] = {}
    for ligne in lire("codes"):
        listes.setdefault(ligne["liste"], {})[ligne["code"]] = ligne["libelle"]
    return listes


def regimes() -> dict[str, str]:
    return _listes()["REGIME"]


def statuts() -> dict[str, str]:
    return _listes()["STATUT"]


def motifs_de_sortie() -> dict[str, str]:
    return _listes()["MOTIF_SORTIE"]


def bourses() -> dict[str, str]:
    return _listes()["BOURSE"]


def modalites_election() -> dict[str, str]:
    return _listes()["MODALITE"]


def provenances() -> dict[str, str]:
    return _listes()["PROVENANCE"]
