"""A window of facts → pupils folded in memory → what changed, by cell and by day → sorted upserts."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators import store
from services.indicators.domain import Comptage, Ecarts
from services.indicators.etat import JOURS, JOURS_DES_OCTETS, Etat, decoder, encoder, place
from services.indicators.intentions import store as intentions
from services.indicators.intentions.domain import sommer
from services.indicators.legers import LEGERS
from services.indicators.mesures import mesures
from services.indicators.models import PROJECTION_TABLES
from services.indicators.parution import position
from services.indicators.settings import IndicatorsSettings
from services.indicators.store import Ligne
from shared.events.enveloppe import Evenement
from shared.events.topics import BOURSE, CORDEES, FAITS_ELEVE, INTENTION
from shared.kafka.lots import Groupes, Lot
from shared.kafka.projection import Effets
from shared.kafka.records import Lu


class IndicatorsProjection:
    """Pupils are loaded under lock and written by lots; cells and days once, at the end of the transaction."""

    topics = (*FAITS_ELEVE, BOURSE, CORDEES, INTENTION)
    tables = PROJECTION_TABLES
    legers = LEGERS

    def __init__(self, settings: IndicatorsSettings) -> None:
        self._comptage = Comptage(mesures(settings.parametres))

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        """Fold valid records and write, in sets, inside ``tx``."""
        seule = self.fenetre(tx)
        await seule.appliquer(lus)
        return await seule.clore()

    def fenetre(self, tx: AsyncConnection) -> "Fenetre":
        return Fenetre(tx, self._comptage)

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing derived is published by pupil."""
        del tx, ancienne, nouvelle
        return []


class Fenetre:
    """One transaction: see :class:`shared.kafka.projection.FenetreParEleve`."""

    moments = JOURS_DES_OCTETS

    def __init__(self, tx: AsyncConnection, comptage: Comptage) -> None:
        self._tx = tx
        self._comptage = comptage
        self._ecarts = Ecarts()
        self._avances = position.Avances()
        self._ouverte = False

    async def appliquer(self, lus: Sequence[Lu]) -> Effets:
        position.compter(self._avances, lus)
        await self._plier(_par_eleve(lus))
        return Effets()

    async def plier(self, lot: Lot) -> None:
        """Facts by pupil: of a window far behind, or of a rebuild."""
        for (complet, part), records in lot.comptes.items():
            place = (_session(complet), part)
            au, faits = self._avances.get(place, ("", 0))
            self._avances[place] = (max(au, lot.derniers[complet, part]), faits + records)
        await self._plier(lot.groupes)

    async def clore(self) -> Effets:
        if not self._avances:
            return Effets()
        if await store.ajouter(self._tx, self._comptage, self._ecarts):
            await store.definir(self._tx, [mesure.code for mesure in self._comptage.mesures])
        await position.avancer(self._tx, self._avances)
        await intentions.ajouter(self._tx, sommer(self._ecarts.parcours))
        return Effets()

    async def _plier(self, groupes: Groupes) -> None:
        if not groupes:
            return
        if not self._ouverte:
            await store.par_index(self._tx)
            self._ouverte = True
        connus = await store.charger(self._tx, sorted(groupes))
        nouvelles: list[Ligne] = []
        deplacees: list[Ligne] = []
        autres: list[Ligne] = []
        for eleve_id, faits in groupes.items():
            connu = connus.get(eleve_id)
            etat = Etat(faits[0][1].session) if connu is None else decoder(connu.brut)
            self._comptage.plier(etat, faits, self._ecarts)
            ligne = _ligne(eleve_id, etat)
            if connu is None:
                nouvelles.append(ligne)
            elif (connu.uai, connu.uai_initial) != (ligne.uai, ligne.uai_initial):
                deplacees.append(ligne)
            elif connu.brut != ligne.etat:
                autres.append(ligne)
        await store.ecrire(self._tx, nouvelles, deplacees, autres)


@lru_cache(maxsize=256)
def _session(complet: str) -> int:
    return next(t.session_de(complet) for t in IndicatorsProjection.topics if complet.endswith(f".{t.nom}"))


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
