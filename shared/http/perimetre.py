"""The signed service token and the scope it carries; every query of a service starts from it."""

import time
from typing import Annotated, Self

from fastapi import Depends, Header, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, model_validator

from shared.domaine.roles import DANS_UN_LYCEE, DIRECTION, MACHINES, Delegation, Role
from shared.http.errors import Refus, introuvable

__all__ = [
    "DANS_UN_LYCEE",
    "DIRECTION",
    "MACHINES",
    "SES_CLASSES",
    "Appelant",
    "Delegation",
    "Perimetre",
    "Role",
    "portee",
    "signer",
    "verifier",
]
_ALGORITHM = "HS256"
_LIFETIME_S = 60
_ISSUER = "pilotage-gateway"


PAR_CLASSE = frozenset({"eleves", "avenir", "exports"})
"""Services whose queries filter by classe; the others refuse whoever sees some classes only."""


class Perimetre(BaseModel):
    """Who asks, and over what. ``lycees``: UAI; ``academies``: codes; ``nation``: everything.

    ``classes``: None for whole lycées; else the only classes seen there, each as ``UAI/classe``.
    ``nom``: how a colleague reads who wrote something; never logged. ``delegations``: of an adjoint.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    acteur: str
    role: Role
    lycees: tuple[str, ...] = ()
    classes: tuple[str, ...] | None = None
    academies: tuple[str, ...] = ()
    nation: bool = False
    delegations: tuple[Delegation, ...] = ()
    nom: str = ""

    @model_validator(mode="after")
    def _des_classes_pour_un_professeur(self) -> Self:
        """A professeur principal without a list of classes would see the whole lycée."""
        if self.role is Role.PROFESSEUR_PRINCIPAL and self.classes is None:
            raise ValueError("classes")
        return self

    @property
    def direction(self) -> bool:
        """Chef or adjoint: whole lycées, and the échelon of a bourse, which nobody else sees."""
        return self.role in DIRECTION

    def decide(self, delegation: Delegation) -> bool:
        """The chef himself, or an adjoint to whom he delegated it."""
        return self.role is Role.CHEF or (self.role is Role.ADJOINT and delegation in self.delegations)

    def voit_lycee(self, uai: str) -> bool:
        """Nominative scope: the lycées of the caller, nobody else's."""
        return uai in self.lycees

    def voit_classe(self, uai: str, classe: str | None) -> bool:
        """Whether the pupils of a classe are in scope; a pupil without classe is seen by whole-lycée scopes only."""
        return self.voit_lycee(uai) and (self.classes is None or f"{uai}/{classe}" in self.classes)

    def voit_academie(self, academie: str) -> bool:
        return self.nation or academie in self.academies


SES_CLASSES = "(CAST(:classes AS text[]) IS NULL OR uai || '/' || classe = ANY(CAST(:classes AS text[])))"
"""SQL condition on columns ``uai`` and ``classe``: the pupils of the caller's classes, when he has some."""


def portee(perimetre: Perimetre) -> dict[str, list[str] | None]:
    """Parameters ``lycees`` and ``classes`` of a query within the caller's scope."""
    classes = None if perimetre.classes is None else list(perimetre.classes)
    return {"lycees": list(perimetre.lycees), "classes": classes}


def signer(perimetre: Perimetre, cle: str, audience: str) -> str:
    """A token for one call to the service ``audience``, valid for a minute."""
    now = int(time.time())
    claims = {
        "iss": _ISSUER,
        "aud": audience,
        "iat": now,
        "exp": now + _LIFETIME_S,
        "perimetre": perimetre.model_dump(mode="json"),
    }
    return jwt.encode({"alg": _ALGORITHM}, claims, OctKey.import_key(cle))


def verifier(token: str, cle: str, audience: str) -> Perimetre:
    """Scope of a valid token.

    Raises:
        Refus: 401, whatever is wrong with the token.
    """
    try:
        decoded = jwt.decode(token, OctKey.import_key(cle), algorithms=[_ALGORITHM])
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": _ISSUER},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        ).validate(decoded.claims)
        return Perimetre.model_validate(decoded.claims["perimetre"])
    except (JoseError, ValueError, KeyError) as erreur:
        raise Refus(401, "appel_non_autorise", "Appel de service non autorisé.") from erreur


def _perimetre(request: Request, authorization: Annotated[str, Header()] = "") -> Perimetre:
    settings = request.app.state.running.settings
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refus(401, "appel_non_autorise", "Appel de service non autorisé.")
    perimetre = verifier(token, settings.service_token_key.get_secret_value(), settings.service)
    if perimetre.classes is not None and settings.service not in PAR_CLASSE:
        raise introuvable()
    return perimetre


Appelant = Annotated[Perimetre, Depends(_perimetre)]
"""FastAPI dependency: the verified scope of the caller."""
