"""A session that runs: the days of a written one, deposited one after the other at a chosen speed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from services.simulateur.nation.commande import Commande
from services.simulateur.nation.referentiels import ETABLISSEMENTS, FORMATIONS

NATURE_SIECLE, NATURE_FAITS, NATURE_BULLETINS = "SIECLE", "FAITS", "BULLETINS"
NATURE_FORMATIONS, NATURE_ETABLISSEMENTS = "FORMATIONS", "ETABLISSEMENTS"


class Guichet(Protocol):
    """The front door. ``natures``: what it takes; the rest is left out, and said."""

    natures: frozenset[str]

    async def deposer(self, nature: str, fichier: Path, uai: str | None) -> str:
        """What became of it, in a word."""
        ...


@dataclass(frozen=True, slots=True)
class Envoi:
    nature: str
    fichier: Path
    uai: str | None = None


def jours(commande: Commande, premier: date, dernier: date) -> Iterator[tuple[date, list[Envoi]]]:
    """Each day with what is sent on it, days without anything included.

    Référentiels and SIECLE files come on the first day; bulletins when the vœux are closed.
    """
    calendrier = commande.monde.calendrier
    remontee = date.fromisoformat(calendrier.iso(calendrier.fin_des_voeux)[:10])
    jour = premier
    while jour <= dernier:
        envois = list(_avant_tout(commande.sortie)) if jour == premier else []
        if jour == max(premier, min(dernier, remontee)):
            bulletins = sorted((commande.sortie / "bulletins").glob("*.zip"))
            envois += [Envoi(NATURE_BULLETINS, x, x.name[:8]) for x in bulletins]
        yield jour, envois + [Envoi(NATURE_FAITS, x) for x in _faits(commande.sortie, jour, jour == premier)]
        jour += timedelta(days=1)


def _faits(dossier: Path, jour: date, avec_les_precedents: bool) -> list[Path]:
    """Files of that day, in their order; on the first one, those of the days before too."""
    trouves = [
        (x.name[6:16], len(x.name), x.name, x)
        for x in dossier.glob("faits-*.ndjson.gz")
        if x.name[6:16] == jour.isoformat() or (avec_les_precedents and x.name[6:16] < jour.isoformat())
    ]
    return [fichier for *_, fichier in sorted(trouves)]


def _avant_tout(dossier: Path) -> Iterator[Envoi]:
    natures = ((NATURE_FORMATIONS, FORMATIONS), (NATURE_ETABLISSEMENTS, ETABLISSEMENTS))
    for nature, nom in natures:
        fichier = dossier / "referentiels" / nom
        if fichier.is_file():
            yield Envoi(nature, fichier)
    for fichier in sorted((dossier / "siecle").glob("*/*.zip")):
        yield Envoi(NATURE_SIECLE, fichier, fichier.parent.name)


async def derouler(
    commande: Commande,
    guichet: Guichet,
    bornes: tuple[date, date],
    secondes_par_jour: float,
    *,
    dire: Callable[[date, Envoi | None, str], None],
    attendre: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """Deposits each day at its time; late days are caught up at once. Gives how many files were sent."""
    debut, envoyes = time.monotonic(), 0
    for rang, (jour, envois) in enumerate(jours(commande, *bornes)):
        retard = debut + rang * secondes_par_jour - time.monotonic()
        if retard > 0:
            await attendre(retard)
        dire(jour, None, "")
        for envoi in envois:
            if envoi.nature in guichet.natures:
                dire(jour, envoi, await guichet.deposer(envoi.nature, envoi.fichier, envoi.uai))
                envoyes += 1
    return envoyes
