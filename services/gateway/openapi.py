"""Description of the published API; ``python -m services.gateway.openapi`` prints it for docs/contracts."""

import json
import sys
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from services.gateway import api


def decrire() -> dict[str, Any]:
    """OpenAPI 3.1: the routes under ``/api/v1`` and the two ways of saying who calls."""
    description = get_openapi(
        title="Pilotage",
        version="1",
        description="API du suivi des élèves de terminale par leur établissement. Hors du périmètre de l’appelant,"
        " tout répond 404.",
        routes=api.router.routes,
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
    description["security"] = [{"jeton": []}, {"session": []}]
    return description


def route() -> APIRouter:
    """Serves the description at its published address."""
    public, description = APIRouter(prefix=api.PREFIXE, include_in_schema=False), decrire()

    @public.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(description)

    return public


def texte() -> str:
    """As it is committed."""
    return json.dumps(decrire(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(texte())
