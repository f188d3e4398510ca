"""Settings of the service eleves."""

from shared.settings import Settings


class ElevesSettings(Settings):
    service: str = "eleves"
    http_port: int = 8102
