"""Tables of the service indicators."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Text, Uuid
from sqlmodel import Field, SQLModel

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class IndicatorsProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Eleve(IndicatorsProjectionTable, table=True):
    """The folded state of a pupil, without any name: what the deltas are taken from."""

    __tablename__ = "eleve"

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))


class Cellule(IndicatorsProjectionTable, table=True):
    """One counter at the finest cell. Académie and nation are summed at read: no hot row.

    ``classe`` is '' where SIECLE gives none; ``mesure`` is a code of ``domain.MESURES``.
    """

    __tablename__ = "cellule"
    __table_args__ = (Index("cellule_academie", "session", "academie"),)

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    uai: str = Field(sa_column=Column(Text, primary_key=True))
    serie: str = Field(sa_column=Column(Text, primary_key=True))
    classe: str = Field(sa_column=Column(Text, primary_key=True))
    mesure: str = Field(sa_column=Column(Text, primary_key=True))
    academie: str = Field(sa_column=Column(Text, nullable=False))
    n: int = Field(sa_column=Column(Integer, nullable=False))
