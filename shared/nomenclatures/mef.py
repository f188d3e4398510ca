"""MEF (module élémentaire de formation) of SIECLE: level and série by rule, never by a list of labels.

A SIECLE code has 11 digits: the 10 of the national base (BCN) and a local variant digit, which is
dropped here. The MEFSTAT11 tells the level (its first four: 2213 and 2383 are terminales) and the
série. Rule and its exceptions: README of this folder.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.nomenclatures.complement import courant
from shared.nomenclatures.series import Serie
from shared.nomenclatures.tables import lire

TERMINALE_GT = "2213"
TERMINALE_PRO = "2383"
LONGUEURS_DU_CODE = (10, 11)


class NatureMef(StrEnum):
    """What a code is. INCONNU is not AUTRE_NIVEAU: the first is a reject, the second is out of scope."""

    TERMINALE = "TERMINALE"
    AUTRE_NIVEAU = "AUTRE_NIVEAU"
    INCONNU = "INCONNU"


@dataclass(frozen=True, slots=True)
class Mef:
    """A terminale. ``code`` has 10 digits; ``fermeture`` is an ISO date or empty when open."""

    code: str
    mefstat11: str
    libelle: str
    fermeture: str
    serie: Serie


_SERIES_TECHNOLOGIQUES = {
    "2": Serie.STMG,
    "3": Serie.STL,
    "4": Serie.ST2S,
    "9": Serie.STAV,
    "B": Serie.STD2A,
    "C": Serie.STI2D,
}


def serie_du_mefstat11(mefstat11: str) -> Serie | None:
    """Série of a MEFSTAT11, None when it is not a terminale."""
    if mefstat11.startswith(TERMINALE_PRO):
        return Serie.PROFESSIONNELLE
    if not mefstat11.startswith(TERMINALE_GT):
        return None
    if mefstat11[4] == "1":
        return Serie.GENERALE
    return _serie_technologique(mefstat11) if mefstat11[4] == "2" else Serie.AUTRE


def _serie_technologique(mefstat11: str) -> Serie:
    domaine, specialite = mefstat11[5], mefstat11[6:]
    if domaine == "5":  # shared by the arts of the stage and the hotel trade
        if specialite.startswith("133"):
            return Serie.S2TMD
        return Serie.STHR if specialite == "33402" else Serie.AUTRE
    return _SERIES_TECHNOLOGIQUES.get(domaine, Serie.AUTRE)


def _racine(code_mef: str) -> str:
    code = code_mef.strip()
    return code[:10] if len(code) in LONGUEURS_DU_CODE and code.isdigit() else ""


@lru_cache(maxsize=1)
def terminales() -> dict[str, Mef]:
    """The terminales of the national base, closed ones included, by their 10 digits."""
    lignes = lire("mef_terminales")
    return {
        ligne["mef"]: Mef(
            ligne["mef"],
            ligne["mefstat11"],
            ligne["libelle"],
            ligne["fermeture"],
            serie_du_mefstat11(ligne["mefstat11"]) or Serie.AUTRE,
        )
        for ligne in lignes
    }


@lru_cache(maxsize=1)
def _autres_niveaux() -> dict[str, str]:
    return {code: ligne["mefstat4"] for ligne in lire("mef_autres") for code in ligne["mefs"].split()}


def nature_du_mef(code_mef: str) -> NatureMef:
    """By the session's référentiel, else by the built-in tables."""
    deposes = courant().mefs
    if deposes and (racine := _racine(code_mef)) in deposes:
        return NatureMef.AUTRE_NIVEAU if deposes[racine] is None else NatureMef.TERMINALE
    return _nature_connue(code_mef)


@lru_cache(maxsize=4096)
def _nature_connue(code_mef: str) -> NatureMef:
    racine = _racine(code_mef)
    if racine in terminales():
        return NatureMef.TERMINALE
    return NatureMef.AUTRE_NIVEAU if racine in _autres_niveaux() else NatureMef.INCONNU


def est_terminale(code_mef: str) -> bool | None:
    """True or False, and None when the code is unknown (which must be told, not ignored)."""
    nature = nature_du_mef(code_mef)
    return None if nature is NatureMef.INCONNU else nature is NatureMef.TERMINALE


def serie_du_mef(code_mef: str) -> Serie | None:
    """Série of a SIECLE or BCN code; None when it is no terminale or is unknown."""
    deposes = courant().mefs
    if deposes and (racine := _racine(code_mef)) in deposes:
        depose = deposes[racine]
        return depose.serie if depose else None
    return _serie_connue(code_mef)


@lru_cache(maxsize=4096)
def _serie_connue(code_mef: str) -> Serie | None:
    mef = terminales().get(_racine(code_mef))
    return mef.serie if mef else None
