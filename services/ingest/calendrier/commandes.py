"""The calendar set as a whole: only what differs is written, kept in the history and published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.calendrier import store
from services.ingest.settings import IngestSettings
from shared.db import outbox
from shared.domaine.calendrier import Calendrier
from shared.domaine.etapes import Etape
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import CalendrierModifie

Changee = tuple[Etape, datetime, int | None, bool]


class AutreVersionError(Exception):
    """Somebody changed the calendar meanwhile; ``actuelle`` is its version."""

    def __init__(self, actuelle: int) -> None:
        super().__init__(actuelle)
        self.actuelle = actuelle


async def poser(
    tx: AsyncConnection,
    settings: IngestSettings,
    calendrier: Calendrier,
    *,
    par: str,
    motif: str | None,
    maintenant: datetime,
    attendue: int | None = None,
) -> tuple[int, list[Changee]]:
    """Set the whole calendar, verified beforehand. Returns its version and what changed.

    Raises:
        AutreVersionError: ``attendue`` is not its version any more.
    """
    version = await store.verrouiller_calendrier(tx, settings.session)
    if attendue is not None and attendue != version:
        raise AutreVersionError(version)
    actuel = await store.lire_calendrier(tx, settings.session)
    changees = differences(actuel, calendrier)
    if not changees:
        return version, []
    version += 1
    await store.ecrire_etapes(tx, settings.session, version, changees)
    contenus = {etape.value: _contenu(date, valeur, retiree) for etape, date, valeur, retiree in changees}
    await store.archiver(tx, settings.session, "etape", version, contenus, par=par, motif=motif)
    await outbox.append(tx, [_evenement(settings, version, changee, maintenant) for changee in changees])
    return version, changees


def differences(avant: Calendrier | None, apres: Calendrier) -> list[Changee]:
    """Steps that are new, moved, of another figure, or taken out."""
    dates, valeurs = (avant.dates, avant.valeurs) if avant else ({}, {})
    changees: list[Changee] = [
        (etape, date, apres.valeurs.get(etape), False)
        for etape, date in apres.dates.items()
        if dates.get(etape) != date or valeurs.get(etape) != apres.valeurs.get(etape)
    ]
    changees += [(e, date, valeurs.get(e), True) for e, date in dates.items() if e not in apres.dates]
    return sorted(changees, key=lambda changee: (changee[1], changee[0]))


def _contenu(date: datetime, valeur: int | None, retiree: bool) -> dict[str, Any]:
    return {"date": date.isoformat(), "valeur": valeur, "retiree": retiree}


def _evenement(settings: IngestSettings, version: int, changee: Changee, maintenant: datetime) -> Evenement:
    etape, date, valeur, retiree = changee
    donnees = CalendrierModifie(
        session=settings.session,
        version=version,
        etape=etape.value,
        date=date,
        libelle=etape.libelle,
        valeur=valeur,
        retiree=retiree,
    )
    return evenement(
        t.CALENDRIER,
        donnees,
        cle=etape.value,
        version=version,
        time=maintenant,
        prefixe=settings.topic_prefix,
    )


def dits(changees: Sequence[Changee]) -> list[str]:
    """Codes of what changed, for who asked."""
    return [etape.value for etape, *_ in changees]
