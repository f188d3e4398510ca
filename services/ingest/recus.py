"""Signed deposit receipts: a JWS (Ed25519, compact) that says which bytes were received, from whom, when.

The keys are derived from HMAC_KEYS, one per version, so that there is no further secret; the newest
signs and every public key is published (decision 0018). Signing is deterministic: the same receipt
may be asked for again.
"""

import base64
import hmac
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import Row

from services.ingest.identity import lire_cles

ALGORITHME = "Ed25519"
EMETTEUR = "pilotage"
_USAGE = b"pilotage/recus/ed25519/1"


class Signataire:
    """Signs receipts with the newest key. ``kid``: version of the key in HMAC_KEYS."""

    def __init__(self, hmac_keys: str) -> None:
        self._cles = {
            str(version): _cle(brute, str(version)) for version, brute in lire_cles(hmac_keys).items()
        }
        self._kid = max(self._cles, key=int)

    def signer(self, recu: Row[Any]) -> str:
        """Receipt of a deposited import."""
        revendications = {
            "iss": EMETTEUR,
            "sub": recu.uai,
            "jti": recu.id,
            "iat": int(recu.depose_le.timestamp()),
            "session": recu.session,
            "nature": recu.nature,
            "nom": recu.nom_fichier,
            "octets": recu.octets,
            "sha256": recu.sha256,
            "recu_le": recu.depose_le.isoformat(),
        }
        entete = {"alg": ALGORITHME, "kid": self._kid, "typ": "JWT"}
        return jwt.encode(entete, revendications, self._cles[self._kid], algorithms=[ALGORITHME])

    def publiques(self) -> dict[str, Any]:
        """JWK Set of the public keys, newest first."""
        ordre = sorted(self._cles, key=int, reverse=True)
        communs = {"use": "sig", "alg": ALGORITHME}
        return {"keys": [{**self._cles[kid].as_dict(private=False), **communs} for kid in ordre]}


def _cle(secret: bytes, kid: str) -> OKPKey:
    graine = hmac.digest(secret, _USAGE, "sha256")
    publique = Ed25519PrivateKey.from_private_bytes(graine).public_key().public_bytes_raw()
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "kid": kid, "d": _b64(graine), "x": _b64(publique)}
    )


def _b64(brut: bytes) -> str:
    return base64.urlsafe_b64encode(brut).rstrip(b"=").decode()
