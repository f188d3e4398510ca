"""Tables of the service exports: the workbooks asked for in registre, the pupils in projection."""

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from shared.db.tables import REGISTRE

REGISTRE_TABLES = MetaData(schema=REGISTRE)
PROJECTION_TABLES = MetaData()


class ExportsRegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


class ExportsProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Export(ExportsRegistreTable, table=True):
    """One workbook. ``etat``: EN_COURS, PRET or ECHEC; the last five columns are set with PRET."""

    __tablename__ = "export"
    __table_args__ = (
        Index("export_en_cours", "cree_le", postgresql_where=text("etat = 'EN_COURS'")),
        Index("export_expire", "expire_le"),
    )

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    liste: str = Field(sa_column=Column(Text, nullable=False))
    demandeur: str = Field(sa_column=Column(Text, nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    cree_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expire_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    pret_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    lignes: int | None = Field(sa_column=Column(Integer, nullable=True))
    nom: str | None = Field(sa_column=Column(Text, nullable=True))
    sha256: str | None = Field(sa_column=Column(Text, nullable=True))
    contenu: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))


class Eleve(ExportsProjectionTable, table=True):
    """One pupil: the folded state, and beside it what the lists print.

    ``listes``: codes of the lists he is in, by the shared definition; null until SIECLE names his lycée.
    """

    __tablename__ = "eleve"
    __table_args__ = (Index("eleve_lycee", "session", "uai"),)

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    session: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    listes: list[str] | None = Field(sa_column=Column(ARRAY(Text), nullable=True))
    classe: str | None = Field(sa_column=Column(Text, nullable=True))
    serie: str | None = Field(sa_column=Column(Text, nullable=True))
    nom: str | None = Field(sa_column=Column(Text, nullable=True))
    prenom: str | None = Field(sa_column=Column(Text, nullable=True))
    naissance: date | None = Field(default=None, nullable=True)
    ine: str | None = Field(sa_column=Column(Text, nullable=True))
    boursier: bool | None = Field(default=None, nullable=True)
    statut: str | None = Field(sa_column=Column(Text, nullable=True))
    voeux: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    voeux_confirmes: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
