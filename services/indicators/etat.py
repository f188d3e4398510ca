"""What measures need of a pupil, as one compact row that says every day of his history.

Each subject keeps the versions that were the highest as of some day: ``(jour, version, revision, code)`` four by
four, the latest first. The state is then a function of the set of facts and of their days, whatever the order in which
they come: a late fact changes the days since its own, and nothing else (docs/decisions/0035).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from services.indicators.traits import ECHEANCE, EXPIRATION
from shared.domaine.calendrier import jour_de

Entrees = tuple[int, ...]
"""``jour, version, revision, code`` and again, from the latest day to the first."""
Dites = tuple[int | str, ...]
_ORIGINE = date(2017, 12, 31).toordinal()
SEPARATEUR = "\t"


class VoeuPlie(Struct, array_like=True, gc=False):
    """``code``: all of it as of the last day (:data:`services.indicators.traits.MASQUES`); then subject by subject."""

    code: int = 0
    voeu: Entrees = ()
    proposition: Entrees = ()
    reponse: Entrees = ()
    expiration: Entrees = ()
    echeance: Entrees = ()

    def recoder(self) -> None:
        """``code`` from the subjects, time included: as long as the platform said nothing newer."""
        code = (
            (self.voeu[3] if self.voeu else 0)
            | (self.proposition[3] if self.proposition else 0)
            | (self.reponse[3] if self.reponse else 0)
        )
        if _vaut(self.expiration, self.proposition):
            code |= EXPIRATION
        if _vaut(self.echeance, self.voeu):
            code |= ECHEANCE
        self.code = code


def _vaut(echeance: Entrees, sujet: Entrees) -> bool:
    return bool(echeance) and bool(sujet) and echeance[3] == 1 and echeance[1] >= sujet[1]


class Etat(Struct, array_like=True):
    """``dernier``: last day of which a fact was folded. ``scolarite``: see :class:`Place`, joined by tabs."""

    session: int
    dernier: int = 0
    scolarite: Dites = ()
    inscription: Entrees = ()
    caes: Entrees = ()
    bourse: Entrees = ()
    cordees: Entrees = ()
    fusion: Entrees = ()
    voeux: dict[str, VoeuPlie] = {}
    intentions: dict[str, Dites] = {}


class Place(NamedTuple):
    """What a scolarité says of where a pupil counts. ``uai``, ``serie`` of the closing: '' when not stamped."""

    uai: str
    academie: str
    serie: str
    classe: str
    specialites: str
    sexe: str
    boursier: str
    cordees: str
    present: str
    uai_initial: str
    serie_initiale: str


_encodeur = msgspec.msgpack.Encoder(order="deterministic")
_decodeur = msgspec.msgpack.Decoder(Etat)
encoder: Callable[[Etat], bytes] = _encodeur.encode
decoder: Callable[[bytes], Etat] = _decodeur.decode


@lru_cache(maxsize=100_000)
def place(texte: str) -> Place:
    return Place(*texte.split(SEPARATEUR))


def rang_du_jour(jour: date) -> int:
    return jour.toordinal() - _ORIGINE


def jour_du_rang(rang: int) -> date:
    return date.fromordinal(rang + _ORIGINE)


class _Jours(dict[str, int]):
    """Rank of the Paris day of an hour of UTC, ``2026-03-12T22``: Paris is always whole hours away."""

    def __missing__(self, heure: str) -> int:
        self[heure] = rang = rang_du_jour(jour_de(datetime.fromisoformat(f"{heure}:00:00+00:00")))
        return rang


class _JoursDesOctets(dict[bytes, int]):
    def __missing__(self, heure: bytes) -> int:
        self[heure] = rang = JOURS[heure.decode("ascii")]
        return rang


JOURS: Mapping[str, int] = _Jours()
"""By the first thirteen characters of a ``recordedtime``."""
JOURS_DES_OCTETS: Mapping[bytes, int] = _JoursDesOctets()


def poser(entrees: Any, jour: int, version: int, revision: int, code: Any) -> Any:
    """``entrees`` with one more version: the same object when it says nothing new of any day."""
    if not entrees:
        return (jour, version, revision, code)
    plus_recente = version > entrees[1] or (version == entrees[1] and revision > entrees[2])
    if jour >= entrees[0]:
        if not plus_recente:
            return entrees
        return (jour, version, revision, code, *(entrees[4:] if jour == entrees[0] else entrees))
    return _inserer(entrees, (jour, version, revision, code))


def _inserer(entrees: Any, nouvelle: tuple[Any, ...]) -> Any:
    """A late one: kept when no version as high was known by its day; those that it outdoes since are dropped."""
    quatre = [entrees[i : i + 4] for i in range(0, len(entrees), 4)]
    if any(une[0] <= nouvelle[0] and une[1:3] >= nouvelle[1:3] for une in quatre):
        return entrees
    depuis = [une for une in quatre if une[0] > nouvelle[0] and une[1:3] > nouvelle[1:3]]
    avant = [une for une in quatre if une[0] < nouvelle[0]]
    return tuple(valeur for une in (*depuis, nouvelle, *avant) for valeur in une)
