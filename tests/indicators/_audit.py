"""An attacker: all that is shown of a série, every tie between figures, and what follows for those withheld."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from services.indicators.masquage import SANS_BORNE, Schema
from services.indicators.masquage_sommes import Chemin, Publication

Cle = tuple[str, int]
Intervalle = tuple[int, int]
TOURS = 60


class Attaquant:
    """Propagates bounds over rows and sums until nothing moves. ``connus``: lycées whose figures he knows."""

    def __init__(
        self,
        publication: Publication,
        cases: Mapping[str, tuple[int, ...]],
        chemins: Mapping[str, Chemin],
        regles: Schema,
        connus: tuple[str, ...] = (),
    ) -> None:
        self.regles = regles
        self.bornes: dict[Cle, list[int]] = {}
        for uai, valeurs in cases.items():
            self._poser(uai, valeurs, 0 if uai in connus else publication.lycees[uai])
        for lieu, total in publication.totaux.items():
            self._poser(lieu, total.valeurs, total.caches)
        self.enfants: dict[str, list[str]] = {}
        for uai, chemin in chemins.items():
            places = ["", *chemin, uai]
            for parent, enfant in pairwise(places):
                enfants = self.enfants.setdefault(parent, [])
                if enfant not in enfants:
                    enfants.append(enfant)

    def _poser(self, nom: str, valeurs: tuple[int, ...], caches: int) -> None:
        for m, n in enumerate(valeurs):
            self.bornes[nom, m] = [0, SANS_BORNE] if caches >> m & 1 else [n, n]

    def conclure(self) -> dict[Cle, Intervalle]:
        for _ in range(TOURS):
            avant = {cle: tuple(b) for cle, b in self.bornes.items()}
            for nom in {nom for nom, _ in self.bornes}:
                self._ligne(nom)
            for parent, enfants in self.enfants.items():
                for m in range(len(self.regles.codes)):
                    self._somme(parent, enfants, m)
            if avant == {cle: tuple(b) for cle, b in self.bornes.items()}:
                break
        return {cle: (b[0], b[1]) for cle, b in self.bornes.items()}

    def _ligne(self, nom: str) -> None:
        b = self.bornes
        for petit, grand in self.regles.inclus:
            b[nom, petit][1] = min(b[nom, petit][1], b[nom, grand][1])
            b[nom, grand][0] = max(b[nom, grand][0], b[nom, petit][0])
        for parts, tout in (*self.regles.disjoints, *self.regles.partages):
            somme = sum(b[nom, p][0] for p in parts)
            b[nom, tout][0] = max(b[nom, tout][0], somme)
            for p in parts:
                b[nom, p][1] = min(b[nom, p][1], b[nom, tout][1] - somme + b[nom, p][0])

        for parts, tout in self.regles.partages:
            somme = sum(b[nom, p][1] for p in parts)
            b[nom, tout][1] = min(b[nom, tout][1], somme)
            for p in parts:
                b[nom, p][0] = max(b[nom, p][0], b[nom, tout][0] - somme + b[nom, p][1])

    def _somme(self, parent: str, enfants: list[str], m: int) -> None:
        b = self.bornes
        bas = sum(b[un, m][0] for un in enfants)
        haut = sum(b[un, m][1] for un in enfants)
        p = b[parent, m]
        p[0], p[1] = max(p[0], bas), min(p[1], haut)
        for un in enfants:
            e = b[un, m]
            e[1] = min(e[1], p[1] - bas + e[0])
            e[0] = max(e[0], p[0] - haut + e[1])


def trop_etroites(
    attaquant: Attaquant, publication: Publication, largeur: int, sauf: tuple[str, ...] = ()
) -> Iterator[tuple[Cle, Intervalle]]:
    """The withheld figures that the attacker has pinned down."""
    conclu = attaquant.conclure()
    for uai, caches in publication.lycees.items():
        for m in range(len(attaquant.regles.codes)):
            bas, haut = conclu[uai, m]
            if caches >> m & 1 and uai not in sauf and haut - bas < largeur:
                yield (uai, m), (bas, haut)
