"""Fields of a lycée's settings, and what is accepted in each. Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from shared.nomenclatures.series import Serie

TEXTE_MAX = 300
_DIMANCHE = 6
_TELEPHONE = re.compile(r"(?:\+33|0)[1-9][0-9]{8}")
_COURRIEL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}")
_SITE = re.compile(r"https?://[^\s/]+\.[^\s]+")
_HEURE = re.compile(r"(\d{1,2})\s*[:hH]\s*(\d{2})?")
_COMPTE = re.compile(r"[\x21-\x7e]{1,200}")


class Objet(StrEnum):
    """What a fiche is about: one for the lycée, one by classe, by classe and matière, by classe and period, by id."""

    COORDONNEES = "COORDONNEES"
    CLASSE = "CLASSE"
    ENSEIGNEMENT = "ENSEIGNEMENT"
    CONSEIL = "CONSEIL"
    CONTACT = "CONTACT"


@dataclass(frozen=True, slots=True)
class Cadre:
    """What values are held against. ``matieres``: codes taught, by classe."""

    session: int
    classes: Collection[str] = ()
    periodes: int = 3

    def dans_l_annee(self, jour: date) -> bool:
        return date(self.session - 1, 9, 1) <= jour <= date(self.session, 8, 31)


class ValeurRefuseeError(ValueError):
    """The message is the French sentence to show beside the field."""


Regle = Callable[[str, Cadre], str]


def _texte(valeur: str, cadre: Cadre) -> str:
    del cadre
    return valeur


def _code_postal(valeur: str, cadre: Cadre) -> str:
    del cadre
    compact = valeur.replace(" ", "")
    if not re.fullmatch(r"[0-9]{5}", compact):
        raise ValeurRefuseeError("Le code postal a cinq chiffres, par exemple 75020.")
    return compact


def _telephone(valeur: str, cadre: Cadre) -> str:
    del cadre
    compact = re.sub(r"[\s.\-()]", "", valeur)
    if not _TELEPHONE.fullmatch(compact):
        raise ValeurRefuseeError("Écrivez un numéro à dix chiffres, par exemple 01 44 64 00 00.")
    chiffres = compact if compact.startswith("0") else f"0{compact[3:]}"
    return " ".join(chiffres[rang : rang + 2] for rang in range(0, 10, 2))


def _courriel(valeur: str, cadre: Cadre) -> str:
    del cadre
    if not _COURRIEL.fullmatch(valeur):
        raise ValeurRefuseeError("Écrivez une adresse complète, par exemple ce.0750001A@ac-paris.fr.")
    return valeur


def _site(valeur: str, cadre: Cadre) -> str:
    del cadre
    complet = valeur if "://" in valeur else f"https://{valeur}"
    if not _SITE.fullmatch(complet):
        raise ValeurRefuseeError("Écrivez l’adresse du site, par exemple https://lycee.exemple.fr.")
    return complet


def _serie(valeur: str, cadre: Cadre) -> str:
    del cadre
    if valeur not in set(Serie):
        raise ValeurRefuseeError("Choisissez une série de la liste.")
    return valeur


def _periodes(valeur: str, cadre: Cadre) -> str:
    del cadre
    if valeur not in {"2", "3"}:
        raise ValeurRefuseeError("L’année est en trimestres (3) ou en semestres (2).")
    return valeur


def _date(valeur: str, cadre: Cadre) -> str:
    jour = lire_jour(valeur)
    if jour is None:
        raise ValeurRefuseeError("Écrivez la date en jour/mois/année, par exemple 10/03/2026.")
    if not cadre.dans_l_annee(jour):
        annees = f"{cadre.session - 1}-{cadre.session}"
        raise ValeurRefuseeError(f"Le {jour:%d/%m/%Y} n’est pas dans l’année scolaire {annees}.")
    if jour.weekday() == _DIMANCHE:
        raise ValeurRefuseeError(f"Le {jour:%d/%m/%Y} est un dimanche.")
    return jour.isoformat()


def _heure(valeur: str, cadre: Cadre) -> str:
    del cadre
    trouvee = _HEURE.fullmatch(valeur)
    try:
        if trouvee:
            return time(int(trouvee[1]), int(trouvee[2] or 0)).isoformat("minutes")
    except ValueError:
        pass
    raise ValeurRefuseeError("Écrivez l’heure comme 17:30 ou 17 h 30.")


def _compte(valeur: str, cadre: Cadre) -> str:
    del cadre
    if not _COMPTE.fullmatch(valeur):
        raise ValeurRefuseeError("L’identifiant du compte n’a ni espace ni accent.")
    return valeur


def lire_jour(valeur: str) -> date | None:
    """dd/mm/yyyy or ISO; None for anything else."""
    for forme in ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y"):
        try:
            return datetime.strptime(valeur, forme).date()  # noqa: DTZ007 - a date without hour
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Champ:
    code: str
    libelle: str
    regle: Regle = _texte
    maximum: int = TEXTE_MAX


CHAMPS: Mapping[Objet, tuple[Champ, ...]] = {
    Objet.COORDONNEES: (
        Champ("nom", "Nom du lycée"),
        Champ("adresse", "Adresse"),
        Champ("code_postal", "Code postal", _code_postal),
        Champ("commune", "Commune"),
        Champ("telephone", "Téléphone", _telephone),
        Champ("courriel", "Courriel", _courriel),
        Champ("site", "Site internet", _site),
        Champ("periodes", "Découpage de l’année", _periodes),
    ),
    Objet.CLASSE: (
        Champ("libelle", "Libellé"),
        Champ("serie", "Série", _serie),
        Champ("principal_1_nom", "Professeur principal : nom", maximum=100),
        Champ("principal_1_prenom", "Professeur principal : prénom", maximum=100),
        Champ("principal_1_compte", "Professeur principal : compte", _compte),
        Champ("principal_2_nom", "Second professeur principal : nom", maximum=100),
        Champ("principal_2_prenom", "Second professeur principal : prénom", maximum=100),
        Champ("principal_2_compte", "Second professeur principal : compte", _compte),
    ),
    Objet.ENSEIGNEMENT: (Champ("libelle", "Matière"), Champ("enseignants", "Enseignants")),
    Objet.CONSEIL: (Champ("date", "Date", _date), Champ("heure", "Heure", _heure), Champ("lieu", "Lieu")),
    Objet.CONTACT: (
        Champ("fonction", "Fonction", maximum=100),
        Champ("nom", "Nom", maximum=100),
        Champ("telephone", "Téléphone", _telephone),
        Champ("courriel", "Courriel", _courriel),
    ),
}
"""Every field, in the order in which it is shown."""
