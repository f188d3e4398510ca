"""What the tables of ingest are made of."""

from typing import Any

from sqlalchemy import Column, MetaData
from sqlmodel import Field, SQLModel

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()


class RegistreTable(SQLModel):
    metadata = REGISTRE_TABLES


def champ_cle(type_: Any) -> Any:
    return Field(sa_column=Column(type_, primary_key=True, autoincrement=False))
