"""INE of the national directory (RNIE): nine digits and two key letters, in a range of its own.

Synthetic pupils take the numbers from 980 000 000 up, which no real pupil seen so far carries.
"""

CHIFFRES_DE_LA_CLE = "ABCDEFGHJK"
PLACES_PAR_LYCEE = 1000
_BASE_ELEVES = 990_000_000
_BASE_AUTRES = 980_000_000


def ine_rnie(numero: int) -> str:
    """``numero`` on nine digits; key = 97 minus its remainder modulo 97, as two letters."""
    cle = 97 - numero % 97
    return f"{numero:09d}{CHIFFRES_DE_LA_CLE[cle // 10]}{CHIFFRES_DE_LA_CLE[cle % 10]}"


def ine_valide(ine: str) -> bool:
    chiffres = ine[:9]
    return ine.isascii() and chiffres.isdigit() and ine_rnie(int(chiffres)) == ine


def ine_d_eleve(indice: int) -> str:
    """``indice``: rank of the pupil over all lycées and rounds, below ten million."""
    return ine_rnie(_BASE_ELEVES + indice)


def ine_d_autre(indice: int) -> str:
    """For candidates of other profiles, who are in no lycée."""
    return ine_rnie(_BASE_AUTRES + indice)


def numero_de_dossier(session: int, indice: int) -> str:
    return f"{session % 100:02d}{indice:08d}"
