"""Metadata and bases of the tables of the service eleves."""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from shared.db.tables import REGISTRE

REGISTRE_TABLES = MetaData(schema=REGISTRE)
PROJECTION_TABLES = MetaData()


class ElevesRegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


class ElevesProjectionTable(SQLModel):
    metadata = PROJECTION_TABLES
