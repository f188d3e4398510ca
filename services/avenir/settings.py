"""Settings of the service avenir."""

from pydantic import Field

from shared.settings import Settings


class AvenirSettings(Settings):
    service: str = "avenir"
    http_port: int = 8104
    idempotency_days: int = Field(default=7, ge=1, description="how long a command's key is remembered")
