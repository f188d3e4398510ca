"""The one place that decides where broker, database and cache come from.

Each of the three separately: the environment (KAFKA_BOOTSTRAP, DATABASE_URL, REDIS_URL), then testcontainers when
PILOTAGE_TESTCONTAINERS=1 asks for it and Docker answers, then the embedded server.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field

from deploy.local import jars
from deploy.local.containers import containers_wanted, kafka_container, postgres_container, valkey_container
from deploy.local.kafka import KafkaServer
from deploy.local.layout import Layout, cache
from deploy.local.postgres import PostgresServer
from deploy.local.processes import stop_leftovers
from deploy.local.server import EmbeddedServer
from deploy.local.valkey import ValkeyServer

STOP_ORDER = ("kafka", "postgres", "valkey")
Report = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True)
class Ports:
    """Ports of embedded servers; 0 takes a free one."""

    kafka: int = 0
    postgres: int = 0
    valkey: int = 0


@dataclass(frozen=True)
class Plan:
    """Where embedded servers live, whether their data must survive a power cut, or not even the run."""

    layout: Layout
    ports: Ports = field(default_factory=Ports)
    durable: bool = True
    disposable: bool = False

    def forget(self) -> None:
        """Delete the folder, and the data of PostgreSQL where it lies elsewhere."""
        PostgresServer(self.layout, 1).forget()
        shutil.rmtree(self.layout.folder, ignore_errors=True)


@dataclass(frozen=True)
class Endpoints:
    """The three addresses, and the embedded servers among them by name (for faults and for restarts)."""

    kafka_bootstrap: str
    database_url: str
    redis_url: str
    embedded: Mapping[str, EmbeddedServer] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The variables by which services are told."""
        return {
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
        }


@contextmanager
def provided(
    plan: Plan, environ: Mapping[str, str] | None = None, report: Report = nullcontext
) -> Iterator[Endpoints]:
    """Start what the environment does not name, yield the addresses, stop in order: Kafka, PostgreSQL, Valkey."""
    known = os.environ if environ is None else environ
    stop_leftovers(plan.layout.pids, STOP_ORDER)
    embedded: dict[str, EmbeddedServer] = {}
    with ExitStack() as stack:
        if plan.disposable:
            plan.forget()
            stack.callback(plan.forget)
        plan.layout.create()
        chain = _Chain(plan, known, stack, embedded, report)
        redis_url, database_url, bootstrap = chain.valkey(), chain.postgres(), chain.kafka()
        yield Endpoints(bootstrap, database_url, redis_url, embedded)


@dataclass
class _Chain:
    plan: Plan
    environ: Mapping[str, str]
    stack: ExitStack
    embedded: dict[str, EmbeddedServer]
    report: Report

    def kafka(self) -> str:
        if named := self.environ.get("KAFKA_BOOTSTRAP"):
            return named
        if containers_wanted(self.environ):
            return self.stack.enter_context(kafka_container())
        if not jars.cached(cache()):
            with self.report("Fetching Apache Kafka (44 MB, once)"):
                jars.class_path(cache())
        server = KafkaServer(self.plan.layout, self.plan.ports.kafka)
        self._start(server)
        return server.bootstrap

    def postgres(self) -> str:
        if named := self.environ.get("DATABASE_URL"):
            return named
        if containers_wanted(self.environ):
            return self.stack.enter_context(postgres_container())
        server = PostgresServer(self.plan.layout, self.plan.ports.postgres, durable=self.plan.durable)
        self._start(server)
        return server.url

    def valkey(self) -> str:
        if named := self.environ.get("REDIS_URL"):
            return named
        if containers_wanted(self.environ):
            return self.stack.enter_context(valkey_container())
        server = ValkeyServer(self.plan.layout, self.plan.ports.valkey)
        self._start(server)
        return server.url

    def _start(self, server: EmbeddedServer) -> None:
        self.stack.callback(self._stop, server)
        with self.report(f"Starting {server.title}"):
            server.start()
        self.embedded[server.name] = server

    def _stop(self, server: EmbeddedServer) -> None:
        with self.report(f"Stopping {server.title}"):
            server.stop()
