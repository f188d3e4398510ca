"""Tokens of machines: the client credentials grant (RFC 6749 §4.4), short-lived and signed by us.

A token only names its client: whether it may still be used, and over what, is asked of ingest at
every call, so that a revocation is immediate.
"""

import base64
import binascii
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus
from uuid import uuid4

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.gateway.clients import Services
from services.gateway.settings import GatewaySettings
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre, Role

_log = structlog.get_logger()
_ALGORITHME = "HS256"
_EMETTEUR = "pilotage-jetons"
_CLE_MIN = 16
_FENETRE_S = 60
_CLIENT = re.compile(r"(logiciel|plateforme)-[0-9a-f]{16}")
PASSERELLE = Perimetre(acteur="gateway", role=Role.PASSERELLE)


class Machine(NamedTuple):
    """A machine that ingest knows, and what it may reach."""

    perimetre: Perimetre
    nom: str


class ErreurOAuth(Exception):  # noqa: N818 - RFC 6749 §5.2 calls it an error response
    """An answer of the token endpoint: ``code`` is one of the RFC's, ``description`` is ASCII."""

    def __init__(self, status: int, code: str, description: str, *, attente: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.description = description
        self.attente = attente


class Jetons:
    """Makes and reads the tokens of machines."""

    def __init__(self, settings: GatewaySettings, services: Services, valkey: Redis) -> None:
        secret = settings.service_token_key.get_secret_value().encode()
        self._cle = _deriver(secret) if len(secret) >= _CLE_MIN else None
        self._audience = settings.oidc_audience
        self._services = services
        self._valkey = valkey
        self._prefixe = f"{settings.topic_prefix}gateway:jetons"
        self._par_minute = settings.token_rate_per_minute
        self.duree = settings.token_lifetime_s

    async def identifier(self, client_id: str, secret: str) -> Machine:
        """The machine whose credentials these are.

        Raises:
            ErreurOAuth: 401 for anything wrong with them, 429 when asked for too often.
            Refus: 503, ingest or Valkey does not answer.
        """
        if not _CLIENT.fullmatch(client_id):
            raise inconnu()
        await self._moderer(client_id)
        corps = {"client_id": client_id, "secret": secret[:200]}
        reponse = await self._services.essayer(
            "ingest", "POST", "/interne/v1/clients/authentification", PASSERELLE, attendus={401}, json=corps
        )
        if not reponse.is_success:
            _log.warning("machine refused", client=client_id)
            raise inconnu()
        return _machine(reponse.json())

    def signer(self, machine: Machine) -> str:
        """A token for ``duree`` seconds."""
        maintenant = int(time.time())
        revendications = {
            "iss": _EMETTEUR,
            "aud": self._audience,
            "sub": machine.perimetre.acteur,
            "iat": maintenant,
            "exp": maintenant + self.duree,
            "jti": str(uuid4()),
        }
        return jwt.encode({"alg": _ALGORITHME, "typ": "JWT"}, revendications, self._exiger_cle())

    @staticmethod
    def est_des_notres(jeton: str) -> bool:
        """Made here, by what it says of itself: the identity provider's are signed otherwise."""
        try:
            return jws.extract_compact(jeton.encode()).headers().get("alg") == _ALGORITHME
        except (JoseError, ValueError, TypeError):
            return False

    async def lire(self, jeton: str) -> Machine:
        """The machine of a valid token, as ingest knows it now.

        Raises:
            Refus: 401 when the token is not valid (any more), or its client revoked.
        """
        client_id = self._sujet(jeton)
        reponse = await self._services.essayer(
            "ingest", "GET", f"/interne/v1/clients/{client_id}/validite", PASSERELLE, attendus={404}
        )
        if not reponse.is_success:
            raise _perime()
        return _machine(reponse.json())

    def _sujet(self, jeton: str) -> str:
        try:
            decode = jwt.decode(jeton, self._exiger_cle(), algorithms=[_ALGORITHME])
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": _EMETTEUR},
                aud={"essential": True, "value": self._audience},
                exp={"essential": True},
            ).validate(decode.claims)
            sujet = str(decode.claims["sub"])
        except (JoseError, ValueError, TypeError, KeyError) as erreur:
            raise _perime() from erreur
        if not _CLIENT.fullmatch(sujet):
            raise _perime()
        return sujet

    async def _moderer(self, client_id: str) -> None:
        """So many demands a minute and client, whatever their outcome."""
        cle = f"{self._prefixe}:{client_id}:{int(time.time()) // _FENETRE_S}"
        try:
            async with self._valkey.pipeline(transaction=True) as commandes:
                commandes.incr(cle)
                commandes.expire(cle, 2 * _FENETRE_S)
                combien = int((await commandes.execute())[0])
        except RedisError as erreur:
            raise _indisponible() from erreur
        if combien > self._par_minute:
            reste = _FENETRE_S - int(time.time()) % _FENETRE_S
            raise ErreurOAuth(
                429, "temporarily_unavailable", "trop de demandes de jeton pour cet acces", attente=reste
            )

    def _exiger_cle(self) -> OctKey:
        if self._cle is None:
            raise _indisponible()
        return self._cle


def identifiants(autorisation: str, formulaire: Mapping[str, str]) -> tuple[str, str]:
    """(client id, secret) from HTTP Basic or from the body, not from both (RFC 6749 §2.3.1)."""
    du_corps = formulaire.get("client_id", ""), formulaire.get("client_secret", "")
    schema, _, brut = autorisation.partition(" ")
    if not schema:
        if not all(du_corps):
            raise inconnu()
        return du_corps
    if schema.lower() != "basic":
        raise inconnu()
    if formulaire.get("client_secret"):
        raise ErreurOAuth(400, "invalid_request", "une seule facon de s'identifier a la fois")
    try:
        client_id, deux_points, secret = base64.b64decode(brut, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as erreur:
        raise inconnu() from erreur
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if not (deux_points and client_id and secret) or formulaire.get("client_id", client_id) != client_id:
        raise inconnu()
    return client_id, secret


def inconnu() -> ErreurOAuth:
    return ErreurOAuth(401, "invalid_client", "identifiant ou secret refuse")


def _machine(identite: Mapping[str, Any]) -> Machine:
    role = {"LOGICIEL": Role.LOGICIEL, "PLATEFORME": Role.PLATEFORME}[identite["genre"]]
    lycees = (identite["uai"],) if identite["uai"] else ()
    return Machine(Perimetre(acteur=identite["client_id"], role=role, lycees=lycees), identite["nom"])


def _deriver(secret: bytes) -> OctKey:
    """A key of its own: a token of a machine is never one of a call between services."""
    derivee = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pilotage/jetons/v1").derive(secret)
    return OctKey.import_key(derivee)


def _perime() -> Refus:
    return Refus(401, "jeton_refuse", "Ce jeton n’est pas ou n’est plus valable : demandez-en un autre.")


def _indisponible() -> Refus:
    return Refus(
        503, "jetons_indisponibles", "Le service des jetons ne répond pas. Réessayez dans un instant."
    )
