"""A window of facts → pupils folded in memory → what changed, by cell and by day → sorted upserts."""

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators import store
from services.indicators.domain import Comptage, Ecarts
from services.indicators.etat import JOURS, Etat, decoder, encoder, place
from services.indicators.intentions import store as intentions
from services.indicators.intentions.domain import sommer
from services.indicators.mesures import mesures
from services.indicators.models import PROJECTION_TABLES
from services.indicators.parution import position
from services.indicators.settings import IndicatorsSettings
from services.indicators.store import Ligne
from shared.events.enveloppe import Evenement
from shared.events.rapide import Fait
from shared.events.topics import BOURSE, CORDEES, FAITS_ELEVE, INTENTION
from shared.kafka.projection import Effets
from shared.kafka.records import Lu

Groupes = dict[str, list[tuple[int, Fait]]]
"""Facts by pupil, each with its day, in the order in which they were read."""


class IndicatorsProjection:
    """Pupils are loaded under lock and written by lots; cells and days once, at the end of the transaction."""

    topics = (*FAITS_ELEVE, BOURSE, CORDEES, INTENTION)
    tables = PROJECTION_TABLES

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._comptage = Comptage(mesures(settings.parametres))

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold valid records and write, in sets, inside ``tx``."""
        return await self.appliquer_lots(tx, [lus])

    async def appliquer_lots(self, tx: AsyncConnection, lots: Iterable[Sequence[Lu]]) -> Effets:
        """Same, a pupil being in one lot only."""
        ecarts, avances = Ecarts(), position.Avances()
        for lus in lots:
            position.compter(avances, lus)
            groupes = _par_eleve(lus)
            if groupes:
                await self._plier(tx, groupes, ecarts)
        await self._compter(tx, ecarts)
        await position.avancer(tx, avances)
        await intentions.ajouter(tx, sommer(ecarts.parcours))
        return Effets()

    async def _plier(self, tx: AsyncConnection, groupes: Groupes, ecarts: Ecarts) -> None:
        connus = await store.charger(tx, sorted(groupes))
        nouvelles: list[Ligne] = []
        deplacees: list[Ligne] = []
        autres: list[Ligne] = []
        for eleve_id, faits in groupes.items():
            connu = connus.get(eleve_id)
            etat = Etat(faits[0][1].session) if connu is None else decoder(connu.brut)
            self._comptage.plier(etat, faits, ecarts)
            ligne = _ligne(eleve_id, etat)
            if connu is None:
                nouvelles.append(ligne)
            elif (connu.uai, connu.uai_initial) != (ligne.uai, ligne.uai_initial):
                deplacees.append(ligne)
            elif connu.brut != ligne.etat:
                autres.append(ligne)
        await store.ecrire(tx, nouvelles, deplacees, autres)

    async def _compter(self, tx: AsyncConnection, ecarts: Ecarts) -> None:
        if await store.ajouter(tx, self._comptage, ecarts):
            await store.definir(tx, [mesure.code for mesure in self._comptage.mesures])

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing derived is published by pupil."""
        del tx, ancienne, nouvelle
        return []


def _par_eleve(lus: Sequence[Lu]) -> Groupes:
    groupes: Groupes = {}
    jours = JOURS
    for lu in lus:
        fait = lu.fait
        if fait is not None:
            un = (jours[lu.recordedtime[:13]], fait)
            groupe = groupes.get(lu.eleve_id)
            if groupe is None:
                groupes[lu.eleve_id] = [un]
            else:
                groupe.append(un)
    return groupes


def _ligne(eleve_id: str, etat: Etat) -> Ligne:
    """``uai_initial`` only when it is another one, or when he left: each lycée finds a pupil once."""
    if etat.fusion or not etat.scolarite:
        return Ligne(eleve_id, encoder(etat), etat.session, None, None)
    lue = place(str(etat.scolarite[3]))
    uai = lue.uai if lue.present else None
    initial = lue.uai_initial if lue.uai_initial and lue.uai_initial != uai else None
    return Ligne(eleve_id, encoder(etat), etat.session, uai, initial)
