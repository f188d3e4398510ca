"""What pages show, prepared for templates: addresses of links, columns, filters, comparisons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from services.gateway import contrats as c
from services.gateway import contrats_listes as cl
from services.gateway import contrats_session as cs
from services.gateway import vues_calendrier
from services.gateway.demandes import DemandeFile, Recherche
from shared.domaine.filtres import Filtres
from shared.domaine.liste import Fenetre

_ECHEANCES = 5


@dataclass(frozen=True, slots=True)
class Lien:
    """Where to go on: an address, or with ``champs`` a form to send, since a name is in no address."""

    adresse: str
    champs: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Colonne:
    """A heading: ``ordre`` is the value of aria-sort; without ``lien`` it cannot be sorted by."""

    code: str
    libelle: str
    lien: Lien | None
    ordre: str
    centree: bool


@dataclass(frozen=True, slots=True)
class Etiquette:
    """An active filter, said in French, and the list without it."""

    libelle: str
    lien: Lien


def lien(uai: str, recherche: Recherche, **changes: Any) -> Lien:
    """To the list; a change of filter or order starts again at the first page."""
    voulue = recherche.model_copy(update={"curseur": None, **changes})
    adresse = f"/lycees/{uai}/listes/{voulue.liste}"
    champs = {
        nom: _dire(valeur)
        for nom, valeur in voulue.model_dump(mode="json", exclude_defaults=True).items()
        if nom != "liste"
    }
    return _vers(adresse, champs, en_corps=bool(voulue.q))


def _vers(adresse: str, champs: dict[str, Any], *, en_corps: bool) -> Lien:
    if en_corps:
        return Lien(f"{adresse}#eleves", champs)
    return Lien(f"{adresse}?{urlencode(champs, doseq=True)}#eleves" if champs else adresse)


def _dire(valeur: Any) -> Any:
    """As a form sends it."""
    if isinstance(valeur, list):
        return [str(un) for un in valeur]
    return str(valeur).lower() if isinstance(valeur, bool) else str(valeur)


def colonnes(uai: str, recherche: Recherche, lues: Sequence[c.ColonneListe]) -> list[Colonne]:
    """Headings of the list; the first name is beside the name."""
    return [_colonne(uai, recherche, lue) for lue in lues if lue.code != "prenom"]


def _colonne(uai: str, recherche: Recherche, lue: c.ColonneListe) -> Colonne:
    active = lue.tri is not None and recherche.tri == lue.tri
    ordre = ("descending" if recherche.descendant else "ascending") if active else "none"
    inverse = active and not recherche.descendant
    vers = lien(uai, recherche, tri=lue.tri, descendant=inverse) if lue.tri else None
    titre = "Nom et prénom" if lue.code == "nom" else lue.titre
    return Colonne(lue.code, titre, vers, ordre, lue.centree)


_OUI_NON: Mapping[str, Mapping[bool | str, str]] = {
    "boursier": {True: "Boursiers", False: "Non-boursiers"},
    "cordees": {True: "En Cordées", False: "Hors Cordées"},
    "sexe": {"F": "Filles", "M": "Garçons"},
}


def etiquettes(uai: str, recherche: Recherche, libelles: Mapping[str, Any]) -> list[Etiquette]:
    """Each active filter with the list without it. ``libelles``: how the codes of a filter are said."""
    return list(_etiquettes(uai, recherche, libelles))


def _etiquettes(uai: str, recherche: Recherche, libelles: Mapping[str, Any]) -> Iterator[Etiquette]:
    if recherche.q:
        yield Etiquette(f"Nom : « {recherche.q} »", lien(uai, recherche, q=None))
    for nom in ("classe", "serie", "specialite", "famille"):
        valeurs: tuple[str, ...] = getattr(recherche, nom)
        for valeur in valeurs:
            autres = tuple(un for un in valeurs if un != valeur)
            yield Etiquette(libelles[nom](valeur), lien(uai, recherche, **{nom: autres}))
    for nom, dits in _OUI_NON.items():
        choisi = getattr(recherche, nom)
        if choisi is not None:
            yield Etiquette(dits[choisi], lien(uai, recherche, **{nom: None}))
    if recherche.nouveaux:
        yield Etiquette("Nouveaux seulement", lien(uai, recherche, nouveaux=False))


def fenetres(catalogue: cl.Catalogue) -> list[tuple[Fenetre, list[cl.ListeComptee]]]:
    """The lists by window, the one that the session is in first."""
    ordre = sorted(Fenetre, key=lambda f: (f.value != catalogue.fenetre, list(Fenetre).index(f)))
    groupes = [(f, [liste for liste in catalogue.listes if liste.fenetre == f.value]) for f in ordre]
    return [(fenetre, listes) for fenetre, listes in groupes if listes]


def adresse_de_la_vue(uai: str, vue: cl.Vue) -> str:
    filtres = Filtres.model_validate(vue.filtres)
    recherche = Recherche(liste=vue.liste, tri=vue.tri, descendant=vue.descendant, **filtres.model_dump())
    adresse = lien(uai, recherche).adresse.removesuffix("#eleves")
    return f"{adresse}{'&' if '?' in adresse else '?'}vue={vue.id}"


def lien_de_la_file(uai: str, demande: DemandeFile, curseur: str | None) -> Lien:
    """The next page of the queue; in a form when it is of somebody's pupils."""
    voulue = demande.model_copy(update={"curseur": curseur})
    dites = voulue.model_dump(mode="json", exclude_defaults=True).items()
    champs = {nom: _dire(valeur) for nom, valeur in dites}
    if voulue.assigne:
        return Lien(f"/lycees/{uai}#file", champs)
    return Lien(f"/lycees/{uai}?{urlencode(champs, doseq=True)}#file")


def echeances(calendrier: cs.Calendrier, maintenant: datetime) -> list[vues_calendrier.Date]:
    """The next steps of the session, those that are only figures left out."""
    dates = vues_calendrier.dates(calendrier, maintenant)
    return [date for date in dates if not date.passee and date.valeur is None][:_ECHEANCES]
