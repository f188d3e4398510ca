"""A fresh, migrated database per test and service (template clone), a topic prefix, a session open."""

import base64
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.providers import Endpoints
from services.cli.registry import service
from shared.db import migrations
from shared.db.engine import create_engine
from shared.kafka.clients import admin
from shared.kafka.topics import open_session
from shared.observe.health import Health
from shared.service import Running, start
from shared.settings import Settings

SERVICE_TOKEN_KEY = "test-key-of-the-service-token-0123456789"
PARTITIONS = 4
_counter = itertools.count()


@dataclass
class World:
    """Where one test lives: its servers, its topic prefix, its databases, made when asked for."""

    servers: Endpoints
    prefix: str
    session: int = 2026
    overrides: dict[str, Any] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)

    async def settings(self, name: str, **overrides: Any) -> Settings:
        """Settings of service ``name`` in this world; its database is created at the first call."""
        if name not in self.databases:
            self.databases[name] = await _clone(self.servers.database_url, name)
        declared = service(name)
        return declared.settings(
            **{
                "kafka_bootstrap": self.servers.kafka_bootstrap,
                "database_url": self.databases[name],
                "redis_url": self.servers.redis_url,
                "topic_prefix": self.prefix,
                "session": self.session,
                "service_token_key": SERVICE_TOKEN_KEY,
                "batch_timeout_ms": 20,
                "session_timeout_ms": 10_000,
                **self.overrides,
                **overrides,
            }
        )

    async def engine(self, name: str) -> AsyncEngine:
        """A new engine on the database of ``name``; the caller disposes of it."""
        return create_engine(await self.settings(name))

    async def environment(self, name: str) -> dict[str, str]:
        """The same settings as environment variables, for a process of its own."""
        settings = await self.settings(name)
        return {
            **os.environ,
            "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "REDIS_URL": settings.redis_url.get_secret_value(),
            "TOPIC_PREFIX": settings.topic_prefix,
            "SESSION": str(settings.session),
            "SERVICE_TOKEN_KEY": SERVICE_TOKEN_KEY,
            "HMAC_KEYS": HMAC_KEYS,
            "BATCH_TIMEOUT_MS": "20",
            "SESSION_TIMEOUT_MS": "10000",
        }

    @asynccontextmanager
    async def running(self, name: str, **overrides: Any) -> AsyncIterator[Running]:
        """The service ``name`` at work in this process, without its HTTP port."""
        settings = await self.settings(name, **overrides)
        async with AsyncExitStack() as stack:
            yield await start(service(name), settings, Health(), stack)


HMAC_KEYS = "1:" + base64.b64encode(b"a-key-for-tests-only-32-bytes-lg").decode()


async def _clone(admin_url: str, name: str) -> str:
    """A database of its own from the migrated template of ``name``."""
    template = f"tpl_{name}_{os.getpid()}"
    database = f"t_{name}_{os.getpid()}_{next(_counter)}"
    connection = await asyncpg.connect(_plain(admin_url))
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", template)
        if not known:
            await connection.execute(f'CREATE DATABASE "{template}"')
            await _migrate(admin_url, template, name)
        await connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    finally:
        await connection.close()
    return _url(admin_url, database)


async def _migrate(admin_url: str, database: str, name: str) -> None:
    engine = create_engine(service(name).settings(database_url=_url(admin_url, database)))
    try:
        await migrations.upgrade(engine, name)
    finally:
        await engine.dispose()


def _url(admin_url: str, database: str) -> str:
    url = make_url(admin_url).set(drivername="postgresql", database=database)
    return url.render_as_string(hide_password=False)


def _plain(admin_url: str) -> str:
    return make_url(admin_url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
async def world(servers: Endpoints, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """One test's world, without topics: for what needs a database only."""
    monkeypatch.setenv("HMAC_KEYS", HMAC_KEYS)
    made = World(servers, prefix=f"t{uuid4().hex[:8]}.")
    yield made
    await _drop(servers.database_url, list(made.databases.values()))


async def _drop(admin_url: str, databases: list[str]) -> None:
    connection = await asyncpg.connect(_plain(admin_url))
    try:
        for url in databases:
            await connection.execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
    finally:
        await connection.close()


@pytest.fixture
async def opened(world: World) -> AsyncIterator[World]:
    """The same with the topics of its session, deleted afterwards: a broker has so many files and no more."""
    settings = await world.settings("indicators")
    await open_session(settings, PARTITIONS)
    yield world
    await _delete_topics(settings)


async def _delete_topics(settings: Settings) -> None:
    client = admin(settings)
    await client.start()
    try:
        names = [name for name in await client.list_topics() if name.startswith(settings.topic_prefix)]
        await client.delete_topics(names)
    finally:
        await client.close()
