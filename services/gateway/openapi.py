"""Description of the published API; ``python -m services.gateway.openapi`` prints it for docs/contracts."""

import json
import sys
from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from services.gateway import (
    accompagnement,
    api,
    api_indicateurs,
    api_listes,
    bourses,
    bulletins,
    etablissement,
    imports,
    machines,
    retour,
    reunions,
    scolarite,
    session,
    televersements,
)


@cache
def decrire() -> dict[str, Any]:
    """OpenAPI 3.1: the routes under ``/api/v1`` and the ways of saying who calls."""
    description = get_openapi(
        title="Pilotage",
        version="1",
        description="API du suivi des élèves de terminale par leur établissement. Hors du périmètre de l’appelant,"
        " tout répond 404.",
        routes=[
            *api.router.routes,
            *api_indicateurs.router.routes,
            *api_listes.router.routes,
            *bourses.router.routes,
            *etablissement.router.routes,
            *accompagnement.router.routes,
            *imports.router.routes,
            *scolarite.router.routes,
            *reunions.router.routes,
            *session.router.routes,
            *bulletins.router.routes,
            *machines.router.routes,
            *televersements.router.routes,
            *retour.router.routes,
        ],
    )
    description["components"]["securitySchemes"] = {
        "jeton": {
            "type": "http",
            "scheme": "bearer",
            "description": "Jeton d’accès du fournisseur d’identité",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "pilotage",
            "description": "Session du site ; une écriture porte aussi l’en-tête X-CSRF-Token",
        },
    }
    description["components"]["securitySchemes"]["machine"] = {
        "type": "oauth2",
        "description": "Logiciel de notes d’un lycée, ou plateforme nationale : jeton obtenu avec ses identifiants",
        "flows": {"clientCredentials": {"tokenUrl": f"{api.PREFIXE}/jetons", "scopes": {}}},
    }
    description["components"]["securitySchemes"]["identifiants"] = {
        "type": "http",
        "scheme": "basic",
        "description": "Identifiant et secret d’une machine, pour demander un jeton seulement",
    }
    description["security"] = [{"jeton": []}, {"session": []}, {"machine": []}]
    return description


def route() -> APIRouter:
    """Serves the description at its published address."""
    public = APIRouter(prefix=api.PREFIXE, include_in_schema=False)

    @public.get("/openapi.json")
    def openapi() -> JSONResponse:
        return JSONResponse(decrire())

    return public


def texte() -> str:
    """As it is committed."""
    return json.dumps(decrire(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(texte())
