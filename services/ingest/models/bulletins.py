"""What was last published of each bulletin, the classes that were graded, the teachers."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Text, Uuid
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class Bulletin(RegistreTable, table=True):
    """One bulletin of one pupil, without marks nor appréciations: what the récapitulatif needs.

    ``annee``: end of the school year. ``empreinte``: of what was published; null: to be published
    again. ``resume``: JSON of ``Resume``. ``absent_depuis``: the class's period was sent again without
    this pupil. ``import_id``: who published last.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        Index("bulletin_lycee", "session", "uai", "annee", "periode"),
        Index("bulletin_import", "import_id"),
    )

    session: int = champ_cle(SmallInteger)
    eleve_id: str = champ_cle(Uuid(as_uuid=False))
    annee: int = champ_cle(SmallInteger)
    periode: int = champ_cle(SmallInteger)
    uai: str = Field(sa_column=Column(Text, nullable=False))
    classe: str = Field(sa_column=Column(Text, nullable=False))
    decoupage: int = Field(sa_column=Column(SmallInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    empreinte: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    import_id: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    absent_depuis: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    resume: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ClasseNotee(RegistreTable, table=True):
    """A terminale class as the gradebook names it. ``decoupage``: 2 semestres or 3 trimestres."""

    __tablename__ = "classe_notee"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    classe: str = champ_cle(Text)
    decoupage: int = Field(sa_column=Column(SmallInteger, nullable=False))


class Enseignants(RegistreTable, table=True):
    """The teachers of a lycée and their services as last published. ``contenu``: JSON, nominative."""

    __tablename__ = "enseignants"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    empreinte: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    import_id: str = Field(sa_column=Column(Uuid(as_uuid=False), nullable=False))
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
