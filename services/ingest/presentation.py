"""What is shown of an import: state, progress, questions, compte rendu. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_CACHES = frozenset({"sha256", "tentative", "demandeur", "version", "confirmes", "phase_le", "rejeu_de"})
_MINIMUM_S = 1.0
"""A rate measured on less says nothing."""


_CONSEILS = {
    "SIECLE": (
        "corrigez l’élève dans SIECLE, refaites l’export et déposez-le. Si la ligne est juste et qu’il manquait autre"
        " chose (une formation du référentiel, la réponse à une question), l’exploitant peut reprendre ce fichier."
    ),
    "FAITS": "l’exploitant corrige ces lignes et les rejoue, ou la plateforme les renvoie.",
    "BOURSES": "l’exploitant corrige ces lignes et les rejoue, ou leur émetteur les renvoie.",
    "BULLETINS": (
        "corrigez dans le logiciel de notes, qui enverra de nouveau. Si un élève manquait, l’exploitant peut reprendre"
        " ce fichier une fois l’élève connu."
    ),
}
_CONSEIL = "corrigez le fichier et déposez-le de nouveau, en entier : il remplace le précédent."


def conseil(nature: str) -> str:
    """To who deposited a file of which lines were refused: where they are corrected."""
    return _CONSEILS.get(nature, _CONSEIL)


def presenter(recu: Mapping[str, Any], maintenant: datetime) -> dict[str, Any]:
    """Without hash, tentative and who asked."""
    visible = {champ: valeur for champ, valeur in recu.items() if champ not in _CACHES}
    return {**visible, "questions": recu["questions"] or [], "avancement": avancement(recu, maintenant)}


def avec_lignes(
    presente: dict[str, Any], lignes: Sequence[Mapping[str, Any]], suite: bool, par_gravite: Mapping[str, int]
) -> dict[str, Any]:
    """The same with the first lines of the compte rendu. ``lignes_en_plus``: anomalies not among them."""
    montrees = sum(len(ligne["anomalies"]) for ligne in lignes)
    rendu = {
        **(presente["compte_rendu"] or {"compteurs": {}, "ignores": {}, "refus": None}),
        "lignes": list(lignes),
        "lignes_en_plus": sum(par_gravite.values()) - montrees if suite else 0,
    }
    refusees = rendu["compteurs"].get("rejetes")
    return {**presente, "compte_rendu": rendu, "conseil": conseil(presente["nature"]) if refusees else None}


def avancement(recu: Mapping[str, Any], maintenant: datetime) -> dict[str, Any] | None:
    """Phase, part done (0 to 1), pace and seconds left when they can be told; None when nothing goes on.

    LECTURE: bytes of the deposited file; RAPPROCHEMENT: all is read, the rest is compared and written;
    PUBLICATION: events.
    """
    if recu["etat"] not in {"DEPOSE", "ANALYSE", "PUBLICATION"}:
        return None
    phase, fait, total = _mesure(recu)
    ecoule = (maintenant - recu["phase_le"]).total_seconds() if recu["phase_le"] else 0.0
    rythme = fait / ecoule if fait and ecoule >= _MINIMUM_S else None
    return {
        "phase": phase,
        "part": round(fait / total, 4) if total else None,
        "fait": fait,
        "total": total or None,
        "unite": "faits" if phase == "PUBLICATION" else "octets",
        "par_seconde": round(rythme, 1) if rythme else None,
        "reste_s": round((total - fait) / rythme) if rythme and total else None,
    }


def _mesure(recu: Mapping[str, Any]) -> tuple[str, int, int]:
    match recu["etat"]:
        case "DEPOSE":
            return "ATTENTE", 0, recu["octets"]
        case "PUBLICATION":
            return "PUBLICATION", recu["checkpoint"], recu["total"] or 0
        case _ if recu["octets_lus"] >= recu["octets"]:
            return "RAPPROCHEMENT", recu["octets"], recu["octets"]
        case _:
            return "LECTURE", recu["octets_lus"], recu["octets"]
