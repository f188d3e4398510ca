"""Pure rules of the indicators: what a pupil counts for, day by day, and what a change of him changes.

A figure is the sum, over pupils, of what each counts for; a day's movement is the difference between two days.
Measures of a place are added as ONE integer, a lane of 32 bits each, so that a pupil costs one addition.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from services.indicators import traits as t
from services.indicators.cellules import Cle, cles
from services.indicators.etat import Etat
from services.indicators.mesures import Lieu, Mesure
from services.indicators.repli import DE_L_ELEVE, DU_VOEU, replier, voeu_de
from services.indicators.situation import (
    Situation,
    chronique,
    rejouer,
    scolarite,
    situation,
    traits,
    traits_hors_voeux,
)
from shared.events import rapide as r

__all__ = ["Cle", "Comptage", "Ecarts", "Vue"]

_VOIE = 32
_DEMI = 1 << _VOIE - 1
_le = itemgetter(0)


class Vue(NamedTuple):
    """A pupil at the end of a day, as far as measures are concerned. ``signature``: see :class:`Comptage`."""

    session: int
    scolarite: str | None
    signature: int


@dataclass(slots=True)
class Ecarts:
    """What a window changes. ``jours``: by rank of the day, then by cell, in the lanes of :class:`Comptage`.

    ``parcours``: (day, before, after, +1 or −1) of the pupils who have intentions.
    """

    jours: dict[int, dict[Cle, int]] = field(default_factory=dict)
    parcours: list[tuple[int, Situation, Situation, int]] = field(default_factory=list)

    def totaux(self) -> dict[Cle, int]:
        """What changes of the cells of today: the sum of the days. Cells that end level are left out."""
        sommes: dict[Cle, int] = {}
        for du_jour in self.jours.values():
            for cle, vecteur in du_jour.items():
                sommes[cle] = sommes.get(cle, 0) + vecteur
        return {cle: vecteur for cle, vecteur in sommes.items() if vecteur}


class Comptage:
    """Measures of one session's choices, counted over pupils.

    A signature has one bit for each mask that a measure names: set when the traits meet it. It is the union of those
    of the vœux and of the pupil, as traits are, and small enough for what it counts for to be computed once.
    """

    def __init__(self, mesures: Sequence[Mesure]) -> None:
        self.mesures = tuple(mesures)
        masques = dict.fromkeys(masque for m in mesures for masque in (*m.avec, m.sans) if masque)
        self._masques = {masque: 1 << rang for rang, masque in enumerate(masques)}
        self._acceptee = 1 << len(masques)
        self._regles = [
            (m.lieu, t.union(self._masques[un] for un in m.avec), self._masques.get(m.sans, 0))
            for m in mesures
        ]
        self._des_voeux = _Memoire(self._du_voeu)
        self._de_l_eleve = _Memoire(self._signature)
        self._courants = _Memoire(lambda signature: self._vecteur(signature, Lieu.COURANT))
        self._initiaux = _Memoire(lambda signature: self._vecteur(signature, Lieu.INITIAL))
        self._biais = sum(_DEMI << _VOIE * rang for rang in range(len(self.mesures)))
        self._format = struct.Struct(f"<{len(self.mesures)}I")

    def plier(self, etat: Etat, faits: list[tuple[int, r.Fait]], ecarts: Ecarts) -> None:
        """Fold a pupil's facts, (day, fact), into his state, in place; add to ``ecarts`` what that changes, by day."""
        if len(faits) > 1:
            faits.sort(key=_le)
        if faits[0][0] < etat.dernier:
            self._plier_en_retard(etat, faits, ecarts)
        else:
            self._plier_a_la_suite(etat, faits, ecarts)

    def _plier_a_la_suite(self, etat: Etat, faits: Sequence[tuple[int, r.Fait]], ecarts: Ecarts) -> None:
        """Facts of his last day or later, in the order of their days. Written out: it is run for every fact."""
        des_voeux, acceptee = self._des_voeux, self._acceptee
        avant, union = self._vue(etat)
        close, jour, retires, autre = union, faits[0][0], False, False
        suivi = situation(etat) if etat.intentions else Situation(etat.session, None, 0)
        for le, fait in faits:
            if le != jour:
                if retires:
                    union, retires = self._union(etat), False
                if union != close or autre or union & acceptee:
                    avant, suivi = self._clore(etat, jour, union, avant, suivi, ecarts)
                    close, autre = union, False
                jour = le
            prendre = DU_VOEU.get(type(fait))
            if prendre is None:
                DE_L_ELEVE[type(fait)](etat, fait, le)
                autre = True
                continue
            un = voeu_de(etat, fait)
            lu = un.code
            prendre(un, fait, le)
            if un.code != lu:
                perdue, gagnee = des_voeux[lu], des_voeux[un.code]
                if perdue & ~gagnee:
                    retires = True
                union |= gagnee
                autre = autre or bool(etat.intentions)
        etat.dernier = jour
        self._clore(etat, jour, self._union(etat) if retires else union, avant, suivi, ecarts)

    def _clore(  # noqa: PLR0917 - called for every day of every pupil
        self, etat: Etat, jour: int, union: int, avant: Vue, suivi: Situation, ecarts: Ecarts
    ) -> tuple[Vue, Situation]:
        """The end of a day."""
        vue = self._vue_de(etat, union)
        if vue != avant:
            self.deplacer(ecarts, jour, avant, vue)
        if etat.intentions:
            nouvelle = situation(etat)
            if nouvelle != suivi:
                ecarts.parcours.append((jour, suivi, nouvelle, 1))
            suivi = nouvelle
        return vue, suivi

    def _plier_en_retard(self, etat: Etat, faits: Sequence[tuple[int, r.Fait]], ecarts: Ecarts) -> None:
        """Facts of a day already told: all his days are told again."""
        self.raconter(etat, ecarts, -1)
        replier(etat, faits)
        self.raconter(etat, ecarts)

    def raconter(self, etat: Etat, ecarts: Ecarts, signe: int = 1) -> None:
        """Add every day of the pupil, or take them back."""
        avant = Vue(etat.session, None, 0)
        for jour, vu in rejouer(etat):
            vue, _ = self._vue(vu)
            self.deplacer(ecarts, jour, avant, vue, signe)
            avant = vue
        if etat.intentions:
            suivi = Situation(etat.session, None, 0)
            for jour, nouvelle in chronique(etat):
                ecarts.parcours.append((jour, suivi, nouvelle, signe))
                suivi = nouvelle

    def deplacer(self, ecarts: Ecarts, jour: int, avant: Vue, apres: Vue, signe: int = 1) -> None:
        """Add what going from ``avant`` to ``apres`` on ``jour`` changes; take it back when ``signe`` is −1."""
        if avant == apres:
            return
        du_jour = ecarts.jours.get(jour)
        if du_jour is None:
            du_jour = ecarts.jours[jour] = {}
        if avant.scolarite == apres.scolarite and avant.scolarite is not None:
            courante, initiale = cles(apres.session, avant.scolarite)
            if courante is not None:
                gain = self._courants[apres.signature] - self._courants[avant.signature]
                du_jour[courante] = du_jour.get(courante, 0) + signe * gain
            if initiale is not None:
                gain = self._initiaux[apres.signature] - self._initiaux[avant.signature]
                du_jour[initiale] = du_jour.get(initiale, 0) + signe * gain
            return
        for cle, vecteur in self.contribution(apres):
            du_jour[cle] = du_jour.get(cle, 0) + signe * vecteur
        for cle, vecteur in self.contribution(avant):
            du_jour[cle] = du_jour.get(cle, 0) - signe * vecteur

    def contribution(self, vue: Vue) -> list[tuple[Cle, int]]:
        """The cells where the pupil counts, and for what: his own, and that of the closing."""
        if vue.scolarite is None:
            return []
        courante, initiale = cles(vue.session, vue.scolarite)
        lieux = ((courante, self._courants), (initiale, self._initiaux))
        return [(cle, vecteurs[vue.signature]) for cle, vecteurs in lieux if cle is not None]

    def vue(self, etat: Etat) -> Vue:
        """As of the last day."""
        return self._vue(etat)[0]

    def _vue(self, etat: Etat) -> tuple[Vue, int]:
        union = self._union(etat)
        return self._vue_de(etat, union), union

    def _vue_de(self, etat: Etat, union: int) -> Vue:
        if union & self._acceptee and self._plusieurs_acceptees(etat):
            return Vue(etat.session, scolarite(etat), self._signature(traits(etat)))
        signature = union & ~self._acceptee | self._de_l_eleve[traits_hors_voeux(etat)]
        return Vue(etat.session, scolarite(etat), signature)

    def _union(self, etat: Etat) -> int:
        des_voeux, union = self._des_voeux, 0
        for un in etat.voeux.values():
            union |= des_voeux[un.code]
        return union

    def _plusieurs_acceptees(self, etat: Etat) -> bool:
        return sum(1 for un in etat.voeux.values() if self._des_voeux[un.code] & self._acceptee) > 1

    def _du_voeu(self, code: int) -> int:
        masque = t.MASQUES[code]
        return self._signature(masque) | (self._acceptee if masque & t.ACCEPTES else 0)

    def _signature(self, traits_lus: int) -> int:
        return t.union(bit for masque, bit in self._masques.items() if traits_lus & masque)

    def _vecteur(self, signature: int, lieu: Lieu) -> int:
        return sum(
            1 << _VOIE * rang
            for rang, (ou, avec, sans) in enumerate(self._regles)
            if ou is lieu and signature & avec == avec and not signature & sans
        )

    def valeurs(self, vecteur: int) -> list[int]:
        """The lanes, in the order of the measures."""
        octets = (vecteur + self._biais).to_bytes(self._format.size, "little")
        return [voie - _DEMI for voie in self._format.unpack(octets)]


class _Memoire(dict[int, int]):
    """What a function of an integer said."""

    def __init__(self, calcul: Callable[[int], int]) -> None:
        super().__init__()
        self._calcul = calcul

    def __missing__(self, cle: int) -> int:
        self[cle] = valeur = self._calcul(cle)
        return valeur
