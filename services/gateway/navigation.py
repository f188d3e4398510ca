"""The menu of the site: what the caller may open, for the lycée or the académie he is looking at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.gateway.policy import Action, Ressource, permis
from shared.http.perimetre import Perimetre

_LIEU = re.compile(r"^/(lycees|academies)/([0-9A-Z]+)")


@dataclass(frozen=True, slots=True)
class Entree:
    """One page of the menu. ``sous``: beginnings of the other addresses that belong to it."""

    libelle: str
    adresse: str
    ressource: Ressource
    action: Action = Action.LIRE
    sous: tuple[str, ...] = ()
    groupe: str = ""


R = Ressource
_LYCEE = (
    Entree("Accueil", "/lycees/{lieu}", R.ELEVES),
    Entree("Listes", "/lycees/{lieu}/listes/tous", R.ELEVES, sous=("/listes", "/eleves", "/exports")),
    Entree("Accompagnement", "/lycees/{lieu}/accompagnement", R.ACCOMPAGNEMENT),
    Entree("Bourses", "/lycees/{lieu}/bourses", R.BOURSE),
    Entree("Cordées", "/lycees/{lieu}/cordees", R.CORDEES),
    Entree("Indicateurs", "/lycees/{lieu}/pilotage", R.INDICATEURS_LYCEE),
    Entree("Calendrier", "/calendrier", R.CALENDRIER),
    Entree("Paramètres", "/lycees/{lieu}/etablissement", R.ETABLISSEMENT, groupe="Établissement"),
    Entree("Scolarité", "/lycees/{lieu}/scolarite", R.SCOLARITE, groupe="Établissement"),
    Entree(
        "Remontée SIECLE",
        "/lycees/{lieu}/siecle",
        R.REMONTEE,
        Action.ECRIRE,
        sous=("/absents",),
        groupe="Établissement",
    ),
    Entree("Bulletins", "/lycees/{lieu}/bulletins", R.BULLETINS, groupe="Établissement"),
    Entree("Logiciel de notes", "/lycees/{lieu}/logiciels", R.LOGICIELS, groupe="Établissement"),
)
_ACADEMIE = (
    Entree("Lycées de l’académie", "/academies/{lieu}", R.INDICATEURS_ACADEMIE),
    Entree("Objectifs", "/academies/{lieu}/objectifs", R.OBJECTIFS, Action.ECRIRE),
    Entree("Accompagnement", "/academies/{lieu}/accompagnement", R.PROPOSITIONS),
    Entree("Calendrier", "/calendrier", R.CALENDRIER),
)
_NATION = (
    Entree("État des services", "/services", R.SERVICES),
    Entree("Indicateurs", "/nation", R.INDICATEURS_NATION),
    Entree("Calendrier", "/calendrier", R.CALENDRIER),
)


@dataclass(frozen=True, slots=True)
class Lien:
    """``courant``: value of aria-current, empty when this is elsewhere."""

    libelle: str
    adresse: str
    courant: str


@dataclass(frozen=True, slots=True)
class Menu:
    """``groupes``: entries that unfold under a name. ``lieux``: codes to change to, several only."""

    lieu: str | None
    liens: tuple[Lien, ...]
    groupes: dict[str, tuple[Lien, ...]]
    lieux: tuple[Lien, ...]


def menu(perimetre: Perimetre, chemin: str) -> Menu:
    """Entries of the policy table only: a page that would answer 404 is not offered."""
    entrees, genre, lieux = _choisir(perimetre)
    trouve = _LIEU.match(chemin)
    vu = trouve.group(2) if trouve and trouve.group(1) == genre else None
    lieu = vu if vu in lieux else (lieux[0] if lieux else None)
    liens = [(entree.groupe, lien) for entree, lien in _liens(perimetre, entrees, lieu, chemin)]
    groupes = {nom: tuple(lien for groupe, lien in liens if groupe == nom) for nom, _ in liens if nom}
    autres = tuple(Lien(un, f"/{genre}/{un}", "true" if un == lieu else "") for un in lieux)
    seuls = tuple(lien for groupe, lien in liens if not groupe)
    return Menu(lieu, seuls, groupes, autres if len(autres) > 1 else ())


def _choisir(perimetre: Perimetre) -> tuple[tuple[Entree, ...], str, tuple[str, ...]]:
    if perimetre.lycees:
        return _LYCEE, "lycees", perimetre.lycees
    if perimetre.academies:
        return _ACADEMIE, "academies", perimetre.academies
    return _NATION, "", ()


def _liens(
    perimetre: Perimetre, entrees: tuple[Entree, ...], lieu: str | None, chemin: str
) -> Iterator[tuple[Entree, Lien]]:
    for entree in entrees:
        if permis(perimetre, entree.ressource, entree.action, lieu or ""):
            adresse = entree.adresse.format(lieu=lieu)
            yield entree, Lien(entree.libelle, adresse, _courant(entree, adresse, lieu, chemin))


def _courant(entree: Entree, adresse: str, lieu: str | None, chemin: str) -> str:
    if chemin == adresse:
        return "page"
    racines = [f"/lycees/{lieu}{sous}" for sous in entree.sous]
    if adresse.count("/") > 2:  # noqa: PLR2004 - the first page of a place is not above the others
        racines.append(adresse)
    return "true" if any(chemin.startswith(f"{racine}/") or chemin == racine for racine in racines) else ""
