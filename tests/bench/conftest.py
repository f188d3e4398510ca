"""A bench has servers of its own, durable as in production (fsync on), whatever the environment names."""

from collections.abc import Iterator

import pytest

from deploy.local.layout import Layout, home
from deploy.local.providers import Endpoints, Plan, provided


@pytest.fixture(scope="session")
def servers() -> Iterator[Endpoints]:
    plan = Plan(Layout(home() / "tests" / "bench"), durable=True, disposable=True)
    with provided(plan, environ={}) as endpoints:
        yield endpoints
