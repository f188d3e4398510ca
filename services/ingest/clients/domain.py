"""Pure rules of the credentials of machines.

A secret is random and of 256 bits: nothing slower than one hash is needed to keep it, and a salt so
that two rows tell nothing of each other.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

PREFIXE_SECRET = "pilotage_"  # noqa: S105 - tells scanners what they found
DUREE_MAX = timedelta(days=400)
LOGICIELS_MAX = 10
"""Active credentials of one lycée: it has one gradebook software, sometimes two."""


class Genre(StrEnum):
    LOGICIEL = "LOGICIEL"
    PLATEFORME = "PLATEFORME"


class Credential(Protocol):
    """What is kept of a credential."""

    sel: bytes
    empreinte: bytes
    expire_le: datetime
    revoque_le: datetime | None


def empreinte(secret: str, sel: bytes) -> bytes:
    return hashlib.sha256(sel + secret.encode()).digest()


def valable(client: Credential, maintenant: datetime) -> bool:
    """Neither revoked nor expired."""
    return client.revoque_le is None and maintenant < client.expire_le


def ouvre(client: Credential, secret: str, maintenant: datetime) -> bool:
    """Whether ``secret`` is the client's and may be used now."""
    juste = hmac.compare_digest(empreinte(secret, client.sel), client.empreinte)
    return juste and valable(client, maintenant)
