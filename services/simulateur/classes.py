"""Classes of a lycée: real numbers of pupils by série, cut into divisions with their MEF."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from random import Random

from shared.nomenclatures.calibration import taux
from shared.nomenclatures.lycees import Lycee
from shared.nomenclatures.series import Serie

MEFS_TECHNOLOGIQUES = {
    Serie.STMG: ("21231018110", "21231017110", "21231019110", "21231020110"),
    Serie.STI2D: ("21220006110", "21220005110", "21220004110", "21220003110"),
    Serie.STL: ("21220009110", "21220008110"),
    Serie.ST2S: ("21233104110",),
    Serie.STD2A: ("21213403110",),
    Serie.STHR: ("21233402110",),
    Serie.S2TMD: ("21213304110", "21213305110", "21213303110"),
    Serie.STAV: ("21421005110",),
    Serie.AUTRE: ("22232302110",),
}
MEF_GENERALE = "20210019110"
MEFS_PROFESSIONNELS = (
    "24730004330",
    "24731212330",
    "24731213330",
    "24731214330",
    "24731114330",
    "24725012330",
    "24725411330",
    "24722106330",
    "24733403330",
    "24734403330",
    "24733604330",
    "24733006330",
    "24733007330",
    "24725519330",
)
PREMIERES_ET_SECONDES = (("20110019110", "1G"), ("20010018110", "2GT"))
PREMIERES_PROFESSIONNELLES = (("24730004320", "1PRO"),)


@dataclass(frozen=True, slots=True)
class Classe:
    mef: str
    serie: Serie | None
    division: str
    taille: int


def _tailles(effectif: int, taille: float) -> list[int]:
    nombre = ceil(effectif / taille)
    return [effectif // nombre + (rang < effectif % nombre) for rang in range(nombre)]


def mefs(serie: Serie, alea: Random, classes: int) -> list[str]:
    if serie is Serie.PROFESSIONNELLE:
        offre = alea.sample(MEFS_PROFESSIONNELS, min(len(MEFS_PROFESSIONNELS), 1 + classes // 2))
        return [offre[rang % len(offre)] for rang in range(classes)]
    offre = list(MEFS_TECHNOLOGIQUES.get(serie, (MEF_GENERALE,)))
    return [offre[rang % len(offre)] for rang in range(classes)]


def classes(lycee: Lycee, alea: Random, echelle: float) -> Iterator[Classe]:
    """Classes of terminale of the lycée, then a première and a seconde kept small."""
    prefixes = {Serie.GENERALE: "TG", Serie.PROFESSIONNELLE: "TPRO"}
    for serie, effectif in lycee.effectifs.items():
        tailles = _tailles(max(1, round(effectif * echelle)), taux("taille_de_classe", serie.voie))
        for rang, (mef, taille) in enumerate(zip(mefs(serie, alea, len(tailles)), tailles, strict=True), 1):
            yield Classe(mef, serie, f"{prefixes.get(serie, f'T{serie}')}{rang}", taille)
    professionnel = set(lycee.effectifs) == {Serie.PROFESSIONNELLE}
    for mef, prefixe in PREMIERES_PROFESSIONNELLES if professionnel else PREMIERES_ET_SECONDES:
        yield Classe(mef, None, f"{prefixe}1", alea.randint(3, 6))
