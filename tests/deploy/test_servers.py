import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest
import redis
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local import jars
from deploy.local.databases import ensure_databases, service_url, write_passfile
from deploy.local.errors import LauncherError
from deploy.local.layout import Layout
from deploy.local.postgres import PostgresServer
from deploy.local.providers import Endpoints, Plan, provided
from deploy.local.valkey import ValkeyServer


async def test_the_three_servers_answer_their_clients(servers: Endpoints) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    assert (await admin.describe_cluster())["brokers"]
    await admin.close()
    connection = await asyncpg.connect(servers.database_url)
    assert (await connection.fetchval("SHOW server_version")).startswith("18")
    await connection.close()
    assert redis.Redis.from_url(servers.redis_url).ping()


def test_each_server_named_by_the_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    named = {"KAFKA_BOOTSTRAP": "broker:9092", "DATABASE_URL": "postgresql://elsewhere/postgres"}
    with provided(Plan(Layout(tmp_path / "set"), disposable=True), named) as endpoints:
        assert endpoints.kafka_bootstrap == "broker:9092"
        assert endpoints.database_url == "postgresql://elsewhere/postgres"
        assert set(endpoints.embedded) == {"valkey"}
        assert redis.Redis.from_url(endpoints.redis_url).ping()
    assert not (tmp_path / "set").exists()


def test_a_killed_server_comes_back_on_its_port(tmp_path: Path) -> None:
    server = ValkeyServer(Layout(tmp_path))
    server.start()
    url = server.url
    server.kill()
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(url).ping()
    server.start()
    assert redis.Redis.from_url(url).ping()
    server.stop()


def test_a_server_that_died_by_itself_is_reported(tmp_path: Path) -> None:
    server = ValkeyServer(Layout(tmp_path))
    server.start()
    server.check_alive()
    server.child._popen.kill()
    server.child._popen.wait()
    with pytest.raises(LauncherError, match=r"Valkey stopped by itself .signal 9"):
        server.check_alive()
    server.stop()


async def test_postgres_keeps_its_data_and_its_password_over_a_crash(tmp_path: Path) -> None:
    server = PostgresServer(Layout(tmp_path))
    server.start()
    await _execute(server.url, "CREATE TABLE kept AS SELECT 42 AS n")
    server.kill()
    server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT n FROM kept") == 42
    await connection.close()
    server.stop()
    server.forget()
    assert stat.S_IMODE((tmp_path / "secrets" / "postgres").stat().st_mode) == 0o600


def test_a_half_written_data_folder_of_postgres_is_refused_with_what_to_do(tmp_path: Path) -> None:
    server = PostgresServer(Layout(tmp_path))
    server.data.mkdir(parents=True)
    with pytest.raises(LauncherError, match=r"not a complete PostgreSQL data folder.*make demo-clean"):
        server.start()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(LauncherError, match="was written by PostgreSQL 15"):
        server.start()
    server.forget()


def test_a_creation_of_the_data_folder_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    server = PostgresServer(Layout(tmp_path), durable=False)
    (server.home / "data.new" / "base").mkdir(parents=True)
    server.start()
    server.stop()
    assert not (server.home / "data.new").exists()
    server.forget()


def test_a_service_connects_to_its_own_database_only(tmp_path: Path, admin_database_url: str) -> None:
    services = ("launcher_a", "launcher_b")
    ensure_databases(admin_database_url, services, tmp_path)
    ensure_databases(admin_database_url, services, tmp_path)
    passfile = write_passfile(admin_database_url, services, tmp_path)
    asyncio.run(_use_own_database_and_try_the_other(service_url(admin_database_url), passfile))
    for service in services:
        asyncio.run(_execute(admin_database_url, f"DROP DATABASE pilotage_{service}"))
        asyncio.run(_execute(admin_database_url, f"DROP ROLE pilotage_{service}"))


async def _use_own_database_and_try_the_other(template: str, passfile: Path) -> None:
    own = template.replace("{service}", "launcher_a")
    connection = await asyncpg.connect(own, passfile=passfile)
    await connection.execute("CREATE TABLE t (n int)")
    await connection.close()
    words = (passfile.parent / "postgres_launcher_a").read_text()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(own, database="pilotage_launcher_b", password=words)


def test_a_jar_cut_short_is_fetched_again_and_one_that_differs_is_refused(tmp_path: Path) -> None:
    wanted = next(jar for jar in jars.locked() if jar.artifact == "slf4j-api")
    relative = f"maven/org/slf4j/slf4j-api/{wanted.version}/slf4j-api-{wanted.version}.jar"
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"{wanted}\n")
    cut = tmp_path / relative
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"PK cut")
    assert jars.class_path(tmp_path, lock) == str(cut)
    assert cut.stat().st_size > 10_000
    lock.write_text(f"org.slf4j:slf4j-api:{wanted.version} {'0' * 64}\n")
    with pytest.raises(LauncherError, match="checksum is not the one"):
        jars.class_path(tmp_path, lock)


def test_a_registry_that_does_not_answer_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTAGE_MAVEN_URL", "http://127.0.0.1:9")
    with pytest.raises(LauncherError, match="the Maven registry does not answer"):
        jars.class_path(tmp_path)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
