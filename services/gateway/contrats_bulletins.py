"""Bulletins, as the gateway reads them from ingest and answers them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from services.gateway.contrats import Lecture


class Niveau(StrEnum):
    """COMPLET: nothing lacks. INCOMPLET: usable, something lacks. PARTIEL: part of it. IMPOSSIBLE: nothing."""

    COMPLET = "COMPLET"
    INCOMPLET = "INCOMPLET"
    PARTIEL = "PARTIEL"
    IMPOSSIBLE = "IMPOSSIBLE"


class Periode(Lecture):
    periode: int
    libelle: str


class PeriodeAnterieure(Lecture):
    """``annee``: end of the school year."""

    annee: int
    periode: int


class ClasseBulletins(Lecture):
    """``decoupage``: 2 semestres, 3 trimestres, None when nothing was ever received."""

    classe: str | None
    decoupage: int | None
    attendues: tuple[Periode, ...]
    effectif: int
    niveaux: dict[Niveau, int]


class Motif(Lecture):
    """``periode`` None: the whole year."""

    code: str
    phrase: str
    periode: int | None = None
    matiere: str | None = None


class EleveBulletins(Lecture):
    eleve_id: UUID
    classe: str | None
    serie: str | None = None
    niveau: Niveau
    recues: tuple[int, ...]
    anterieures: tuple[PeriodeAnterieure, ...] = ()
    motifs: tuple[Motif, ...] = ()


class EnvoiBulletins(Lecture):
    id: UUID
    depose_le: datetime
    nom_fichier: str


class RecapitulatifBulletins(Lecture):
    """``classes``: all of them; ``eleves``: of the class asked for, or all."""

    uai: str
    session: int
    jour: date
    dernier_envoi: EnvoiBulletins | None = None
    classes: tuple[ClasseBulletins, ...]
    eleves: tuple[EleveBulletins, ...]


class DepotBulletins(Lecture):
    """``recu``: JWS (Ed25519, compact) to be kept by who sent the file."""

    import_id: UUID
    etat: str
    recu: str = Field(description="reçu de dépôt signé")


class RecuDepot(Lecture):
    import_id: UUID
    recu: str


class ClePublique(Lecture):
    kty: str
    crv: str
    kid: str
    x: str
    use: str
    alg: str


class ClesPubliques(Lecture):
    """JWK Set (RFC 7517)."""

    keys: tuple[ClePublique, ...]
