"""A lycée's own settings: the values typed here, one row by fiche, and every state that they had."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.eleves.models.base import ElevesRegistreTable


class Fiche(ElevesRegistreTable, table=True):
    """``champs``: local values by field, as ``services.eleves.etablissement.domain.Locale``."""

    __tablename__ = "etablissement_fiche"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    uai: str = Field(sa_column=Column(Text, primary_key=True))
    objet: str = Field(sa_column=Column(Text, primary_key=True))
    classe: str = Field(sa_column=Column(Text, primary_key=True))
    detail: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    champs: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class FicheHistorique(ElevesRegistreTable, table=True):
    """One change of one fiche: the local values before and after."""

    __tablename__ = "etablissement_historique"
    __table_args__ = (Index("etablissement_historique_lycee", "session", "uai", "id"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    uai: str = Field(sa_column=Column(Text, nullable=False))
    objet: str = Field(sa_column=Column(Text, nullable=False))
    classe: str = Field(sa_column=Column(Text, nullable=False))
    detail: str = Field(sa_column=Column(Text, nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    avant: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    apres: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    auteur: str = Field(sa_column=Column(Text, nullable=False))
    par: str = Field(sa_column=Column(Text, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
