"""Tables of the service avenir: the avis and their history in registre, the pupils in projection."""

from datetime import datetime
from typing import Any

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
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.db.tables import NOT_COMPARED, REGISTRE

REGISTRE_TABLES = MetaData(schema=REGISTRE)
PROJECTION_TABLES = MetaData()


class AvenirRegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


class AvenirProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES


class Avis(AvenirRegistreTable, table=True):
    """What the chef says of a pupil for a cible; ``capacite`` null: erased. ``version`` from 1."""

    __tablename__ = "avis"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    cible: str = Field(sa_column=Column(Text, primary_key=True))
    formation_id: str | None = Field(sa_column=Column(Text, nullable=True))
    capacite: str | None = Field(sa_column=Column(Text, nullable=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    modifie_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AvisHistorique(AvenirRegistreTable, table=True):
    """Every state that an avis had: who, when, before, after. It is the audit of the command too."""

    __tablename__ = "avis_historique"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    cible: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    avant: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    apres: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))


class Reunion(AvenirRegistreTable, table=True):
    """``faite_le`` null: the avis written for ``perdant`` are still his (shared.reunions)."""

    __tablename__ = "reunion"
    __table_args__ = (Index("reunion_a_faire", "notee_le", postgresql_where="faite_le IS NULL"),)

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    perdant: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    survivant: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    notee_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    faite_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class AvisReuni(AvenirRegistreTable, table=True):
    """An avis written for ``origine`` that ``porteur`` has now; ``capacite`` set: he had another, and keeps it."""

    __tablename__ = "avis_reuni"
    __table_args__ = (Index("avis_reuni_porteur", "session", "porteur"),)

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    origine: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    cible: str = Field(sa_column=Column(Text, primary_key=True))
    porteur: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    capacite: str | None = Field(sa_column=Column(Text, nullable=True))


class Eleve(AvenirProjectionTable, table=True):
    """One pupil. ``cibles``: keys of his active vœux, the only ones an avis is written for.

    ``avis_rendus``: how many of them have one. ``fiche_version`` numbers the events of
    ``avenir.fiche.v1``; a rebuild carries it over.
    """

    __tablename__ = "eleve"
    __table_args__ = (Index("eleve_lycee", "session", "uai", "classe"),)

    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    session: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    classe: str | None = Field(sa_column=Column(Text, nullable=True))
    serie: str | None = Field(sa_column=Column(Text, nullable=True))
    cibles: list[str] | None = Field(sa_column=Column(ARRAY(Text), nullable=True))
    avis_rendus: int | None = Field(sa_column=Column(SmallInteger, nullable=True, info={NOT_COMPARED: True}))
    fiche_version: int | None = Field(sa_column=Column(Integer, nullable=True, info={NOT_COMPARED: True}))
