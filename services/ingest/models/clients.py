"""Machines that may call, and the uploads that they send piece by piece."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    func,
)
from sqlmodel import Field

from services.ingest.models.base import RegistreTable


class ClientMachine(RegistreTable, table=True):
    """A credential. ``empreinte``: SHA-256 of ``sel`` and a random secret of 256 bits, shown once.

    ``genre``: LOGICIEL (of the lycée ``uai``) or PLATEFORME. Rows are never deleted: they say who
    created and who revoked.
    """

    __tablename__ = "client_machine"
    __table_args__ = (Index("client_machine_lycee", "uai"),)

    id: str = Field(sa_column=Column(Text, primary_key=True))
    genre: str = Field(sa_column=Column(Text, nullable=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    nom: str = Field(sa_column=Column(Text, nullable=False))
    sel: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    empreinte: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    cree_par: str = Field(sa_column=Column(Text, nullable=False))
    cree_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    expire_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoque_par: str | None = Field(sa_column=Column(Text, nullable=True))
    revoque_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    utilise_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class Televersement(RegistreTable, table=True):
    """A file that comes in pieces. ``recus``: bytes on disk for good, never more than what was fsynced.

    ``etat``: EN_COURS, RECU (it became the import of the same id), ANNULE, EXPIRE.
    """

    __tablename__ = "televersement"
    __table_args__ = (Index("televersement_ouvert", "demandeur", "etat"),)

    id: str = Field(sa_column=Column(Uuid(as_uuid=False), primary_key=True))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    nom_fichier: str = Field(sa_column=Column(Text, nullable=False))
    octets: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str = Field(sa_column=Column(Text, nullable=False))
    confirme: bool = Field(sa_column=Column(Boolean, nullable=False))
    demandeur: str = Field(sa_column=Column(Text, nullable=False))
    recus: int = Field(sa_column=Column(BigInteger, nullable=False))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    ouvert_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    expire_le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
