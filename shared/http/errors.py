"""Errors as problem details (RFC 9457): a French sentence for who reads it, a stable code for code."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Refus(Exception):  # noqa: N818 - the field's own word: a refusal said to the user
    """A refusal with its HTTP status, a stable code and a sentence in French."""

    def __init__(self, status: int, code: str, phrase: str, **details: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.phrase = phrase
        self.details = details


def introuvable() -> Refus:
    """What does not exist and what is out of the caller's scope answer alike."""
    return Refus(404, "introuvable", "Cet élément n’existe pas ou n’est pas dans votre périmètre.")


def probleme(status: int, code: str, phrase: str, **details: Any) -> JSONResponse:
    return JSONResponse(
        {"type": f"urn:pilotage:{code}", "status": status, "code": code, "title": phrase, **details},
        status_code=status,
        media_type="application/problem+json",
    )


def install_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(Refus)
    async def refus(request: Request, erreur: Refus) -> JSONResponse:
        del request
        return probleme(erreur.status, erreur.code, erreur.phrase, **erreur.details)

    @app.exception_handler(HTTPException)
    async def http(request: Request, erreur: HTTPException) -> JSONResponse:
        del request
        return probleme(erreur.status_code, "erreur_http", str(erreur.detail))

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, erreur: RequestValidationError) -> JSONResponse:
        del request
        champs = [
            {"champ": ".".join(str(part) for part in detail["loc"]), "probleme": detail["msg"]}
            for detail in erreur.errors()
        ]
        return probleme(422, "saisie_invalide", "La saisie n’est pas valide.", champs=champs)
