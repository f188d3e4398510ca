"""What a command changes of an action, held by its lock: one path for all, from the version to the answer.

Locks are taken in one order: the pupils' rows, the action or the proposal, the clock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.accompagnement import presentation, registre, store
from services.eleves.accompagnement import saisies as s
from services.eleves.accompagnement.appel import Appel, exiger_version, instant
from services.eleves.accompagnement.domain import MAXIMUM, Etat, Rapport, aujourd_hui, cle_assigne, trier
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


@dataclass(frozen=True, slots=True)
class Modification:
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


async def changer(
    tx: AsyncConnection, appel: Appel, action_id: str, demande: dict[str, object], quoi: Modification
) -> dict[str, Any]:
    """Do ``quoi``: the action as it then stands, and what became of each pupil named.

    Raises:
        Refus: 404, 409 closed or pupils of other classes, 412 stale, 428 version not said.
    """
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await repondre(tx, appel, deja)
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
    trace = registre.Trace(
        acte=quoi.acte,
        par=appel.par,
        le=le,
        avant=contenu(tenue.ligne, []),
        apres=contenu(action, eleves),
    )
    await registre.ecrire(tx, appel.session, action, trace)
    await registre.ecrire_eleves(tx, appel.session, action_id, eleves)
    await lignes.rafraichir(tx, tenue.etats, le=le, prefixe=appel.prefixe)
    return await conclure(tx, appel, action_id, sorts)


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


def _exiger(appel: Appel, tenue: Tenue, quoi: Modification) -> None:
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


def _eleves(appel: Appel, tenue: Tenue, quoi: Modification, sorts: Mapping[str, Rapport]) -> Issues:
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


def _apres(avant: store.Ligne, quoi: Modification, le: datetime) -> store.Ligne:
    apres = {**avant, "version": avant["version"] + 1, "modifie_le": le}
    if quoi.saisie:
        apres |= dite(quoi.saisie)
    if quoi.etat:
        close = None if quoi.etat is Etat.OUVERTE else le
        apres |= {"etat": quoi.etat.value, "motif": quoi.motif, "close_le": close}
    return apres


def dite(saisie: s.SaisieAction) -> dict[str, Any]:
    """The columns that a form fills."""
    dite = saisie.model_dump(include=set(presentation.CONTENU))
    return {
        **dite,
        "genre": saisie.genre.value,
        "fonction": saisie.fonction.value,
        "assigne_cle": cle_assigne(saisie.fonction, saisie.assigne),
    }


def contenu(ligne: store.Ligne, eleves: Collection[str]) -> dict[str, Any]:
    """What history keeps of a state."""
    return {
        **{champ: ligne[champ] for champ in (*presentation.CONTENU, "etat", "motif")},
        "eleves": sorted(eleves),
    }


async def conclure(
    tx: AsyncConnection, appel: Appel, action_id: str, sorts: Mapping[str, Rapport]
) -> dict[str, Any]:
    """Remember which action and what became of whom, without a name, and answer."""
    retenu = {"action": action_id, "sorts": {eleve_id: sort.value for eleve_id, sort in sorts.items()}}
    await retenir(tx, appel.par.acteur, appel.cle, retenu)
    return await repondre(tx, appel, retenu)


async def repondre(tx: AsyncConnection, appel: Appel, retenu: Mapping[str, Any]) -> dict[str, Any]:
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
