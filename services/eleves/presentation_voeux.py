"""The vœux of a pupil as JSON, with the labels of the référentiels."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.lecture import Lecture
from shared.domaine.etat import EtatEleve, Voeu, etat_du_voeu, reponse_de
from shared.nomenclatures.formations import formations


async def voeux(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    del tx
    etat = lecture.etat
    return {"voeux": [_voeu(etat, cle, voeu) for cle, voeu in sorted(etat.voeux.items())]}


def _voeu(etat: EtatEleve, cle: str, voeu: Voeu) -> dict[str, Any]:
    formation = formations().get(voeu.formation_id)
    proposition, reponse = etat.propositions.get(cle), reponse_de(etat, cle)
    voeu_id, _, sous_voeu_id = cle.partition("/")
    return {
        "cle": cle,
        "voeu_id": voeu_id,
        "sous_voeu_id": sous_voeu_id or None,
        "formation_id": voeu.formation_id,
        "formation": formation.libelle if formation else voeu.formation_id,
        "etablissement": formation.etablissement if formation else None,
        "famille": voeu.famille.value,
        "voie": voeu.voie.value,
        "etat": etat_du_voeu(etat, cle).value,
        "proposition": proposition and proposition.decision.value,
        "reponse": reponse and reponse.value,
    }
