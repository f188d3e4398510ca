"""What the page of a pupil shows, prepared for its templates."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.gateway import contrats as c
from services.gateway.contrats_dossier import Dossier, Voeu


@dataclass(frozen=True, slots=True)
class VoeuEtAvis:
    voeu: Voeu
    avis: c.Avis | None
    modifiable: bool


@dataclass(frozen=True, slots=True)
class Conflit:
    """Two people wrote the same avis: what is recorded and what this one chose."""

    cible: str
    actuel: c.Avis | None
    propose: str | None


def voeux_et_avis(dossier: Dossier, avis: Iterable[c.Avis]) -> list[VoeuEtAvis]:
    """Every vœu with its avis; those withdrawn last."""
    par_cible = {un.cible: un for un in avis}
    lignes = [
        VoeuEtAvis(voeu, par_cible.get(voeu.cle), voeu.etat != "SUPPRIME" and dossier.sorti_le is None)
        for voeu in dossier.voeux
    ]
    return sorted(lignes, key=lambda ligne: (ligne.voeu.etat == "SUPPRIME", ligne.voeu.cle))
