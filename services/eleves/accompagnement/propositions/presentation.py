"""Proposals as JSON, for the lycée and for the SAIO, who is told counts."""

from typing import Any

from services.eleves.accompagnement.domain import Genre
from services.eleves.accompagnement.propositions.domain import EtatProposition
from services.eleves.accompagnement.propositions.store import Ligne

_COMMUNS = ("id", "uai", "academie", "liste", "genre", "phrase", "etat", "reponse", "version", "auteur_nom")
_AVANCEMENT = ("actions", "faites", "eleves", "regles")


def pour_le_lycee(ligne: Ligne) -> dict[str, Any]:
    return {**_commune(ligne), "repondu_par": ligne["repondu_par"]}


def pour_le_saio(ligne: Ligne) -> dict[str, Any]:
    """Counts of the actions that came of it; no title, no name."""
    return _commune(ligne)


def _commune(ligne: Ligne) -> dict[str, Any]:
    return {
        **{champ: ligne[champ] for champ in _COMMUNS},
        "genre_libelle": Genre(ligne["genre"]).libelle,
        "etat_libelle": EtatProposition(ligne["etat"]).libelle,
        "echeance": ligne["echeance"].isoformat(),
        "cree_le": ligne["cree_le"].isoformat(),
        "repondu_le": ligne["repondu_le"] and ligne["repondu_le"].isoformat(),
        **{champ: ligne.get(champ, 0) or 0 for champ in _AVANCEMENT},
    }
