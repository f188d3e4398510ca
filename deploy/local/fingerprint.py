"""Whether schemas and topics were already brought up by this very code, so that a second start need not do it again."""

import hashlib
from pathlib import Path

from deploy.local.layout import CLONE

SOURCES = (
    "uv.lock",
    "services/*/models.py",
    "services/*/migrations/**/*.py",
    "shared/db/**/*.py",
    "shared/events/topics.py",
    "shared/kafka/topics.py",
)


def fingerprint(root: Path = CLONE) -> str:
    """Digest of the sources that decide about schemas and topics."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern)):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
