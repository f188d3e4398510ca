"""Settings of the service exports."""

from pydantic import Field

from shared.settings import Settings


class ExportsSettings(Settings):
    service: str = "exports"
    http_port: int = 8105
    export_workers: int = Field(default=2, ge=1, description="workbooks made at the same time")
    export_ttl_hours: int = Field(default=24, ge=1, description="then the workbook is deleted")
    export_poll_s: float = Field(default=2.0, gt=0, description="for exports asked of another replica")
    idempotency_days: int = Field(default=7, ge=1, description="how long a command's key is remembered")
