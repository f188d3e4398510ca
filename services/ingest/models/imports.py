"""Deposited files and their progress."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.ingest.models.base import RegistreTable


class Import(RegistreTable, table=True):
    """One deposited file. ``tentative`` fences: only the latest start of it may go on.

    ``etat``: DEPOSE, ANALYSE, PUBLICATION, TERMINE, REFUSE. ``total`` events, ``checkpoint`` of them
    published. ``version``: HORODATAGE of a SIECLE file, µs.
    """

    __tablename__ = "import"
    __table_args__ = (
        Index("import_ordre", "session", "nature", "depose_le"),
        Index("import_lycee", "session", "uai", "depose_le"),
    )

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    nom_fichier: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(sa_column=Column(Text, nullable=False))
    octets: int = Field(sa_column=Column(BigInteger, nullable=False))
    demandeur: str = Field(sa_column=Column(Text, nullable=False))
    confirme: bool = Field(sa_column=Column(Boolean, nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    tentative: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    total: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    checkpoint: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    compte_rendu: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    depose_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    modifie_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
