"""Server-side sessions in Valkey: the browser holds an opaque id, Valkey its hash and what it stands for."""

import hashlib
import secrets
import time
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.gateway.settings import GatewaySettings
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre

ATTENTE_S = 600
MAX_ID = 100
M = TypeVar("M", bound=BaseModel)


class Ouverte(BaseModel):
    """What a session stands for. ``jeton``: the anti-forgery token of its forms."""

    model_config = ConfigDict(frozen=True)

    perimetre: Perimetre
    nom: str
    jeton: str
    id_token: str
    fin: float


class Attente(BaseModel):
    """A login under way, bound to the browser that asked for it."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    retour: str


class Sessions:
    """Losing Valkey's data logs everybody out and harms nothing else."""

    def __init__(self, valkey: Redis, settings: GatewaySettings) -> None:
        self._valkey = valkey
        self._prefixe = f"{settings.topic_prefix}gateway"
        self._inactivite = settings.session_idle_s
        self._duree = settings.session_max_s
        marque = "__Host-" if settings.secure else ""
        self.cookie = f"{marque}pilotage"
        self.cookie_attente = f"{marque}pilotage_connexion"

    async def ouvrir(self, perimetre: Perimetre, nom: str, id_token: str) -> str:
        """A new session; returns the id for the cookie."""
        fin = time.time() + self._duree
        ouverte = Ouverte(
            perimetre=perimetre, nom=nom, jeton=secrets.token_urlsafe(32), id_token=id_token, fin=fin
        )
        return await self._poser("session", ouverte, self._inactivite)

    async def lire(self, identifiant: str) -> Ouverte | None:
        """The session, whose idle time starts again; None when it has ended."""
        cle = self._cle("session", identifiant)
        try:
            brut = await self._valkey.getex(cle, ex=self._inactivite)
        except RedisError as erreur:
            raise _indisponible() from erreur
        ouverte = _decoder(Ouverte, brut)
        return ouverte if ouverte and ouverte.fin > time.time() else None

    async def fermer(self, identifiant: str) -> None:
        try:
            await self._valkey.delete(self._cle("session", identifiant))
        except RedisError as erreur:
            raise _indisponible() from erreur

    async def attendre(self, attente: Attente) -> str:
        """Remember a login under way; returns the id for the browser's short cookie."""
        return await self._poser("attente", attente, ATTENTE_S)

    async def reprendre(self, identifiant: str) -> Attente | None:
        """The login under way, once."""
        try:
            return _decoder(Attente, await self._valkey.getdel(self._cle("attente", identifiant)))
        except RedisError as erreur:
            raise _indisponible() from erreur

    async def retenir(self, genre: str, valeur: BaseModel, identifiant: str = "") -> str:
        """Keep something for as long as a session lasts; returns the id under which it is found again."""
        if not identifiant:
            return await self._poser(genre, valeur, self._duree)
        try:
            await self._valkey.set(self._cle(genre, identifiant), valeur.model_dump_json(), ex=self._duree)
        except RedisError as erreur:
            raise _indisponible() from erreur
        return identifiant

    async def retrouver(self, genre: str, modele: type[M], identifiant: str) -> M | None:
        """What was kept under ``identifiant``; None when it is forgotten or never was."""
        try:
            return _decoder(modele, await self._valkey.get(self._cle(genre, identifiant)))
        except RedisError as erreur:
            raise _indisponible() from erreur

    async def ping(self) -> bool:
        try:
            return bool(await self._valkey.ping())
        except RedisError:
            return False

    async def _poser(self, genre: str, valeur: BaseModel, duree: int) -> str:
        identifiant = secrets.token_urlsafe(32)
        try:
            await self._valkey.set(self._cle(genre, identifiant), valeur.model_dump_json(), ex=duree)
        except RedisError as erreur:
            raise _indisponible() from erreur
        return identifiant

    def _cle(self, genre: str, identifiant: str) -> str:
        empreinte = hashlib.sha256(identifiant[:MAX_ID].encode()).hexdigest()
        return f"{self._prefixe}:{genre}:{empreinte}"


def _decoder(modele: type[M], brut: Any) -> M | None:
    return modele.model_validate_json(brut) if brut else None


def _indisponible() -> Refus:
    return Refus(
        503, "connexion_indisponible", "Le service de connexion ne répond pas. Réessayez dans un instant."
    )
