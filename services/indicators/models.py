"""Tables of the service indicators."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
)
from sqlmodel import Field, SQLModel

from services.indicators.intentions.domain import MESURES as COMPTES
from services.indicators.mesures import COLONNES
from shared.db.tables import COUNTS

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class IndicatorsProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class RegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


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
    __table_args__ = (Index("cellule_academie", "session", "academie"), {"info": {COUNTS: True}})


class Mouvement(_Lieu, table=True):
    """What one day of Paris changed of a cell: its figures at the end of a day are the sum up to that day.

    The day is that of ``recordedtime``: as it was known that day.
    """

    __tablename__ = "mouvement"
    __table_args__ = (
        Index("mouvement_academie", "session", "academie", "jour"),
        {"info": {COUNTS: True}},
    )

    jour: date = Field(sa_type=Date, primary_key=True)


class Intention(_Lieu, table=True):
    """What one day of Paris changed of a famille in a lycée × série; ``famille`` ENSEMBLE: all of them together.

    A day that changed nothing has no row. ``periode``: of the fiche de dialogue.
    """

    __tablename__ = "intention"
    __table_args__ = (
        Index("intention_academie", "session", "academie", "jour"),
        {"info": {COUNTS: True}},
    )

    periode: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    famille: str = Field(sa_type=Text, primary_key=True)
    jour: date = Field(sa_type=Date, primary_key=True)


class Situation(IndicatorsProjectionTable, table=True):
    """By partition number: ``recordedtime`` of the last fact folded, and how many were."""

    __tablename__ = "situation"
    __table_args__ = ({"info": {COUNTS: True}},)

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    part: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    au: str = Field(sa_column=Column(Text, nullable=False))
    faits: int = Field(sa_column=Column(BigInteger, nullable=False))


class MargePubliee(RegistreTable, table=True):
    """The last version said of a lycée × série, and the digest of what it said: a rebuild finds it again."""

    __tablename__ = "marge_publiee"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    uai: str = Field(sa_column=Column(Text, primary_key=True))
    serie: str = Field(sa_column=Column(Text, primary_key=True))
    academie: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    empreinte: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Parution(RegistreTable, table=True):
    """The newest state that was said: an older one, read by who lost the lead meanwhile, is refused."""

    __tablename__ = "parution"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    generation: int = Field(sa_column=Column(SmallInteger, nullable=False))
    faits: int = Field(sa_column=Column(BigInteger, nullable=False))


class _Objectif(RegistreTable):
    """``cible``: rate aimed at, 0 to 1, None: taken back. ``continuum``: −3 (let it fall) to 3 (raise it)."""

    session: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    academie: str = Field(sa_type=Text, primary_key=True)
    indicateur: str = Field(sa_type=Text, primary_key=True)
    serie: str = Field(sa_type=Text, primary_key=True)


class Objectif(_Objectif, table=True):
    """What an académie aims at."""

    __tablename__ = "objectif"

    version: int = Field(sa_column=Column(Integer, nullable=False))


class ObjectifHistoire(_Objectif, table=True):
    """Every target that it had."""

    __tablename__ = "objectif_histoire"

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))


for _objectif in (Objectif.__table__, ObjectifHistoire.__table__):  # type: ignore[attr-defined]
    _objectif.append_column(Column("cible", Float, nullable=True))
    _objectif.append_column(Column("continuum", SmallInteger, nullable=True))
    _objectif.append_column(Column("note", Text, nullable=False))
    _objectif.append_column(Column("auteur", Text, nullable=False))
    _objectif.append_column(Column("modifie_le", DateTime(timezone=True), nullable=False))
for _compte in COMPTES:
    Intention.__table__.append_column(Column(_compte, Integer, nullable=False))  # type: ignore[attr-defined]
for _table in (Cellule.__table__, Mouvement.__table__):  # type: ignore[attr-defined]
    for _colonne in COLONNES:
        _table.append_column(Column(_colonne, Integer, nullable=True))
