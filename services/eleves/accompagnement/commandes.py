"""Commands on actions: scope, the pupils' lock, the registre and its history, in one transaction.

Locks are taken in one order: the pupils' rows, the action or the proposal, the clock.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.accompagnement import presentation, registre, store
from services.eleves.accompagnement import saisies as s
from services.eleves.accompagnement.appel import Appel, instant
from services.eleves.accompagnement.changement import (
    Modification,
    changer,
    conclure,
    contenu,
    dite,
    repondre,
)
from services.eleves.accompagnement.domain import (
    Etat,
    trier,
)
from services.eleves.accompagnement.propositions import commandes as propositions
from services.eleves.etablissement.equipe import equipe
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir


async def creer(tx: AsyncConnection, appel: Appel, saisie: s.ActionNouvelle) -> dict[str, Any]:
    """A new action, and what became of each pupil named.

    Raises:
        Refus: 409 none of the pupils may be in it, or the proposal is not open any more.
    """
    demande = appel.demande("creer_action", **saisie.model_dump(mode="json"))
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await repondre(tx, appel, deja)
    ids = [str(eleve_id) for eleve_id in saisie.eleves]
    trouves = await store.candidats(tx, appel.lieu, ids, saisie.genre)
    sorts = trier(ids, {eleve_id: un for eleve_id, (un, _) in trouves.items()})
    rapport = presentation.rapport(sorts, {eleve_id: dit for eleve_id, (_, dit) in trouves.items()})
    retenus = [eleve_id for eleve_id, sort in sorts.items() if sort.retenu]
    if not retenus:
        raise Refus(
            409, "aucun_eleve", "Aucun de ces élèves ne peut être suivi par cette action.", rapport=rapport
        )
    etats = await lignes.verrouiller(tx, retenus)
    proposee = await propositions.tenir(tx, appel, saisie.proposition_id)
    le = await instant(tx)
    action = _nouvelle(appel, saisie, le)
    await propositions.accepter(tx, appel, proposee, le)
    trace = registre.Trace(acte="creee", par=appel.par, le=le, avant=None, apres=contenu(action, retenus))
    await registre.ecrire(tx, appel.session, action, trace)
    await registre.ecrire_eleves(tx, appel.session, action["id"], dict.fromkeys(retenus, (None, None, False)))
    await lignes.rafraichir(tx, etats, le=le, prefixe=appel.prefixe)
    return await conclure(tx, appel, action["id"], sorts)


async def apercu(connection: AsyncConnection, lieu: store.Lieu, saisie: s.Apercu) -> dict[str, Any]:
    """What :func:`creer` would say of each pupil."""
    ids = [str(eleve_id) for eleve_id in saisie.eleves]
    trouves = await store.candidats(connection, lieu, ids, saisie.genre)
    sorts = trier(ids, {eleve_id: un for eleve_id, (un, _) in trouves.items()})
    return {
        "rapport": presentation.rapport(sorts, {eleve_id: dit for eleve_id, (_, dit) in trouves.items()}),
        "equipe": presentation.suggestions(await equipe(connection, lieu.session, lieu.uai)),
        **presentation.vocabulaire(),
    }


async def modifier(
    tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.SaisieAction
) -> dict[str, Any]:
    """Other words, another person, another date; 409 when it is closed."""
    demande = appel.demande("modifier_action", action=action_id, **saisie.model_dump(mode="json"))
    return await changer(tx, appel, action_id, demande, Modification("modifiee", saisie=saisie))


async def changer_eleves(
    tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.ChangementEleves
) -> dict[str, Any]:
    """Add pupils and take pupils off; the answer has a ``rapport`` per pupil."""
    demande = appel.demande("changer_eleves", action=action_id, **saisie.model_dump(mode="json"))
    ajouts = tuple(dict.fromkeys(str(eleve_id) for eleve_id in saisie.ajouter))
    retraits = tuple(dict.fromkeys(str(eleve_id) for eleve_id in saisie.retirer))
    acte = Modification("eleves", ajouts=ajouts, retraits=retraits)
    return await changer(tx, appel, action_id, demande, acte)


async def noter_issues(tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.Issues) -> dict[str, Any]:
    """What came of it for some pupils; the action stays open."""
    demande = appel.demande("noter_issues", action=action_id, **saisie.model_dump(mode="json"))
    return await changer(tx, appel, action_id, demande, Modification("issues", issues=saisie.issues))


async def clore(tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.Cloture) -> dict[str, Any]:
    """Done or given up.

    Raises:
        Refus: 422, given up without a reason, or no end at all; 409 it is closed already.
    """
    if saisie.etat is Etat.OUVERTE or (saisie.etat is Etat.ABANDONNEE and not saisie.motif):
        raise Refus(422, "motif_attendu", "Dites en une phrase pourquoi l’action est abandonnée.")
    demande = appel.demande("clore_action", action=action_id, **saisie.model_dump(mode="json"))
    acte = Modification("close", etat=saisie.etat, motif=saisie.motif, issues=saisie.issues)
    return await changer(tx, appel, action_id, demande, acte)


async def rouvrir(tx: AsyncConnection, appel: Appel, action_id: str) -> dict[str, Any]:
    """Undo a closing; what was said of the pupils stays."""
    demande = appel.demande("rouvrir_action", action=action_id, if_match=appel.if_match)
    return await changer(tx, appel, action_id, demande, Modification("rouverte", etat=Etat.OUVERTE))


async def commenter(
    tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.Commentaire
) -> dict[str, Any]:
    """A dated sentence under the action, by whoever sees it."""
    demande = appel.demande("commenter_action", action=action_id, texte=saisie.texte)
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return deja
    if await store.une(tx, appel.lieu, action_id, verrou=True) is None:
        raise introuvable()
    le = await instant(tx)
    commentaire = {
        "id": str(uuid4()),
        "action_id": action_id,
        "texte": saisie.texte,
        "auteur": appel.par.acteur,
        "auteur_nom": appel.par.nom,
        "auteur_role": appel.par.role.value,
        "le": le,
    }
    await registre.commenter(tx, appel.session, commentaire)
    reponse = {"id": commentaire["id"], "le": le.isoformat()}
    await retenir(tx, appel.par.acteur, appel.cle, reponse)
    return reponse


def _nouvelle(appel: Appel, saisie: s.ActionNouvelle, le: datetime) -> store.Ligne:
    return {
        **dite(saisie),
        "id": str(uuid4()),
        "uai": appel.lieu.uai,
        "etat": Etat.OUVERTE.value,
        "motif": None,
        "version": 1,
        "proposition_id": saisie.proposition_id and str(saisie.proposition_id),
        "auteur": appel.par.acteur,
        "auteur_nom": appel.par.nom,
        "cree_le": le,
        "modifie_le": le,
        "close_le": None,
    }
