"""OpenID Connect client: discovery, authorization code with PKCE, and strict checks of tokens."""

import asyncio
import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self
from urllib.parse import urlencode

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.gateway.settings import GatewaySettings
from shared.http.errors import Refus
from shared.http.perimetre import MACHINES, Delegation, Perimetre, Role

ALGORITHMES = ("RS256", "ES256")
TOLERANCE_S = 30
FRAICHEUR_S = 3_600
ENTRE_DEUX_S = 30
"""An unknown key id makes the keys be read again, at most this often."""


Classe = Annotated[str, StringConstraints(max_length=80, pattern=r"^[0-9]{7}[A-Z]/[^/\x00-\x1f]+$")]


class Revendications(BaseModel):
    """Claims that make a scope. Anything missing or odd refuses the token.

    ``classes`` (``UAI/classe``) belong to a professeur principal and to nobody else, ``delegations`` to
    an adjoint.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    sub: str = Field(pattern=r"^[A-Za-z0-9_.:\-]{1,40}$")
    name: str = Field(default="", max_length=200)
    role: Role
    lycees: tuple[str, ...] = ()
    classes: tuple[Classe, ...] = ()
    academies: tuple[str, ...] = ()
    nation: bool = False
    delegations: tuple[Delegation, ...] = ()

    @field_validator("role")
    @classmethod
    def _une_personne(cls, role: Role) -> Role:
        """A machine has credentials of ours: the provider cannot make one."""
        if role in MACHINES:
            raise ValueError("role")
        return role

    @model_validator(mode="after")
    def _classes_de_ses_lycees(self) -> Self:
        """A classe is seen in a lycée of the caller; the claim of another role is no scope of his."""
        if any(classe.partition("/")[0] not in self.lycees for classe in self.classes):
            raise ValueError("classes")
        return self

    @property
    def perimetre(self) -> Perimetre:
        par_classe = self.role is Role.PROFESSEUR_PRINCIPAL
        return Perimetre(
            acteur=self.sub,
            nom=self.name,
            role=self.role,
            lycees=self.lycees,
            classes=self.classes if par_classe else None,
            academies=self.academies,
            nation=self.nation,
            delegations=self.delegations if self.role is Role.ADJOINT else (),
        )


@dataclass(frozen=True, slots=True)
class Demande:
    """What a login must remember until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def nouvelle(cls) -> "Demande":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    @property
    def defi(self) -> str:
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Fournisseur:
    """The identity provider, read lazily: the gateway starts without it."""

    def __init__(self, settings: GatewaySettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._verrou = asyncio.Lock()
        self._description: Mapping[str, str] = {}
        self._cles = KeySet([])
        self._lu = float("-inf")

    @property
    def retour(self) -> str:
        return self._settings.public_url.rstrip("/") + "/connexion/retour"

    async def adresse_de_connexion(self, demande: Demande) -> str:
        """Where the browser goes to log in."""
        parametres = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self.retour,
            "scope": "openid profile",
            "state": demande.state,
            "nonce": demande.nonce,
            "code_challenge": demande.defi,
            "code_challenge_method": "S256",
        }
        return f"{await self._adresse('authorization_endpoint')}?{urlencode(parametres)}"

    async def adresse_de_deconnexion(self, id_token: str) -> str | None:
        """Where the browser goes to log out of the provider too; None when it has no such page."""
        await self._rafraichir(FRAICHEUR_S)
        adresse = self._description.get("end_session_endpoint")
        retour = self._settings.public_url.rstrip("/") + "/deconnecte"
        parametres = {"id_token_hint": id_token, "post_logout_redirect_uri": retour}
        return f"{adresse}?{urlencode(parametres)}" if adresse else None

    async def echanger(self, code: str, verifier: str, nonce: str) -> tuple[Revendications, str]:
        """Claims and raw ID token of a code.

        Raises:
            Refus: 401 when the provider or a check refuses it, 503 when it does not answer.
        """
        formulaire = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.retour,
            "code_verifier": verifier,
        }
        secret = self._settings.oidc_client_secret.get_secret_value()
        client = httpx.BasicAuth(self._settings.oidc_client_id, secret)
        adresse = await self._adresse("token_endpoint")
        try:
            reponse = await self._http.post(adresse, data=formulaire, auth=client)
            id_token = str(reponse.raise_for_status().json()["id_token"])
        except httpx.HTTPStatusError as erreur:
            raise _refuse() from erreur
        except (httpx.HTTPError, ValueError, KeyError) as erreur:
            raise _muet() from erreur
        return await self._verifier(id_token, self._settings.oidc_client_id, nonce=nonce), id_token

    async def verifier_acces(self, jeton: str) -> Revendications:
        """Claims of an access token. An ID token has another audience and is refused."""
        return await self._verifier(jeton, self._settings.oidc_audience)

    async def _verifier(self, jeton: str, audience: str, nonce: str | None = None) -> Revendications:
        exigences: dict[str, Any] = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        if nonce is not None:
            exigences["nonce"] = {"essential": True, "value": nonce}
        try:
            decode = jwt.decode(jeton, await self._cles_pour(jeton), algorithms=list(ALGORITHMES))
            jwt.JWTClaimsRegistry(leeway=TOLERANCE_S, **exigences).validate(decode.claims)
            return Revendications.model_validate(decode.claims)
        except (JoseError, ValueError, TypeError, KeyError) as erreur:
            raise _refuse() from erreur

    async def _cles_pour(self, jeton: str) -> KeySet:
        await self._rafraichir(FRAICHEUR_S)
        entete = jws.extract_compact(jeton.encode()).headers()
        if entete.get("alg") not in ALGORITHMES:
            raise ValueError("algorithm")
        if not any(cle.kid == entete.get("kid") for cle in self._cles.keys):
            await self._rafraichir(ENTRE_DEUX_S)
        return self._cles

    async def _adresse(self, nom: str) -> str:
        await self._rafraichir(FRAICHEUR_S)
        return self._description[nom]

    async def _rafraichir(self, age_max: float) -> None:
        """Read discovery and keys again when older than ``age_max`` seconds; those known outlive an outage."""
        async with self._verrou:
            if time.monotonic() - self._lu < age_max:
                return
            try:
                await self._relire()
            except Refus:
                if not self._description:
                    raise
                self._lu = time.monotonic() - FRAICHEUR_S + ENTRE_DEUX_S

    async def _relire(self) -> None:
        issuer = self._settings.oidc_issuer
        description = await self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            if description["issuer"] != issuer:
                raise _muet()
            self._cles = KeySet.import_key_set(await self._json(description["jwks_uri"]))
        except (KeyError, TypeError, ValueError, JoseError) as erreur:
            raise _muet() from erreur
        self._description = description
        self._lu = time.monotonic()

    async def _json(self, adresse: str) -> Any:
        try:
            return (await self._http.get(adresse)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as erreur:
            raise _muet() from erreur


def _refuse() -> Refus:
    return Refus(401, "identite_refusee", "Votre identité n’a pas pu être vérifiée. Reconnectez-vous.")


def _muet() -> Refus:
    phrase = "Le fournisseur d’identité ne répond pas pour le moment. Réessayez dans un instant."
    return Refus(503, "identite_indisponible", phrase)
