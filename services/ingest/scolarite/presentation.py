"""What is shown of a scolarité, of the entries of a lycée and of a task: JSON values, no name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.ingest.scolarite.domain import CHAMPS, CHOIX, LIBELLES, QUESTIONS, Genre
from services.ingest.scolarite.store import Entree
from services.ingest.siecle.effective import (
    Dite,
    Vivier,
    a_reporter,
    composer,
    decoder_contenu,
    valeurs,
)
from shared.http.perimetre import Perimetre, Role

_VIDE: tuple[Any, ...] = (None, [], (), "")


def scolarite(
    eleve_id: str,
    dite: Dite,
    vivier: Vivier | None,
    entree: Entree,
    *,
    ici: bool,
    historique: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """SIECLE's value, the lycée's own and the effective one, field by field. ``ici``: what is published is this lycée's."""
    return {
        "eleve_id": eleve_id,
        "uai": dite.uai,
        "version": entree.version,
        "ici": ici,
        "connu_de_siecle": dite.siecle is not None,
        "ajoute": entree.locale.ajout,
        "renonce": composer(dite).renonce,
        "sortie": _sortie(entree),
        "vivier_initial": vivier
        and {"uai": vivier.uai, "serie": vivier.serie, "date": vivier.le.isoformat()},
        "champs": champs(dite),
        "historique": [{**ligne, "le": _quand(ligne["le"])} for ligne in historique],
    }


def champs(dite: Dite) -> list[dict[str, Any]]:
    siecle = decoder_contenu(dite.siecle.contenu) if dite.siecle else {}
    entres: Mapping[str, Any] = dite.locale.champs if dite.locale else {}
    if dite.locale and dite.locale.sortie:
        entres = {**entres, "date_sortie": dite.locale.sortie.date.isoformat()}
    effectifs, ecarts = valeurs(dite), a_reporter(dite)
    return [
        {
            "champ": champ,
            "libelle": libelle,
            "siecle": siecle.get(champ),
            "local": entres.get(champ),
            "effectif": effectifs.get(champ),
            "a_reporter": champ in ecarts,
        }
        for champ, libelle in CHAMPS.items()
        if any(source.get(champ) not in _VIDE for source in (siecle, entres, effectifs))
    ]


def saisies(
    lignes: Sequence[Mapping[str, Any]], dites: Mapping[str, Sequence[Dite]], uai: str
) -> dict[str, Any]:
    """Every local entry of a lycée; those that SIECLE does not say are to be reported there."""
    montrees = [_saisie(ligne, dites.get(ligne["eleve_id"], ()), uai) for ligne in lignes]
    gardees = [ligne for ligne in montrees if ligne is not None]
    return {"saisies": gardees, "a_reporter": sum(bool(ligne["a_reporter"]) for ligne in gardees)}


def _saisie(ligne: Mapping[str, Any], dites: Sequence[Dite], uai: str) -> dict[str, Any] | None:
    dite = next((dite for dite in dites if dite.uai == uai), None)
    if dite is None or dite.locale is None or dite.locale.vide:
        return None
    ecarts = a_reporter(dite)
    return {
        **ligne,
        "modifie_le": _quand(ligne["modifie_le"]),
        "ajoute": dite.locale.ajout,
        "connu_de_siecle": dite.siecle is not None,
        "sorti_le": dite.locale.sortie and dite.locale.sortie.date.isoformat(),
        "renonce": composer(dite).renonce,
        "champs": {champ: v for champ, v in dite.locale.champs.items() if champ in CHAMPS},
        "a_reporter": [
            {"champ": champ, "libelle": CHAMPS[champ], "siecle": siecle, "local": local}
            for champ, (siecle, local) in ecarts.items()
        ],
    }


def tache(
    ligne: Mapping[str, Any], dites: Mapping[str, Sequence[Dite]], perimetre: Perimetre
) -> dict[str, Any]:
    """A task as ``perimetre`` may see it: what a lycée says is shown to that lycée and to the operator."""
    genre = Genre(ligne["genre"])
    return {
        "id": ligne["id"],
        "genre": genre.value,
        "question": QUESTIONS[genre],
        "choix": [{"code": choix.value, "libelle": LIBELLES[choix]} for choix in CHOIX[genre]],
        "etat": ligne["etat"],
        "version": ligne["version"],
        "ouverte_le": _quand(ligne["ouverte_le"]),
        "age_jours": ligne["age_s"] // 86_400,
        "motif": ligne["detail"].get("motif"),
        "ine": ligne["detail"].get("ine") if perimetre.role is not Role.SAIO else None,
        "lycees": [
            {"uai": uai, "reponse": (ligne["reponses"] or {}).get(uai, {}).get("choix")}
            for uai in ligne["lycees"]
        ],
        "eleves": [
            {"eleve_id": eleve_id, "scolarites": _dits(dites.get(eleve_id, ()), perimetre)}
            for eleve_id in ligne["eleves"]
        ],
        "resolution": ligne["resolution"],
    }


def _dits(dites: Sequence[Dite], perimetre: Perimetre) -> list[dict[str, Any]]:
    return [
        {"uai": dite.uai, **{champ: valeurs(dite).get(champ) for champ in ("classe", "serie", "date_entree")}}
        for dite in dites
        if perimetre.role is Role.OPERATEUR or perimetre.voit_lycee(dite.uai)
    ]


def _sortie(entree: Entree) -> dict[str, Any] | None:
    sortie = entree.locale.sortie
    return {"date": sortie.date.isoformat(), "motif": sortie.motif} if sortie else None


def _quand(instant: datetime) -> str:
    return instant.isoformat()
