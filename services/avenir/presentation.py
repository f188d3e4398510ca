"""The avis as JSON, with the labels of the référentiels."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.avenir.domain import Avis, Fiche, avancer, cibles
from shared.domaine.etat import EtatEleve, Voeu
from shared.events.modeles import Capacite
from shared.nomenclatures.formations import formation


def presenter_avis(avis: Avis, *, orphelin: bool, autre: Capacite | None = None) -> dict[str, Any]:
    """``orphelin``: the vœu was withdrawn since; the avis is kept. ``autre``: said in another dossier of the pupil."""
    return {
        **_cle(avis.cible),
        "formation_id": avis.formation_id,
        "capacite": avis.capacite,
        "version": avis.version,
        "auteur": avis.auteur,
        "modifie_le": avis.modifie_le.isoformat(),
        "orphelin": orphelin,
        "autre_avis": autre,
    }


def presenter_fiche(
    etat: EtatEleve, avis: Mapping[str, Avis], autres: Mapping[str, Capacite] = MappingProxyType({})
) -> dict[str, Any]:
    """Every avis written, every cible with its avis or None, and the progress."""
    actives = cibles(etat)
    rendus = [cible for cible, un in avis.items() if un.capacite is not None]
    fiche = avancer(Fiche(), actives, rendus)
    presentes = {
        cible: presenter_avis(un, orphelin=cible not in actives, autre=autres.get(cible))
        for cible, un in avis.items()
    }
    return {
        "avis": list(presentes.values()),
        "cibles": [_cible(cible, etat.voeux[cible], presentes.get(cible)) for cible in actives],
        "fiche": {"avis_rendus": fiche.avis_rendus, "cibles": fiche.cibles},
    }


def _cible(cible: str, voeu: Voeu, avis: dict[str, Any] | None) -> dict[str, Any]:
    connue = formation(voeu.formation_id)
    return {
        **_cle(cible),
        "formation_id": voeu.formation_id,
        "formation": connue.libelle if connue else voeu.formation_id,
        "etablissement": connue.etablissement if connue else None,
        "voie": voeu.voie.value,
        "etat": voeu.etat.value,
        "avis": avis,
    }


def _cle(cible: str) -> dict[str, str | None]:
    voeu_id, _, sous_voeu_id = cible.partition("/")
    return {"cible": cible, "voeu_id": voeu_id, "sous_voeu_id": sous_voeu_id or None}
