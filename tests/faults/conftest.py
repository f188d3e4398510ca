"""Servers of a test's own, where it stops them; the rest of the run keeps the shared ones."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.layout import Layout
from deploy.local.providers import Endpoints, Plan, provided
from shared.kafka.topics import open_session
from tests.kit.services import HMAC_KEYS, PARTITIONS, World


@pytest.fixture
def own_postgres(servers: Endpoints, tmp_path: Path) -> Iterator[Endpoints]:
    """The run's broker and cache, and a PostgreSQL that this test may stop."""
    environ = {"KAFKA_BOOTSTRAP": servers.kafka_bootstrap, "REDIS_URL": servers.redis_url}
    with provided(Plan(Layout(tmp_path / "servers"), durable=False, disposable=True), environ) as endpoints:
        yield endpoints


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Endpoints]:
    """A broker, a PostgreSQL and a cache that this test may stop, kill and start again."""
    with provided(Plan(Layout(tmp_path / "servers"), durable=True, disposable=True), {}) as endpoints:
        yield endpoints


async def opened_on(endpoints: Endpoints) -> World:
    world = World(endpoints, prefix=f"t{uuid4().hex[:8]}.")
    await open_session(await world.settings("indicators"), PARTITIONS)
    return world


@pytest.fixture
async def on_own_postgres(own_postgres: Endpoints, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HMAC_KEYS", HMAC_KEYS)
    return await opened_on(own_postgres)


@pytest.fixture
async def on_own_servers(own_servers: Endpoints, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HMAC_KEYS", HMAC_KEYS)
    return await opened_on(own_servers)
