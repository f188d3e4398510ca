"""What the pages of an académie and of the nation show: lines, totals and cells, ready to be printed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

from services.gateway import contrats_indicateurs as ci
from services.gateway import domain
from services.gateway import vues_indicateurs as vues
from shared.nomenclatures.academies import academie, departements
from shared.nomenclatures.lycees import lycee

TOUTES = "TOUTES"
PAR_PAGE = 300
_MINIMUM = 5
"""Quartiles over fewer lycées say nothing."""
RETENU = (
    "Non communiqué : moins de 5 élèves, aucun élève ou tous, ou chiffre retenu parce qu’il permettrait de retrouver "
    "celui d’un autre lycée"
)


@dataclass(frozen=True, slots=True)
class Cellule:
    """A figure as it is read: rate, n / N, and why it is withheld."""

    taux: str
    fraction: str
    retenu: bool = False


@dataclass(frozen=True, slots=True)
class Ligne:
    """One place for one série, or for all of them. ``departement``: of a lycée, on three characters."""

    code: str
    nom: str
    commune: str
    departement: str
    bloc: ci.Bloc
    figures: Mapping[str, ci.Indicateur]

    @property
    def recherche(self) -> str:
        return f"{self.nom} {self.commune} {self.code}".casefold()


def cellule(figure: ci.Indicateur | None) -> Cellule:
    if figure is None:
        return Cellule(domain.TIRET, "")
    n, base = figure.numerateur, figure.denominateur
    if n is None or base is None:
        dits = (domain.SECRET if un is None else domain.entier(un) for un in (n, base))
        return Cellule(domain.SECRET, "" if n is None and base is None else " / ".join(dits), retenu=True)
    return Cellule(domain.pourcentage(n, base), domain.fraction(n, base))


def ligne(code: str, bloc: ci.Bloc) -> Ligne:
    """Of a lycée."""
    connu = lycee(code)
    nom, commune, departement = (
        (connu.nom, connu.commune, connu.departement) if connu else (f"Lycée {code}", "", "")
    )
    return Ligne(code, nom, commune, departement, bloc, vues.par_code(bloc))


def lignes(lu: ci.IndicateursAcademie, serie: str) -> list[Ligne]:
    """Lycée × série (TOUTES), or one line by lycée that has the série."""
    if serie == TOUTES:
        return [ligne(un.uai, bloc) for un in lu.lycees for bloc in un.series]
    blocs = ((un.uai, vues.bloc(un.series, un.ensemble, serie)) for un in lu.lycees)
    return [ligne(uai, bloc) for uai, bloc in blocs if bloc]


def retenues(toutes: Iterable[Ligne], texte: str, departement: str) -> list[Ligne]:
    mots = texte.casefold().split()
    return [
        une
        for une in toutes
        if (not departement or une.departement == departement) and all(mot in une.recherche for mot in mots)
    ]


def triees(toutes: Iterable[Ligne], tri: str, *, descendant: bool) -> list[Ligne]:
    """What is not known comes last in both orders; equals by name."""
    par_nom = sorted(toutes, key=lambda une: domain.rang_naturel(f"{une.commune} {une.nom}"))
    if tri == "nom":
        return par_nom[::-1] if descendant else par_nom
    cles = [(_cle(une, tri), une) for une in par_nom]
    connues = [(cle, une) for cle, une in cles if cle is not None]
    connues.sort(key=lambda paire: paire[0], reverse=descendant)
    return [une for _, une in connues] + [une for cle, une in cles if cle is None]


def _cle(une: Ligne, tri: str) -> Any:
    if tri == "serie":
        return une.bloc.libelle
    if tri == "vivier":
        return une.bloc.vivier
    figure = une.figures.get(tri)
    inconnu, taux = domain.rang_taux(*((figure.numerateur, figure.denominateur) if figure else (None, None)))
    return None if inconnu else taux


def nom_departement(code: str) -> str:
    connu = departements().get(code)
    return f"{connu.libelle} ({code.lstrip('0')})" if connu else f"Département {code.lstrip('0')}"


def departements_de(toutes: Iterable[Ligne]) -> list[tuple[str, str]]:
    return [(code, nom_departement(code)) for code in sorted({une.departement for une in toutes} - {""})]


def totaux(lu: ci.IndicateursAcademie, serie: str, departement: str = "") -> list[Ligne]:
    """The académie, its départements, its région and the nation; série by série when all are listed."""
    if serie == TOUTES:
        blocs = [("Académie", bloc) for bloc in lu.series] + [("Académie, séries montrées", lu.ensemble)]
        return [_total(nom, bloc) for nom, bloc in blocs]
    siens = [
        (nom_departement(code), un)
        for un in lu.departements
        for code in [un.lieu.split(" ")[-1]]
        if departement in {"", code}
    ]
    autres = [(nom, un) for nom, un in (("Région académique", lu.region), ("France", lu.nation)) if un]
    academie = vues.bloc(lu.series, lu.ensemble, serie)
    lieux = [(nom, vues.bloc(un.series, un.ensemble, serie)) for nom, un in (*siens, *autres)]
    return [_total(nom, bloc) for nom, bloc in (("Académie", academie), *lieux) if bloc]


def _total(nom: str, bloc: ci.Bloc, code: str = "") -> Ligne:
    return Ligne(code, nom, "", "", bloc, vues.par_code(bloc))


def lieux_de_la_nation(lu: ci.IndicateursNation, serie: str) -> tuple[list[Ligne], list[Ligne]]:
    """Académies, then régions."""
    academies = [
        _total(connue.nom if (connue := academie(code)) else f"Académie {code}", bloc, code)
        for un in lu.academies
        for code in [un.lieu.removeprefix("academie ")]
        if (bloc := vues.bloc(un.series, un.ensemble, serie))
    ]
    regions = [
        _total(un.lieu.removeprefix("region ") or "Région inconnue", bloc)
        for un in lu.regions
        if (bloc := vues.bloc(un.series, un.ensemble, serie))
    ]
    return academies, regions


def quartiles(toutes: Sequence[Ligne], code: str) -> tuple[float, float, float] | None:
    """Of the rates that are shown; None over too few lycées."""
    taux = [
        f.numerateur / f.denominateur
        for une in toutes
        if (f := une.figures.get(code)) and f.numerateur is not None and f.denominateur
    ]
    if len(taux) < _MINIMUM:
        return None
    bas, mediane, haut = quantiles(taux, n=4, method="inclusive")
    return bas, mediane, haut


def adresse(dites: Mapping[str, Any], **changes: Any) -> str:
    """Query of the same page with changes; a filter or an order starts again at the first page."""
    voulues = {**dites, "page": "", **changes}
    return "?" + urlencode({nom: valeur for nom, valeur in voulues.items() if valeur})


TITRES = ("UAI", "Lycée", "Commune", "Département", "Série", "Élèves")


def tableau(toutes: Iterable[Ligne], definitions: Sequence[ci.Definition]) -> list[tuple[Any, ...]]:
    """For a spreadsheet: n, N and rate of each; « n.c. » where withheld, nothing where there is no base."""
    suffixes = (" (n)", " (N)", " (taux)")
    titres = (*TITRES, *(f"{un.libelle}{suffixe}" for un in definitions for suffixe in suffixes))
    corps = [
        (
            une.code,
            une.nom,
            une.commune,
            nom_departement(une.departement) if une.departement else "",
            une.bloc.libelle,
            domain.SECRET if une.bloc.vivier is None else une.bloc.vivier,
            *(valeur for un in definitions for valeur in _valeurs(une.figures.get(un.code))),
        )
        for une in toutes
    ]
    return [titres, *corps]


def _valeurs(figure: ci.Indicateur | None) -> tuple[Any, Any, Any]:
    if figure is None:
        return "", "", ""
    n, base = figure.numerateur, figure.denominateur
    taux = domain.SECRET if n is None or base is None else n / base if base else ""
    return domain.SECRET if n is None else n, domain.SECRET if base is None else base, taux


def en_csv(tableau: Iterable[Sequence[Any]]) -> bytes:
    """As the spreadsheets of rectorats open it: semicolons, decimal comma, UTF-8 that says its name."""
    return ("\ufeff" + "".join(";".join(_champ(v) for v in ligne) + "\r\n" for ligne in tableau)).encode()


def _champ(valeur: Any) -> str:
    if isinstance(valeur, float):
        return f"{valeur:.4f}".replace(".", ",")
    texte = str(valeur)
    texte = f"'{texte}" if texte[:1] in {"=", "+", "-", "@", "\t"} else texte
    return '"' + texte.replace('"', '""') + '"' if any(c in texte for c in ';"\r\n') else texte
