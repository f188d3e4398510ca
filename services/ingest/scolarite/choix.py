"""Answers to tasks: each lycée for itself, the operator when they disagree. Nothing is guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite import fusion, presentation, store, taches
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.domain import CHOIX, Choix, Etat, Genre, Issue, trancher
from services.ingest.scolarite.store import Acte, Entree
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import Locale, Renonce, composer
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import Perimetre, Role

Tache = dict[str, Any]


async def lister(
    tx: AsyncConnection,
    session: int,
    perimetre: Perimetre,
    lycees: Sequence[str] | None,
    *,
    toutes: bool = False,
) -> list[dict[str, Any]]:
    """Tasks within the caller's scope, oldest first; ``lycees`` narrows; ``toutes``: settled ones too."""
    portees = {
        Role.CHEF: {"lycees": perimetre.lycees},
        Role.ADJOINT: {"lycees": perimetre.lycees},
        Role.SAIO: {"academies": perimetre.academies},
        Role.OPERATEUR: {},
    }
    portee: dict[str, Any] = dict(portees.get(perimetre.role, {"lycees": ()}))
    if lycees is not None:
        portee["lycees"] = lycees
    etats = tuple(Etat) if toutes else taches.A_FAIRE
    trouvees = await taches.lister(tx, session, etats=etats, **portee)
    dites = await scolarites.dites(tx, session, {eleve for ligne in trouvees for eleve in ligne["eleves"]})
    return [presentation.tache(ligne, dites, perimetre) for ligne in trouvees]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reponse:
    """``uai``: the lycée that answers, or, for the operator, the one that keeps the pupil.

    ``survivant``: the operator's choice of the id that stays; else the one with an INE, with more names.
    """

    tache_id: str
    choix: Choix
    uai: str | None = None
    survivant: str | None = None

    def demande(self, commande: str, session: int) -> dict[str, object]:
        return {"commande": commande, "session": session, **{c: getattr(self, c) for c in Reponse.__slots__}}


async def repondre(
    tx: AsyncConnection, contexte: Contexte, perimetre: Perimetre, reponse: Reponse
) -> dict[str, Any]:
    """The answer of one lycée; what all of them decide is done at once."""
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, reponse.demande("REPONSE", contexte.session))
    if deja is not None:
        return deja
    tache = await _ouverte(tx, contexte, reponse)
    if reponse.uai not in tache["lycees"]:
        raise introuvable()
    dite = {"choix": reponse.choix.value, "auteur": contexte.acteur, "le": contexte.le.isoformat()}
    reponses = {**(tache["reponses"] or {}), reponse.uai: dite}
    dites = {uai: Choix(une["choix"]) for uai, une in reponses.items()}
    issue = trancher(Genre(tache["genre"]), tache["lycees"], dites)
    return await _conclure(tx, contexte, perimetre, {**tache, "reponses": reponses}, issue)


async def resoudre(
    tx: AsyncConnection, contexte: Contexte, perimetre: Perimetre, reponse: Reponse
) -> dict[str, Any]:
    """The operator's word: the lycée that keeps the pupil, or whether two pupils are one."""
    deja = await deja_repondu(
        tx, contexte.acteur, contexte.cle, reponse.demande("RESOLUTION", contexte.session)
    )
    if deja is not None:
        return deja
    tache = await _ouverte(tx, contexte, reponse)
    if Genre(tache["genre"]) is Genre.DEUX_LYCEES and reponse.uai not in tache["lycees"]:
        raise Refus(422, "uai", "Dites lequel des lycées garde l’élève.")
    if reponse.survivant is not None and reponse.survivant not in tache["eleves"]:
        raise Refus(422, "survivant", "L’élève à garder n’est pas l’un des deux.")
    uai = reponse.uai if Genre(tache["genre"]) is Genre.DEUX_LYCEES else None
    issue = Issue(Etat.RESOLUE, uai=uai, choix=reponse.choix, survivant=reponse.survivant)
    return await _conclure(tx, contexte, perimetre, tache, issue)


async def _ouverte(tx: AsyncConnection, contexte: Contexte, reponse: Reponse) -> Tache:
    tache = await taches.lire(tx, contexte.session, reponse.tache_id)
    if tache is None:
        raise introuvable()
    if tache["etat"] not in taches.A_FAIRE:
        raise Refus(409, "tache_close", "Cette question est déjà réglée.", etat=tache["etat"])
    if reponse.choix not in CHOIX[Genre(tache["genre"])]:
        raise Refus(422, "choix", "Ce choix n’est pas l’un de ceux de la question.")
    return tache


async def _conclure(
    tx: AsyncConnection, contexte: Contexte, perimetre: Perimetre, tache: Tache, issue: Issue
) -> dict[str, Any]:
    resolution = None
    if issue.etat is Etat.RESOLUE:
        qui = {"auteur": contexte.acteur, "le": contexte.le.isoformat()}
        resolution = {"choix": issue.choix, "uai": issue.uai, **qui}
    await taches.enregistrer(
        tx,
        contexte.session,
        tache["id"],
        reponses=tache["reponses"] or {},
        etat=issue.etat,
        resolution=resolution,
    )
    if issue.etat is Etat.RESOLUE:
        await _appliquer(tx, contexte, tache, issue)
    relue = await taches.lire(tx, contexte.session, tache["id"])
    dites = await scolarites.dites(tx, contexte.session, tache["eleves"])
    reponse = presentation.tache(relue or tache, dites, perimetre)
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


async def _appliquer(tx: AsyncConnection, contexte: Contexte, tache: Tache, issue: Issue) -> None:
    if issue.choix is Choix.FUSIONNER:
        await fusion.demander(tx, contexte, tache["eleves"], issue.survivant)
    elif issue.uai is not None:
        perdants = [uai for uai in tache["lycees"] if uai != issue.uai]
        await _renoncer(tx, contexte, tache["eleves"][0], perdants)


async def _renoncer(tx: AsyncConnection, contexte: Contexte, eleve_id: str, uais: Sequence[str]) -> None:
    """These lycées do not have the pupil, for the entry that they declare today."""
    session = contexte.session
    await scolarites.connus(tx, session, [eleve_id])
    dites = (await scolarites.dites(tx, session, [eleve_id])).get(eleve_id, [])
    nouvelles = {}
    for dite in dites:
        if dite.uai in uais:
            entree = (await store.entrees(tx, session, dite.uai, [eleve_id]))[eleve_id]
            locale = msgspec.structs.replace(
                dite.locale or Locale(), renonce=Renonce(composer(dite).date_entree)
            )
            nouvelles[eleve_id, dite.uai] = Entree(entree.version + 1, locale)
    await store.enregistrer(tx, session, Acte("RENONCE", "tâche", contexte.acteur), nouvelles)
    await contexte.publier(tx, None, [eleve_id])
