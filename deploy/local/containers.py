"""Broker, database and cache in Docker containers, for those who ask for them.

testcontainers is a development dependency: it is imported only when it is used.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from deploy.local.ports import LOOPBACK, free_port

KAFKA_IMAGE = "apache/kafka:4.3.1"
KAFKA_PORT = 9092
POSTGRES_IMAGE = "postgres:18"
VALKEY_IMAGE = "valkey/valkey:9"
POSTGRES_PORT = 5432
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
    """`host:port` of a KRaft broker with the embedded broker's settings on topics and transactions.

    The port is chosen before the start: a broker advertises its address. Its transactions reach itself by
    another listener, since the address for clients means nothing inside the container.
    """
    module = import_module("testcontainers.core.container")
    logs = import_module("testcontainers.core.waiting_utils")
    port = free_port()
    container = module.DockerContainer(KAFKA_IMAGE).with_bind_ports(KAFKA_PORT, port)
    for name, value in _kafka_environment(port).items():
        container.with_env(name, value)
    with container as kafka:
        logs.wait_for_logs(kafka, "Kafka Server started", timeout=120)
        yield f"{LOOPBACK}:{port}"


def _kafka_environment(port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{KAFKA_PORT},INTERNAL://:9094,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{LOOPBACK}:{port},INTERNAL://localhost:9094",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }


@contextmanager
def postgres_container() -> Iterator[str]:
    """Administrator's URL of a PostgreSQL server."""
    module = import_module("testcontainers.community.postgres")
    password, port = secrets.token_urlsafe(16), free_port()
    container = module.PostgresContainer(
        POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres", driver=None
    )
    container.with_bind_ports(POSTGRES_PORT, port).with_command("postgres -c max_connections=200")
    with container:
        yield f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"


@contextmanager
def valkey_container() -> Iterator[str]:
    """URL of database 0 of a Valkey server."""
    module = import_module("testcontainers.community.valkey")
    port = free_port()
    with module.ValkeyContainer(VALKEY_IMAGE).with_bind_ports(VALKEY_PORT, port):
        yield f"redis://{LOOPBACK}:{port}/0"
