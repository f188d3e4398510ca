"""Rules of a lycée's settings: what is kept of what is typed, which value is in force. Pure.

A fiche is what is changed at once: the coordinates, one classe, the teachers of one matière in a classe, one
conseil, one contact. A local value outweighs SIECLE's until it is withdrawn; typing SIECLE's own value
withdraws it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from services.eleves.etablissement.champs import CHAMPS, Cadre, Champ, Objet, ValeurRefuseeError

_CONTROLES = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, order=True)
class Cle:
    """Which fiche. ``classe``, ``detail``: empty where the objet has none."""

    objet: Objet
    classe: str = ""
    detail: str = ""


class Locale(Struct, frozen=True):
    """A value typed here. ``par``: name of who did; ``motif``: why, when he said so."""

    valeur: str
    par: str
    le: datetime
    motif: str | None = None


Erreurs = dict[str, str]


def refus_de_cle(cle: Cle, cadre: Cadre) -> str | None:
    """Why there is no such fiche in this lycée, or None."""
    par_classe = cle.objet in {Objet.CLASSE, Objet.ENSEIGNEMENT, Objet.CONSEIL}
    if par_classe and cle.classe not in cadre.classes:
        return f"La classe « {cle.classe[:40]} » n’est pas connue dans ce lycée."
    if cle.objet is Objet.CONSEIL and cle.detail not in {str(n + 1) for n in range(cadre.periodes)}:
        return f"Il n’y a pas de période n° {cle.detail[:10]} : l’année en compte {cadre.periodes}."
    if cle.objet in {Objet.ENSEIGNEMENT, Objet.CONTACT} and not cle.detail:
        return "Précisez la matière." if cle.objet is Objet.ENSEIGNEMENT else "Précisez le contact."
    return None


def valider(
    objet: Objet, saisis: Mapping[str, str | None], cadre: Cadre
) -> tuple[dict[str, str | None], Erreurs]:
    """Values as they are kept, None where SIECLE's is wanted back, and a sentence for each that is refused."""
    gardes: dict[str, str | None] = {}
    erreurs: Erreurs = {}
    connus = {champ.code: champ for champ in CHAMPS[objet]}
    for code, saisi in saisis.items():
        champ = connus.get(code)
        if champ is None:
            erreurs[code] = "Ce champ n’existe pas."
            continue
        try:
            gardes[code] = _valeur(champ, saisi, cadre)
        except ValeurRefuseeError as refus:
            erreurs[code] = str(refus)
    return gardes, erreurs


def _valeur(champ: Champ, saisi: str | None, cadre: Cadre) -> str | None:
    if saisi is None:
        return None
    net = " ".join(_CONTROLES.sub(" ", saisi).split())
    if len(net) > champ.maximum:
        raise ValeurRefuseeError(f"{champ.maximum} caractères au plus.")
    return champ.regle(net, cadre) if net else ""


def incoherences(cle: Cle, effectifs: Mapping[str, str]) -> Erreurs:
    """What is wrong with the fiche as a whole, beside the field to mend."""
    if cle.objet is Objet.CLASSE:
        return _principaux_refuses(effectifs)
    if cle.objet is Objet.CONSEIL and effectifs.get("heure") and not effectifs.get("date"):
        return {"date": "Donnez aussi la date du conseil."}
    if cle.objet is Objet.CONTACT and any(effectifs.values()) and not effectifs.get("nom"):
        return {"nom": "Donnez le nom du contact."}
    return {}


def _principaux_refuses(effectifs: Mapping[str, str]) -> Erreurs:
    premier, second = (_identite(effectifs, rang) for rang in (1, 2))
    for rang, (nom, *reste) in ((1, premier), (2, second)):
        if any(reste) and not nom:
            return {f"principal_{rang}_nom": "Donnez le nom du professeur principal."}
    if second[0] and not premier[0]:
        return {"principal_1_nom": "Donnez d’abord le premier professeur principal."}
    if premier[0] and premier[:2] == second[:2]:
        return {"principal_2_nom": "C’est déjà le premier professeur principal de la classe."}
    return {}


def _identite(effectifs: Mapping[str, str], rang: int) -> tuple[str, str, str]:
    nom, prenom, compte = (
        effectifs.get(f"principal_{rang}_{champ}", "") for champ in ("nom", "prenom", "compte")
    )
    return nom.casefold(), prenom.casefold(), compte


def appliquer(
    locales: Mapping[str, Locale],
    siecle: Mapping[str, str],
    gardes: Mapping[str, str | None],
    signature: Locale,
) -> dict[str, Locale]:
    """Local values after a command; the same mapping's content when nothing changes.

    ``signature``: who, when and why; its value is not read.
    """
    apres = dict(locales)
    for champ, valeur in gardes.items():
        if valeur is None or valeur == siecle.get(champ, ""):
            apres.pop(champ, None)
        elif champ not in apres or apres[champ].valeur != valeur:
            apres[champ] = Locale(valeur, signature.par, signature.le, signature.motif)
    return apres


def effectifs(siecle: Mapping[str, str], locales: Mapping[str, Locale]) -> dict[str, str]:
    """The values in force; empty ones are left out."""
    tous = {**siecle, **{champ: locale.valeur for champ, locale in locales.items()}}
    return {champ: valeur for champ, valeur in tous.items() if valeur}
