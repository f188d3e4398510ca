"""Row by row, what differs between two copies of the projection tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Row, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import COUNTS, NOT_COMPARED, projection_schema


@dataclass(frozen=True)
class Difference:
    """One row. ``values``: by column (expected, found); empty when they may not be shown.

    ``kind``: missing (expected, not found), unexpected (found, not expected) or other.
    """

    table: str
    key: Mapping[str, Any]
    kind: str
    columns: Sequence[str]
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def compared(tables: Sequence[Table]) -> list[Table]:
    return [table for table in tables if not table.info.get(NOT_COMPARED)]


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if not column.info.get(NOT_COMPARED)]


async def copy(connection: AsyncConnection, table: Table, source: int, into: int) -> None:
    """What is compared of a table, without its indexes."""
    columns = ", ".join(column.name for column in _columns(table))
    await connection.execute(
        text(
            f"CREATE UNLOGGED TABLE {projection_schema(into)}.{table.name} AS"
            f" SELECT {columns} FROM {projection_schema(source)}.{table.name}"
        )
    )


async def count(connection: AsyncConnection, table: Table, found: int, expected: int) -> int:
    """Rows that differ: missing, unexpected or other."""
    requete = text(f"SELECT count(*) {_joined(table, found, expected)}")
    return int((await connection.execute(requete)).scalar_one())


async def examples(
    connection: AsyncConnection, table: Table, found: int, expected: int, *, most: int
) -> list[Difference]:
    """The first ``most`` of them, by key."""
    keys = ", ".join(f"coalesce(f.{c.name}, e.{c.name}) AS k_{c.name}" for c in table.primary_key)
    pairs = ", ".join(f"f.{c.name} AS f_{c.name}, e.{c.name} AS e_{c.name}" for c in _columns(table))
    order = ", ".join(f"k_{column.name}" for column in table.primary_key)
    requete = text(
        f"SELECT f.ctid IS NULL AS missing, e.ctid IS NULL AS unexpected, {keys}, {pairs}"
        f" {_joined(table, found, expected)} ORDER BY {order} LIMIT {most}"
    )
    return [_difference(table, row) for row in (await connection.execute(requete)).all()]


def _joined(table: Table, found: int, expected: int) -> str:
    key = " AND ".join(f"f.{column.name} = e.{column.name}" for column in table.primary_key)
    f, e = (", ".join(f"{alias}.{column.name}" for column in _columns(table)) for alias in "fe")
    return (
        f"FROM {projection_schema(found)}.{table.name} f"
        f" FULL JOIN {projection_schema(expected)}.{table.name} e ON {key}"
        f" WHERE f.ctid IS NULL OR e.ctid IS NULL OR ({f}) IS DISTINCT FROM ({e})"
    )


def _difference(table: Table, row: Row[Any]) -> Difference:
    values = row._asdict()
    kind = "missing" if row.missing else "unexpected" if row.unexpected else "other"
    key = {column.name: values[f"k_{column.name}"] for column in table.primary_key}
    pairs = {c.name: (values[f"e_{c.name}"], values[f"f_{c.name}"]) for c in _columns(table)}
    differing = {name: pair for name, pair in pairs.items() if name not in key and pair[0] != pair[1]}
    return Difference(table.name, key, kind, list(differing), differing if table.info.get(COUNTS) else {})
