"""Broker, database and cache in Docker containers, for those who ask for them; imported only then."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"
POSTGRES_IMAGE = "postgres:18"
VALKEY_IMAGE = "valkey/valkey:9"


def docker_answers() -> bool:
    """Whether a Docker daemon answers a ping."""
    import docker

    try:
        return bool(docker.from_env(timeout=5).ping())
    except (docker.errors.DockerException, OSError):
        return False


@contextmanager
def kafka_container() -> Iterator[str]:
    """`host:port` of a KRaft broker with the embedded broker's settings on topics and groups."""
    from testcontainers.community.kafka import KafkaContainer

    container = KafkaContainer(KAFKA_IMAGE).with_kraft().with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    container.with_env("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
    container.with_env("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
    with container as kafka:
        yield str(kafka.get_bootstrap_server())


@contextmanager
def postgres_container() -> Iterator[str]:
    """Administrator's URL of a PostgreSQL server."""
    from testcontainers.community.postgres import PostgresContainer

    password = secrets.token_urlsafe(16)
    container = PostgresContainer(POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres", driver=None)
    with container.with_command("postgres -c max_connections=200") as postgres:
        yield str(postgres.get_connection_url())


@contextmanager
def valkey_container() -> Iterator[str]:
    """URL of database 0 of a Valkey server."""
    from testcontainers.community.valkey import ValkeyContainer

    with ValkeyContainer(VALKEY_IMAGE) as valkey:
        yield f"redis://{valkey.get_container_host_ip()}:{valkey.get_exposed_port(6379)}/0"
