"""Actions as JSON: labels beside codes, and of the pupils only those whom the caller may see."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.eleves.accompagnement.domain import (
    Etat,
    Fonction,
    Genre,
    Issue,
    Rapport,
    fin_de_semaine,
    libelle_assigne,
)
from services.eleves.accompagnement.store import Ligne
from services.eleves.etablissement.equipe import Principal
from shared.http.perimetre import Perimetre

_PERIODE = ("ouvertes", "en_retard", "cette_semaine", "faites", "abandonnees")
CONTENU = ("titre", "genre", "consigne", "fonction", "assigne", "echeance")


def action(ligne: Ligne, eleves: Sequence[Ligne], perimetre: Perimetre, jour: date) -> dict[str, Any]:
    """``autres``: pupils of other classes, whom this caller does not see; then he does not change it."""
    vus = [eleve for eleve in eleves if _voit(perimetre, ligne["uai"], eleve)]
    etat, genre, fonction = Etat(ligne["etat"]), Genre(ligne["genre"]), Fonction(ligne["fonction"])
    ouverte = etat is Etat.OUVERTE
    return {
        **{champ: ligne[champ] for champ in ("id", "uai", *CONTENU, "etat", "motif", "version")},
        "echeance": ligne["echeance"].isoformat(),
        "genre_libelle": genre.libelle,
        "etat_libelle": etat.libelle,
        "assigne_cle": ligne["assigne_cle"],
        "assigne_libelle": libelle_assigne(fonction, ligne["assigne"]),
        "en_retard": ouverte and ligne["echeance"] < jour,
        "cette_semaine": ouverte and jour <= ligne["echeance"] <= fin_de_semaine(jour),
        "du_saio": ligne["proposition_id"] is not None,
        "auteur_nom": ligne["auteur_nom"],
        "cree_le": ligne["cree_le"].isoformat(),
        "modifie_le": ligne["modifie_le"].isoformat(),
        "close_le": ligne["close_le"] and ligne["close_le"].isoformat(),
        "eleves": [_eleve(eleve) for eleve in vus],
        "autres": len(eleves) - len(vus),
        "modifiable": len(eleves) == len(vus),
    }


def _voit(perimetre: Perimetre, uai: str, eleve: Ligne) -> bool:
    """Those who left for another lycée are counted for whoever sees the whole lycée, without their name."""
    if not eleve["ici"]:
        return perimetre.classes is None
    return perimetre.voit_classe(uai, eleve["classe"])


def _eleve(ligne: Ligne) -> dict[str, Any]:
    issue = Issue(ligne["issue"]) if ligne["issue"] else None
    return {
        "eleve_id": ligne["eleve_id"],
        "nom": ligne["nom"] if ligne["ici"] else None,
        "prenom": ligne["prenom"] if ligne["ici"] else None,
        "classe": ligne["classe"] if ligne["ici"] else None,
        "ici": ligne["ici"],
        "present": bool(ligne["ici"] and ligne["present"]),
        "issue": issue and issue.value,
        "issue_libelle": issue and issue.libelle,
        "precision": ligne["precision"],
    }


def rapport(sorts: Mapping[str, Rapport], nommes: Mapping[str, Ligne]) -> list[dict[str, Any]]:
    """What became of each pupil; the name of those in scope only."""
    return [
        {
            "eleve_id": eleve_id,
            **{champ: nommes.get(eleve_id, {}).get(champ) for champ in ("nom", "prenom", "classe")},
            "resultat": sort.value,
            "retenu": sort.retenu,
            "phrase": sort.phrase,
        }
        for eleve_id, sort in sorts.items()
    ]


def comptes(lignes: Sequence[Ligne]) -> dict[str, Any]:
    """Counts of the lycée, and by person in charge (who has something open)."""
    return {
        "comptes": {nom: sum(ligne[nom] for ligne in lignes) for nom in _PERIODE},
        "personnes": [
            {
                "cle": ligne["assigne_cle"],
                "libelle": libelle_assigne(Fonction(ligne["fonction"]), ligne["assigne"]),
                **{nom: ligne[nom] for nom in _PERIODE},
            }
            for ligne in lignes
        ],
    }


def vocabulaire() -> dict[str, Any]:
    """Closed lists of the forms: code and label."""
    return {
        "genres": [{"code": un.value, "libelle": un.libelle} for un in Genre],
        "fonctions": [{"code": un.value, "libelle": un.libelle} for un in Fonction],
        "issues": [{"code": un.value, "libelle": un.libelle} for un in Issue],
    }


def suggestions(equipe: Mapping[str, Sequence[Principal]]) -> list[dict[str, str]]:
    """Professeurs principaux whom the lycée named, to choose from; another name may be typed."""
    noms = {
        " ".join(mot for mot in (un.prenom, un.nom) if mot): classe
        for classe, principaux in sorted(equipe.items())
        for un in principaux
    }
    fonction = Fonction.PROFESSEUR_PRINCIPAL.value
    return [{"nom": nom, "classe": classe, "fonction": fonction} for nom, classe in noms.items()]


def detail(
    presentee: dict[str, Any],
    commentaires: Sequence[Ligne],
    historique: Sequence[Ligne],
    equipe: Mapping[str, Sequence[Principal]],
) -> dict[str, Any]:
    """An action with what was said of it and every state it had."""
    return {
        **presentee,
        "equipe": suggestions(equipe),
        "commentaires": [{**un, "le": un["le"].isoformat()} for un in commentaires],
        "historique": [_acte(un) for un in historique],
        **vocabulaire(),
    }


def _acte(ligne: Ligne) -> dict[str, Any]:
    """Which fields moved; the pupils of a line of history are counted, not named."""
    avant, apres = ligne["avant"] or {}, ligne["apres"]
    return {
        "version": ligne["version"],
        "acte": ligne["acte"],
        "auteur_nom": ligne["auteur_nom"],
        "le": ligne["le"].isoformat(),
        "changes": [champ for champ in CONTENU if champ in apres and avant.get(champ) != apres[champ]],
        "eleves": len(apres.get("eleves", ())),
    }
