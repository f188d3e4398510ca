"""What pages show, prepared for templates: addresses of links, columns, comparisons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from services.gateway import contrats as c
from services.gateway import domain
from services.gateway.demandes import Recherche
from shared.domaine.listes import Liste
from shared.nomenclatures.lycees import lycee

COLONNES = {
    c.Tri.NOM: "Nom et prénom",
    c.Tri.CLASSE: "Classe",
    c.Tri.SERIE: "Série",
    c.Tri.STATUT: "Situation",
    c.Tri.VOEUX: "Vœux",
}


@dataclass(frozen=True, slots=True)
class Lien:
    """Where to go on: an address, or with ``champs`` a form to send, since a name is in no address."""

    adresse: str
    champs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Colonne:
    """A sortable heading: ``ordre`` is the value of aria-sort."""

    libelle: str
    lien: Lien
    ordre: str


def lien(uai: str, recherche: Recherche, **changes: Any) -> Lien:
    """To the list; a change of filter or order starts again at the first page."""
    voulue = recherche.model_copy(update={"curseur": None, **changes})
    champs = {"liste": voulue.liste.value, **voulue.model_dump(mode="json", exclude_defaults=True)}
    champs = {nom: "true" if valeur is True else str(valeur) for nom, valeur in champs.items()}
    if voulue.q:
        return Lien(f"/lycees/{uai}#eleves", champs)
    return Lien(f"/lycees/{uai}?{urlencode(champs)}#eleves")


def colonnes(uai: str, recherche: Recherche) -> list[Colonne]:
    return [_colonne(uai, recherche, tri, libelle) for tri, libelle in COLONNES.items()]


def _colonne(uai: str, recherche: Recherche, tri: c.Tri, libelle: str) -> Colonne:
    active = recherche.tri is tri
    ordre = ("descending" if recherche.descendant else "ascending") if active else "none"
    inverse = active and not recherche.descendant
    return Colonne(libelle, lien(uai, recherche, tri=tri, descendant=inverse), ordre)


def onglets(uai: str, recherche: Recherche, comptes: dict[str, int]) -> list[dict[str, Any]]:
    """The lists with their counts, as tabs that are plain links; those to act upon first."""
    return [
        {
            "libelle": liste.libelle,
            "compte": comptes.get(liste.value),
            "lien": lien(uai, recherche, liste=liste),
            "active": liste is recherche.liste,
        }
        for liste in reversed(Liste)
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
