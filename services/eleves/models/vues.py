"""What a person keeps of lists: views under a name, and whom he saw in each at his last visits."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, Integer, SmallInteger, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.eleves.models.base import ElevesRegistreTable


class Vue(ElevesRegistreTable, table=True):
    """A list, its filters and order (``tri`` null: by urgency). ``filtres`` never hold a pupil's name."""

    __tablename__ = "vue"
    __table_args__ = (Index("vue_nom", "session", "acteur", "uai", func.lower(Column("nom")), unique=True),)

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    acteur: str = Field(sa_column=Column(Text, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    nom: str = Field(sa_column=Column(Text, nullable=False))
    liste: str = Field(sa_column=Column(Text, nullable=False))
    filtres: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    tri: str | None = Field(sa_column=Column(Text, nullable=True))
    descendant: bool = Field(sa_column=Column(Boolean, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    cree_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    modifie_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Visite(ElevesRegistreTable, table=True):
    """``vus``: who was in the list at ``le``, his last look; ``reference``: at the end of the visit before."""

    __tablename__ = "visite"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    acteur: str = Field(sa_column=Column(Text, primary_key=True))
    uai: str = Field(sa_column=Column(Text, primary_key=True))
    liste: str = Field(sa_column=Column(Text, primary_key=True))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    vus: list[str] = Field(sa_column=Column(ARRAY(Uuid(as_uuid=False)), nullable=False))
    reference_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reference: list[str] = Field(sa_column=Column(ARRAY(Uuid(as_uuid=False)), nullable=False))
