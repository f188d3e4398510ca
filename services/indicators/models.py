"""Tables of the service indicators."""

from datetime import date

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, MetaData, SmallInteger, Text, Uuid
from sqlmodel import Field, SQLModel

from services.indicators.mesures import COLONNES

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class IndicatorsProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Eleve(IndicatorsProjectionTable, table=True):
    """What measures need of a pupil, day by day, without any name (``services.indicators.etat``).

    ``uai``: his lycée of today, None when he left; ``uai_initial``: that of the closing, when it is another one. By
    them a lycée finds its pupils, whom it alone sees by classe, specialité, sexe…
    """

    __tablename__ = "eleve"
    __table_args__ = (
        Index("eleve_uai", "session", "uai"),
        Index("eleve_uai_initial", "session", "uai_initial"),
    )

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    session: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    uai_initial: str | None = Field(sa_column=Column(Text, nullable=True))


class Definition(IndicatorsProjectionTable, table=True):
    """Which column of this generation holds which measure; a generation is read by it."""

    __tablename__ = "definition"

    rang: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=Column(Text, nullable=False))


class _Lieu(IndicatorsProjectionTable):
    """A lycée × série. ``academie`` is in the key: it is what the facts said, never what the last of them said."""

    session: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    uai: str = Field(sa_type=Text, primary_key=True)
    serie: str = Field(sa_type=Text, primary_key=True)
    academie: str = Field(sa_type=Text, primary_key=True)


class Cellule(_Lieu, table=True):
    """Every measure of a lycée × série, now. No pupil: no row; a measure that counts nobody is NULL.

    Académie, région and nation are summed at read: no hot row.
    """

    __tablename__ = "cellule"
    __table_args__ = (Index("cellule_academie", "session", "academie"),)


class Mouvement(_Lieu, table=True):
    """What one day of Paris changed of a cell: its figures at the end of a day are the sum up to that day.

    The day is that of ``recordedtime``: as it was known that day.
    """

    __tablename__ = "mouvement"
    __table_args__ = (Index("mouvement_academie", "session", "academie", "jour"),)

    jour: date = Field(sa_type=Date, primary_key=True)


for _table in (Cellule.__table__, Mouvement.__table__):  # type: ignore[attr-defined]
    for _colonne in COLONNES:
        _table.append_column(Column(_colonne, Integer, nullable=True))
