"""Pure rules of what is shown: rates, French labels, dates, sums and orders."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from shared.domaine.statut import LIBELLES

PARIS = ZoneInfo("Europe/Paris")
INSECABLE = "\u202f"
TIRET = "—"
_CHIFFRES = re.compile(r"(\d+)")
SECRET = "n.c."  # noqa: S105 - « non communiqué »
SEUIL_TAUX = 5
"""Under so many pupils a viewer from outside the lycée sees n/N without a rate (reference §3.4)."""

STATUTS: Mapping[str, str] = {statut.value: dit for statut, dit in LIBELLES.items()}
ETATS_VOEU: Mapping[str, str] = {
    "FORMULE": "Formulé",
    "COMPLET": "Complet",
    "CONFIRME": "Confirmé",
    "NON_CONFIRME": "Non confirmé",
    "SUPPRIME": "Supprimé",
}
DECISIONS: Mapping[str, str] = {
    "OUI": "Oui",
    "OUI_SI": "Oui, si",
    "EN_ATTENTE": "En attente",
    "NON": "Non",
    "RETENU_SOUS_RESERVE": "Retenu sous réserve de contrat",
}
REPONSES: Mapping[str, str] = {
    "ACCEPTEE": "Acceptée définitivement",
    "ACCEPTEE_EN_MAINTENANT": "Acceptée, vœux en attente maintenus",
    "REFUSEE": "Refusée",
    "EXPIREE": "Expirée sans réponse",
    "DEMISSION": "Vœu abandonné",
}
CAPACITES: Mapping[str, str] = {
    "TRES_SATISFAISANTE": "Très satisfaisante",
    "SATISFAISANTE": "Satisfaisante",
    "ASSEZ_SATISFAISANTE": "Assez satisfaisante",
    "PEU_DEMONTREE": "Peu démontrée",
}
VOIES: Mapping[str, str] = {"ETUDIANT": "Statut étudiant", "APPRENTISSAGE": "Apprentissage"}
SERVICES: Mapping[str, str] = {
    "ingest": "Remontées SIECLE et flux des candidatures",
    "eleves": "Dossiers des élèves",
    "indicators": "Indicateurs",
    "avenir": "Fiche Avenir",
    "exports": "Tableurs",
}


def libelle(libelles: Mapping[str, str], code: str | None) -> str:
    """The label, the code itself when it is new to this screen, a dash for nothing."""
    return TIRET if code is None else libelles.get(code, code)


def pourcentage(numerateur: int | None, denominateur: int | None, seuil: int = 1) -> str:
    """« 92,3 % »; a dash when nobody is counted or fewer than ``seuil`` are; « n.c. » when suppressed."""
    if numerateur is None or denominateur is None:
        return SECRET
    if denominateur < max(seuil, 1):
        return TIRET
    exact = Decimal(100 * numerateur) / Decimal(denominateur)
    arrondi = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{arrondi}".replace(".", ",") + f"{INSECABLE}%"


def fraction(numerateur: int | None, denominateur: int | None) -> str:
    """« 108 / 117 », always beside the rate."""
    if numerateur is None or denominateur is None:
        return "effectif masqué"
    return f"{entier(numerateur)} / {entier(denominateur)}"


def entier(nombre: int | None) -> str:
    """« 1 234 » with narrow no-break spaces."""
    return TIRET if nombre is None else f"{nombre:,}".replace(",", INSECABLE)


def date_heure(moment: datetime | None) -> str:
    """« 23/11/2026 à 18:40 », legal time in Paris."""
    return TIRET if moment is None else moment.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


def rang_taux(numerateur: int | None, denominateur: int | None) -> tuple[bool, Decimal]:
    """Sort key of a rate; those that are not known come last in ascending order."""
    if numerateur is None or not denominateur:
        return True, Decimal(0)
    return False, Decimal(numerateur) / Decimal(denominateur)


def rang_naturel(texte: str | int | None) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Sort key in which T2 comes before T10 and nothing comes last."""
    morceaux = _CHIFFRES.split(str(texte).casefold()) if texte is not None else []
    return texte is None, [(not m.isdecimal(), int(m) if m.isdecimal() else 0, m) for m in morceaux if m]
