"""Names that sources give to a pupil."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Text, Uuid
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class Alias(RegistreTable, table=True):
    """A name that a source gives to a pupil, as a keyed HMAC. ``eleve_id`` null: erased, never minted anew.

    ``nature``: I (INE), E (UAI and ELEVE_ID), D (numéro de dossier). ``cle``: version of the key.
    """

    __tablename__ = "alias"
    __table_args__ = (Index("alias_eleve", "session", "eleve_id"),)

    session: int = champ_cle(SmallInteger)
    empreinte: bytes = champ_cle(LargeBinary)
    cle: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    eleve_id: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
