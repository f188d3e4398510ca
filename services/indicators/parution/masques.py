"""What is withheld of every lycée × série: one série at a time, all its lycées together."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from services.indicators.masquage_sommes import Publication, publier
from services.indicators.parution.domain import Cle, Marge, Vecteur
from services.indicators.relations import regles
from shared.nomenclatures.academies import academies, departement_de_uai

Cases = Mapping[Cle, tuple[str, Vecteur]]
"""The académie and the measures by rank, by UAI and série."""


class _Serie(NamedTuple):
    lycees: Mapping[str, tuple[str, Vecteur]]
    publication: Publication


class Masques:
    """Remembers the last séries seen: one that has not changed is not searched again."""

    def __init__(self) -> None:
        self._series: dict[str, _Serie] = {}

    def publications(self, cases: Cases) -> dict[str, Publication]:
        """By série: bits of what is withheld of each lycée, and the totals."""
        par_serie: defaultdict[str, dict[str, tuple[str, Vecteur]]] = defaultdict(dict)
        for (uai, serie), case in cases.items():
            par_serie[serie][uai] = case
        self._series = {serie: self._serie(serie, lycees) for serie, lycees in par_serie.items()}
        return {serie: une.publication for serie, une in self._series.items()}

    def _serie(self, serie: str, lycees: Mapping[str, tuple[str, Vecteur]]) -> _Serie:
        connue = self._series.get(serie)
        if connue is not None and connue.lycees == lycees:
            return connue
        valeurs = {uai: vecteur for uai, (_, vecteur) in lycees.items()}
        chemins = {uai: chemin(uai, academie) for uai, (academie, _) in lycees.items()}
        return _Serie(lycees, publier(valeurs, chemins, regles()))

    def masquer(self, cases: Cases) -> dict[Cle, Marge]:
        """The same cases with the bits of what is withheld."""
        publications = self.publications(cases)
        return {
            (uai, serie): Marge(academie, valeurs, publications[serie].lycees[uai])
            for (uai, serie), (academie, valeurs) in cases.items()
        }


@lru_cache(maxsize=20_000)
def chemin(uai: str, academie: str) -> tuple[str, ...]:
    """The places that a lycée is summed in, from the nation down."""
    connue = academies().get(academie)
    region = connue.region if connue else ""
    return ("nation", f"region {region}", f"academie {academie}", f"departement {departement_de_uai(uai)}")
