"""Pure fold of the way back: one state per (pupil, objet), whatever the order in which facts come.

The highest version is what is sent. Once some version concerned the platform every later one does,
or it would keep a bourse that was withdrawn. Of acknowledgements the one of the highest version counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from shared.domaine.accuse import ACQUIS
from shared.events import rapide as r
from shared.events.modeles import EtatBourse, EtatCordees, ObjetAccuse

_A_TRANSMETTRE = frozenset({EtatBourse.CERTIFIEE, EtatBourse.REFUSEE})
_encoder = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Objet:
    """``depuis``: when ``version`` was recorded."""

    session: int
    version: int | None = None
    contenu: bytes | None = None
    concerne: bool = False
    depuis: datetime | None = None
    accuse_version: int | None = None
    accuse_sequence: int | None = None
    resultat: str | None = None

    @property
    def acquitte(self) -> bool:
        """The platform took this version, or a later one."""
        accusee = self.accuse_version is not None and self.version is not None
        return accusee and self.accuse_version >= self.version and self.resultat in ACQUIS  # type: ignore[operator]


def objet_de(fait: r.Fait) -> ObjetAccuse | None:
    """Which object of the pupil a fact is about; None: not of the way back."""
    match fait:
        case r.BourseCertifiee():
            return ObjetAccuse.BOURSE
        case r.Cordees():
            return ObjetAccuse.CORDEES
        case r.Fiche():
            return ObjetAccuse.FICHE_AVENIR
        case r.Accuse():
            return fait.objet
        case _:
            return None


def plier(avant: Objet | None, fait: r.Fait, recorde: datetime) -> Objet:
    """The object after one more fact about it; the same when the fact tells nothing new."""
    base = avant or Objet(session=fait.session)
    if isinstance(fait, r.Accuse):
        return _accuser(base, fait)
    concerne, contenu = _envoi(fait)
    vu = replace(base, concerne=base.concerne or concerne)
    if base.version is not None and fait.version <= base.version:
        return vu
    return replace(vu, version=fait.version, contenu=contenu, depuis=recorde)


def _accuser(base: Objet, fait: r.Accuse) -> Objet:
    deja = (base.accuse_version or 0, base.accuse_sequence or 0)
    if base.accuse_version is not None and (fait.version_objet, fait.version) <= deja:
        return base
    return replace(
        base, accuse_version=fait.version_objet, accuse_sequence=fait.version, resultat=fait.resultat
    )


def _envoi(fait: r.Fait) -> tuple[bool, bytes]:
    """Whether the platform must know of this state, even had it never heard of the pupil; and its content."""
    contenu: dict[str, Any]
    match fait:
        case r.BourseCertifiee(etat=etat, echelon=echelon, motif=motif):
            return etat in _A_TRANSMETTRE, _json({"etat": etat, "echelon": echelon, "motif": motif})
        case r.Cordees(etat=etat, dispositif=dispositif, source=source):
            contenu = {"etat": etat, "dispositif": dispositif, "source": source}
            return etat is EtatCordees.PARTICIPE, _json(contenu)
        case r.Fiche(avis_rendus=rendus, cibles=cibles, transmise_le=transmise_le):
            contenu = {"avis_rendus": rendus, "cibles": cibles, "transmise_le": transmise_le}
            return transmise_le is not None, _json(contenu)
        case _:
            raise TypeError(type(fait).__name__)


def _json(contenu: Mapping[str, Any]) -> bytes:
    return _encoder({champ: valeur for champ, valeur in contenu.items() if valeur is not None})
