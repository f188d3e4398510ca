"""Broker, database and cache in Docker containers, for those who ask for them.

testcontainers is a development dependency: it is imported only when it is used.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"
POSTGRES_IMAGE = "postgres:18"
VALKEY_IMAGE = "valkey/valkey:9"
VALKEY_PORT = 6379


def containers_wanted(environ: Mapping[str, str]) -> bool:
    """Whether PILOTAGE_TESTCONTAINERS asks for containers and a Docker daemon answers."""
    return environ.get("PILOTAGE_TESTCONTAINERS", "") in {"1", "true", "yes"} and docker_answers()


def docker_answers() -> bool:
    """Whether a Docker daemon answers a ping."""
    docker = import_module("docker")
    try:
        return bool(docker.from_env(timeout=5).ping())
    except (docker.errors.DockerException, OSError):
        return False


@contextmanager
def kafka_container() -> Iterator[str]:
    """`host:port` of a KRaft broker with the embedded broker's settings on topics and transactions."""
    module = import_module("testcontainers.community.kafka")
    container = module.KafkaContainer(KAFKA_IMAGE).with_kraft()
    container.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    container.with_env("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
    container.with_env("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
    with container as kafka:
        yield str(kafka.get_bootstrap_server())


@contextmanager
def postgres_container() -> Iterator[str]:
    """Administrator's URL of a PostgreSQL server."""
    module = import_module("testcontainers.community.postgres")
    password = secrets.token_urlsafe(16)
    container = module.PostgresContainer(
        POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres", driver=None
    )
    with container.with_command("postgres -c max_connections=200") as postgres:
        yield str(postgres.get_connection_url())


@contextmanager
def valkey_container() -> Iterator[str]:
    """URL of database 0 of a Valkey server."""
    module = import_module("testcontainers.community.valkey")
    with module.ValkeyContainer(VALKEY_IMAGE) as valkey:
        yield f"redis://{valkey.get_container_host_ip()}:{valkey.get_exposed_port(VALKEY_PORT)}/0"
