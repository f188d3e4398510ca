"""What lycées say of themselves: structures, tables, and the last file of each kind."""

from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.ingest.models.base import RegistreTable, champ_cle


class FichierLycee(RegistreTable, table=True):
    """The last file of a kind that a lycée sent. ``empreinte``: hash of what it said, not of its bytes."""

    __tablename__ = "fichier_lycee"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    genre: str = champ_cle(Text)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    empreinte: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Structure(RegistreTable, table=True):
    """A division (D) or a groupe (G). ``mefs``, ``divisions``: lists of codes."""

    __tablename__ = "structure"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    genre: str = champ_cle(Text)
    code: str = champ_cle(Text)
    libelle: str | None = Field(sa_column=Column(Text, nullable=True))
    contrat: str | None = Field(sa_column=Column(Text, nullable=True))
    mefs: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    divisions: list[str] = Field(sa_column=Column(JSONB, nullable=False))


class Nomenclature(RegistreTable, table=True):
    """A row of a lycée's own tables. ``rattachement``: the national code of an academic one, or empty.

    ``liste``: MEF, MATIERE, BOURSE, REGIME, ETABLISSEMENT, PERIODE, LYCEE.
    """

    __tablename__ = "nomenclature"

    session: int = champ_cle(SmallInteger)
    uai: str = champ_cle(Text)
    liste: str = champ_cle(Text)
    code: str = champ_cle(Text)
    libelle: str = Field(sa_column=Column(Text, nullable=False))
    rattachement: str = Field(sa_column=Column(Text, nullable=False))
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
