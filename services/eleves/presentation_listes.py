"""Pupils of a list as JSON: their columns as the workbook prints them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.eleves.comptes import Compte
from services.eleves.listes import Eleve
from services.eleves.ordre import TRIABLES
from shared.domaine.catalogue import LISTES
from shared.domaine.colonnes import Colonne, Valeur
from shared.domaine.liste import Liste, fenetre_du_moment
from shared.domaine.predicats import Contexte
from shared.domaine.priorites import poids, raisons


def presenter_colonnes(colonnes: Iterable[Colonne]) -> list[dict[str, Any]]:
    """``tri``: what to order by for that column; None where it has no order."""
    return [
        {
            "code": colonne.code,
            "titre": colonne.titre,
            "centree": colonne.centree,
            "tri": next((champ for champ in (colonne.code, colonne.tri) if champ in TRIABLES), None),
        }
        for colonne in colonnes
    ]


def presenter(eleve: Eleve, colonnes: Sequence[Colonne]) -> dict[str, Any]:
    """``cellules``: figures as figures, the rest in French text."""
    rang = eleve.rang
    return {
        "eleve_id": eleve.eleve_id,
        "nom": rang.nom,
        "prenom": rang.prenom,
        "classe": rang.classe,
        "serie": rang.serie,
        "statut": rang.statut,
        "voeux": rang.voeux,
        "voeux_confirmes": rang.voeux_confirmes,
        "propositions": rang.propositions,
        "boursier": rang.boursier,
        "nouveau": eleve.nouveau,
        "cellules": {colonne.code: _dire(colonne.valeur(rang)) for colonne in colonnes},
    }


def _dire(valeur: Valeur) -> str | int | None:
    if isinstance(valeur, datetime):
        return f"{valeur:%d/%m/%Y à %H:%M}"
    return f"{valeur:%d/%m/%Y}" if isinstance(valeur, date) else valeur


def presenter_priorite(eleve: Eleve, contexte: Contexte) -> dict[str, Any]:
    trouvees = raisons(eleve.rang, contexte)
    return {
        "eleve_id": eleve.eleve_id,
        "nom": eleve.rang.nom,
        "prenom": eleve.rang.prenom,
        "classe": eleve.rang.classe,
        "serie": eleve.rang.serie,
        "statut": eleve.rang.statut,
        "score": poids(trouvees),
        "raisons": [raison._asdict() for raison in trouvees],
        "suivi_par": eleve.rang.suivi_assigne,
        "suivi_actions": eleve.rang.suivi_actions,
    }


def presenter_catalogue(contexte: Contexte, comptes: Mapping[str, Compte]) -> dict[str, Any]:
    """The lists of ``comptes``, and the window that the session is in: None without a calendar."""
    fenetre = fenetre_du_moment(contexte)
    return {
        "a_la_date": contexte.a_la_date.isoformat(),
        "fenetre": fenetre and fenetre.value,
        "listes": [_liste(LISTES[code], compte) for code, compte in comptes.items()],
    }


def _liste(liste: Liste, compte: Compte) -> dict[str, Any]:
    return {
        "code": liste.code,
        "titre": liste.titre,
        "fenetre": liste.fenetre.value,
        "definition": liste.definition,
        "pourquoi": liste.pourquoi,
        "attend": liste.attend,
        "eleves": compte.eleves,
        "nouveaux": compte.nouveaux,
        "depuis": compte.depuis and compte.depuis.isoformat(),
    }
