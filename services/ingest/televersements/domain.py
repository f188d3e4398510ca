"""Pure rules of the uploads: who may send what, and what may follow what."""

from dataclasses import dataclass
from enum import StrEnum

from shared.http.perimetre import Perimetre, Role


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


NATIONALES = frozenset({"FAITS", "BOURSES"})
DES_LYCEES = frozenset({"SIECLE", "BULLETINS"})
"""Natures of what one lycée sends."""
DES_LOGICIELS = frozenset({"SIECLE", "BULLETINS"})


def peut_envoyer(appelant: Perimetre, nature: str, uai: str | None) -> bool:
    """The platform sends facts and statuts of boursiers, of no lycée; a lycée and its software their own files; the operator all."""
    match appelant.role:
        case Role.OPERATEUR:
            return (nature in NATIONALES) is (uai is None)
        case Role.PLATEFORME:
            return nature in NATIONALES and uai is None
        case Role.CHEF:
            return nature in DES_LYCEES and uai is not None and appelant.voit_lycee(uai)
        case Role.LOGICIEL:
            return nature in DES_LOGICIELS and uai is not None and appelant.voit_lycee(uai)
        case _:
            return False
