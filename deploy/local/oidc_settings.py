"""What the embedded issuer is told: where it listens, its one client, its accounts, its key."""

import json
import os
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.local.errors import LauncherError

CALLBACK = "/connexion/retour"
AFTER_LOGOUT = "/deconnecte"


class Account(BaseModel):
    """One demonstration person; everything but the password becomes a claim."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str = Field(pattern=r"^[a-z0-9.\-]{1,40}$")
    password: SecretStr
    name: str
    role: str
    title: str = ""
    lycees: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    academies: tuple[str, ...] = ()
    nation: bool = False
    delegations: tuple[str, ...] = ()

    def claims(self) -> dict[str, object]:
        """Claims of both tokens."""
        return {
            "sub": self.login,
            "name": self.name,
            "role": self.role,
            "lycees": list(self.lycees),
            "classes": list(self.classes),
            "academies": list(self.academies),
            "nation": self.nation,
            "delegations": list(self.delegations),
        }


class IssuerSettings(BaseSettings):
    """Environment of `python -m deploy.local.issuer`; the client's secret may come from SECRETS_DIR."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    port: int = Field(default=8180, validation_alias=AliasChoices("ISSUER_PORT", "HTTP_PORT"))
    issuer: str = Field(default="http://127.0.0.1:8180", validation_alias="OIDC_ISSUER")
    client_id: str = Field(default="pilotage", validation_alias="OIDC_CLIENT_ID")
    client_secret: SecretStr = Field(validation_alias="OIDC_CLIENT_SECRET")
    audience: str = Field(default="pilotage-api", validation_alias="OIDC_AUDIENCE")
    public_url: str = Field(default="http://127.0.0.1:8080", validation_alias="PUBLIC_URL")
    accounts_file: Path = Field(validation_alias="ISSUER_ACCOUNTS")
    key_file: Path = Field(validation_alias="ISSUER_KEY")

    @property
    def redirect_uri(self) -> str:
        """The only address to which a code is sent."""
        return self.public_url.rstrip("/") + CALLBACK

    @property
    def after_logout(self) -> str:
        """The only address to which a logout returns."""
        return self.public_url.rstrip("/") + AFTER_LOGOUT


def read_settings() -> IssuerSettings:
    """LauncherError names the variable that is missing or wrong."""
    secrets = Path(os.environ.get("SECRETS_DIR", "/run/secrets"))
    values: dict[str, str] = {}
    if not os.environ.get("OIDC_CLIENT_SECRET") and (secrets / "oidc_client_secret").is_file():
        values["OIDC_CLIENT_SECRET"] = (secrets / "oidc_client_secret").read_text().strip()
    try:
        return IssuerSettings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        names = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors()}))
        message = f"The issuer of identities is not configured: set {names}."
        raise LauncherError(message) from None


def read_accounts(path: Path) -> dict[str, Account]:
    """Accounts by login; LauncherError when the file is not a list of accounts."""
    try:
        accounts = TypeAdapter(list[Account]).validate_python(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        message = f"The demonstration accounts cannot be read from {path} ({type(error).__name__})."
        raise LauncherError(message) from None
    return {account.login: account for account in accounts}
