"""Events of what time did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.ingest.calendrier.echeances import EXPIRATION, Declaration
from services.ingest.settings import IngestSettings
from shared.domaine.etapes import Etape
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import EtapeAtteinte, PropositionExpiree, VoeuNonConfirme


def declaration(
    settings: IngestSettings, eleve_id: str, dite: Declaration, maintenant: datetime
) -> Evenement:
    """``time`` is the deadline itself; that of a deadline put off is when it is taken back."""
    voeu_id, _, sous_voeu_id = dite.cle.partition("/")
    modele = PropositionExpiree if dite.genre == EXPIRATION else VoeuNonConfirme
    donnees = modele(
        session=settings.session,
        eleve_id=UUID(eleve_id),
        version=dite.version,
        voeu_id=voeu_id,
        sous_voeu_id=sous_voeu_id or None,
        date_limite=dite.limite,
        annule=dite.annule,
        revision=dite.revision,
    )
    return evenement(
        t.PROPOSITION if dite.genre == EXPIRATION else t.VOEU,
        donnees,
        cle=f"{eleve_id}/{dite.sujet}",
        version=dite.version,
        revision=dite.revision,
        time=maintenant if dite.annule else dite.limite,
        prefixe=settings.topic_prefix,
    )


def etape_atteinte(settings: IngestSettings, ligne: Row[Any]) -> Evenement:
    donnees = EtapeAtteinte(
        session=settings.session,
        version=ligne.version,
        etape=ligne.code,
        date=ligne.date,
        libelle=Etape(ligne.code).libelle,
    )
    return evenement(
        t.CALENDRIER,
        donnees,
        cle=f"{ligne.code}/atteinte",
        version=ligne.version,
        time=ligne.date,
        prefixe=settings.topic_prefix,
    )
