"""The Cordées of a pupil as JSON, both sources side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.cordees import registre
from services.eleves.cordees.registre import Saisie
from services.eleves.lots import Contexte
from shared.domaine.cordees import LIBELLES_DISPOSITIF, cordees
from shared.domaine.etat import EtatEleve
from shared.events.modeles import Dispositif


async def presenter(
    tx: AsyncConnection, contexte: Contexte, etats: Mapping[str, EtatEleve]
) -> dict[str, dict[str, Any]]:
    saisies = await registre.lire(tx, contexte.session, list(etats))
    return {i: {"eleve_id": i, **dire_cordees(etat, saisies.get(i))} for i, etat in etats.items()}


def dire_cordees(etat: EtatEleve, saisie: Saisie | None) -> dict[str, Any]:
    """``siecle``, ``local``: what each source says; ``version``: of the entry, 0 when there never was one."""
    dites = cordees(etat, saisie.en_vigueur if saisie else None)
    return {
        "participe": dites.participe,
        "dispositif": dites.dispositif and dites.dispositif.value,
        "dispositif_libelle": _libelle(dites.dispositif),
        "source": dites.source.value,
        "siecle": dites.siecle and dites.siecle.value,
        "siecle_libelle": _libelle(dites.siecle),
        "local": dites.local and dites.local.value,
        "a_reporter": dites.a_reporter,
        "report": dites.report and dites.report.value,
        "report_libelle": dites.report and dites.report.libelle,
        "version": saisie.version if saisie else 0,
        "auteur": saisie.auteur if saisie and saisie.etat else None,
        "le": saisie.le.isoformat() if saisie and saisie.etat else None,
    }


def dire_historique(actes: Sequence[tuple[str, int | None, Saisie]]) -> list[dict[str, Any]]:
    return [
        {
            "acte": acte,
            "evenement": evenement,
            "version": s.version,
            "etat": s.etat and s.etat.value,
            "dispositif": s.dispositif and s.dispositif.value,
            "dispositif_libelle": _libelle(s.dispositif),
            "motif": s.motif,
            "auteur": s.auteur,
            "role": s.role,
            "le": s.le.isoformat(),
        }
        for acte, evenement, s in actes
    ]


def _libelle(dispositif: Dispositif | None) -> str | None:
    return LIBELLES_DISPOSITIF[dispositif] if dispositif else None
