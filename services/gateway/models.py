"""The gateway keeps no table of its own: audit events leave by the outbox, sessions live in Valkey."""

from sqlalchemy import MetaData

REGISTRE_TABLES = MetaData(schema="registre")
PROJECTION_TABLES = MetaData()
