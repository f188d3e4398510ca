"""The bourses of a lycée, by tab; one pupil's, with its history; and their part of the dossier."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.bourses import delegations, presentation, registre
from services.eleves.lecture import Genre, Lecture, Moment, Origine
from services.eleves.lots import Contexte
from services.eleves.referentiels import calendrier
from shared.domaine.bourse import ECHEANCE, FENETRE, OUVERTURE
from shared.domaine.calendrier import jour_de
from shared.domaine.etat import decoder
from shared.http.errors import introuvable

_ELEVES = text(
    """
    SELECT eleve_id::text, nom, prenom, classe, classe_tri, serie, tri, etat FROM eleve
     WHERE session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND present
       AND bourse IS DISTINCT FROM 'AUCUNE'
     ORDER BY tri NULLS LAST, eleve_id
    """
)
_UN = text(
    """
    SELECT etat FROM eleve
     WHERE session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[]))
       AND eleve_id = CAST(:eleve_id AS uuid)
    """
)
_PHRASES = {
    "CERTIFIER": "Bourse certifiée par l’établissement",
    "REFUSER": "Bourse refusée par l’établissement",
    "ANNULER": "Décision sur la bourse annulée",
    "REUNION": "Décision sur la bourse reprise d’un autre dossier du même élève",
}


async def du_lycee(tx: AsyncConnection, contexte: Contexte) -> dict[str, Any]:
    """Every pupil of whom something is said, the oldest signals first, and until when one may decide."""
    _exiger(contexte)
    valeurs = {
        "session": contexte.session,
        "uai": contexte.uai,
        "lycees": list(contexte.perimetre.lycees),
    }
    rows = (await tx.execute(_ELEVES, valeurs)).all()
    etats = {row.eleve_id: decoder(row.etat) for row in rows}
    dites = await presentation.presenter(tx, contexte, etats)
    eleves = [
        {
            "nom": row.nom,
            "prenom": row.prenom,
            "classe": row.classe,
            "serie": row.serie,
            **dites[row.eleve_id],
        }
        for row in rows
    ]
    eleves.sort(key=lambda e: (not e["a_traiter"], e["signalee_le"] or ""))
    return {"uai": contexte.uai, **await _cadre(tx, contexte), "eleves": eleves}


async def un(tx: AsyncConnection, contexte: Contexte, eleve_id: str) -> dict[str, Any]:
    """Raises Refus 404 for anybody else's pupil."""
    _exiger(contexte)
    valeurs = {
        "session": contexte.session,
        "uai": contexte.uai,
        "lycees": list(contexte.perimetre.lycees),
    }
    brut = (await tx.execute(_UN, {**valeurs, "eleve_id": eleve_id})).scalar()
    if brut is None:
        raise introuvable()
    dites = await presentation.presenter(tx, contexte, {eleve_id: decoder(brut)})
    actes = await registre.historique(tx, contexte.session, eleve_id)
    return {
        **dites[eleve_id],
        **await _cadre(tx, contexte),
        "historique": presentation.dire_historique(actes),
    }


def _exiger(contexte: Contexte) -> None:
    if not contexte.perimetre.direction or not contexte.perimetre.voit_lycee(contexte.uai):
        raise introuvable()


async def _cadre(tx: AsyncConnection, contexte: Contexte) -> dict[str, Any]:
    """The window, and whether the caller may decide in it."""
    dates = await calendrier(tx, contexte.session)
    position = dates.fenetre(FENETRE, contexte.le)
    ouverture, echeance = dates.dates.get(OUVERTURE), dates.dates.get(ECHEANCE)
    return {
        "fenetre": position.value if position else None,
        "ouverture": ouverture and ouverture.isoformat(),
        "echeance": echeance and echeance.isoformat(),
        "jours_restants": (jour_de(echeance) - jour_de(contexte.le)).days if echeance else None,
        "peut_decider": await delegations.peut_decider(
            tx, contexte.perimetre, contexte.session, contexte.uai, contexte.le
        ),
    }


async def partie(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Field ``bourse`` of the dossier: whole for the direction, whether he is boursier for the others."""
    scolarite = lecture.etat.scolarite
    if not lecture.appelant.direction or scolarite is None:
        return {"bourse": None}
    contexte = Contexte(
        perimetre=lecture.appelant, session=lecture.session, uai=scolarite.uai, le=lecture.maintenant
    )
    return {"bourse": await un(tx, contexte, lecture.eleve_id)}


async def saisies(tx: AsyncConnection, lecture: Lecture) -> list[Moment]:
    """Lines of the timeline, for the direction only: an échelon is in them."""
    if not lecture.appelant.direction:
        return []
    actes = await registre.historique(tx, lecture.session, lecture.eleve_id)
    return [
        Moment(
            survenu=d.le,
            enregistre=d.le,
            genre=Genre.BOURSE,
            origine=Origine.LYCEE,
            phrase=_PHRASES[acte] + (f", échelon {d.echelon}" if d.echelon else ""),
            auteur=d.auteur,
        )
        for acte, _, d in actes
    ]
