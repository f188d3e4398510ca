"""Académies, départements and UAI.

Départements are written as SIECLE does, on three characters: ``075``, ``02A``, ``971``.
"""

from dataclasses import dataclass
from functools import lru_cache

from shared.nomenclatures.complement import courant
from shared.nomenclatures.tables import lire

CLES_UAI = "ABCDEFGHJKLMNPRSTUVWXYZ"
LONGUEUR_UAI = 8
_DEPARTEMENT_DU_PREFIXE = {"620": "02A", "720": "02B", "983": "988", "984": "987", "987": "986"}


@dataclass(frozen=True, slots=True)
class Academie:
    code: str
    nom: str
    region: str
    departements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Departement:
    code: str
    libelle: str
    academie: str


@lru_cache(maxsize=1)
def departements() -> dict[str, Departement]:
    return {
        ligne["departement"]: Departement(ligne["departement"], ligne["libelle"], ligne["academie"])
        for ligne in lire("departements")
    }


@lru_cache(maxsize=1)
def academies() -> dict[str, Academie]:
    """By code, in the order of the codes."""
    membres: dict[str, list[str]] = {}
    noms = {ligne["academie"]: (ligne["academie_nom"], ligne["region"]) for ligne in lire("departements")}
    for departement in departements().values():
        membres.setdefault(departement.academie, []).append(departement.code)
    return {code: Academie(code, *noms[code], tuple(membres[code])) for code in sorted(noms)}


def academie(code: str) -> Academie | None:
    return academies().get(code)


def academie_du_departement(code: str) -> Academie | None:
    """Accepts ``75``, ``075``, ``2A`` and ``02A``."""
    departement = departements().get(code.strip().upper().zfill(3))
    return academies()[departement.academie] if departement else None


def departement_de_uai(uai: str) -> str | None:
    """None for a lycée abroad or a malformed UAI."""
    prefixe = _DEPARTEMENT_DU_PREFIXE.get(uai[:3], uai[:3])
    return prefixe if prefixe in departements() else None


def academie_de_uai(uai: str) -> Academie | None:
    """As the session's référentiel says of the établissement, else by its département."""
    deposee = courant().academies.get(uai)
    return academies().get(deposee) if deposee is not None else _academie_du_prefixe(uai)


@lru_cache(maxsize=8192)
def _academie_du_prefixe(uai: str) -> Academie | None:
    departement = departement_de_uai(uai)
    return academie_du_departement(departement) if departement else None


def uai_valide(uai: str) -> bool:
    """Seven digits and the key letter: rank in the alphabet without I, O, Q of the number modulo 23."""
    if len(uai) != LONGUEUR_UAI or not (uai[:7].isascii() and uai[:7].isdigit()):
        return False
    return CLES_UAI[int(uai[:7]) % 23] == uai[7]
