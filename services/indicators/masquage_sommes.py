"""What is withheld of a whole série, so that no sum over lycées gives back a withheld figure.

Lycées are leaves of département, académie, région and nation. A total is shown when the figures withheld
under it, those that a shown total below already closes left out, could share it in many ways, even for who
knows one of them: a chef knows his own. An académie and the nation withhold figures of other lycées to get
there; a département and a région are withheld themselves. Totals over séries are sums of what is shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from services.indicators.masquage import (
    ELARGISSEMENTS,
    LARGEUR,
    Case,
    Schema,
    Vecteur,
    case_masquee,
    positions,
)

NIVEAUX = ("nation", "region", "academie", "departement")
_COMPLETES = frozenset({"academie", "nation"})
_UNITES = 3
"""Withheld figures under a shown total: who knows one of them still has two to part."""
_ESSAIS = 40
_TOURS = 30
Chemin = tuple[str, ...]


class Total(NamedTuple):
    valeurs: Vecteur
    caches: int


class Publication(NamedTuple):
    """``lycees``: bits of the measures withheld, by UAI. ``totaux``: by place, as in the paths."""

    lycees: Mapping[str, int]
    totaux: Mapping[str, Total]


class _Unite(NamedTuple):
    """Withheld figures that a total leaves open: bounds, value, and the farthest that one of them is from either."""

    bas: int
    haut: int
    valeur: int
    sur_bas: int
    sous_haut: int


@dataclass(eq=False, slots=True)
class _Lieu:
    nom: str
    niveau: str
    parent: "_Lieu | None"
    lieux: dict[str, "_Lieu"] = field(default_factory=dict)
    feuilles: list[str] = field(default_factory=list)
    valeurs: Vecteur = ()
    retenus: int = 0
    """Bits withheld because the total would tell what is under it."""
    vue: tuple[int, Case] | None = None
    retenues: list[set[str]] = field(default_factory=list)
    """By measure: lycées of this very place whose figure is withheld."""

    @property
    def complete(self) -> bool:
        """Whether figures of its lycées are withheld for its total; a place alone in such a one is that one."""
        if self.niveau in _COMPLETES or self.parent is None:
            return self.niveau in _COMPLETES
        seul = len(self.parent.lieux) == 1 and not self.parent.feuilles
        return seul and self.parent.complete

    def tous(self) -> Iterator["_Lieu"]:
        """This place and those in it, the deepest first."""
        for lieu in self.lieux.values():
            yield from lieu.tous()
        yield self

    def toutes_les_feuilles(self) -> Iterator[str]:
        for lieu in self.tous():
            yield from lieu.feuilles


def publier(cases: Mapping[str, Vecteur], chemins: Mapping[str, Chemin], regles: Schema) -> Publication:
    """Of one série: ``cases`` by UAI, each with the places it is in, from the nation down."""
    serie = _Serie(cases, chemins, regles)
    serie.fermer()
    return Publication(
        {uai: case.caches for uai, case in serie.cases.items()},
        {lieu.nom: Total(lieu.valeurs, serie.case(lieu).caches) for lieu in serie.racine.tous()},
    )


class _Serie:
    """The state of the search: what is withheld so far. It only grows."""

    def __init__(self, valeurs: Mapping[str, Vecteur], chemins: Mapping[str, Chemin], regles: Schema) -> None:
        self._regles = regles
        self._valeurs = valeurs
        self.cases: dict[str, Case] = {uai: case_masquee(v, regles) for uai, v in valeurs.items()}
        self.racine = _Lieu("", "monde", None)
        self._lieu_de = {uai: self._place(uai, chemins.get(uai, ())) for uai in sorted(valeurs)}
        self._lieux = list(self.racine.tous())
        self._touchees = (1 << len(regles.codes)) - 1
        """Measures for which something more is withheld since they were last looked at."""
        for lieu in self._lieux:
            lieu.retenues = [set() for _ in regles.codes]
            parts = [valeurs[uai] for uai in lieu.feuilles] + [un.valeurs for un in lieu.lieux.values()]
            lieu.valeurs = tuple(map(sum, zip(*parts, strict=True)))
        for uai, case in self.cases.items():
            for mesure in positions(case.caches):
                self._lieu_de[uai].retenues[mesure].add(uai)

    def _place(self, uai: str, chemin: Chemin) -> _Lieu:
        lieu = self.racine
        for niveau, nom in zip(NIVEAUX, chemin, strict=False):
            lieu = lieu.lieux.setdefault(nom, _Lieu(nom, niveau, lieu))
        lieu.feuilles.append(uai)
        return lieu

    def case(self, lieu: _Lieu) -> Case:
        """What is withheld of the totals of a place, as of now."""
        if lieu.vue is None or lieu.vue[0] != lieu.retenus:
            lieu.vue = lieu.retenus, case_masquee(lieu.valeurs, self._regles, lieu.retenus)
        return lieu.vue[1]

    def fermer(self) -> None:
        """Until nothing more is withheld: a figure withheld for a total may open another one."""
        for _ in range(_TOURS):
            a_voir, self._touchees = self._touchees, 0
            for mesure in positions(a_voir):
                for lieu in self._lieux:
                    self._fermer(lieu, mesure)
            if not self._touchees:
                return

    def _changer(self, uai: str, case: Case) -> None:
        """Withhold more of a lycée, or take it back."""
        avant, self.cases[uai] = self.cases[uai], case
        retenues = self._lieu_de[uai].retenues
        for mesure in positions(case.caches & ~avant.caches):
            retenues[mesure].add(uai)
        for mesure in positions(avant.caches & ~case.caches):
            retenues[mesure].remove(uai)
        self._touchees |= case.caches & ~avant.caches

    def _retenir(self, lieu: _Lieu, bits: int) -> None:
        """Withhold totals of a place, and what they would be told by."""
        avant = self.case(lieu).caches
        lieu.retenus |= bits
        self._touchees |= self.case(lieu).caches & ~avant

    def _fermer(self, lieu: _Lieu, mesure: int) -> None:
        ouvertes = self._ouvertes(lieu, mesure)
        if not ouvertes:
            return
        if not self._retenu(lieu, mesure) and not _sures(ouvertes):
            if lieu.complete and self._completer(lieu, mesure):
                return
            self._retenir(lieu, 1 << mesure)
        if self._retenu(lieu, mesure):
            self._elargir(lieu, mesure, ouvertes)

    def _elargir(self, lieu: _Lieu, mesure: int, ouvertes: Sequence[_Unite]) -> None:
        """A total withheld, of which the lycées shown are known, must not be pinned down by the other totals."""
        for elargir in ELARGISSEMENTS:
            reste = _reunies(ouvertes, self.case(lieu), lieu.valeurs[mesure], mesure)
            if reste.haut - reste.bas >= LARGEUR:
                return
            self._retenir(lieu, elargir([mesure], self._regles))

    def _retenu(self, lieu: _Lieu, mesure: int) -> bool:
        return bool(self.case(lieu).caches >> mesure & 1)

    def _ouvertes(self, lieu: _Lieu, mesure: int) -> list[_Unite]:
        """What the total of the place would tell of, if it were shown."""
        unites = [_unite_de(self.cases[uai], self._valeurs[uai], mesure) for uai in lieu.retenues[mesure]]
        unites += [
            _reunies(dessous, self.case(un), un.valeurs[mesure], mesure)
            for un in lieu.lieux.values()
            if self._retenu(un, mesure) and (dessous := self._ouvertes(un, mesure))
        ]
        return unites

    def _completer(self, lieu: _Lieu, mesure: int) -> bool:
        """Withhold figures of other lycées until the total may be shown; nothing when that cannot be."""
        total = lieu.valeurs[mesure]
        if total < LARGEUR or not self._place_pour(lieu, mesure):
            return False
        tout = (1 << len(self._regles.codes)) - 1
        return any(self._essayer(lieu, mesure, caches) for caches in (1 << mesure, tout))

    def _essayer(self, lieu: _Lieu, mesure: int, caches: int) -> bool:
        """One lycée after the other with ``caches`` withheld, until it is enough; else as it was."""
        touchees = self._touchees
        defaire: list[tuple[str, Case]] = []
        retenus: list[tuple[_Lieu, int]] = []
        for uai in self._candidates(lieu, mesure):
            defaire.append((uai, self.cases[uai]))
            deja = self.cases[uai].caches | caches
            self._changer(uai, case_masquee(self._valeurs[uai], self._regles, deja))
            for entre in self._entre(uai, lieu):
                retenus.append((entre, entre.retenus))
                self._retenir(entre, 1 << mesure)
            if _sures(self._ouvertes(lieu, mesure)):
                return True
        for uai, case in reversed(defaire):
            self._changer(uai, case)
        for entre, bits in reversed(retenus):
            entre.retenus = bits
        self._touchees = touchees
        return False

    def _place_pour(self, lieu: _Lieu, mesure: int) -> bool:
        """Whether all that is under the place together is far enough from its whole."""
        grands = [lieu.valeurs[grand] for petit, grand in self._regles.inclus if petit == mesure]
        return not grands or min(grands) - lieu.valeurs[mesure] >= LARGEUR

    def _candidates(self, lieu: _Lieu, mesure: int) -> list[str]:
        """Small lycées first, by turns from each place inside, in an order that a day's moves do not change.

        Were it to follow the figures, yesterday's page would tell what today's withholds.
        """
        parts: list[list[str]] = [
            self._libres(un.toutes_les_feuilles(), mesure)
            for un in sorted(lieu.lieux.values(), key=lambda un: (not self._retenu(un, mesure), un.nom))
        ]
        directes = [[uai] for uai in self._libres(lieu.feuilles, mesure)]
        tours = zip_longest(*parts, *directes)
        return [uai for tour in tours for uai in tour if uai is not None][:_ESSAIS]

    def _libres(self, feuilles: Iterable[str], mesure: int) -> list[str]:
        libres = (uai for uai in feuilles if not self.cases[uai].cache(mesure))
        return sorted(libres, key=lambda uai: (max(self._valeurs[uai]).bit_length(), uai))

    def _entre(self, uai: str, lieu: _Lieu) -> Iterator[_Lieu]:
        """Places that hold the lycée, inside ``lieu``."""
        entre: _Lieu | None = self._lieu_de[uai]
        while entre is not None and entre is not lieu:
            yield entre
            entre = entre.parent


def _unite_de(case: Case, valeurs: Vecteur, mesure: int) -> _Unite:
    bas, haut, n = case.bas[mesure], case.haut[mesure], valeurs[mesure]
    return _Unite(bas, haut, n, n - bas, haut - n)


def _reunies(unites: Sequence[_Unite], case: Case, total: int, mesure: int) -> _Unite:
    """The open part of a place whose total is withheld; what is shown in it is known."""
    valeur = sum(un.valeur for un in unites)
    connu = total - valeur
    bas = max(case.bas[mesure] - connu, sum(un.bas for un in unites))
    haut = min(case.haut[mesure] - connu, sum(un.haut for un in unites))
    sur_bas = min(valeur - bas, max(un.sur_bas for un in unites))
    sous_haut = min(haut - valeur, max(un.sous_haut for un in unites))
    return _Unite(bas, haut, valeur, sur_bas, sous_haut)


def _sures(unites: Sequence[_Unite]) -> bool:
    """Whether their known sum leaves each of them ``LARGEUR`` wide, one of them known."""
    if len(unites) < _UNITES:
        return False
    dessus = sum(un.valeur - un.bas for un in unites) - max(un.sur_bas for un in unites)
    dessous = sum(un.haut - un.valeur for un in unites) - max(un.sous_haut for un in unites)
    return dessus >= LARGEUR and dessous >= LARGEUR
