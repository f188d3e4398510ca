"""The API of machines and of their credentials, under ``/api/v1``."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from services.gateway import contrats as c
from services.gateway import contrats_machines as cm
from services.gateway.api import PREFIXE, PRIVE, REPONSES
from services.gateway.auth import Identite, Moyens, moyens
from services.gateway.jetons import ErreurOAuth, identifiants
from services.gateway.operations_machines import ApiGuichetMachines, GuichetMachines

FORMULAIRE = "application/x-www-form-urlencoded"
_SANS_CACHE = {**PRIVE, "Pragma": "no-cache"}
_SCHEMA_DEMANDE = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "const": "client_credentials"},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string", "format": "password"},
        "scope": {"type": "string"},
    },
}
router = APIRouter(prefix=PREFIXE, responses=REPONSES)


@router.post(
    "/jetons",
    tags=["machines"],
    response_model=cm.JetonRendu,
    responses={
        statut: {"model": cm.ErreurJeton, "description": "Erreur de la RFC 6749 §5.2"}
        for statut in (400, 401, 429)
    },
    openapi_extra={
        "security": [{"identifiants": []}, {}],
        "requestBody": {"required": True, "content": {FORMULAIRE: {"schema": _SCHEMA_DEMANDE}}},
    },
)
async def demander_jeton(
    request: Request,
    outils: Annotated[Moyens, Depends(moyens)],
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """A short-lived token for a machine: OAuth 2.0 client credentials, in HTTP Basic or in the body."""
    try:
        rendu = await _jeton(request, outils, authorization)
    except ErreurOAuth as erreur:
        return _erreur(erreur, basic=authorization.lower().startswith("basic"))
    return JSONResponse(rendu.model_dump(), headers=_SANS_CACHE)


async def _jeton(request: Request, outils: Moyens, autorisation: str) -> cm.JetonRendu:
    demande = await _demande(request)
    match demande.get("grant_type"):
        case None:
            raise ErreurOAuth(400, "invalid_request", "grant_type manque")
        case "client_credentials":
            pass
        case _:
            raise ErreurOAuth(400, "unsupported_grant_type", "seul client_credentials est permis")
    machine = await outils.jetons.identifier(*identifiants(autorisation, demande))
    etendue = machine.perimetre.role.value
    if demande.get("scope", etendue) != etendue:
        raise ErreurOAuth(400, "invalid_scope", f"la seule etendue de cet acces est {etendue}")
    guichet = GuichetMachines(Identite(machine.perimetre, machine.nom), outils)
    await guichet.consigner_jeton()
    jeton = outils.jetons.signer(machine)
    return cm.JetonRendu(access_token=jeton, expires_in=outils.jetons.duree, scope=etendue)


async def _demande(request: Request) -> dict[str, str]:
    """The form; a parameter twice is refused, an empty one is as if it were not there (RFC 6749 §3.2)."""
    genre = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if genre != FORMULAIRE:
        raise ErreurOAuth(400, "invalid_request", f"le corps est un {FORMULAIRE}")
    try:
        champs = parse_qs((await request.body()).decode(), max_num_fields=20)
    except (UnicodeDecodeError, ValueError) as erreur:
        raise ErreurOAuth(400, "invalid_request", "corps illisible") from erreur
    if any(len(valeurs) > 1 for valeurs in champs.values()):
        raise ErreurOAuth(400, "invalid_request", "un parametre est donne deux fois")
    return {nom: valeurs[0] for nom, valeurs in champs.items()}


def _erreur(erreur: ErreurOAuth, *, basic: bool) -> JSONResponse:
    entetes = dict(_SANS_CACHE)
    if erreur.status == 401 and basic:  # noqa: PLR2004 - RFC 6749 §5.2
        entetes["WWW-Authenticate"] = 'Basic realm="pilotage"'
    if erreur.attente:
        entetes["Retry-After"] = str(erreur.attente)
    corps = cm.ErreurJeton(error=erreur.code, error_description=erreur.description)
    return JSONResponse(corps.model_dump(), status_code=erreur.status, headers=entetes)


@router.get("/sessions/{session}/lycees/{uai}/logiciels", tags=["machines"])
async def lister_logiciels(guichet: ApiGuichetMachines, session: c.Session, uai: c.Uai) -> cm.Logiciels:
    """The credentials of the lycée's software, those revoked included, without any secret."""
    return cm.Logiciels(logiciels=await guichet.logiciels(session, uai))


@router.post("/sessions/{session}/lycees/{uai}/logiciels", status_code=201, tags=["machines"])
async def creer_logiciel(
    guichet: ApiGuichetMachines, session: c.Session, uai: c.Uai, saisie: cm.SaisieLogiciel
) -> cm.LogicielCree:
    """``client_secret`` is in this answer and nowhere else: who loses it creates another."""
    return await guichet.creer_logiciel(session, uai, saisie)


@router.delete("/sessions/{session}/lycees/{uai}/logiciels/{client_id}", status_code=204, tags=["machines"])
async def revoquer_logiciel(
    guichet: ApiGuichetMachines, session: c.Session, uai: c.Uai, client_id: cm.ClientId
) -> Response:
    """At once: its tokens are refused too."""
    await guichet.revoquer_logiciel(session, uai, client_id)
    return Response(status_code=204)
