"""Commands on actions: scope, the pupils' lock, the registre and its history, in one transaction.

Locks are taken in one order: the pupils' rows, the action or the proposal, the clock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.accompagnement import presentation, store
from services.eleves.accompagnement import saisies as s
from services.eleves.accompagnement.appel import Appel, exiger_version, instant
from services.eleves.accompagnement.domain import (
    MAXIMUM,
    Etat,
    Rapport,
    aujourd_hui,
    cle_assigne,
    trier,
)
from services.eleves.accompagnement.propositions import commandes as propositions
from services.eleves.etablissement.equipe import equipe
from shared.domaine.etat import EtatEleve
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir

Issues = dict[str, tuple[str | None, str | None, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenue:
    """An action held by its lock, its pupils as they are, and the facts of those locked."""

    ligne: store.Ligne
    eleves: list[store.Ligne]
    etats: Mapping[str, EtatEleve]

    @property
    def ids(self) -> set[str]:
        return {eleve["eleve_id"] for eleve in self.eleves}


async def creer(tx: AsyncConnection, appel: Appel, saisie: s.ActionNouvelle) -> dict[str, Any]:
    """A new action, and what became of each pupil named.

    Raises:
        Refus: 409 none of the pupils may be in it, or the proposal is not open any more.
    """
    demande = appel.demande("creer_action", **saisie.model_dump(mode="json"))
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await _repondre(tx, appel, deja)
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
    trace = store.Trace(acte="creee", par=appel.par, le=le, avant=None, apres=_contenu(action, retenus))
    await store.ecrire(tx, appel.session, action, trace)
    await store.ecrire_eleves(tx, appel.session, action["id"], dict.fromkeys(retenus, (None, None, False)))
    await lignes.rafraichir(tx, etats, le=le, prefixe=appel.prefixe)
    return await _conclure(tx, appel, action["id"], sorts)


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
    return await _changer(tx, appel, action_id, demande, _Modification("modifiee", saisie=saisie))


async def changer_eleves(
    tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.ChangementEleves
) -> dict[str, Any]:
    """Add pupils and take pupils off; the answer has a ``rapport`` per pupil."""
    demande = appel.demande("changer_eleves", action=action_id, **saisie.model_dump(mode="json"))
    ajouts = tuple(dict.fromkeys(str(eleve_id) for eleve_id in saisie.ajouter))
    retraits = tuple(dict.fromkeys(str(eleve_id) for eleve_id in saisie.retirer))
    acte = _Modification("eleves", ajouts=ajouts, retraits=retraits)
    return await _changer(tx, appel, action_id, demande, acte)


async def noter_issues(tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.Issues) -> dict[str, Any]:
    """What came of it for some pupils; the action stays open."""
    demande = appel.demande("noter_issues", action=action_id, **saisie.model_dump(mode="json"))
    return await _changer(tx, appel, action_id, demande, _Modification("issues", issues=saisie.issues))


async def clore(tx: AsyncConnection, appel: Appel, action_id: str, saisie: s.Cloture) -> dict[str, Any]:
    """Done or given up.

    Raises:
        Refus: 422, given up without a reason, or no end at all; 409 it is closed already.
    """
    if saisie.etat is Etat.OUVERTE or (saisie.etat is Etat.ABANDONNEE and not saisie.motif):
        raise Refus(422, "motif_attendu", "Dites en une phrase pourquoi l’action est abandonnée.")
    demande = appel.demande("clore_action", action=action_id, **saisie.model_dump(mode="json"))
    acte = _Modification("close", etat=saisie.etat, motif=saisie.motif, issues=saisie.issues)
    return await _changer(tx, appel, action_id, demande, acte)


async def rouvrir(tx: AsyncConnection, appel: Appel, action_id: str) -> dict[str, Any]:
    """Undo a closing; what was said of the pupils stays."""
    demande = appel.demande("rouvrir_action", action=action_id, if_match=appel.if_match)
    return await _changer(tx, appel, action_id, demande, _Modification("rouverte", etat=Etat.OUVERTE))


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
    await store.commenter(tx, appel.session, commentaire)
    reponse = {"id": commentaire["id"], "le": le.isoformat()}
    await retenir(tx, appel.par.acteur, appel.cle, reponse)
    return reponse


@dataclass(frozen=True, slots=True)
class _Modification:
    """What a command changes of an action."""

    acte: str
    saisie: s.SaisieAction | None = None
    ajouts: tuple[str, ...] = ()
    retraits: tuple[str, ...] = ()
    issues: tuple[s.IssueSaisie, ...] = ()
    etat: Etat | None = None
    motif: str | None = None

    @property
    def par_eleve(self) -> bool:
        """Touches pupils one by one only: a professeur principal may, for his own."""
        return self.acte == "issues"


async def _changer(
    tx: AsyncConnection, appel: Appel, action_id: str, demande: dict[str, object], quoi: _Modification
) -> dict[str, Any]:
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await _repondre(tx, appel, deja)
    vue = await store.une(tx, appel.lieu, action_id)
    if vue is None:
        raise introuvable()
    candidats = await store.candidats(tx, appel.lieu, quoi.ajouts, vue["genre"])
    tenue = await _tenir(tx, appel, action_id, candidats)
    _exiger(appel, tenue, quoi)
    sorts = trier(quoi.ajouts, {nom: un for nom, (un, _) in candidats.items()}, tenue.ids)
    sorts |= {un: Rapport.RETIRE if un in tenue.ids else Rapport.INTROUVABLE for un in quoi.retraits}
    eleves = _eleves(appel, tenue, quoi, sorts)
    le = await instant(tx)
    action = _apres(tenue.ligne, quoi, le)
    trace = store.Trace(
        acte=quoi.acte,
        par=appel.par,
        le=le,
        avant=_contenu(tenue.ligne, []),
        apres=_contenu(action, eleves),
    )
    await store.ecrire(tx, appel.session, action, trace)
    await store.ecrire_eleves(tx, appel.session, action_id, eleves)
    await lignes.rafraichir(tx, tenue.etats, le=le, prefixe=appel.prefixe)
    return await _conclure(tx, appel, action_id, sorts)


async def _tenir(tx: AsyncConnection, appel: Appel, action_id: str, candidats: Collection[str]) -> Tenue:
    """Lock the pupils, then the action; one that changed its pupils in between is stale."""
    uai = appel.lieu.uai
    connus = (await store.eleves(tx, uai, [action_id]))[action_id]
    suivis = {eleve["eleve_id"] for eleve in connus}
    etats = await lignes.verrouiller(tx, sorted(suivis | set(candidats)))
    ligne = await store.une(tx, appel.lieu, action_id, verrou=True)
    if ligne is None:
        raise introuvable()
    eleves = (await store.eleves(tx, uai, [action_id]))[action_id]
    if {eleve["eleve_id"] for eleve in eleves} - suivis:
        raise Refus(
            412, "modifie_entre_temps", "L’action vient de changer : relisez-la.", actuel=None, propose=None
        )
    return Tenue(ligne=ligne, eleves=eleves, etats=etats)


def _exiger(appel: Appel, tenue: Tenue, quoi: _Modification) -> None:
    """Raises Refus: 412, 428, 409 pupils of other classes, closed, or open already."""
    jour = aujourd_hui(tenue.ligne["modifie_le"])
    actuel = presentation.action(tenue.ligne, tenue.eleves, appel.par, jour)
    propose = quoi.saisie.model_dump(mode="json") if quoi.saisie else None
    exiger_version(appel.if_match, actuel, propose)
    if not actuel["modifiable"] and not quoi.par_eleve:
        phrase = "Cette action suit aussi des élèves d’autres classes : elle se modifie avec la direction."
        raise Refus(409, "autres_classes", phrase)
    ouverte = actuel["etat"] == Etat.OUVERTE
    if quoi.etat is Etat.OUVERTE and ouverte:
        raise Refus(409, "deja_ouverte", "Cette action est déjà à faire.")
    if quoi.etat is not Etat.OUVERTE and not ouverte:
        raise Refus(409, "action_close", "Cette action est close : rouvrez-la pour la modifier.")
    if len(tenue.eleves) + len(quoi.ajouts) > MAXIMUM:
        raise Refus(409, "trop_d_eleves", f"Une action suit au plus {MAXIMUM} élèves.")


def _eleves(appel: Appel, tenue: Tenue, quoi: _Modification, sorts: Mapping[str, Rapport]) -> Issues:
    """The pupils to write: issues said, added, taken off."""
    connus = {eleve["eleve_id"]: eleve for eleve in tenue.eleves}
    visibles = {
        eleve["eleve_id"]
        for eleve in presentation.action(
            tenue.ligne, tenue.eleves, appel.par, aujourd_hui(tenue.ligne["modifie_le"])
        )["eleves"]
    }
    ecrits: Issues = {}
    for dite in quoi.issues:
        if str(dite.eleve_id) not in visibles:
            raise introuvable()
        ecrits[str(dite.eleve_id)] = (dite.issue and dite.issue.value, dite.precision, False)
    for eleve_id, sort in sorts.items():
        if sort is Rapport.RETIRE:
            connu = connus[eleve_id]
            ecrits[eleve_id] = (connu["issue"], connu["precision"], True)
        elif sort.retenu:
            ecrits[eleve_id] = (None, None, False)
    return ecrits


def _apres(avant: store.Ligne, quoi: _Modification, le: datetime) -> store.Ligne:
    apres = {**avant, "version": avant["version"] + 1, "modifie_le": le}
    if quoi.saisie:
        apres |= _dite(quoi.saisie)
    if quoi.etat:
        close = None if quoi.etat is Etat.OUVERTE else le
        apres |= {"etat": quoi.etat.value, "motif": quoi.motif, "close_le": close}
    return apres


def _dite(saisie: s.SaisieAction) -> dict[str, Any]:
    dite = saisie.model_dump(include=set(presentation.CONTENU))
    return {
        **dite,
        "genre": saisie.genre.value,
        "fonction": saisie.fonction.value,
        "assigne_cle": cle_assigne(saisie.fonction, saisie.assigne),
    }


def _nouvelle(appel: Appel, saisie: s.ActionNouvelle, le: datetime) -> store.Ligne:
    return {
        **_dite(saisie),
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


def _contenu(ligne: store.Ligne, eleves: Collection[str]) -> dict[str, Any]:
    """What history keeps of a state."""
    return {
        **{champ: ligne[champ] for champ in (*presentation.CONTENU, "etat", "motif")},
        "eleves": sorted(eleves),
    }


async def _conclure(
    tx: AsyncConnection, appel: Appel, action_id: str, sorts: Mapping[str, Rapport]
) -> dict[str, Any]:
    """Remember which action and what became of whom, without a name, and answer."""
    retenu = {"action": action_id, "sorts": {eleve_id: sort.value for eleve_id, sort in sorts.items()}}
    await retenir(tx, appel.par.acteur, appel.cle, retenu)
    return await _repondre(tx, appel, retenu)


async def _repondre(tx: AsyncConnection, appel: Appel, retenu: Mapping[str, Any]) -> dict[str, Any]:
    """The action as it stands, and the report of the command."""
    action_id = retenu["action"]
    ligne = await store.une(tx, appel.lieu, action_id)
    if ligne is None:
        raise introuvable()
    eleves = (await store.eleves(tx, appel.lieu.uai, [action_id]))[action_id]
    sorts = {eleve_id: Rapport(sort) for eleve_id, sort in retenu["sorts"].items()}
    nommes = await store.candidats(tx, appel.lieu, sorts, ligne["genre"])
    return {
        "action": presentation.action(ligne, eleves, appel.par, aujourd_hui(datetime.now(UTC))),
        "rapport": presentation.rapport(sorts, {eleve_id: dit for eleve_id, (_, dit) in nommes.items()}),
    }
