"""One set of servers per run, through the provider chain; started when the first test asks for it."""

from collections.abc import Iterator

import pytest

from deploy.local.layout import Layout, home
from deploy.local.locks import claim
from deploy.local.providers import Endpoints, Plan, provided

SLOTS = 16


@pytest.fixture(scope="session")
def servers() -> Iterator[Endpoints]:
    """Addresses, and `servers.embedded["kafka" | "postgres" | "valkey"]` with start, stop and kill for faults.

    Two runs at the same time take two folders; what a killed run left in a folder is stopped and deleted.
    """
    for slot in range(SLOTS):
        folder = home() / "tests" / f"run-{slot}"
        if (lock := claim(folder)) is not None:
            break
    else:
        pytest.fail(f"{SLOTS} test runs hold their servers at the same time: wait for one of them")
    with lock, provided(Plan(Layout(folder / "servers"), durable=False, disposable=True)) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def kafka_bootstrap(servers: Endpoints) -> str:
    return servers.kafka_bootstrap


@pytest.fixture(scope="session")
def admin_database_url(servers: Endpoints) -> str:
    """URL of a superuser on the database `postgres`; make databases of your own from it."""
    return servers.database_url


@pytest.fixture(scope="session")
def redis_url(servers: Endpoints) -> str:
    return servers.redis_url
