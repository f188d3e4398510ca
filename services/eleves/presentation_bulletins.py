"""Bulletins by période as JSON: what was received and typed, what lacks and why, and the marks."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import bulletins as notes
from services.eleves.lecture import Lecture
from shared.domaine.bulletins import EtatBulletin, Periode, periodes
from shared.domaine.etat import cle_bulletin
from shared.events import rapide as r


async def bulletins(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """The last period first: that is the one being looked for."""
    etat = lecture.etat
    lues = await notes.lire(tx, lecture.eleve_id) if etat.bulletins else {}
    siennes = sorted(periodes(etat), key=lambda p: (p.annee, p.code), reverse=True)
    uai = etat.scolarite.uai if etat.scolarite else None
    return {"bulletins": [_periode(periode, lues.get(_cle(periode), ()), uai) for periode in siennes]}


def _cle(periode: Periode) -> str:
    return cle_bulletin(periode.annee, int(periode.code[1:]))


def _periode(periode: Periode, matieres: tuple[r.Note, ...], uai: str | None) -> dict[str, Any]:
    recu = periode.bulletin
    return {
        "annee": periode.annee,
        "code": periode.code,
        "etat": periode.etat.value,
        "raison": _raison(periode),
        "uai": recu.uai if recu and recu.uai != uai else None,
        "classe": recu and recu.classe,
        "matieres": [_matiere(note) for note in matieres],
    }


def _raison(periode: Periode) -> str | None:
    """Why there are no marks of the lycée, or not all of them."""
    if periode.etat is EtatBulletin.SAISI:
        return "Saisi par l’élève sur la plateforme, faute de bulletin remonté par le lycée."
    recu = periode.bulletin
    if recu is None:
        return "Aucun fichier de notes reçu du lycée ne contient ce bulletin, et l’élève ne l’a pas saisi."
    manques = [
        phrase
        for nombre, phrase in (
            (recu.absentes, f"absence dans {_matieres(recu.absentes)}"),
            (recu.dispensees, f"dispense dans {_matieres(recu.dispensees)}"),
            (recu.non_notees, f"{_matieres(recu.non_notees)} sans note"),
        )
        if nombre
    ]
    if periode.etat is EtatBulletin.VIDE:
        return "Bulletin reçu sans aucune note : " + (", ".join(manques) or "aucune matière") + "."
    return f"À noter : {', '.join(manques)}." if manques else None


def _matieres(nombre: int) -> str:
    return f"{nombre} matière{'s' if nombre > 1 else ''}"


def _matiere(note: r.Note) -> dict[str, Any]:
    return {
        "matiere": note.libelle or note.matiere,
        "langue": note.langue,
        "etat": note.etat,
        "moyenne": note.moyenne,
        "rang": note.rang,
        "effectif": note.effectif,
        "coefficient": note.coefficient,
        "moyenne_classe": note.moyenne_classe,
        "moyenne_haute": note.moyenne_haute,
        "moyenne_basse": note.moyenne_basse,
        "appreciation": note.appreciation,
        "enseignants": list(note.enseignants),
    }
