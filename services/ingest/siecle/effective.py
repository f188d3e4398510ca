"""What is published of a pupil whom one or several lycées tell: pure (facts_and_effects §1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """A lycée that says it has, or had, a pupil."""

    uai: str
    date_entree: date | None
    date_sortie: date | None


def scolarite_effective(claims: Sequence[Claim], courante: str | None) -> tuple[str, bool]:
    """UAI of the effective scolarité: the latest entry without sortie; and whether several tie.

    A tie keeps ``courante`` when it is one of them: a person decides, nothing is guessed.
    """
    presents = [claim for claim in claims if claim.date_sortie is None]
    if not presents:
        return max(claims, key=lambda claim: (claim.date_sortie or date.min, claim.uai)).uai, False
    derniere = max(claim.date_entree or date.min for claim in presents)
    premiers = sorted(claim.uai for claim in presents if (claim.date_entree or date.min) == derniere)
    return (courante if courante in premiers else premiers[0]), len(premiers) > 1


def empreinte(contenu: bytes, eleve_id: str) -> bytes:
    """What tells a changed content from an unchanged one; salted by the pupil."""
    return blake2b(contenu, digest_size=16, salt=UUID(eleve_id).bytes).digest()


def version_suivante(version: int, derniere: int) -> int:
    """The source's order; above the last one when a confirmed or equally dated file says otherwise."""
    return max(version, derniere + 1)
