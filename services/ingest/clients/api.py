"""Internal HTTP of the credentials: the gateway checks them, a chef keeps those of his lycée."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.clients import commandes, store
from services.ingest.clients.domain import DUREE_MAX, Genre
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Delegation, Perimetre, Role

router = APIRouter(prefix="/interne/v1")
ClientId = Annotated[str, Path(pattern=r"^(logiciel|plateforme)-[0-9a-f]{16}$")]
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
Nom = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")
]
_UN_AN = 365


class Identification(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Annotated[str, Field(max_length=100)]
    secret: Annotated[str, Field(max_length=200)]


class Saisie(BaseModel):
    """A new credential: how the lycée calls the software, and for how many days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nom: Nom
    jours: Annotated[int, Field(ge=1, le=DUREE_MAX.days)] = _UN_AN


@router.post("/clients/authentification")
async def authentifier(request: Request, appelant: Appelant, corps: Identification) -> dict[str, Any]:
    """Who has this secret; 401 for anything else, without saying what was wrong."""
    _passerelle(appelant)
    async with _engine(request).begin() as tx:
        client = await commandes.authentifier(tx, corps.client_id, corps.secret)
    if client is None:
        raise Refus(401, "client_inconnu", "Cet accès n’existe pas, ou ne peut plus servir.")
    return _identite(client)


@router.get("/clients/{client_id}/validite")
async def validite(request: Request, appelant: Appelant, client_id: ClientId) -> dict[str, Any]:
    _passerelle(appelant)
    async with _engine(request).begin() as tx:
        client = await commandes.valide(tx, client_id)
    if client is None:
        raise introuvable()
    return _identite(client)


@router.get("/sessions/{session}/lycees/{uai}/logiciels")
async def lister(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """The credentials of the lycée, without any secret."""
    del session
    _direction(appelant, uai)
    async with _engine(request).connect() as tx:
        return {"logiciels": [presenter(client._mapping) for client in await store.lister(tx, uai)]}  # noqa: SLF001 - SQLAlchemy's public name for it


@router.post("/sessions/{session}/lycees/{uai}/logiciels", status_code=201)
async def creer(
    request: Request, appelant: Appelant, session: int, uai: Uai, corps: Annotated[Saisie, Body()]
) -> dict[str, Any]:
    """The only answer that holds the secret; asked again, another credential is made."""
    del session
    _decideur(appelant, uai)
    async with _engine(request).begin() as tx:
        cree = await commandes.creer(
            tx, Genre.LOGICIEL, nom=corps.nom, jours=corps.jours, par=appelant.acteur, uai=uai
        )
    return {**presenter(cree.client._mapping), "client_secret": cree.secret}  # noqa: SLF001 - as above


@router.delete("/sessions/{session}/lycees/{uai}/logiciels/{client_id}", status_code=204)
async def revoquer(
    request: Request, appelant: Appelant, session: int, uai: Uai, client_id: ClientId
) -> Response:
    """From now on the credential, and every token made with it, is refused."""
    del session
    _decideur(appelant, uai)
    async with _engine(request).begin() as tx:
        revoque = await store.revoquer(tx, client_id, appelant.acteur, uai)
        connu = await store.lire(tx, client_id)
    if not revoque and (connu is None or connu.uai != uai):
        raise introuvable()
    return Response(status_code=204)


def presenter(client: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "client_id": client["id"],
        **{
            champ: client[champ]
            for champ in ("nom", "uai", "cree_par", "cree_le", "expire_le", "revoque_le", "utilise_le")
        },
    }


def _identite(client: Row[Any]) -> dict[str, Any]:
    return {"client_id": client.id, "genre": client.genre, "uai": client.uai, "nom": client.nom}


def _engine(request: Request) -> AsyncEngine:
    engine: AsyncEngine = request.app.state.running.engine
    return engine


def _passerelle(appelant: Perimetre) -> None:
    if appelant.role is not Role.PASSERELLE:
        raise introuvable()


def _direction(appelant: Perimetre, uai: str) -> None:
    if not appelant.direction or not appelant.voit_lycee(uai):
        raise introuvable()


def _decideur(appelant: Perimetre, uai: str) -> None:
    if not appelant.decide(Delegation.ACCES) or not appelant.voit_lycee(uai):
        raise introuvable()
