"""What comes with a request: filters of a list, conditions of a write, a file on its way in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.gateway import contrats as c
from shared.http.errors import Refus

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recherche:
    """What a list is narrowed by and how it is ordered."""

    liste: c.Liste = c.Liste.TOUS
    serie: str | None = None
    classe: str | None = None
    q: str | None = None
    tri: c.Tri = c.Tri.NOM
    descendant: bool = False
    curseur: str | None = None
    limite: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecriture:
    """Conditions of a write, passed through to the service."""

    if_match: str | None = None
    idempotence: str | None = None

    @property
    def entetes(self) -> dict[str, str]:
        paires = {"If-Match": self.if_match, "Idempotency-Key": self.idempotence}
        return {nom: valeur for nom, valeur in paires.items() if valeur}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoi:
    """A file on its way in. ``confirme``: taken even if older than the last one."""

    morceaux: AsyncIterator[bytes]
    genre: str
    nom: str
    confirme: bool = False


async def compte_limite(morceaux: AsyncIterator[bytes], limite: int) -> AsyncIterator[bytes]:
    """The same pieces, until they weigh too much."""
    recu = 0
    async for morceau in morceaux:
        recu += len(morceau)
        if recu > limite:
            raise Refus(413, "fichier_trop_lourd", f"Le fichier dépasse {limite >> 20} Mo.")
        yield morceau
