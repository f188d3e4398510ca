"""Settings of the service eleves."""

from pydantic import Field

from shared.settings import Settings


class ElevesSettings(Settings):
    service: str = "eleves"
    http_port: int = 8102
    idempotency_days: int = Field(default=7, ge=1, description="how long a command's key is remembered")
