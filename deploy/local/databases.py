"""A role and a database per service; no other role can connect to it. Passwords travel in a passfile, not in URLs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from deploy.local.errors import LauncherError
from deploy.local.keys import secret, write_private


def database_of(service: str) -> str:
    """Name of the database of a service, and of the role that owns it."""
    return f"pilotage_{service}"


def service_url(admin_url: str) -> str:
    """DATABASE_URL of every service, `{service}` left to be replaced; the password is looked up in PGPASSFILE."""
    admin = make_url(admin_url)
    return f"postgresql://pilotage_{{service}}@{admin.host}:{admin.port or 5432}/pilotage_{{service}}"


def write_passfile(admin_url: str, services: Sequence[str], secrets: Path) -> Path:
    """`host:port:database:role:password` for each service."""
    admin = make_url(admin_url)
    lines = [_passfile_line(admin, service, secrets) for service in services]
    path = secrets / "pgpass"
    write_private(path, "\n".join(lines) + "\n")
    return path


def ensure_databases(admin_url: str, services: Sequence[str], secrets: Path) -> None:
    """Create what is missing; safe to call at every start."""
    try:
        asyncio.run(_ensure(admin_url, services, secrets))
    except (OSError, asyncpg.PostgresError) as error:
        message = (
            f"The databases of the services could not be made ({error}): check DATABASE_URL and its rights."
        )
        raise LauncherError(message) from error


async def _ensure(admin_url: str, services: Sequence[str], secrets: Path) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        roles = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for service in services:
            await _role(
                connection,
                service,
                secret(secrets, _password_name(service)),
                exists=database_of(service) in roles,
            )
            if database_of(service) not in databases:
                await _database(connection, database_of(service))
    finally:
        await connection.close()


async def _role(connection: asyncpg.Connection, service: str, password: str, *, exists: bool) -> None:
    # A role's password cannot be a bound parameter; quote_literal is PostgreSQL's own.
    quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
    verb = "ALTER" if exists else "CREATE"
    await connection.execute(f"{verb} ROLE {database_of(service)} LOGIN PASSWORD {quoted}")


async def _database(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    await connection.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")


def _passfile_line(admin: URL, service: str, secrets: Path) -> str:
    password = secret(secrets, _password_name(service))
    return f"{admin.host}:{admin.port or 5432}:{database_of(service)}:{database_of(service)}:{password}"


def _password_name(service: str) -> str:
    return f"postgres_{service}"
