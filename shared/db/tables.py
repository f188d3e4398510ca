"""Schemas and the mechanism's own tables, the same in every service's database.

``registre``: what people typed or ingest accepted, written by commands, backed up, never rebuilt.
``projection_<n>``: written by consumers only, rebuildable; ``n`` is the generation.
``mechanism``: offsets, outbox, clock and pointers.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

REGISTRE = "registre"
MECHANISM = "mechanism"
NOT_COMPARED = "not_compared"
"""Key of ``Column.info`` or ``Table.info`` for what is not a function of the log alone, such as an event's version."""
COUNTS = "counts"
"""Key of ``Table.info`` where rows are about nobody: what differs in one may be printed, value by value."""


def projection_schema(generation: int) -> str:
    return f"projection_{generation}"


class MechanismTable(SQLModel):
    """Base of the tables below: their own metadata, so that a service adds its tables beside it."""

    metadata = MetaData(schema=MECHANISM)


class Generation(MechanismTable, table=True):
    """One row: the generation that every flush and query reads."""

    __tablename__ = "generation"
    seul: bool = Field(default=True, primary_key=True)
    courante: int = Field(sa_column=Column(SmallInteger, nullable=False))
    derniere: int = Field(sa_column=Column(SmallInteger, nullable=False))


class ConsumerOffset(MechanismTable, table=True):
    """Where a generation stands in one partition. ``epoch`` is bumped by each new owner.

    Generation 0 holds the replay pointers of the rejects topics.
    """

    __tablename__ = "consumer_offset"
    generation: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    topic: str = Field(sa_column=Column(Text, primary_key=True))
    part: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    next_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    epoch: int = Field(sa_column=Column(BigInteger, nullable=False))


class OutboxRow(MechanismTable, table=True):
    """An event waiting for the relay; column names are those of the Debezium outbox router."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    event_id: str = Field(sa_column=Column(Text, nullable=False))
    aggregatetype: str = Field(sa_column=Column(Text, nullable=False))
    aggregateid: str = Field(sa_column=Column(Text, nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    time: str = Field(sa_column=Column(Text, nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    payload: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    headers: dict[str, str] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))


class OutboxAside(MechanismTable, table=True):
    """What the broker would never take (too large): kept for an operator, with an alarm."""

    __tablename__ = "outbox_aside"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    topic: str = Field(sa_column=Column(Text, nullable=False))
    cle: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    payload: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    put_aside_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


class Clock(MechanismTable, table=True):
    """One row: the last ``recordedtime`` given, in µs. Its lock serialises the publishers."""

    __tablename__ = "clock"
    seul: bool = Field(default=True, primary_key=True)
    last_us: int = Field(sa_column=Column(BigInteger, nullable=False))


class Idempotency(MechanismTable, table=True):
    """Answer already given to a command's idempotency key, by caller."""

    __tablename__ = "idempotency"
    acteur: str = Field(sa_column=Column(Text, primary_key=True))
    cle: str = Field(sa_column=Column(Text, primary_key=True))
    empreinte: str = Field(sa_column=Column(Text, nullable=False))
    reponse: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    le: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))
