"""Deposited files, their progress, the lines of their compte rendu, what was rejected of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class Import(RegistreTable, table=True):
    """One deposited file. ``tentative`` fences: only the latest start of it may go on.

    ``etat``: DEPOSE, ANALYSE, PUBLICATION, TERMINE, REFUSE; ESSAI and A_CONFIRMER, which wait for somebody
    until ``expire_le`` with their file kept; ANNULE, EXPIRE. ``essai``: the next analysis writes nothing.
    ``questions``: what is asked; ``confirmes``: codes said yes to. ``total`` events, ``checkpoint`` of them
    published. ``version``: HORODATAGE of a SIECLE file, µs. ``rejeu_de``: the import whose rejects it replays.
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
    essai: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    confirmes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))
    rejeu_de: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    etat: str = Field(sa_column=Column(Text, nullable=False))
    questions: list[dict[str, Any]] | None = Field(sa_column=Column(JSONB, nullable=True))
    tentative: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    total: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    checkpoint: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    octets_lus: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    compte_rendu: dict[str, Any] | None = Field(sa_column=Column(JSONB, nullable=True))
    depose_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    phase_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    modifie_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    expire_le: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class ImportLigne(RegistreTable, table=True):
    """A line of a compte rendu; only those of the import's current ``tentative`` count.

    ``gravite``: of ``compte_rendu.Gravite``. ``ine`` masked. ``champs``: names of fields that changed.
    """

    __tablename__ = "import_ligne"
    __table_args__ = (Index("import_ligne_rang", "import_id", "tentative", "rang", "eleve_id"),)

    import_id: str = champ_cle(Uuid(as_uuid=False))
    tentative: int = champ_cle(Integer)
    numero: int = champ_cle(Integer)
    rang: int = Field(sa_column=Column(BigInteger, nullable=False))
    gravite: str = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    phrase: str = Field(sa_column=Column(Text, nullable=False))
    ine: str | None = Field(sa_column=Column(Text, nullable=True))
    eleve_siecle: str | None = Field(sa_column=Column(Text, nullable=True))
    eleve_id: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    champs: str | None = Field(sa_column=Column(Text, nullable=True))


class ImportRejet(RegistreTable, table=True):
    """A refused line that waits to be mended: nominative when ``brut`` is kept, for the operator only.

    ``etat``: A_TRAITER; REJEU while the import ``rejoue_par`` takes it again, as its line ``rejoue_rang``;
    REJOUE, REMPLACE (a later file of the same lycée), ABANDONNE: settled, ``brut`` and ``corrige`` erased.
    """

    __tablename__ = "import_rejet"
    __table_args__ = (
        Index("import_rejet_a_traiter", "session", "nature", postgresql_where=text("etat = 'A_TRAITER'")),
        Index("import_rejet_rejeu", "rejoue_par", postgresql_where=text("rejoue_par IS NOT NULL")),
    )

    import_id: str = champ_cle(Uuid(as_uuid=False))
    rang: int = champ_cle(BigInteger)
    session: int = Field(sa_column=Column(SmallInteger, nullable=False))
    nature: str = Field(sa_column=Column(Text, nullable=False))
    uai: str | None = Field(sa_column=Column(Text, nullable=True))
    code: str = Field(sa_column=Column(Text, nullable=False))
    phrase: str = Field(sa_column=Column(Text, nullable=False))
    ine: str | None = Field(sa_column=Column(Text, nullable=True))
    eleve_siecle: str | None = Field(sa_column=Column(Text, nullable=True))
    brut: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    corrige: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    etat: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'A_TRAITER'")))
    essais: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    rejoue_par: str | None = Field(sa_column=Column(Uuid(as_uuid=False), nullable=True))
    rejoue_rang: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    rejete_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    modifie_le: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
