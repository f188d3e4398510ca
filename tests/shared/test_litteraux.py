"""Arrays written as text are the arrays that the driver would have sent."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from deploy.local.providers import Endpoints
from shared.db import litteraux

CAS = [
    ("bytea", litteraux.octets, [b"", None, b"\x00\xff", bytes(range(256)), b'\\"{},']),
    ("bigint", litteraux.nombres, [1, None, -5, 2**62]),
    ("date", litteraux.jours, [date(2025, 1, 2), None]),
    ("text", litteraux.bruts, ["I", None, "0750680G"]),
    ("text", litteraux.bruts, []),
]


@pytest.mark.parametrize(("type_", "ecrire", "valeurs"), CAS)
async def test_what_is_written_is_read_back(
    servers: Endpoints, type_: str, ecrire: Any, valeurs: list[Any]
) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        assert (
            await connection.fetchval(f"SELECT CAST(CAST($1 AS text) AS {type_}[])", ecrire(valeurs))
            == valeurs
        )
    finally:
        await connection.close()
