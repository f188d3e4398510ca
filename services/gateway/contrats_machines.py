"""What is read and answered about machines: tokens, credentials."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from services.gateway.contrats import Lecture, Saisie
from shared.events.modeles import ObjetAccuse

ClientId = Annotated[str, Path(pattern=r"^logiciel-[0-9a-f]{16}$", description="Identifiant de l’accès")]
JOURS_MAX = 400
UN_AN = 365


class JetonRendu(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the RFC
    expires_in: int
    scope: str


class ErreurJeton(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


class SaisieLogiciel(Saisie):
    """``nom``: how the lycée calls the software."""

    nom: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
    jours: Annotated[int, Field(ge=1, le=JOURS_MAX, description="durée de validité")] = UN_AN


class Logiciel(Lecture):
    """A credential of a lycée, without its secret."""

    client_id: str
    nom: str
    uai: str
    cree_par: str
    cree_le: datetime
    expire_le: datetime
    revoque_le: datetime | None = None
    utilise_le: datetime | None = None


class Logiciels(Lecture):
    logiciels: tuple[Logiciel, ...]


class LogicielCree(Logiciel):
    client_secret: Annotated[str, Field(description="montré cette seule fois")]


class SaisieTeleversement(Saisie):
    """A file to come: its nature, its exact size and its sum, so that nothing else is taken for it."""

    nature: Annotated[str, Field(max_length=40, pattern=r"^[A-Z_]+$", examples=["FAITS"])]
    octets: Annotated[int, Field(ge=1, le=1 << 40)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="du fichier entier, en hexadécimal")]
    nom: Annotated[str, Field(max_length=200, description="nom du fichier, pour les listes")] = ""
    uai: Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")] | None = None
    confirme: Annotated[bool, Field(description="prendre un fichier déjà reçu ou plus ancien")] = False


class Televersement(Lecture):
    """``offset``: bytes that need not be sent again. ``import_id``: once the file is whole and verified."""

    id: UUID
    etat: Annotated[str, Field(description="EN_COURS, RECU, REFUSE, ANNULE ou EXPIRE")]
    nature: str
    uai: str | None = None
    octets: int
    offset: int
    expire_le: datetime
    import_id: UUID | None = None


class PageRetour(Saisie):
    """Where the reader stands, and how long it will wait for something to come."""

    apres: Annotated[int, Field(ge=0, le=(1 << 63) - 1, description="dernier curseur lu ; 0 au début")] = 0
    limite: Annotated[int, Field(ge=1, le=5_000)] = 1_000
    attendre: Annotated[int, Field(ge=0, le=55, description="secondes d’attente s’il n’y a rien")] = 0


class PageNonAcquittes(Saisie):
    objet: ObjetAccuse | None = None
    limite: Annotated[int, Field(ge=1, le=1_000)] = 100
    decalage: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class LigneRetour(BaseModel):
    """One line of the way back. ``contenu``: the whole state of the object, by its type's contract."""

    curseur: int
    session: int
    numero_dossier: str
    objet: ObjetAccuse
    version: Annotated[int, Field(description="à rappeler dans l’accusé")]
    depuis: datetime
    contenu: dict[str, Any]


class ResumeRetour(Lecture):
    """How far the platform is with one objet. ``age_s``: of the oldest that it has not taken."""

    objet: ObjetAccuse
    total: int
    acquittes: int
    refuses: int
    en_attente: int
    plus_ancien: datetime | None = None
    age_s: int | None = None


class NonAcquitte(Lecture):
    """``refuse``: the platform answered about this very version, and did not take it."""

    eleve_id: UUID
    objet: ObjetAccuse
    version: int
    depuis: datetime
    age_s: int
    refuse: bool
    resultat: str | None = None
    accuse_version: int | None = None
    uai: str | None = None


class NonAcquittes(Lecture):
    resume: tuple[ResumeRetour, ...]
    non_acquittes: tuple[NonAcquitte, ...]


class RetourLycee(Lecture):
    uai: str
    resume: tuple[ResumeRetour, ...]
