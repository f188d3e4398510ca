"""Secrets of the demonstration: generated once, one file each (mode 0600), read by the services through SECRETS_DIR."""

import os
import secrets
from base64 import b64encode
from pathlib import Path

KEY_BYTES = 32


def _random_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _versioned_key() -> str:
    return f"1:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


GENERATED = {
    "service_token_key": _random_key,
    "hmac_keys": _versioned_key,
    "oidc_client_secret": _random_key,
}


def write_private(path: Path, text: str) -> None:
    """Write a whole file that only its owner can read, or nothing."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    temporary.replace(path)


def secret(folder: Path, name: str) -> str:
    """The secret of that name, generated the first time."""
    path = folder / name
    if not path.exists():
        write_private(path, GENERATED.get(name, _random_key)())
    return path.read_text()


def generate_all(folder: Path) -> None:
    """Every secret the services read."""
    for name in GENERATED:
        secret(folder, name)
