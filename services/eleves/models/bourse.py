"""What a chef decides on bourses and enters on Cordées, with every state it had; and what he delegates."""

from datetime import date, datetime

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, SmallInteger, Text, Uuid
from sqlmodel import Field

from services.eleves.models.base import ElevesRegistreTable


class BourseDecidee(ElevesRegistreTable, table=True):
    """The decision that stands; ``etat`` null: undone. ``texte``: free, read in the lycée only."""

    __tablename__ = "bourse"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: str | None = Field(sa_column=Column(Text, nullable=True))
    echelon: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    piece_vue: bool = Field(sa_column=Column(Boolean, nullable=False))
    motif: str | None = Field(sa_column=Column(Text, nullable=True))
    texte: str | None = Field(sa_column=Column(Text, nullable=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class BourseHistorique(ElevesRegistreTable, table=True):
    """Every act on a bourse and what stood after it. ``evenement``: version of eleves.bourse.v1 that said it."""

    __tablename__ = "bourse_historique"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    acte: str = Field(sa_column=Column(Text, nullable=False))
    evenement: int | None = Field(sa_column=Column(Integer, nullable=True))
    etat: str | None = Field(sa_column=Column(Text, nullable=True))
    echelon: int | None = Field(sa_column=Column(SmallInteger, nullable=True))
    piece_vue: bool = Field(sa_column=Column(Boolean, nullable=False))
    motif: str | None = Field(sa_column=Column(Text, nullable=True))
    texte: str | None = Field(sa_column=Column(Text, nullable=True))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CordeesSaisie(ElevesRegistreTable, table=True):
    """The lycée's entry that stands; ``etat`` null: withdrawn, for ``motif``."""

    __tablename__ = "cordees"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    etat: str | None = Field(sa_column=Column(Text, nullable=True))
    dispositif: str | None = Field(sa_column=Column(Text, nullable=True))
    motif: str | None = Field(sa_column=Column(Text, nullable=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CordeesHistorique(ElevesRegistreTable, table=True):
    """Every entry and withdrawal. ``evenement``: version of eleves.cordees.v1 that said it."""

    __tablename__ = "cordees_historique"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    eleve_id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    acte: str = Field(sa_column=Column(Text, nullable=False))
    evenement: int | None = Field(sa_column=Column(Integer, nullable=True))
    etat: str | None = Field(sa_column=Column(Text, nullable=True))
    dispositif: str | None = Field(sa_column=Column(Text, nullable=True))
    motif: str | None = Field(sa_column=Column(Text, nullable=True))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class DelegationDonnee(ElevesRegistreTable, table=True):
    """The chef lets an adjoint act for him from ``debut`` to ``fin``, both included; withdrawn earlier, or not.

    ``adjoint``: his actor id, as the identity provider gives it; ``nom``: how the chef calls him.
    """

    __tablename__ = "delegation"
    __table_args__ = (Index("delegation_lycee", "session", "uai"),)

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    objet: str = Field(sa_column=Column(Text, nullable=False))
    adjoint: str = Field(sa_column=Column(Text, nullable=False))
    nom: str | None = Field(sa_column=Column(Text, nullable=True))
    debut: date = Field(sa_column=Column(Date, nullable=False))
    fin: date | None = Field(sa_column=Column(Date, nullable=True))
    donnee_par: str = Field(sa_column=Column(Text, nullable=False))
    donnee_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    retiree_par: str | None = Field(sa_column=Column(Text, nullable=True))
    retiree_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
