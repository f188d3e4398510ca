"""What each lycée says of a pupil, and what was last published of him."""

from datetime import date

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Text, Uuid
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class EleveConnu(RegistreTable, table=True):
    """What was last published of a pupil, so that only differences become events.

    ``uai``: the lycée of the effective scolarité. ``import_id``: who published last.
    """

    __tablename__ = "eleve_connu"

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    identite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    identite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    scolarite: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    scolarite_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    import_id: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))


class Scolarite(RegistreTable, table=True):
    """A pupil as one lycée last told him: the content of ``EleveRemonte`` without id and version."""

    __tablename__ = "scolarite"
    __table_args__ = (Index("scolarite_lycee", "session", "uai"),)

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    uai: str = champ_cle(Text)
    date_entree: date | None = Field(default=None, nullable=True)
    date_sortie: date | None = Field(default=None, nullable=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
