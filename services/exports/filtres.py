"""Filters in words, for the head of a workbook."""

from shared.domaine.filtres import Filtres
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.matieres import specialites
from shared.nomenclatures.series import Serie

_SEXES = {"F": "filles", "M": "garçons"}


def dire(filtres: Filtres) -> str:
    """« classe TG1 ou TG2 ; boursiers »; empty without filter."""
    connues = specialites()
    dits = (
        _parmi("classe", filtres.classe),
        _parmi("série", tuple(_serie(code) for code in filtres.serie)),
        _parmi("spécialité", tuple(connues[c].libelle if c in connues else c for c in filtres.specialite)),
        _parmi("filière demandée", tuple(_famille(code) for code in filtres.famille)),
        _oui_non(filtres.boursier, "boursiers"),
        _oui_non(filtres.cordees, "participants aux Cordées"),
        _SEXES[filtres.sexe] if filtres.sexe else "",
    )
    return " ; ".join(dit for dit in dits if dit)


def _parmi(nom: str, valeurs: tuple[str, ...]) -> str:
    return f"{nom} {' ou '.join(valeurs)}" if valeurs else ""


def _oui_non(voulu: bool | None, nom: str) -> str:
    if voulu is None:
        return ""
    return nom if voulu else f"non {nom}"


def _serie(code: str) -> str:
    return Serie(code).libelle if code in {*Serie} else code


def _famille(code: str) -> str:
    return Famille(code).libelle if code in {*Famille} else code
