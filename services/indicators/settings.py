"""Settings of the service indicators."""

from shared.settings import Settings


class IndicatorsSettings(Settings):
    service: str = "indicators"
    http_port: int = 8103
