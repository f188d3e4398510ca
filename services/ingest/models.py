"""Tables of the service ingest: all registre, written by imports only. No projection."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class RegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


def _cle(type_: Any) -> Any:
    return Field(sa_column=Column(type_, primary_key=True, autoincrement=False))


class Import(RegistreTable, table=True):
    """One deposited file. ``tentative`` fences: only the latest start of it may go on.

    ``etat``: DEPOSE, ANALYSE, PUBLICATION, TERMINE, REFUSE. ``total`` events, ``checkpoint`` of them
    published. ``version``: HORODATAGE of a SIECLE file, µs.
    """

    __tablename__ = "import"
    __table_args__ = (
        Index("import_ordre", "session", "nature", "depose_le"),
        Index("import_lycee", "session", "uai", "depose_le"),
    )

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    nom_fichier: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(sa_column=Column(Text, nullable=False))
    octets: int = Field(sa_column=Column(BigInteger, nullable=False))
    demandeur: str = Field(sa_column=Column(Text, nullable=False))
    confirme: bool = Field(sa_column=Column(Boolean, nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    tentative: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    total: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    checkpoint: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    compte_rendu: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    depose_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    modifie_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class Alias(RegistreTable, table=True):
    """A name that a source gives to a pupil, as a keyed HMAC. ``eleve_id`` null: erased, never minted anew.

    ``nature``: I (INE), E (UAI and ELEVE_ID), D (numéro de dossier). ``cle``: version of the key.
    """

    __tablename__ = "alias"
    __table_args__ = (Index("alias_eleve", "session", "eleve_id"),)

    session: int = _cle(SmallInteger)
    empreinte: bytes = _cle(LargeBinary)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    eleve_id: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))


class EleveConnu(RegistreTable, table=True):
    """What was last published of a pupil, so that only differences become events.

    ``uai``: the lycée of the effective scolarité. ``import_id``: who published last.
    """

    __tablename__ = "eleve_connu"

    session: int = _cle(SmallInteger)
    eleve_id: str = _cle(Uuid(as_uuid=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    identite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    identite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    scolarite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    scolarite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    import_id: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))


class Scolarite(RegistreTable, table=True):
    """A pupil as one lycée last told him: the content of ``EleveRemonte`` without id and version."""

    __tablename__ = "scolarite"
    __table_args__ = (Index("scolarite_lycee", "session", "uai"),)

    session: int = _cle(SmallInteger)
    eleve_id: str = _cle(Uuid(as_uuid=False))
    uai: str = _cle(Text)
    date_entree: date | None = Field(default=None, nullable=True)
    date_sortie: date | None = Field(default=None, nullable=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Parking(RegistreTable, table=True):
    """A fact whose pupil is not known yet, by numéro de dossier and, for a dossier, by INE (HMAC both).

    ``fait``: the fact without name, birth date, INE and comment. ``libere_par``: the import that took
    it out; the row goes when that import is done. ``cle``: version of the key of both HMAC.
    """

    __tablename__ = "parking"
    __table_args__ = (
        Index("parking_ine", "session", "ine", postgresql_where=text("ine IS NOT NULL")),
        Index("parking_libere", "libere_par", postgresql_where=text("libere_par IS NOT NULL")),
    )

    session: int = _cle(SmallInteger)
    dossier: bytes = _cle(LargeBinary)
    sujet: str = _cle(Text)
    sequence: int = _cle(BigInteger)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    ine: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    fait: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    libere_par: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    depose_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class HorsPerimetre(RegistreTable, table=True):
    """A dossier whose profil is not TERMINALE: its facts are dropped and counted."""

    __tablename__ = "hors_perimetre"

    session: int = _cle(SmallInteger)
    dossier: bytes = _cle(LargeBinary)
