"""The vœux of a pupil as JSON, with the labels of the référentiels."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.lecture import Lecture
from shared.domaine.etat import A_REPONDRE, EtatEleve, Voeu, etat_du_voeu, reponse_de
from shared.nomenclatures.formations import formations


async def voeux(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    del tx
    etat = lecture.etat
    maintenus = frozenset(cle for donnee in etat.reponses.values() for cle in donnee.maintenus)
    return {
        "voeux": [_voeu(etat, cle, voeu, maintenus) for cle, voeu in sorted(etat.voeux.items())],
        "propositions_sans_voeu": len(etat.propositions.keys() - etat.voeux.keys()),
    }


def _voeu(etat: EtatEleve, cle: str, voeu: Voeu, maintenus: frozenset[str]) -> dict[str, Any]:
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
        "selective": voeu.selective,
        "academie": voeu.academie,
        "voie": voeu.voie.value,
        "phase": voeu.phase.value,
        "etat": etat_du_voeu(etat, cle).value,
        "internat": voeu.internat,
        "projet_motive": voeu.projet_motive,
        "rang": voeu.rang,
        "proposition": proposition and proposition.decision.value,
        "rang_attente": proposition and proposition.rang_attente,
        "date_limite": proposition and proposition.date_limite and proposition.date_limite.isoformat(),
        "a_repondre": proposition is not None and proposition.decision in A_REPONDRE and reponse is None,
        "reponse": reponse and reponse.value,
        "maintenu": cle in maintenus,
    }
