"""The base élèves of one lycée of the nation: exactly its terminales of the table, and who comes and goes besides."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from services.simulateur.classes import PREMIERES_ET_SECONDES, PREMIERES_PROFESSIONNELLES, Classe, mefs
from services.simulateur.eleves import Eleve
from services.simulateur.etablissement import Etablissement
from services.simulateur.identifiants import PLACES_PAR_LYCEE
from services.simulateur.nation.reference import valeur
from services.simulateur.nation.tables import lycees
from shared.nomenclatures.lycees import Lycee
from shared.nomenclatures.series import Serie

ECHELLE_IPS = 0.006
GROUPE_CORDEES = "CORDEES"
_TAILLES = {"G": 32, "T": 32, "P": 20}
_PREMIER_INDICE = 2_000_000
_PREFIXES = {Serie.GENERALE: "TG", Serie.PROFESSIONNELLE: "TPRO", Serie.AUTRE: "TBT"}


def premier_indice(session: int, rang: int) -> int:
    """A thousand places for each lycée of the nation, in two ranges: a session and the one before."""
    return _PREMIER_INDICE + ((session % 2) * len(lycees()) + rang) * PLACES_PAR_LYCEE


@lru_cache(maxsize=1)
def bases_de_boursiers() -> dict[str, float]:
    """What is added to the effect of the social index so that the mean by voie is the one wanted."""
    bases = {}
    for voie in "GTP":
        poids = [(x.ips, sum(n for s, n in x.effectifs.items() if s.voie == voie)) for x in lycees()]
        total, base = sum(n for _, n in poids), valeur("boursiers", voie)
        for _ in range(8):
            moyenne = sum(n * part_de_boursiers(base, ips) for ips, n in poids) / total
            base += valeur("boursiers", voie) - moyenne
        bases[voie] = base
    return bases


def part_de_boursiers(base: float, ips: float) -> float:
    return min(0.8, max(0.03, base + (103.5 - ips) * ECHELLE_IPS))


class EtablissementNational(Etablissement):
    """Draws the pupils of one lycée; nothing depends on which others are drawn."""

    def __init__(self, graine: int, session: int, lycee: Lycee, rang: int) -> None:
        super().__init__(
            graine,
            session,
            lycee,
            0,
            echelle=1.0,
            cas_limites=False,
            base=premier_indice(session, rang),
        )
        self.alea = Random(f"{graine}/{session}/{lycee.uai}/nation/eleves")
        self.parts = {v: part_de_boursiers(base, lycee.ips) for v, base in bases_de_boursiers().items()}
        self.divisions: list[Classe] = []

    def eleves(self) -> list[Eleve]:
        tous = super().eleves()
        for eleve in tous:
            if eleve.cordees and eleve.serie:
                eleve.groupes = (*eleve.groupes, GROUPE_CORDEES)
        return tous

    def _classes(self) -> Iterator[Classe]:
        for classe in classes_de_terminale(self.lycee, self.alea):
            self.divisions.append(classe)
            yield classe
        professionnel = set(self.lycee.effectifs) == {Serie.PROFESSIONNELLE}
        for mef, prefixe in PREMIERES_PROFESSIONNELLES if professionnel else PREMIERES_ET_SECONDES:
            yield Classe(mef, None, f"{prefixe}1", self.alea.randint(3, 6))

    def _part_de_boursiers(self, voie: str) -> float:
        return self.parts[voie]

    def _mouvements(self, tous: list[Eleve]) -> None:
        """Those who left in the autumn and one who comes in winter are more than the table counts."""
        for _ in range(max(1, len(tous) // 80)):
            parti = self._eleve(self.alea.choice(self.divisions))
            parti.date_sortie = self.rentree + timedelta(days=self.alea.randint(20, 110))
            parti.motif_sortie = self.alea.choice(("10", "12", "24", "41", "44"))
            tous.append(parti)
        arrive = self._eleve(self.alea.choice(self.divisions))
        arrive.date_entree = date(self.session, 1, 26) + timedelta(days=self.alea.randint(0, 25))
        tous.append(arrive)


def classes_de_terminale(lycee: Lycee, alea: Random) -> Iterator[Classe]:
    for serie, effectif in lycee.effectifs.items():
        nombre = max(1, round(effectif / _TAILLES[serie.voie]))
        modele = Classe("", serie, "", 0)
        for rang, mef in enumerate(mefs(serie, alea, nombre)):
            taille = effectif // nombre + (rang < effectif % nombre)
            division = f"{_PREFIXES.get(serie, f'T{serie}')}{rang + 1}"
            yield replace(modele, mef=mef, division=division, taille=taille)
