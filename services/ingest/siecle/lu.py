"""A pupil taken from a file: what will be published of him, without subject and version. Pure.

Structs, not the contracts' models: they are made for every line of the nation, and tested to write the same bytes.
"""

from datetime import date

import msgspec
from msgspec import Struct

from shared.events.modeles import Dispositif
from shared.nomenclatures import Serie

_encoder = msgspec.json.Encoder().encode


class IdentiteLue(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``IdentiteRemontee``, in the order of its fields."""

    session: int
    ine: str | None = None
    nom: str
    nom_usage: str | None = None
    prenom: str
    prenom2: str | None = None
    prenom3: str | None = None
    naissance: date
    sexe: str

    @property
    def contenu(self) -> bytes:
        return _encoder(self)


class ScolariteLue(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """``EleveRemonte``, in the order of its fields, as far as a file tells them."""

    session: int
    uai: str
    academie: str
    departement: str
    classe: str | None = None
    serie: Serie
    mef: str
    regime: str | None = None
    statut_scolaire: str | None = None
    specialites: tuple[str, ...]
    sexe: str
    codes_bourse: tuple[str, ...]
    cordees: bool
    date_entree: date | None = None
    date_sortie: date | None = None
    dispositif: Dispositif | None = None

    @property
    def contenu(self) -> bytes:
        return _encoder(self)


class EleveLu(Struct, frozen=True, gc=False):
    """Who he is, and his scolarité. ``rang``: of his line."""

    rang: int
    eleve_id_siecle: str
    ine: str | None
    identite: IdentiteLue
    scolarite: ScolariteLue

    @property
    def sorti(self) -> bool:
        return self.scolarite.date_sortie is not None
