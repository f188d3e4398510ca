"""What every service is made of: one HTTP app, one database, maybe a projection, a relay, jobs.

A service's ``app.py`` declares a :class:`Service`; :func:`create_app` wires it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import memory
from shared.db.engine import create_engine
from shared.http.errors import install_error_handlers
from shared.http.probes import install_metrics, probes
from shared.kafka.clients import connection
from shared.kafka.consumer import Consumer
from shared.kafka.projection import Projection, abonnements
from shared.kafka.relay import Relay
from shared.kafka.watch import subscribe, watch
from shared.observe.health import Health
from shared.observe.logs import configure_logs
from shared.observe.traces import configure_traces
from shared.settings import Settings

_log = structlog.get_logger()
_STOP_BUDGET_S = 2.0
"""For each client and each background task: a stop takes less than ten seconds in all."""
Job = Callable[["Running"], Awaitable[None]]


@dataclass
class Running:
    """The parts of a service while it runs; ``app.state.running`` for HTTP handlers.

    ``consumer``: the pupils' one, when the service folds them.
    """

    settings: Any
    engine: AsyncEngine
    health: Health
    consumer: Consumer | None = None
    relay: Relay | None = None
    resources: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Service:
    """Declaration of a service. ``jobs`` are coroutines that run as long as it does.

    ``follows``: whether this replica runs the projection; all do unless their settings say otherwise.
    ``configure`` adds to the app what routers cannot: middleware, static files, error pages.
    """

    name: str
    title: str
    settings: Callable[[], Settings]
    routers: Sequence[APIRouter] = ()
    projection: Callable[[Any], Projection] | None = None
    follows: Callable[[Any], bool] = lambda _: True
    publishes: bool = False
    jobs: Sequence[Job] = ()
    resources: Callable[[Running, AsyncExitStack], Awaitable[None]] | None = None
    configure: Callable[[FastAPI, Any], None] | None = None


def create_app(service: Service) -> FastAPI:
    """Build the app; everything starts in its lifespan and stops within ten seconds."""
    settings = service.settings()
    configure_logs(service.name, settings.log_level)
    health = Health()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.running = await start(service, settings, health, stack)
            memory.tune()
            _log.info("started", port=settings.http_port)
            yield
            _log.info("stopping")

    app = FastAPI(title=service.title, version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(probes(health))
    for router in service.routers:
        app.include_router(router)
    install_error_handlers(app)
    install_metrics(app, service.name)
    if service.configure:
        service.configure(app, settings)
    configure_traces(app, settings)
    return app


async def start(service: Service, settings: Settings, health: Health, stack: AsyncExitStack) -> Running:
    """Start the parts in order; ``stack`` stops them in the reverse order."""
    engine = create_engine(settings)
    stack.push_async_callback(engine.dispose)
    running = Running(settings, engine, health)
    if service.resources:
        await service.resources(running, stack)
    if service.publishes or service.projection:
        running.relay = Relay(settings, engine, health)
        _background(running, stack, running.relay.run(), "relay")
    if service.projection and service.follows(settings):
        _start_consumers(service.projection(settings), running, stack)
    for job in service.jobs:
        _background(running, stack, job(running), getattr(job, "__name__", "job"))
    return running


def _start_consumers(projection: Projection, running: Running, stack: AsyncExitStack) -> None:
    """One for each subscriber that the projection's topics need; each says its own troubles."""
    for nom in abonnements(projection.topics):
        settings, health = running.settings, running.health.part(nom)
        broker = KafkaBroker(
            **connection(settings), allow_auto_create_topics=False, apply_types=False, logger=None
        )
        consumer = Consumer(settings, broker, running.engine, projection, health, nom=nom)
        running.consumer = running.consumer or consumer
        health.red("assignment", "no partition is assigned yet")
        stack.push_async_callback(_within_budget, broker.stop)
        stack.push_async_callback(consumer.stop)
        consumer.start()
        _background(running, stack, subscribe(consumer, broker, health), f"{nom}subscription")
        _background(running, stack, watch(consumer, health), f"{nom}watch")


async def _within_budget(stop: Callable[[], Awaitable[None]]) -> None:
    """A client says goodbye to its broker; one that is gone must not hold the process back."""
    try:
        await asyncio.wait_for(stop(), _STOP_BUDGET_S)
    except TimeoutError:
        _log.warning("the broker did not take leave in time")


def _background(running: Running, stack: AsyncExitStack, coroutine: Awaitable[None], name: str) -> None:
    task = asyncio.ensure_future(coroutine)

    async def cancel() -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=_STOP_BUDGET_S)

    task.add_done_callback(lambda done: _report(running.health, done, name))
    stack.push_async_callback(cancel)


def _report(health: Health, task: "asyncio.Future[None]", name: str) -> None:
    if not task.cancelled() and task.exception() is not None:
        health.red(name, f"the background task {name} died; see the log and restart")
        _log.error("background task died", task=name, error=type(task.exception()).__name__)
