"""Facts of the feed that wait for their pupil, dossiers out of scope."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Text, Uuid, func, text
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class Parking(RegistreTable, table=True):
    """A fact whose pupil is not known yet, by numéro de dossier and, for a dossier, by INE (HMAC both).

    ``fait``: the fact without name, birth date, INE and comment. ``libere_par``: the import that took
    it out; the row goes when that import is done. ``cle``: version of the key of both HMAC.
    """

    __tablename__ = "parking"
    __table_args__ = (
        Index("parking_ine", "session", "ine", postgresql_where=text("ine IS NOT NULL")),
        Index("parking_libere", "libere_par", postgresql_where=text("libere_par IS NOT NULL")),
    )

    session: int = champ_cle(SmallInteger)
    dossier: bytes = champ_cle(LargeBinary)
    sujet: str = champ_cle(Text)
    sequence: int = champ_cle(BigInteger)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    ine: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    fait: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    libere_par: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    depose_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class HorsPerimetre(RegistreTable, table=True):
    """A dossier whose profil is not TERMINALE: its facts are dropped and counted."""

    __tablename__ = "hors_perimetre"

    session: int = champ_cle(SmallInteger)
    dossier: bytes = champ_cle(LargeBinary)
