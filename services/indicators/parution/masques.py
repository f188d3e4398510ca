"""What is withheld of every lycée × série: one série at a time, all its lycées together."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from services.indicators.masquage_sommes import publier
from services.indicators.parution.domain import Cle, Marge, Vecteur
from services.indicators.relations import regles
from shared.nomenclatures.academies import academies, departement_de_uai


def masquer(cases: Mapping[Cle, tuple[str, Vecteur]]) -> dict[Cle, Marge]:
    """(académie, measures) by UAI and série → the same with the bits of what is withheld."""
    series: defaultdict[str, dict[str, Vecteur]] = defaultdict(dict)
    for (uai, serie), (_, valeurs) in cases.items():
        series[serie][uai] = valeurs
    marges: dict[Cle, Marge] = {}
    for serie, lycees in series.items():
        chemins = {uai: chemin(uai, cases[uai, serie][0]) for uai in lycees}
        caches = publier(lycees, chemins, regles()).lycees
        for uai, bits in caches.items():
            marges[uai, serie] = Marge(cases[uai, serie][0], lycees[uai], bits)
    return marges


@lru_cache(maxsize=20_000)
def chemin(uai: str, academie: str) -> tuple[str, ...]:
    """The places that a lycée is summed in, from the nation down."""
    connue = academies().get(academie)
    region = connue.region if connue else ""
    return ("nation", f"region {region}", f"academie {academie}", f"departement {departement_de_uai(uai)}")
