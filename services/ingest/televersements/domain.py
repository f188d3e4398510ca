"""What an upload in pieces is, and what becomes of it."""

from dataclasses import dataclass
from enum import StrEnum


class Etat(StrEnum):
    """RECU: whole and verified, it became the import of the same id. REFUSE: its sum is not the announced one."""

    EN_COURS = "EN_COURS"
    RECU = "RECU"
    REFUSE = "REFUSE"
    ANNULE = "ANNULE"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annonce:
    """What a caller is about to send. ``sha256``: of the whole file, in hexadecimal."""

    nature: str
    octets: int
    sha256: str
    nom: str
    uai: str | None = None
    confirme: bool = False
