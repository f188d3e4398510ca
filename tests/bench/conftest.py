"""A bench has servers of its own, durable as in production (fsync on), whatever the environment names."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.layout import Layout, home
from deploy.local.providers import Endpoints, Plan, provided
from shared.kafka.topics import open_session
from tests.kit.services import World, _delete_topics

PARTITIONS = int(os.environ.get("BENCH_PARTITIONS", "24"))
"""What the operator's guide gives a nation."""


@pytest.fixture(scope="session")
def servers() -> Iterator[Endpoints]:
    plan = Plan(Layout(home() / "tests" / "bench"), durable=True, disposable=True)
    with provided(plan, environ={}) as endpoints:
        yield endpoints


@pytest.fixture
async def opened(world: World) -> AsyncIterator[World]:
    settings = await world.settings("indicators")
    await open_session(settings, PARTITIONS)
    yield world
    await _delete_topics(settings)
