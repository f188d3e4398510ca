"""Bulletins with their marks and appréciations, for the dossier alone: lists need only what the state keeps."""

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Table, Uuid

from services.eleves.models.base import PROJECTION_TABLES

BULLETIN = Table(
    "bulletin",
    PROJECTION_TABLES,
    Column("eleve_id", Uuid(as_uuid=False), primary_key=True),
    Column("annee", SmallInteger, primary_key=True, autoincrement=False),
    Column("periode", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("notes", LargeBinary, nullable=False),
)
"""``notes``: msgpack of the matières, as services.eleves.bulletins writes them."""
