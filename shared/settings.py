"""Settings from the environment; secrets from files (``SECRETS_DIR`` or ``/run/secrets``)."""

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url


def _secrets_dir() -> str | None:
    folder = os.environ.get("SECRETS_DIR", "/run/secrets")
    return folder if Path(folder).is_dir() else None


class Settings(BaseSettings):
    """What every service needs. ``service`` is fixed by the subclass, the rest by the deployment."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    service: str
    kafka_bootstrap: str = "127.0.0.1:9092"
    database_url: SecretStr
    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    topic_prefix: str = ""
    session: int = 2026
    http_host: str = "127.0.0.1"
    http_port: int = 8100
    service_token_key: SecretStr = SecretStr("")
    log_level: str = "INFO"
    otel_enabled: bool = False

    pool_size: int = 8
    group_instance_id: str | None = None
    session_timeout_ms: int = 30_000
    window_records: int = Field(default=50_000, description="flush at the latest after so many records")
    window_bytes: int = Field(default=64 << 20, description="and after so many bytes of values")
    window_age_s: float = Field(default=0.5, description="and after so long, when catching up")
    far_window_records: int = Field(
        default=300_000, description="the same far behind, where windows are packed by pupil"
    )
    far_window_age_s: float = 20.0
    batch_records: int = 5_000
    batch_timeout_ms: int = 50
    retry_budget_s: float = Field(default=60.0, description="then the window is dropped and re-read")
    reject_ratio_max: float = Field(default=0.1, description="above, the consumer stops on purpose")
    reject_ratio_min_records: int = 1_000
    relay_lease_ms: int = Field(
        default=30_000, description="a leader of the relay silent so long is replaced"
    )
    revocation_budget_s: float = 5.0
    stop_budget_s: float = 8.0

    def __init__(self, **values: object) -> None:
        super().__init__(_secrets_dir=_secrets_dir(), **values)  # type: ignore[arg-type]

    @cached_property
    def database(self) -> URL:
        """URL for the async engine; ``{service}`` in ``DATABASE_URL`` is replaced by the service."""
        brute = self.database_url.get_secret_value().replace("{service}", self.service)
        return make_url(brute).set(drivername="postgresql+asyncpg")

    @property
    def group_id(self) -> str:
        return f"{self.topic_prefix}pilotage.{self.session}.{self.service}"
