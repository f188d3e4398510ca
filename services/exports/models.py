"""Tables of the service exports: the workbooks asked for in registre, the pupils in projection."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.db.lignes import colonnes
from shared.db.tables import REGISTRE

REGISTRE_TABLES = MetaData(schema=REGISTRE)
PROJECTION_TABLES = MetaData()


class ExportsRegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


class Export(ExportsRegistreTable, table=True):
    """One workbook. ``etat``: EN_COURS, PRET or ECHEC; ``pret_le`` to ``contenu`` are set with PRET.

    ``filtres``: what the list was narrowed by; ``classes``: the only ones that the asker sees, null for whole
    lycées; ``direction``: asked by the chef or an adjoint.
    """

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
    filtres: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    classes: list[str] | None = Field(sa_column=Column(ARRAY(Text), nullable=True))
    direction: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=true()))


ELEVE = Table(
    "eleve",
    PROJECTION_TABLES,
    Column("eleve_id", Uuid(as_uuid=False), primary_key=True),
    Column("etat", LargeBinary, nullable=True),
    *colonnes(),
    Index("eleve_lycee", "session", "uai"),
)
"""One pupil: the folded state, and the columns of lists, the same as in eleves."""
