"""Pure rules of the indicators: what a pupil counts for, day by day, and what a change of him changes.

A figure is the sum, over pupils, of what each counts for; a day's movement is the difference between two days.
Measures of a place are added as ONE integer, a lane of 32 bits each, so that a pupil costs one addition.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from services.indicators import traits as t
from services.indicators.etat import Etat, Place, VoeuPlie, jusque, place
from services.indicators.mesures import Lieu, Mesure
from services.indicators.repli import DEMISSION, PROPOSITION, replier
from shared.events import rapide as r
from shared.nomenclatures.academies import academie_du_departement, departement_de_uai

_VOIE = 32
_DEMI = 1 << _VOIE - 1


class Cle(NamedTuple):
    """A cell: a lycée × série."""

    session: int
    uai: str
    serie: str
    academie: str


class Situation(NamedTuple):
    """A pupil at the end of a day. ``scolarite``: text of his :class:`Place`, None for an orphan or a merged pupil.

    ``intentions``: (période, familles joined by commas), in order.
    """

    session: int
    scolarite: str | None
    traits: int
    intentions: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> Place | None:
        return place(self.scolarite) if self.scolarite else None


Ecarts = dict[int, dict[Cle, int]]
"""What changes, by rank of the day, then by cell; lanes of :class:`Comptage`."""


def situation(etat: Etat) -> Situation:
    """As of the last day."""
    if etat.fusion or not etat.scolarite:
        return Situation(etat.session, None, 0)
    return Situation(etat.session, str(etat.scolarite[3]), _traits(etat), _intentions(etat))


def _intentions(etat: Etat) -> tuple[tuple[str, str], ...]:
    if not etat.intentions:
        return ()
    return tuple(sorted((periode, str(dites[3])) for periode, dites in etat.intentions.items() if dites))


def _traits(etat: Etat) -> int:
    masques, lus = t.MASQUES, 0
    for un in etat.voeux.values():
        lus |= masques[un.code]
    if lus & t.ACCEPTES:
        lus = lus & ~t.ACCEPTES | _acceptee(etat.voeux)
    if etat.inscription:
        lus |= t.INSCRIT | (t.DEMISSION if etat.inscription[3] == DEMISSION else 0)
    if etat.caes:
        lus |= t.CAES | (t.CAES_PROPOSITION if etat.caes[3] == PROPOSITION else 0)
    return lus


def _acceptee(voeux: Mapping[str, VoeuPlie]) -> int:
    """Of the one accepted last: accepting another releases the one before (``shared.domaine.admission``)."""
    *_, masque = max(
        (un.reponse[1], cle, t.MASQUES[un.code] & t.ACCEPTES)
        for cle, un in voeux.items()
        if t.MASQUES[un.code] & t.ACCEPTES
    )
    return masque


class Comptage:
    """Measures of one session's choices, counted over pupils."""

    def __init__(self, mesures: Sequence[Mesure]) -> None:
        self.mesures = tuple(mesures)
        self._utiles = t.union(masque for mesure in mesures for masque in (*mesure.avec, mesure.sans))
        self._courants: dict[int, int] = {}
        self._initiaux: dict[int, int] = {}
        self._biais = sum(_DEMI << _VOIE * rang for rang in range(len(self.mesures)))
        self._format = struct.Struct(f"<{len(self.mesures)}I")

    def contribution(self, situation: Situation) -> tuple[tuple[Cle, int], ...]:
        """The cells where the pupil counts, and for what: his own, and that of the closing."""
        if situation.scolarite is None:
            return ()
        courante, initiale = _cles(situation.session, situation.scolarite)
        traits = situation.traits & self._utiles
        lieux = []
        if courante is not None:
            lieux.append((courante, self._vecteur(self._courants, traits, Lieu.COURANT)))
        if initiale is not None:
            lieux.append((initiale, self._vecteur(self._initiaux, traits, Lieu.INITIAL)))
        return tuple(lieux)

    def _vecteur(self, connus: dict[int, int], traits: int, lieu: Lieu) -> int:
        lu = connus.get(traits)
        if lu is None:
            comptees = [rang for rang, m in enumerate(self.mesures) if m.lieu is lieu and m.compte(traits)]
            lu = connus[traits] = sum(1 << _VOIE * rang for rang in comptees)
        return lu

    def valeurs(self, vecteur: int) -> list[int]:
        """The lanes, in the order of the measures."""
        octets = (vecteur + self._biais).to_bytes(self._format.size, "little")
        return [voie - _DEMI for voie in self._format.unpack(octets)]

    def deplacer(self, ecarts: Ecarts, jour: int, avant: Situation, apres: Situation, signe: int = 1) -> None:
        """Add what going from ``avant`` to ``apres`` on ``jour`` changes; take it back when ``signe`` is −1."""
        if avant == apres:
            return
        du_jour = ecarts[jour]
        for cle, vecteur in self.contribution(apres):
            du_jour[cle] = du_jour.get(cle, 0) + signe * vecteur
        for cle, vecteur in self.contribution(avant):
            du_jour[cle] = du_jour.get(cle, 0) - signe * vecteur

    def plier(self, etat: Etat, faits: Sequence[tuple[int, r.Fait]], ecarts: Ecarts) -> None:
        """Fold a pupil's facts, (day, fact), into his state, in place; add to ``ecarts`` what that changes, by day."""
        if any(jour < etat.dernier for jour, _ in faits):
            self._plier_en_retard(etat, faits, ecarts)
            return
        lue = situation(etat)
        for jour in sorted({jour for jour, _ in faits}):
            replier(etat, [fait for fait in faits if fait[0] == jour])
            nouvelle = situation(etat)
            self.deplacer(ecarts, jour, lue, nouvelle)
            lue = nouvelle

    def _plier_en_retard(self, etat: Etat, faits: Sequence[tuple[int, r.Fait]], ecarts: Ecarts) -> None:
        """Facts of a day already told: all his days are told again."""
        self.raconter(etat, ecarts, -1)
        replier(etat, faits)
        self.raconter(etat, ecarts)

    def raconter(self, etat: Etat, ecarts: Ecarts, signe: int = 1) -> None:
        """Add every day of the pupil."""
        lue = Situation(etat.session, None, 0)
        for jour, nouvelle in chronique(etat):
            self.deplacer(ecarts, jour, lue, nouvelle, signe)
            lue = nouvelle


def ecarts_vides() -> Ecarts:
    return defaultdict(dict)


def totaux(ecarts: Ecarts) -> dict[Cle, int]:
    """What changes of the cells of today: the sum of the days. Cells that end level are left out."""
    sommes: dict[Cle, int] = {}
    for du_jour in ecarts.values():
        for cle, vecteur in du_jour.items():
            sommes[cle] = sommes.get(cle, 0) + vecteur
    return {cle: vecteur for cle, vecteur in sommes.items() if vecteur}


def chronique(etat: Etat) -> Iterator[tuple[int, Situation]]:
    """The pupil at the end of each day on which something was learnt of him, from the first."""
    jours = _jours(etat)
    for jour in jours[:-1]:
        yield jour, situation(_au(etat, jour))
    if jours:
        yield jours[-1], situation(etat)


def _sujets(etat: Etat) -> Iterable[Sequence[Any]]:
    yield from (etat.scolarite, etat.inscription, etat.caes, etat.bourse, etat.cordees, etat.fusion)
    for un in etat.voeux.values():
        yield from (un.voeu, un.proposition, un.reponse, un.expiration, un.echeance)
    yield from etat.intentions.values()


def _jours(etat: Etat) -> list[int]:
    return sorted({jour for dites in _sujets(etat) for jour in dites[::4]})


def _au(etat: Etat, jour: int) -> Etat:
    """What was known of him at the end of ``jour``."""
    return Etat(
        etat.session,
        jour,
        jusque(etat.scolarite, jour),
        jusque(etat.inscription, jour),
        jusque(etat.caes, jour),
        jusque(etat.bourse, jour),
        jusque(etat.cordees, jour),
        jusque(etat.fusion, jour),
        {cle: un.au(jour) for cle, un in etat.voeux.items()},
        {cle: jusque(dites, jour) for cle, dites in etat.intentions.items()},
    )


@lru_cache(maxsize=100_000)
def _cles(session: int, scolarite: str) -> tuple[Cle | None, Cle | None]:
    """Where he is today, None when he left; where he was at the closing, None when not stamped."""
    lue = place(scolarite)
    courante = Cle(session, lue.uai, lue.serie, lue.academie) if lue.present else None
    if not lue.uai_initial:
        return courante, None
    academie = lue.academie if lue.uai_initial == lue.uai else academie_de(lue.uai_initial, lue.academie)
    return courante, Cle(session, lue.uai_initial, lue.serie_initiale, academie)


@lru_cache(maxsize=20_000)
def academie_de(uai: str, defaut: str) -> str:
    """Of the lycée that a pupil has left: its number says its département."""
    departement = departement_de_uai(uai)
    trouvee = academie_du_departement(departement) if departement else None
    return trouvee.code if trouvee else defaut
