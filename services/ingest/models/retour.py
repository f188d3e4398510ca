"""The way back: what is to be sent to the platform, and what it acknowledged."""

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
    text,
)
from sqlmodel import Field, SQLModel

from services.ingest.models.base import PROJECTION_TABLES, RegistreTable, champ_cle
from shared.db.tables import NOT_COMPARED


class NumeroDossier(RegistreTable, table=True):
    """The numéro de dossier behind an alias, encrypted: the platform knows its candidates by it alone.

    ``empreinte``: that of the alias. ``cle``: version of the key of ``chiffre`` (nonce, then AES-GCM).
    """

    __tablename__ = "numero_dossier"
    __table_args__ = (Index("numero_dossier_cle", "session", "cle"),)

    session: int = champ_cle(SmallInteger)
    empreinte: bytes = champ_cle(LargeBinary)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    chiffre: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    vu_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class RetourTable(SQLModel):
    metadata = PROJECTION_TABLES


class Retour(RetourTable, table=True):
    """One object of one pupil: its highest version, and the highest version acknowledged.

    ``concerne``: some version of it is of those that are sent, so every later one is too. ``depuis``:
    when the version was recorded. ``curseur``: rank in the feed, given in the order of commits; null
    while there is nothing to send or nobody to send it for.
    """

    __tablename__ = "retour"
    __table_args__ = (
        Index("retour_curseur", "curseur", unique=True),
        Index("retour_non_accuse", "depuis", postgresql_where=text("curseur IS NOT NULL AND NOT acquitte")),
    )

    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    objet: str = champ_cle(Text)
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    contenu: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    concerne: bool = Field(sa_column=Column(Boolean, nullable=False))
    depuis: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    accuse_version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    accuse_sequence: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    resultat: str | None = Field(sa_column=Column(Text, nullable=True))
    acquitte: bool = Field(sa_column=Column(Boolean, nullable=False))
    curseur: int | None = Field(sa_column=Column(BigInteger, nullable=True, info={NOT_COMPARED: True}))


class Candidat(RetourTable, table=True):
    """A pupil who has a dossier on the platform; ``depuis``: when that was first recorded."""

    __tablename__ = "candidat"

    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    depuis: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class RetourCompteur(RetourTable, table=True):
    """One row: the last cursor given. Its lock, held until the commit, puts the commits in order."""

    __tablename__ = "retour_compteur"

    seul: bool = Field(default=True, sa_column=Column(Boolean, primary_key=True))
    dernier: int = Field(sa_column=Column(BigInteger, nullable=False, info={NOT_COMPARED: True}))
