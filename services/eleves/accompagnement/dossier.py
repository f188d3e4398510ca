"""The part of a dossier and of its timeline that comes from actions and notes."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement import presentation, store
from services.eleves.accompagnement.domain import Etat, Genre, aujourd_hui
from services.eleves.accompagnement.notes import store as notes
from services.eleves.accompagnement.store import Filtre, Lieu
from services.eleves.lecture import Genre as Theme
from services.eleves.lecture import Lecture, Moment, Origine

_LIMITE = 50


async def accompagnement(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Actions of the pupil; of the others in them, only their number."""
    lieu = _lieu(lecture)
    if lieu is None:
        return {"accompagnement": []}
    lignes = await store.lister(tx, lieu, Filtre(eleve_id=lecture.eleve_id, limite=_LIMITE))
    eleves = await store.eleves(tx, lieu.uai, [ligne["id"] for ligne in lignes])
    jour = aujourd_hui(lecture.maintenant)
    dites = [presentation.action(un, eleves[un["id"]], lecture.appelant, jour) for un in lignes[:_LIMITE]]
    return {"accompagnement": [_du_seul(dite, lecture.eleve_id) for dite in dites]}


def _du_seul(dite: dict[str, Any], eleve_id: str) -> dict[str, Any]:
    sien = next((eleve for eleve in dite["eleves"] if eleve["eleve_id"] == eleve_id), None)
    champs = (
        "id",
        "titre",
        "genre_libelle",
        "etat",
        "etat_libelle",
        "assigne_libelle",
        "echeance",
        "en_retard",
    )
    return {
        **{champ: dite[champ] for champ in champs},
        "issue_libelle": sien and sien["issue_libelle"],
        "precision": sien and sien["precision"],
        "eleves": len(dite["eleves"]) + dite["autres"],
    }


async def moments(tx: AsyncConnection, lecture: Lecture) -> list[Moment]:
    """Actions started and closed, and talks of which the caller may read the note; never a free text."""
    lieu = _lieu(lecture)
    if lieu is None:
        return []
    lignes = await store.lister(tx, lieu, Filtre(eleve_id=lecture.eleve_id, limite=_LIMITE))
    dits = [moment for ligne in lignes[:_LIMITE] for moment in _d_une_action(ligne)]
    return [*dits, *[_d_une_note(note) for note in await notes.lister(tx, lieu, lecture.eleve_id)]]


def _d_une_action(ligne: store.Ligne) -> list[Moment]:
    genre = Genre(ligne["genre"]).libelle
    ouverte = _moment(ligne["cree_le"], f"Action d’accompagnement ouverte : {genre}.", ligne["auteur_nom"])
    if ligne["close_le"] is None:
        return [ouverte]
    etat = Etat(ligne["etat"]).libelle.lower()
    return [ouverte, _moment(ligne["close_le"], f"Action d’accompagnement {etat} : {genre}.", None)]


def _d_une_note(note: notes.Ligne) -> Moment:
    phrase = f"Note d’entretien du {note['jour']:%d/%m/%Y}."
    return _moment(note["cree_le"], phrase, note["auteur_nom"])


def _moment(le: Any, phrase: str, auteur: str | None) -> Moment:
    return Moment(
        survenu=le,
        enregistre=le,
        genre=Theme.ACCOMPAGNEMENT,
        origine=Origine.LYCEE,
        phrase=phrase,
        auteur=auteur or None,
    )


def _lieu(lecture: Lecture) -> Lieu | None:
    scolarite = lecture.etat.scolarite
    if scolarite is None:
        return None
    return Lieu(perimetre=lecture.appelant, session=lecture.session, uai=scolarite.uai)
