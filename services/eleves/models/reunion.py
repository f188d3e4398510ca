"""Pupils who turned out to be others, and what became of what was typed for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index, Integer, SmallInteger, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.eleves.models.base import ElevesRegistreTable


class Reunion(ElevesRegistreTable, table=True):
    """``faite_le`` null: what was typed is still where it was (shared.reunions)."""

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


class ReunionLigne(ElevesRegistreTable, table=True):
    """One thing typed for ``origine``, which ``porteur`` has or should have now.

    ``objet``: BOURSE, CORDEES, ACTION, NOTE; ``cle``: id of the action or note, else empty. ``etat``: DEPLACEE, CONFLIT
    (both had one: ``contenu`` is what ``origine`` had), MEME (both had the same), REGLEE (somebody looked).
    """

    __tablename__ = "reunion_ligne"
    __table_args__ = (Index("reunion_ligne_porteur", "session", "porteur"),)

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    origine: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    objet: str = Field(sa_column=Column(Text, primary_key=True))
    cle: str = Field(sa_column=Column(Text, primary_key=True))
    porteur: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    contenu: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))
    reglee_par: str | None = Field(sa_column=Column(Text, nullable=True))
    reglee_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
