"""A pupil at the end of a day, as read from his compact state; and all his days, from the first."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from services.indicators import traits as t
from services.indicators.etat import Etat, Place, VoeuPlie, place
from services.indicators.repli import DEMISSION, PROPOSITION

_DU_VOEU = ("voeu", "proposition", "reponse", "expiration", "echeance")
_DE_L_ELEVE = ("scolarite", "inscription", "caes", "bourse", "cordees", "fusion")


class Situation(NamedTuple):
    """``scolarite``: text of his :class:`Place`, None for an orphan or a merged pupil.

    ``intentions``: (période, familles joined by commas), in order.
    """

    session: int
    scolarite: str | None
    traits: int
    intentions: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> Place | None:
        return place(self.scolarite) if self.scolarite else None


def situation(etat: Etat) -> Situation:
    """As of the last day."""
    return Situation(etat.session, scolarite(etat), traits(etat), _intentions(etat))


def scolarite(etat: Etat) -> str | None:
    """None when nothing counts of him: his scolarité is not known yet, or he turned out to be another pupil."""
    return None if etat.fusion or not etat.scolarite else str(etat.scolarite[3])


def traits(etat: Etat) -> int:
    lus = traits_hors_voeux(etat)
    for un in etat.voeux.values():
        lus |= t.MASQUES[un.code]
    return lus & ~t.ACCEPTES | _acceptee(etat.voeux) if lus & t.ACCEPTES else lus


def traits_hors_voeux(etat: Etat) -> int:
    lus = 0
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


def _intentions(etat: Etat) -> tuple[tuple[str, str], ...]:
    if not etat.intentions:
        return ()
    return tuple(sorted((periode, str(dites[3])) for periode, dites in etat.intentions.items() if dites))


def chronique(etat: Etat) -> Iterator[tuple[int, Situation]]:
    """The pupil at the end of each day on which something was learnt of him."""
    for jour, vu in rejouer(etat):
        yield jour, situation(vu)


def rejouer(etat: Etat) -> Iterator[tuple[int, Etat]]:
    """Same, as states: ONE object, which the next day changes."""
    vu = Etat(etat.session)
    jour = -1
    for le, ou, champ, entree in sorted(_entrees(etat), key=_le):
        if le != jour:
            if jour >= 0:
                yield jour, vu
            jour = le
        _apprendre(vu, ou, champ, entree)
    if jour >= 0:
        yield jour, vu


_Entree = tuple[int, str | None, str, tuple[Any, ...]]
"""Day, key of the vœu (None: of the pupil himself), field, and what is said."""


def _le(entree: _Entree) -> int:
    return entree[0]


def _entrees(etat: Etat) -> Iterator[_Entree]:
    for champ in _DE_L_ELEVE:
        dites = getattr(etat, champ)
        for rang in range(0, len(dites), 4):
            yield dites[rang], None, champ, dites[rang : rang + 4]
    for periode, dites in etat.intentions.items():
        for rang in range(0, len(dites), 4):
            yield int(dites[rang]), periode, "intentions", dites[rang : rang + 4]
    for cle, un in etat.voeux.items():
        for champ in _DU_VOEU:
            dites = getattr(un, champ)
            for rang in range(0, len(dites), 4):
                yield dites[rang], cle, champ, dites[rang : rang + 4]


def _apprendre(vu: Etat, ou: str | None, champ: str, entree: tuple[Any, ...]) -> None:
    if ou is None:
        setattr(vu, champ, entree)
    elif champ == "intentions":
        vu.intentions[ou] = entree
    else:
        un = vu.voeux.get(ou)
        if un is None:
            un = vu.voeux[ou] = VoeuPlie()
        setattr(un, champ, entree)
        un.recoder()
