"""``pilotage status``: every service, its readiness, lag, freshness, rejects and outbox, in a table."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.cli.registry import service, settings_of
from shared.db import generations, offsets
from shared.db.engine import create_engine
from shared.db.migrations import SERVICES
from shared.kafka.projection import Projection
from shared.kafka.rejected import RejectedLog
from shared.kafka.replay import LogReader
from shared.settings import Settings

console = Console()
_TIMEOUT_S = 3.0
_OUTBOX = text("SELECT count(*) FROM mechanism.outbox")


@dataclass
class Line:
    """What is shown of one service; ``reasons`` say what is wrong."""

    name: str
    ready: bool = False
    reasons: list[str] = field(default_factory=list)
    lag: int | None = None
    waiting_s: float | None = None
    rejects: int | None = None
    outbox: int | None = None


def status() -> None:
    """Services, lag per consumer, freshness, rejects. Exit code 1 when something is not ready."""
    lines = asyncio.run(_all())
    table = Table("service", "ready", "lag", "oldest waiting", "rejects", "outbox", "says")
    for line in lines:
        table.add_row(
            line.name,
            "[green]yes[/]" if line.ready else "[red]no[/]",
            _figure(line.lag),
            "—" if line.waiting_s is None else f"{line.waiting_s:.1f} s",
            _figure(line.rejects),
            _figure(line.outbox),
            "; ".join(line.reasons),
        )
    console.print(table)
    if not all(line.ready for line in lines):
        raise SystemExit(1)


def _figure(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


async def _all() -> list[Line]:
    return list(await asyncio.gather(*(_one(name) for name in SERVICES)))


async def _one(name: str) -> Line:
    line, declared, settings = Line(name), service(name), settings_of(name)
    await _probe(line, settings)
    engine = create_engine(settings)
    try:
        async with engine.connect() as connection:
            line.outbox = (await connection.execute(_OUTBOX)).scalar_one()
        if declared.projection:
            await _consumer(line, settings, engine, declared.projection(settings))
    except Exception as error:  # noqa: BLE001 - a status shows what it can
        line.reasons.append(f"not measured: {type(error).__name__}")
    finally:
        await engine.dispose()
    return line


async def _probe(line: Line, settings: Settings) -> None:
    url = f"http://{settings.http_host}:{settings.http_port}/health/ready"
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
            answer = await client.get(url)
        line.ready = answer.status_code == httpx.codes.OK
        line.reasons += answer.json().get("reasons", [])
    except (httpx.HTTPError, ValueError):
        line.reasons.append(f"does not answer on port {settings.http_port}")


async def _consumer(line: Line, settings: Settings, engine: AsyncEngine, projection: Projection) -> None:
    line.rejects = len(await RejectedLog(settings, engine, projection).pending())
    async with engine.connect() as connection:
        stored = await offsets.vector(connection, await generations.current(connection))
    async with LogReader(settings, projection.topics, {settings.session}) as reader:
        line.lag, oldest = await reader.lag(stored)
    if oldest:
        line.waiting_s = (datetime.now(UTC) - datetime.fromisoformat(oldest)).total_seconds()
