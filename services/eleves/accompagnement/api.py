"""Internal HTTP of actions d’accompagnement."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement import commandes, presentation, store
from services.eleves.accompagnement import saisies as s
from services.eleves.accompagnement.appel import Appel
from services.eleves.accompagnement.domain import Etat, aujourd_hui, fin_de_semaine
from services.eleves.accompagnement.store import Filtre, Lieu
from services.eleves.appel import PREFIXE, EleveId, Session, Uai, engine
from services.eleves.etablissement.equipe import equipe
from shared.db.engine import reading, writing
from shared.http.errors import Refus, introuvable
from shared.http.etag import IfMatch, poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import DANS_UN_LYCEE, Appelant, Perimetre

router = APIRouter(prefix=PREFIXE)
CleAssigne = Annotated[str | None, Query(max_length=60, pattern=r"^[A-Z_]+(-[0-9a-f]{12})?$")]
_CURSEUR = re.compile(r"([01])\.(\d{4}-\d\d-\d\d)\.([0-9a-f-]{36})")
_ACTIONS = "/lycees/{uai}/actions"
_ACTION = _ACTIONS + "/{action_id}"


def lieu_de(appelant: Perimetre, session: int, uai: str) -> Lieu:
    """Raises Refus 404 for whoever is not of this lycée."""
    if appelant.role not in DANS_UN_LYCEE or not appelant.voit_lycee(uai):
        raise introuvable()
    return Lieu(perimetre=appelant, session=session, uai=uai)


@router.get(_ACTIONS)
async def lister(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    etat: Etat | None = None,
    assigne: CleAssigne = None,
    classe: Annotated[str | None, Query(max_length=80)] = None,
    eleve_id: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
    limite: Annotated[int, Query(ge=1, le=200)] = 100,
    curseur: Annotated[str | None, Query(max_length=60)] = None,
) -> dict[str, Any]:
    """Actions of the lycée, the most overdue first, with counts by person in charge."""
    lieu = lieu_de(appelant, session, uai)
    filtre = Filtre(
        etat=etat and etat.value,
        assigne=assigne,
        classe=classe,
        eleve_id=eleve_id,
        limite=limite,
        apres=_apres(curseur),
    )
    async with reading(engine(request)) as connection:
        return await _page(connection, lieu, filtre)


async def _page(connection: AsyncConnection, lieu: Lieu, filtre: Filtre) -> dict[str, Any]:
    jour = aujourd_hui(datetime.now(UTC))
    lignes = await store.lister(connection, lieu, filtre)
    vues = lignes[: filtre.limite]
    eleves = await store.eleves(connection, lieu.uai, [ligne["id"] for ligne in vues])
    nombres = await store.compter(connection, lieu, jour, fin_de_semaine(jour))
    return {
        "jour": jour.isoformat(),
        "actions": [presentation.action(un, eleves[un["id"]], lieu.perimetre, jour) for un in vues],
        "suivant": _curseur(vues[-1]) if len(lignes) > filtre.limite else None,
        **presentation.comptes(nombres),
        "classes": await store.classes(connection, lieu),
        **presentation.vocabulaire(),
    }


def _curseur(ligne: store.Ligne) -> str:
    """Where a page ended: names nobody."""
    return f"{int(ligne['etat'] != Etat.OUVERTE)}.{ligne['echeance'].isoformat()}.{ligne['id']}"


def _apres(curseur: str | None) -> tuple[bool, date, str] | None:
    if not curseur:
        return None
    lu = _CURSEUR.fullmatch(curseur)
    if lu is None:
        raise Refus(422, "curseur_invalide", "Cette page de la liste n’existe plus : reprenez au début.")
    return lu[1] == "1", date.fromisoformat(lu[2]), lu[3]


@router.post(_ACTIONS + "/apercu")
async def apercu(
    request: Request, appelant: Appelant, session: Session, uai: Uai, saisie: s.Apercu
) -> dict[str, Any]:
    """Who would be in an action: POST, since ids of pupils are too many for an address. Writes nothing."""
    lieu = lieu_de(appelant, session, uai)
    async with reading(engine(request)) as connection:
        return await commandes.apercu(connection, lieu, saisie)


@router.post(_ACTIONS, status_code=201)
async def creer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    saisie: s.ActionNouvelle,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """The action, and what became of each pupil named."""
    appel = _appel(request, appelant, session, uai, cle=cle)
    async with writing(engine(request)) as tx:
        reponse = await commandes.creer(tx, appel, saisie)
    return _avec_etag(response, reponse)


@router.get(_ACTION)
async def lire(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
) -> dict[str, Any]:
    lieu = lieu_de(appelant, session, uai)
    async with reading(engine(request)) as connection:
        ligne = await store.une(connection, lieu, action_id)
        if ligne is None:
            raise introuvable()
        eleves = (await store.eleves(connection, uai, [action_id]))[action_id]
        dite = presentation.action(ligne, eleves, appelant, aujourd_hui(datetime.now(UTC)))
        commentaires = await store.commentaires(connection, action_id)
        historique = await store.historique(connection, action_id)
        principaux = await equipe(connection, session, uai)
    poser(response, dite["version"])
    return presentation.detail(dite, commentaires, historique, principaux)


@router.put(_ACTION)
async def modifier(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    saisie: s.SaisieAction,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = _appel(request, appelant, session, uai, cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        reponse = await commandes.modifier(tx, appel, action_id, saisie)
    return _avec_etag(response, reponse)


@router.post(_ACTION + "/eleves")
async def changer_eleves(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    saisie: s.ChangementEleves,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = _appel(request, appelant, session, uai, cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        reponse = await commandes.changer_eleves(tx, appel, action_id, saisie)
    return _avec_etag(response, reponse)


@router.post(_ACTION + "/issues")
async def noter_issues(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    saisie: s.Issues,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = _appel(request, appelant, session, uai, cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        reponse = await commandes.noter_issues(tx, appel, action_id, saisie)
    return _avec_etag(response, reponse)


@router.post(_ACTION + "/cloture")
async def clore(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    saisie: s.Cloture,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = _appel(request, appelant, session, uai, cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        reponse = await commandes.clore(tx, appel, action_id, saisie)
    return _avec_etag(response, reponse)


@router.post(_ACTION + "/reouverture")
async def rouvrir(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Undo of a closing."""
    appel = _appel(request, appelant, session, uai, cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        reponse = await commandes.rouvrir(tx, appel, action_id)
    return _avec_etag(response, reponse)


@router.post(_ACTION + "/commentaires", status_code=201)
async def commenter(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    action_id: EleveId,
    saisie: s.Commentaire,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = _appel(request, appelant, session, uai, cle=cle)
    async with writing(engine(request)) as tx:
        return await commandes.commenter(tx, appel, action_id, saisie)


def _appel(
    request: Request,
    appelant: Perimetre,
    session: int,
    uai: str,
    *,
    cle: str | None = None,
    if_match: str | None = None,
) -> Appel:
    prefixe: str = request.app.state.running.settings.topic_prefix
    return Appel(lieu=lieu_de(appelant, session, uai), cle=cle, if_match=if_match, prefixe=prefixe)


def _avec_etag(response: Response, reponse: dict[str, Any]) -> dict[str, Any]:
    poser(response, reponse["action"]["version"])
    return reponse
