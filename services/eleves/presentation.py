"""The dossier of a pupil as JSON, with the labels of the référentiels."""

from typing import Any

from shared.domaine.etat import EtatEleve, Voeu, etat_du_voeu, reponse_de
from shared.domaine.statut import statut
from shared.nomenclatures.formations import formations


def presenter_dossier(eleve_id: str, etat: EtatEleve) -> dict[str, Any]:
    """Everything the dossier page shows; facts not received yet are None."""
    identite, scolarite, inscription = etat.identite, etat.scolarite, etat.inscription
    return {
        "eleve_id": eleve_id,
        "session": etat.session,
        "nom": identite and identite.nom,
        "prenom": identite and identite.prenom,
        "naissance": identite and identite.naissance.isoformat(),
        "ine": identite and identite.ine,
        "uai": scolarite and scolarite.uai,
        "classe": scolarite and scolarite.classe,
        "serie": scolarite and scolarite.serie.value,
        "specialites": scolarite and list(scolarite.specialites),
        "boursier": scolarite and scolarite.boursier,
        "bourse_signalee": etat.bourse_signalee is not None,
        "sorti_le": scolarite and scolarite.date_sortie and scolarite.date_sortie.isoformat(),
        "inscription": inscription and inscription.etat.value,
        "statut": statut(etat).value,
        "voeux": [_voeu(etat, cle, voeu) for cle, voeu in sorted(etat.voeux.items())],
    }


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
