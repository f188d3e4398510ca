"""The way back as a part of ingest's projection: see ``services.ingest.consumers``.

A cursor is given when an object may be sent, or changes. It is drawn from one row that stays locked
until the commit: the order of cursors is that of the commits, so a reader never passes one over.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.models import PROJECTION_TABLES
from services.ingest.retour import depot
from services.ingest.retour.depot import Cle, Inscription, Ligne
from services.ingest.retour.domain import Objet, objet_de, plier
from shared.events import rapide as r
from shared.events.enveloppe import Evenement
from shared.events.topics import ACCUSE, BOURSE, CORDEES, DOSSIER, FICHE, Topic
from shared.kafka.projection import Effets
from shared.kafka.records import Lu
from shared.settings import Settings


class RetourVersLaPlateforme:
    topics: tuple[Topic, ...] = (DOSSIER, ACCUSE, FICHE, BOURSE, CORDEES)
    tables: MetaData = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        del settings

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold the objects of each pupil; those who get their dossier now may be sent what waited."""
        nouveaux = await depot.inscrire(tx, _dossiers(lus))
        faits = _faits(lus)
        eleves = {cle.eleve_id for cle in faits} | nouveaux
        if not eleves:
            return Effets()
        avant = await depot.charger(tx, sorted(eleves))
        candidats = nouveaux | await depot.candidats(tx, sorted(eleves - nouveaux))
        apres = _plier(avant, faits)
        await depot.ecrire(tx, apres, _a_numeroter(avant, apres, candidats))
        return Effets()

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """What did not change keeps its cursor; the rest comes after all those ever given."""
        await depot.reporter_curseurs(tx, ancienne, nouvelle)
        return []


def _dossiers(lus: Sequence[Lu]) -> dict[str, Inscription]:
    """The first dossier of each pupil."""
    premiers: dict[str, Inscription] = {}
    for lu in lus:
        if isinstance(lu.fait, r.Dossier):
            vue = Inscription(lu.fait.session, datetime.fromisoformat(lu.recordedtime))
            premiers[lu.eleve_id] = min(vue, premiers.get(lu.eleve_id, vue))
    return premiers


def _faits(lus: Sequence[Lu]) -> dict[Cle, list[tuple[r.Fait, datetime]]]:
    groupes: defaultdict[Cle, list[tuple[r.Fait, datetime]]] = defaultdict(list)
    for lu in lus:
        objet = objet_de(lu.fait) if lu.fait is not None else None
        if lu.fait is not None and objet is not None:
            cle = Cle(lu.eleve_id, objet.value)
            groupes[cle].append((lu.fait, datetime.fromisoformat(lu.recordedtime)))
    return groupes


def _plier(
    avant: Mapping[Cle, Ligne], faits: Mapping[Cle, Sequence[tuple[r.Fait, datetime]]]
) -> dict[Cle, Ligne]:
    """The rows after the facts; those that only wait for a dossier are kept as they are."""
    apres = dict(avant)
    for cle, suite in faits.items():
        deja = avant.get(cle)
        etat: Objet | None = deja.objet if deja else None
        for fait, recorde in suite:
            etat = plier(etat, fait, recorde)
        if etat is not None:
            apres[cle] = Ligne(etat, deja.curseur if deja else None)
    return apres


def _a_numeroter(avant: Mapping[Cle, Ligne], apres: Mapping[Cle, Ligne], candidats: set[str]) -> list[Cle]:
    """Those to be sent (again), in an order that depends on nothing but them."""
    changes = [
        cle
        for cle, ligne in apres.items()
        if ligne.objet.concerne
        and ligne.objet.version is not None
        and cle.eleve_id in candidats
        and (ligne.curseur is None or ligne.objet.version != avant[cle].objet.version)
    ]
    return sorted(changes)
