"""Référentiels and calendar of a session, its life, and what ingest derived from time."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from services.ingest.models.base import PROJECTION_TABLES, RegistreTable, champ_cle


def _texte(*, vide: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=vide))


def _maintenant() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))


class Formation(RegistreTable, table=True):
    """A formation of the session as last deposited. ``version`` from 1; the built-in catalogue is 0.

    ``absente``: not in the last file; never deleted, vœux may be on it.
    """

    __tablename__ = "formation"

    session: int = champ_cle(SmallInteger)
    formation_id: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    libelle: str = _texte()
    etablissement: str = _texte()
    uai: str | None = _texte(vide=True)
    famille: str = _texte()
    selective: bool = Field(sa_column=Column(Boolean, nullable=False))
    academie: str = _texte()
    capacite: int | None = Field(sa_column=Column(Integer, nullable=True))
    commune: str | None = _texte(vide=True)
    groupe: str | None = _texte(vide=True)
    absente: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    modifie_le: datetime = _maintenant()


class Etablissement(RegistreTable, table=True):
    """An établissement of the session as last deposited."""

    __tablename__ = "etablissement"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    nom: str = _texte()
    commune: str = _texte()
    departement: str = _texte()
    academie: str = _texte()
    secteur: str = _texte()
    absente: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    modifie_le: datetime = _maintenant()


class Mef(RegistreTable, table=True):
    """A MEF of the national base, by its ten digits. ``mefstat11`` tells level and série."""

    __tablename__ = "mef"

    session: int = champ_cle(SmallInteger)
    mef: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    mefstat11: str = _texte()
    libelle: str = _texte()
    fermeture: date | None = Field(sa_column=Column(Date, nullable=True))
    absente: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    modifie_le: datetime = _maintenant()


class Referentiel(RegistreTable, table=True):
    """``version`` goes up whenever a row of ``objet`` changes: what is held in memory is read again then."""

    __tablename__ = "referentiel"

    session: int = champ_cle(SmallInteger)
    objet: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))


class Histoire(RegistreTable, table=True):
    """Every state that a référentiel's row, a step of the calendar or the session itself has had."""

    __tablename__ = "histoire"

    session: int = champ_cle(SmallInteger)
    objet: str = champ_cle(Text)
    cle: str = champ_cle(Text)
    version: int = champ_cle(Integer)
    contenu: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    par: str = _texte()
    motif: str | None = _texte(vide=True)
    le: datetime = _maintenant()


class Correction(RegistreTable, table=True):
    """Formations whose vœux are to be published again. ``curseur``: the last pupil looked at."""

    __tablename__ = "correction"
    __table_args__ = (Index("correction_a_faire", "session", postgresql_where=text("NOT faite")),)

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    formations: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    curseur: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    reemis: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    faite: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    creee_le: datetime = _maintenant()


class VoeuEnAttente(RegistreTable, table=True):
    """A vœu whose formation is not known yet: the fact of the feed without its dossier's number (HMAC)."""

    __tablename__ = "voeu_en_attente"
    __table_args__ = (
        Index("voeu_en_attente_libere", "libere_par", postgresql_where=text("libere_par IS NOT NULL")),
    )

    session: int = champ_cle(SmallInteger)
    formation_id: str = champ_cle(Text)
    dossier: bytes = champ_cle(LargeBinary)
    sujet: str = champ_cle(Text)
    sequence: int = champ_cle(BigInteger)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    fait: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    libere_par: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    depose_le: datetime = _maintenant()


class Vie(RegistreTable, table=True):
    """The life of a session: OUVERTE, GELEE, CLOSE or ARCHIVEE. No row: opened before this was kept."""

    __tablename__ = "vie"

    session: int = champ_cle(SmallInteger)
    etat: str = _texte()
    version: int = Field(sa_column=Column(Integer, nullable=False))
    par: str = _texte()
    motif: str | None = _texte(vide=True)
    le: datetime = _maintenant()


class Calendrier(RegistreTable, table=True):
    """``examine``: the version whose changes of dates have been drawn (announcements taken back)."""

    __tablename__ = "calendrier"

    session: int = champ_cle(SmallInteger)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    examine: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))


class Etape(RegistreTable, table=True):
    """A step of the calendar. ``atteinte``: the version at which its coming was published."""

    __tablename__ = "etape"

    session: int = champ_cle(SmallInteger)
    code: str = champ_cle(Text)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    date: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    valeur: int | None = Field(sa_column=Column(Integer, nullable=True))
    retiree: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    atteinte: int | None = Field(sa_column=Column(Integer, nullable=True))


class Echeance(RegistreTable, table=True):
    """A deadline that ingest published, once. ``sujet``: ``expiration/…`` or ``non_confirme/…``."""

    __tablename__ = "echeance"

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    sujet: str = champ_cle(Text)
    version: int = champ_cle(BigInteger)
    revision: int = champ_cle(Integer)


class IngestProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Suivi(IngestProjectionTable, table=True):
    """What ingest needs to remember of a pupil's vœux: his folded state, and beside it what jobs look for.

    ``limite``: earliest deadline that the platform gave to an open proposition; ``recue``: earliest
    reception of an open one without deadline; ``a_confirmer``: a vœu of the phase principale is not
    confirmed; ``declare``: an announcement drawn from the calendar stands.
    """

    __tablename__ = "suivi"
    __table_args__ = (
        Index("suivi_limite", "session", "limite", postgresql_where=text("limite IS NOT NULL")),
        Index("suivi_recue", "session", "recue", postgresql_where=text("recue IS NOT NULL")),
        Index("suivi_a_confirmer", "session", "eleve_id", postgresql_where=text("a_confirmer")),
        Index("suivi_declare", "session", "eleve_id", postgresql_where=text("declare")),
    )

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    formations: list[str] | None = Field(sa_column=Column(ARRAY(Text), nullable=True))
    limite: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    recue: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    a_confirmer: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    declare: bool | None = Field(sa_column=Column(Boolean, nullable=True))
