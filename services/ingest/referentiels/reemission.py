"""A vœu said again with what the référentiel says now of its formation. Pure."""

from datetime import datetime
from uuid import UUID

from shared.domaine.etat import Voeu
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import VoeuModifie
from shared.nomenclatures import Formation


def perime(voeu: Voeu, formation: Formation | None) -> bool:
    """The vœu was written with an older version of its formation, and reads otherwise now."""
    if formation is None or formation.revision <= voeu.revision:
        return False
    dits = (voeu.famille, voeu.selective, voeu.academie)
    return dits != (formation.famille, formation.selective, formation.academie)


def reemettre(
    eleve_id: str, cle: str, voeu: Voeu, formation: Formation, *, session: int, time: datetime, prefixe: str
) -> Evenement:
    """Same version of the platform's, higher revision: wins over what was published, loses to what comes."""
    voeu_id, _, sous_voeu_id = cle.partition("/")
    donnees = VoeuModifie(
        session=session,
        eleve_id=UUID(eleve_id),
        version=voeu.version,
        voeu_id=voeu_id,
        sous_voeu_id=sous_voeu_id or None,
        formation_id=voeu.formation_id,
        famille=formation.famille,
        selective=formation.selective,
        academie_formation=formation.academie,
        voie=voeu.voie,
        phase=voeu.phase,
        etat=voeu.etat,
        internat=voeu.internat,
        projet_motive=voeu.projet_motive,
        rang=voeu.rang,
        revision=formation.revision,
    )
    return evenement(
        t.VOEU,
        donnees,
        cle=f"{eleve_id}/{cle}",
        version=voeu.version,
        revision=formation.revision,
        time=time,
        prefixe=prefixe,
    )
