"""What is said of a session and of its lycées, not pupil by pupil: see ``services.eleves.referentiels``."""

from typing import Any

from sqlalchemy import BigInteger, Column, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.eleves.models.base import ElevesProjectionTable


class Referentiel(ElevesProjectionTable, table=True):
    """The last state of a subject. ``cle``: the step of the calendar, ``session``, or the UAI."""

    __tablename__ = "referentiel"

    session: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    sujet: str = Field(sa_column=Column(Text, primary_key=True))
    cle: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
