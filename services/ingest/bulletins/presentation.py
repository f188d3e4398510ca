"""The récapitulatif as it is answered. Pure."""

from typing import Any

from services.ingest.bulletins.lecture import Recapitulatif
from services.ingest.bulletins.recapitulatif import ClasseJugee, EleveJuge, nom_de_periode


def presenter(lu: Recapitulatif, classe: str | None = None) -> dict[str, Any]:
    """Every class in ``classes``; pupils of ``classe`` only when it is given ("" stands for no class)."""
    eleves = [eleve for eleve in lu.eleves if classe is None or (eleve.classe or "") == classe]
    return {
        "uai": lu.uai,
        "session": lu.session,
        "jour": lu.jour,
        "dernier_envoi": lu.dernier_envoi,
        "classes": [_classe(une) for une in lu.classes],
        "eleves": [_eleve(eleve) for eleve in eleves],
    }


def _classe(classe: ClasseJugee) -> dict[str, Any]:
    decoupage = classe.decoupage
    return {
        "classe": classe.classe,
        "decoupage": decoupage,
        "attendues": [
            {"periode": periode, "libelle": nom_de_periode(periode, decoupage or 3)}
            for periode in classe.attendues
        ],
        "effectif": classe.effectif,
        "niveaux": {niveau.value: nombre for niveau, nombre in classe.niveaux.items()},
    }


def _eleve(eleve: EleveJuge) -> dict[str, Any]:
    return {
        "eleve_id": eleve.eleve_id,
        "classe": eleve.classe,
        "serie": eleve.serie,
        "niveau": eleve.verdict.niveau,
        "recues": list(eleve.recues),
        "anterieures": [{"annee": annee, "periode": periode} for annee, periode in eleve.anterieures],
        "motifs": [
            {"code": m.code, "phrase": m.phrase, "periode": m.periode, "matiere": m.matiere}
            for m in eleve.verdict.motifs
        ],
    }
