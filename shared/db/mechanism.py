"""The mechanism's tables as the first revision of every service creates them.

A change of the mechanism is a new function here, and a new revision of every service that calls it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def create_mechanism() -> None:
    op.create_table(
        "clock",
        sa.Column("seul", sa.Boolean(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seul"),
        schema="mechanism",
    )
    op.create_table(
        "consumer_offset",
        sa.Column("generation", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "topic", "part"),
        schema="mechanism",
    )
    op.create_table(
        "generation",
        sa.Column("seul", sa.Boolean(), nullable=False),
        sa.Column("courante", sa.SmallInteger(), nullable=False),
        sa.Column("derniere", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seul"),
        schema="mechanism",
    )
    op.create_table(
        "idempotency",
        sa.Column("acteur", sa.Text(), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("reponse", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("acteur", "cle"),
        schema="mechanism",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("aggregatetype", sa.Text(), nullable=False),
        sa.Column("aggregateid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="mechanism",
    )
    op.create_table(
        "outbox_aside",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column(
            "put_aside_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="mechanism",
    )


def drop_mechanism() -> None:
    op.drop_table("outbox_aside", schema="mechanism")
    op.drop_table("outbox", schema="mechanism")
    op.drop_table("idempotency", schema="mechanism")
    op.drop_table("generation", schema="mechanism")
    op.drop_table("consumer_offset", schema="mechanism")
    op.drop_table("clock", schema="mechanism")
