"""A window of facts → pupils folded in memory → what changed, by cell and by day → sorted upserts."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators import store
from services.indicators.domain import Cle, Comptage, ecarts_vides
from services.indicators.etat import JOURS, Etat, encoder, place
from services.indicators.mesures import mesures
from services.indicators.models import PROJECTION_TABLES
from services.indicators.settings import IndicatorsSettings
from services.indicators.store import Ligne
from shared.events.enveloppe import Evenement
from shared.events.rapide import Fait
from shared.events.topics import BOURSE, CORDEES, FAITS_ELEVE, INTENTION
from shared.kafka.projection import Effets
from shared.kafka.records import Lu


class IndicatorsProjection:
    topics = (*FAITS_ELEVE, BOURSE, CORDEES, INTENTION)
    tables = PROJECTION_TABLES

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._comptage = Comptage(mesures(settings.parametres))

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold valid records and write, in sets, inside ``tx``."""
        groupes = _par_eleve(lus)
        if not groupes:
            return Effets()
        connus = await store.charger(tx, sorted(groupes))
        ecarts = ecarts_vides()
        nouvelles: list[Ligne] = []
        deplacees: list[Ligne] = []
        autres: list[Ligne] = []
        for eleve_id, faits in groupes.items():
            connu = connus.get(eleve_id)
            etat = store.etat_de(connu) or Etat(faits[0][1].session)
            self._comptage.plier(etat, faits, ecarts)
            ligne = _ligne(eleve_id, etat)
            if connu is None:
                nouvelles.append(ligne)
            elif (connu.uai, connu.uai_initial) != (ligne.uai, ligne.uai_initial):
                deplacees.append(ligne)
            elif connu.brut != ligne.etat:
                autres.append(ligne)
        await store.ecrire(tx, nouvelles, deplacees, autres)
        return Effets(await self._compter(tx, await store.ajouter(tx, self._comptage, ecarts)))

    async def _compter(self, tx: AsyncConnection, cles: Sequence[Cle]) -> list[Evenement]:
        """What follows from the cells that changed."""
        if cles:
            await store.definir(tx, [mesure.code for mesure in self._comptage.mesures])
        return []

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing derived is published by pupil."""
        del tx, ancienne, nouvelle
        return []


def _par_eleve(lus: Sequence[Lu]) -> dict[str, list[tuple[int, Fait]]]:
    """Facts by pupil, each with its day, in the order in which they were read."""
    groupes: dict[str, list[tuple[int, Fait]]] = {}
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
