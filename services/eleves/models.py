"""Tables of the service eleves. What a chef types (bourse, Cordées) will be registre; nothing is yet."""

from datetime import date

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Text, Uuid
from sqlmodel import Field, SQLModel

from shared.db.tables import NOT_COMPARED

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class ElevesProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Eleve(ElevesProjectionTable, table=True):
    """One pupil: the folded state, and beside it the columns that lists filter and sort by.

    Derived columns are null until the SIECLE fact arrives: an orphan is in no list.
    ``statut_version`` numbers the events of ``eleves.statut.v1``.
    """

    __tablename__ = "eleve"
    __table_args__ = (Index("eleve_lycee", "session", "uai", "classe", "tri"),)

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    session: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    present: bool | None = Field(default=None, nullable=True)
    classe: str | None = Field(sa_column=Column(Text, nullable=True))
    classe_tri: str | None = Field(sa_column=Column(Text, nullable=True))
    serie: str | None = Field(sa_column=Column(Text, nullable=True))
    nom: str | None = Field(sa_column=Column(Text, nullable=True))
    prenom: str | None = Field(sa_column=Column(Text, nullable=True))
    naissance: date | None = Field(default=None, nullable=True)
    tri: str | None = Field(sa_column=Column(Text, nullable=True))
    boursier: bool | None = Field(default=None, nullable=True)
    inscrit: bool | None = Field(default=None, nullable=True)
    statut: str | None = Field(sa_column=Column(Text, nullable=True))
    voeux: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    voeux_confirmes: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    propositions: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    statut_version: int | None = Field(sa_column=Column(Integer, nullable=True, info={NOT_COMPARED: True}))
