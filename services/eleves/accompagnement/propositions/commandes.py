"""Commands on proposals: the SAIO proposes and takes back, the lycée answers; accepting is starting an action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.appel import Appel, exiger_version, instant
from services.eleves.accompagnement.domain import Genre
from services.eleves.accompagnement.propositions import presentation, store
from services.eleves.accompagnement.propositions.domain import EtatProposition, permis
from services.eleves.accompagnement.saisies import Libre
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import Perimetre
from shared.nomenclatures.lycees import lycee

LYCEES_MAX = 400
UnUai = Annotated[str, StringConstraints(pattern=r"^[0-9]{7}[A-Z]$")]
CodeListe = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9_]+$")]


class PropositionNouvelle(BaseModel):
    """``liste``: a code of the catalogue, or None for something else, which the sentence says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lycees: Annotated[tuple[UnUai, ...], Field(min_length=1, max_length=LYCEES_MAX)]
    liste: CodeListe | None = None
    genre: Genre = Genre.ENTRETIEN
    phrase: Libre
    echeance: date


class Reponse(BaseModel):
    """REPONDUE: a sentence that decides nothing yet; DECLINEE: no, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    etat: EtatProposition
    phrase: Libre


@dataclass(frozen=True, slots=True, kw_only=True)
class AppelAcademie:
    """A command of a SAIO on one of his académies."""

    perimetre: Perimetre
    session: int
    code: str
    cle: str | None = None
    if_match: str | None = None


async def proposer(tx: AsyncConnection, appel: AppelAcademie, saisie: PropositionNouvelle) -> dict[str, Any]:
    """One proposal per lycée of the académie; ``rapport`` says of each whether it was made."""
    demande = {"commande": "proposer", "code": appel.code, **saisie.model_dump(mode="json")}
    deja = await deja_repondu(tx, appel.perimetre.acteur, appel.cle, demande)
    if deja is not None:
        return deja
    siens = [uai for uai in dict.fromkeys(saisie.lycees) if _de_l_academie(uai, appel.code)]
    ids = [str(uuid4()) for _ in siens]
    if siens:
        await store.creer(tx, await _commune(tx, appel, saisie), ids, siens)
    crees = dict(zip(siens, ids, strict=True))
    reponse = {"rapport": _rapport(saisie.lycees, crees)}
    await retenir(tx, appel.perimetre.acteur, appel.cle, reponse)
    return reponse


def _de_l_academie(uai: str, code: str) -> bool:
    connu = lycee(uai)
    return connu is not None and connu.academie == code


async def _commune(tx: AsyncConnection, appel: AppelAcademie, saisie: PropositionNouvelle) -> dict[str, Any]:
    return {
        **saisie.model_dump(include={"liste", "phrase", "echeance"}),
        "genre": saisie.genre.value,
        "session": appel.session,
        "academie": appel.code,
        "auteur": appel.perimetre.acteur,
        "auteur_nom": appel.perimetre.nom,
        "le": await instant(tx),
    }


def _rapport(lycees: Sequence[str], crees: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "uai": uai,
            "id": crees.get(uai),
            "phrase": "Proposition envoyée." if uai in crees else "N’est pas un lycée de votre académie.",
        }
        for uai in dict.fromkeys(lycees)
    ]


async def retirer(tx: AsyncConnection, appel: AppelAcademie, proposition_id: str) -> dict[str, Any]:
    """The SAIO takes it back, unless the lycée settled it."""
    ligne = await store.une_de_l_academie(tx, appel.perimetre, appel.session, appel.code, proposition_id)
    if ligne is None:
        raise introuvable()
    exiger_version(appel.if_match, presentation.pour_le_saio(ligne), None)
    apres = _passer(ligne, EtatProposition.RETIREE)
    await store.changer(tx, apres, appel.perimetre, await instant(tx))
    return presentation.pour_le_saio(apres)


async def repondre(tx: AsyncConnection, appel: Appel, proposition_id: str, saisie: Reponse) -> dict[str, Any]:
    """The lycée answers or declines with a sentence, which the SAIO reads."""
    if saisie.etat not in {EtatProposition.REPONDUE, EtatProposition.DECLINEE}:
        raise Refus(422, "reponse_attendue", "Répondez, ou déclinez ; pour accepter, créez l’action.")
    ligne = await _du_lycee(tx, appel, proposition_id)
    exiger_version(appel.if_match, presentation.pour_le_lycee(ligne), saisie.model_dump(mode="json"))
    le = await instant(tx)
    apres = _passer(ligne, saisie.etat) | {
        "reponse": saisie.phrase,
        "repondu_par": appel.par.nom,
        "repondu_le": le,
    }
    await store.changer(tx, apres, appel.par, le)
    return presentation.pour_le_lycee(apres)


async def tenir(tx: AsyncConnection, appel: Appel, proposition_id: UUID | None) -> store.Ligne | None:
    """Lock the proposal that an action is about to accept.

    Raises:
        Refus: 404 not the direction's, 409 the SAIO took it back meanwhile.
    """
    if proposition_id is None:
        return None
    if not appel.par.direction:
        raise introuvable()
    return _passer(await _du_lycee(tx, appel, str(proposition_id)), EtatProposition.ACCEPTEE)


async def accepter(tx: AsyncConnection, appel: Appel, proposee: store.Ligne | None, le: datetime) -> None:
    """An action was started for what :func:`tenir` returned."""
    if proposee is not None:
        apres = {**proposee, "repondu_par": appel.par.nom, "repondu_le": le}
        await store.changer(tx, apres, appel.par, le)


async def _du_lycee(tx: AsyncConnection, appel: Appel, proposition_id: str) -> store.Ligne:
    ligne = await store.une_du_lycee(tx, appel.par, appel.session, appel.lieu.uai, proposition_id)
    if ligne is None:
        raise introuvable()
    return ligne


def _passer(ligne: store.Ligne, vers: EtatProposition) -> store.Ligne:
    de = EtatProposition(ligne["etat"])
    if not permis(de, vers):
        phrase = f"Cette proposition est déjà dans l’état « {de.libelle} »."
        raise Refus(409, "proposition_reglee", phrase, etat=de.value)
    return {**ligne, "etat": vers.value, "version": ligne["version"] + 1}
