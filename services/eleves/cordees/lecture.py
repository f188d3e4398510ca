"""The Cordées of a lycée or a classe; one pupil's, with their history; and their part of the dossier."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.cordees import presentation, registre
from services.eleves.cordees.commandes import SAISIR
from services.eleves.cordees.registre import Saisie
from services.eleves.lecture import Genre, Lecture, Moment, Origine
from services.eleves.lots import Contexte
from shared.domaine.cordees import LIBELLES_DISPOSITIF
from shared.domaine.etat import decoder
from shared.events.modeles import EtatCordees
from shared.http.errors import introuvable
from shared.http.perimetre import SES_CLASSES, portee

_PERIMETRE = f"session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}"
_ELEVES = text(
    f"""
    SELECT eleve_id::text, nom, prenom, classe, serie, etat FROM eleve
     WHERE {_PERIMETRE} AND present
       AND (classe = :classe OR (CAST(:classe AS text) IS NULL AND (cordees OR cordees_a_reporter
            OR eleve_id IN (SELECT c.eleve_id FROM registre.cordees c
                             WHERE c.session = :session AND c.etat IS NOT NULL))))
     ORDER BY classe_tri NULLS LAST, tri NULLS LAST, eleve_id
    """
)
_CLASSES = text(
    f"""
    SELECT classe, count(*) AS eleves, count(*) FILTER (WHERE cordees) AS participants
      FROM eleve WHERE {_PERIMETRE} AND present AND classe IS NOT NULL
     GROUP BY classe, classe_tri ORDER BY classe_tri, classe
    """
)
_UN = text(f"SELECT etat FROM eleve WHERE {_PERIMETRE} AND eleve_id = CAST(:eleve_id AS uuid)")


async def du_lycee(tx: AsyncConnection, contexte: Contexte, classe: str | None) -> dict[str, Any]:
    """Pupils of ``classe``, or those of whom a source speaks when none is asked for; and the classes."""
    valeurs = _valeurs(contexte)
    rows = (await tx.execute(_ELEVES, {**valeurs, "classe": classe})).all()
    dites = await presentation.presenter(tx, contexte, {row.eleve_id: decoder(row.etat) for row in rows})
    classes = (await tx.execute(_CLASSES, valeurs)).mappings()
    return {
        "uai": contexte.uai,
        "classe": classe,
        "classes": [dict(row) for row in classes],
        "peut_saisir": contexte.perimetre.direction,
        "eleves": [
            {
                "nom": row.nom,
                "prenom": row.prenom,
                "classe": row.classe,
                "serie": row.serie,
                **dites[row.eleve_id],
            }
            for row in rows
        ],
    }


async def un(tx: AsyncConnection, contexte: Contexte, eleve_id: str) -> dict[str, Any]:
    """Raises Refus 404 for a pupil out of the caller's scope."""
    brut = (await tx.execute(_UN, {**_valeurs(contexte), "eleve_id": eleve_id})).scalar()
    if brut is None:
        raise introuvable()
    dites = await presentation.presenter(tx, contexte, {eleve_id: decoder(brut)})
    actes = await registre.historique(tx, contexte.session, eleve_id)
    return {
        **dites[eleve_id],
        "peut_saisir": contexte.perimetre.direction,
        "historique": presentation.dire_historique(actes),
    }


def _valeurs(contexte: Contexte) -> dict[str, Any]:
    return {"session": contexte.session, "uai": contexte.uai, **portee(contexte.perimetre)}


async def partie(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Field ``cordees`` of the dossier."""
    scolarite = lecture.etat.scolarite
    if scolarite is None:
        return {"cordees": None}
    contexte = Contexte(
        perimetre=lecture.appelant, session=lecture.session, uai=scolarite.uai, le=lecture.maintenant
    )
    return {"cordees": await un(tx, contexte, lecture.eleve_id)}


async def saisies(tx: AsyncConnection, lecture: Lecture) -> list[Moment]:
    """Lines of the timeline."""
    actes = await registre.historique(tx, lecture.session, lecture.eleve_id)
    return [
        Moment(
            survenu=s.le,
            enregistre=s.le,
            genre=Genre.CORDEES,
            origine=Origine.LYCEE,
            phrase=_phrase(acte, s),
            auteur=s.auteur,
        )
        for acte, _, s in actes
    ]


def _phrase(acte: str, saisie: Saisie) -> str:
    if acte == "REUNION":
        return "Saisie sur les Cordées reprise d’un autre dossier du même élève"
    if acte != SAISIR:
        return "Saisie de l’établissement sur les Cordées retirée : SIECLE fait de nouveau foi"
    if saisie.etat is EtatCordees.PARTICIPE and saisie.dispositif:
        return f"{LIBELLES_DISPOSITIF[saisie.dispositif]} : participation saisie par l’établissement"
    return "L’établissement a saisi que l’élève ne participe pas à une Cordée de la réussite"
