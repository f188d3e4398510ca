"""INE: reading, and its check keys (siecle_reference §3.1)."""

import re
from collections.abc import Mapping

INE = re.compile(r"[0-9A-Z]{11}")
_INAA = re.compile(r"[0-9A-Z]{4,15}")
"""Agricultural lycées: accepted instead of the INE, its form is not published (siecle_reference §3.1)."""
_INE_RNIE = re.compile(r"[0-9]{9}[A-HJK]{2}")
_INE_BEA = re.compile(r"[0-9]{10}[A-HJ-NPR-Z]")
_LETTRES_RNIE = "ABCDEFGHJK"
_LETTRES_BEA = "ABCDEFGHJKLMNPRSTUVWXYZ"


def ine_de(champs: Mapping[str, str]) -> str | None:
    """The INE in force, upper case, or the INAA; None when absent or not eleven letters and digits."""
    brut = _ine_brut(champs)
    if INE.fullmatch(brut):
        return brut
    inaa = champs.get("INAA", "").upper()
    return inaa if _INAA.fullmatch(inaa) else None


def _ine_brut(champs: Mapping[str, str]) -> str:
    return (champs.get("ID_NATIONAL") or champs.get("INE_RNIE") or champs.get("INE_BEA") or "").upper()


def avertir_ine(champs: Mapping[str, str], ine: str | None) -> str | None:
    """A missing or doubtful INE is told, never refused (siecle_reference §3.1)."""
    if ine is None and not _ine_brut(champs):
        return "L’élève n’a pas d’INE : son dossier ne pourra pas lui être rattaché. Demandez-le dans SIECLE."
    if ine is None:
        return (
            "L’INE n’a pas onze chiffres et lettres : il n’est pas pris en compte. Corrigez-le dans SIECLE."
        )
    if champs.get("INAA"):
        return None
    return None if cle_ine_valide(ine) else "La clé de l’INE est fausse : vérifiez-le dans SIECLE."


def cle_ine_valide(ine: str) -> bool:
    """RNIE or BEA key; other forms have none that is known, and pass."""
    if _INE_RNIE.fullmatch(ine):
        cle = 97 - int(ine[:9]) % 97
        return ine[9:] == _LETTRES_RNIE[cle // 10] + _LETTRES_RNIE[cle % 10]
    if _INE_BEA.fullmatch(ine):
        return ine[10] == _LETTRES_BEA[int(ine[:10]) % 23]
    return True
