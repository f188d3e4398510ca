"""Signing key, codes and tokens of the embedded issuer."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.oidc_settings import Account

ALGORITHM = "ES256"
CODE_LIFETIME = 60
TOKEN_LIFETIME = 3_600
MAX_CODES = 1_000


def signing_key(path: Path) -> ECKey:
    """The key kept in `path`, made (mode 0600) the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = ECKey.generate_key("P-256")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(fresh.as_pem(private=True))
    key = ECKey.import_key(path.read_bytes())
    return ECKey.import_key(
        {**key.as_dict(private=True), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
    )


@dataclass(frozen=True)
class Grant:
    """What a code stands for until it is exchanged."""

    account: Account
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires: float


@dataclass
class Codes:
    """Authorization codes: used once, or forgotten after a minute."""

    clock: Callable[[], float] = time.monotonic
    _grants: dict[str, Grant] = field(default_factory=dict)

    def issue(self, account: Account, redirect_uri: str, challenge: str, nonce: str | None) -> str:
        """A new code."""
        now = self.clock()
        self._grants = {code: grant for code, grant in self._grants.items() if grant.expires > now}
        while len(self._grants) >= MAX_CODES:
            del self._grants[next(iter(self._grants))]
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(account, redirect_uri, challenge, nonce, now + CODE_LIFETIME)
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Grant | None:
        """The grant, once; None for a code that is unknown, spent, late, or presented by somebody else."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires <= self.clock() or grant.redirect_uri != redirect_uri:
            return None
        return grant if hmac.compare_digest(challenge_of(verifier), grant.challenge) else None


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Mint:
    """Makes the two tokens of an account."""

    key: ECKey
    issuer: str
    client_id: str
    audience: str

    def tokens(self, grant: Grant) -> dict[str, Any]:
        """The answer of the token endpoint. The access token has its own audience: an ID token is none."""
        identity = self._signed(grant, self.client_id, "JWT", nonce=grant.nonce)
        access = self._signed(grant, self.audience, "at+jwt", client_id=self.client_id)
        return {
            "access_token": access,
            "id_token": identity,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME,
            "scope": "openid profile",
        }

    def _signed(self, grant: Grant, audience: str, kind: str, **more: str | None) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            **grant.account.claims(),
            **{name: value for name, value in more.items() if value is not None},
            "iss": self.issuer,
            "aud": audience,
            "iat": now,
            "exp": now + TOKEN_LIFETIME,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": self.key.kid}, claims, self.key)
