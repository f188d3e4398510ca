"""The pupil himself as JSON: identity, scolarité, inscription, statut."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.lecture import Lecture
from shared.domaine.etat import EtatEleve
from shared.domaine.statut import statut
from shared.nomenclatures.codes import regimes
from shared.nomenclatures.matieres import specialites

_FIN_INE = 4


async def identite(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    del tx
    identite = lecture.etat.identite
    return {
        "nom": identite and identite.nom,
        "prenom": identite and identite.prenom,
        "nom_usage": identite and identite.nom_usage,
        "autres_prenoms": identite and [p for p in (identite.prenom2, identite.prenom3) if p],
        "naissance": identite and identite.naissance.isoformat(),
        "sexe": identite and identite.sexe,
        "ine_masque": identite and identite.ine and masquer(identite.ine),
    }


def masquer(ine: str) -> str:
    """The end is enough to tell two namesakes apart."""
    return "•" * max(len(ine) - _FIN_INE, 0) + ine[-_FIN_INE:]


async def scolarite(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    del tx
    return scolarite_de(lecture.etat)


def scolarite_de(etat: EtatEleve) -> dict[str, Any]:
    scolarite = etat.scolarite
    initial = scolarite and scolarite.vivier_initial
    return {
        "uai": scolarite and scolarite.uai,
        "academie": scolarite and scolarite.academie,
        "classe": scolarite and scolarite.classe,
        "serie": scolarite and scolarite.serie.value,
        "mef": scolarite and scolarite.mef,
        "specialites": scolarite and list(scolarite.specialites),
        "libelles_specialites": scolarite and [_specialite(code) for code in scolarite.specialites],
        "regime": scolarite and scolarite.regime,
        "libelle_regime": scolarite
        and scolarite.regime
        and regimes().get(scolarite.regime, scolarite.regime),
        "statut_scolaire": scolarite and scolarite.statut_scolaire,
        "boursier": scolarite and scolarite.boursier,
        "entre_le": scolarite and scolarite.date_entree and scolarite.date_entree.isoformat(),
        "sorti_le": scolarite and scolarite.date_sortie and scolarite.date_sortie.isoformat(),
        "vivier_initial": initial
        and {"uai": initial.uai, "serie": initial.serie.value, "le": initial.le and initial.le.isoformat()},
    }


def _specialite(code: str) -> str:
    connue = specialites().get(code)
    return connue.libelle if connue else code


async def inscription(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    del tx
    etat = lecture.etat
    inscription = etat.inscription
    return {
        "inscription": inscription and inscription.etat.value,
        "pieces_manquantes": list(inscription.pieces_manquantes) if inscription else [],
        "bourse_signalee": etat.bourse_signalee is not None,
        "caes": etat.caes and etat.caes[1].value,
        "statut": statut(etat).value,
    }


async def avenir(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Progress of the fiche Avenir; the avis themselves are avenir's. ``dialogue``: not published yet."""
    del tx
    fiche = lecture.etat.fiche
    return {
        "fiche": fiche
        and {
            "avis_rendus": fiche.avis_rendus,
            "cibles": fiche.cibles,
            "transmise_le": fiche.transmise_le and fiche.transmise_le.isoformat(),
        },
        "dialogue": None,
    }
