"""From the claims of the identity provider to a scope, and what a service does with one limited to classes."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.gateway.oidc import Revendications
from shared.http.perimetre import Delegation, Perimetre, Role, signer
from tests.kit.appels import servi
from tests.kit.services import SERVICE_TOKEN_KEY, World

UAI, AUTRE = "0750001A", "0690002B"


def perimetre(role: str, **claims: Any) -> Perimetre:
    return Revendications.model_validate({"sub": "x", "role": role, "lycees": [UAI], **claims}).perimetre


def test_classes_limit_a_professeur_principal_and_nobody_else() -> None:
    assert perimetre("professeur_principal", classes=[f"{UAI}/TG 1"]).classes == (f"{UAI}/TG 1",)
    assert perimetre("professeur_principal").classes == ()
    for role in ("chef", "adjoint", "psyen"):
        assert perimetre(role, classes=[f"{UAI}/TG1"]).classes is None


def test_delegations_are_an_adjoint_s() -> None:
    assert perimetre("adjoint", delegations=["avis"]).decide(Delegation.AVIS)
    assert not perimetre("adjoint", delegations=["avis"]).decide(Delegation.CLOTURE)
    assert not perimetre("psyen", delegations=["avis"]).decide(Delegation.AVIS)
    assert perimetre("chef").decide(Delegation.AVIS)


@pytest.mark.parametrize(
    "claims",
    [
        {"classes": [f"{AUTRE}/TG1"]},
        {"classes": ["TG1"]},
        {"classes": [f"{UAI}/"]},
        {"classes": [f"{UAI}/TG1/TG2"]},
        {"delegations": ["tout"]},
    ],
    ids=str,
)
def test_a_claim_that_makes_no_sense_refuses_the_token(claims: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        perimetre("professeur_principal", **claims)


async def test_a_service_that_does_not_filter_by_classe_refuses_who_sees_some_only(world: World) -> None:
    chef = perimetre("chef")
    professeur = perimetre("professeur_principal", classes=[f"{UAI}/TG1"])
    async with servi(world, "indicators") as indicators:
        statuts = [
            (
                await indicators.client.get(
                    f"/interne/v1/sessions/2026/lycees/{UAI}/indicateurs",
                    headers={"Authorization": f"Bearer {signer(qui, SERVICE_TOKEN_KEY, 'indicators')}"},
                )
            ).status_code
            for qui in (chef, professeur)
        ]
    assert statuts == [200, 404]
    assert professeur.role is Role.PROFESSEUR_PRINCIPAL
