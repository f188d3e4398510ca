"""Settings of the gateway."""

from pydantic import Field, SecretStr

from shared.settings import Settings

UPSTREAMS = ("ingest", "eleves", "indicators", "avenir", "exports")


class GatewaySettings(Settings):
    service: str = "gateway"
    http_port: int = 8080

    public_url: str = "http://127.0.0.1:8080"
    oidc_issuer: str = "http://127.0.0.1:8180"
    oidc_client_id: str = "pilotage"
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_audience: str = Field(default="pilotage-api", description="audience of the access tokens taken")

    ingest_url: str = "http://127.0.0.1:8101"
    eleves_url: str = "http://127.0.0.1:8102"
    indicators_url: str = "http://127.0.0.1:8103"
    avenir_url: str = "http://127.0.0.1:8104"
    exports_url: str = "http://127.0.0.1:8105"
    upstream_timeout_s: float = 10.0

    session_idle_s: int = Field(default=1_800, description="a screen left alone is logged out")
    session_max_s: int = Field(default=36_000, description="nobody stays logged in longer than a day's work")
    token_lifetime_s: int = Field(default=900, ge=60, le=3_600, description="of a machine's access token")
    token_rate_per_minute: int = Field(default=20, description="demands of tokens by one client id")
    body_max_bytes: int = 64 << 10
    upload_max_bytes: int = 64 << 20
    resumable_max_bytes: int = Field(default=8 << 30, description="of one piece of a resumable upload")
    body_timeout_s: float = Field(
        default=30.0, description="an upload that says nothing for so long is dropped"
    )

    @property
    def secure(self) -> bool:
        """Whether browsers reach the site over TLS: cookies are then Secure."""
        return self.public_url.startswith("https://")

    def url_of(self, service: str) -> str:
        url: str = getattr(self, f"{service}_url")
        return url
