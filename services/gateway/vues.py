"""What pages show, prepared for templates: addresses of links, columns, comparisons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from services.gateway import contrats as c
from services.gateway import domain
from services.gateway.demandes import Recherche
from shared.domaine.catalogue import LISTES, de_la_fenetre
from shared.domaine.liste import Fenetre
from shared.nomenclatures.lycees import lycee

PREMIERES = ("inscrits_sans_voeu", "non_inscrits", "tous")
"""Lists that are always one click away."""


@dataclass(frozen=True, slots=True)
class Lien:
    """Where to go on: an address, or with ``champs`` a form to send, since a name is in no address."""

    adresse: str
    champs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Colonne:
    """A heading: ``ordre`` is the value of aria-sort; without ``lien`` it cannot be sorted by."""

    code: str
    libelle: str
    lien: Lien | None
    ordre: str
    centree: bool


def lien(uai: str, recherche: Recherche, **changes: Any) -> Lien:
    """To the list; a change of filter or order starts again at the first page."""
    voulue = recherche.model_copy(update={"curseur": None, **changes})
    champs = {"liste": voulue.liste, **voulue.model_dump(mode="json", exclude_defaults=True)}
    champs = {nom: "true" if valeur is True else str(valeur) for nom, valeur in champs.items()}
    if voulue.q:
        return Lien(f"/lycees/{uai}#eleves", champs)
    return Lien(f"/lycees/{uai}?{urlencode(champs)}#eleves")


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


def onglets(uai: str, recherche: Recherche, comptes: dict[str, int]) -> list[dict[str, Any]]:
    """The lists to act upon first, and the one that is open, with their counts, as tabs that are plain links."""
    return [_onglet(uai, recherche, comptes, code) for code in dict.fromkeys((*PREMIERES, recherche.liste))]


def _onglet(uai: str, recherche: Recherche, comptes: dict[str, int], code: str) -> dict[str, Any]:
    return {
        "libelle": LISTES[code].titre,
        "pourquoi": LISTES[code].pourquoi,
        "attend": LISTES[code].attend,
        "compte": comptes.get(code),
        "lien": lien(uai, recherche, liste=code, tri=None if code != recherche.liste else recherche.tri),
        "active": code == recherche.liste,
    }


def fenetres(uai: str, recherche: Recherche, comptes: dict[str, int]) -> list[dict[str, Any]]:
    """Every list that the reader may open, by window."""
    return [
        {
            "libelle": fenetre.libelle,
            "listes": [
                _onglet(uai, recherche, comptes, liste.code)
                for liste in de_la_fenetre(fenetre)
                if liste.code in comptes
            ],
        }
        for fenetre in Fenetre
    ]


@dataclass(frozen=True, slots=True)
class LigneAcademie:
    """One lycée for one série, or for all of them."""

    uai: str
    bloc: c.Bloc


def lignes_academie(
    academie: c.IndicateursAcademie, serie: str | None, tri: str, *, descendant: bool
) -> list[LigneAcademie]:
    """The lycées that have the série, in order of ``tri``: nom, vivier or the code of an indicator."""
    blocs = ((un.uai, _bloc(un, serie)) for un in academie.lycees)
    lignes = [LigneAcademie(uai, bloc) for uai, bloc in blocs if bloc]
    return sorted(lignes, key=lambda ligne: _rang(ligne, tri), reverse=descendant)


def ensemble_academie(academie: c.IndicateursAcademie, serie: str | None) -> c.Bloc:
    return next((bloc for bloc in academie.series if bloc.serie == serie), academie.ensemble)


def series_academie(academie: c.IndicateursAcademie) -> list[tuple[str, str]]:
    """(code, label) of the séries met in the lycées, in their order of appearance."""
    vues = {bloc.serie: bloc.libelle for un in academie.lycees for bloc in un.series}
    return sorted(vues.items(), key=lambda paire: domain.rang_naturel(paire[1]))


def _bloc(compare: c.LyceeCompare, serie: str | None) -> c.Bloc | None:
    if serie is None:
        return compare.ensemble
    return next((bloc for bloc in compare.series if bloc.serie == serie), None)


def _rang(ligne: LigneAcademie, tri: str) -> Any:
    if tri == "vivier":
        return ligne.bloc.vivier or 0
    indicateur = _indicateur(ligne.bloc.indicateurs, tri)
    if indicateur is None:
        connu = lycee(ligne.uai)
        return domain.rang_naturel(f"{connu.nom} {connu.commune}" if connu else ligne.uai)
    return domain.rang_taux(indicateur.numerateur, indicateur.denominateur)


def _indicateur(indicateurs: Sequence[c.Indicateur], code: str) -> c.Indicateur | None:
    return next((indicateur for indicateur in indicateurs if indicateur.code == code), None)
