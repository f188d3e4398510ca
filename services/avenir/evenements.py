"""The events of the service avenir."""

from datetime import datetime
from uuid import UUID

from services.avenir.domain import Avis, Fiche
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import AvisRendu, FicheAvancee
from shared.events.topics import AVIS, FICHE


def avis_rendu(session: int, eleve_id: str, avis: Avis, *, prefixe: str) -> Evenement:
    """Nominative class: an avis as it stands after the command."""
    donnees = AvisRendu(
        session=session,
        eleve_id=UUID(eleve_id),
        version=avis.version,
        cible=avis.cible,
        formation_id=avis.formation_id,
        capacite=avis.capacite,
    )
    cle = f"{eleve_id}/{avis.cible}"
    return evenement(AVIS, donnees, cle=cle, version=avis.version, time=avis.modifie_le, prefixe=prefixe)


def fiche_avancee(session: int, eleve_id: str, fiche: Fiche, *, time: datetime, prefixe: str) -> Evenement:
    donnees = FicheAvancee(
        session=session,
        eleve_id=UUID(eleve_id),
        version=fiche.version,
        avis_rendus=fiche.avis_rendus,
        cibles=fiche.cibles,
    )
    return evenement(FICHE, donnees, cle=eleve_id, version=fiche.version, time=time, prefixe=prefixe)
