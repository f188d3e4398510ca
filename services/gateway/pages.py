"""Rendering of pages: templates, static files, and errors said in French on a page of their own."""

import hashlib
from collections.abc import Awaitable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from services.gateway import domain
from services.gateway.api import PREFIXE
from services.gateway.auth import Identite, NonConnecteError, moyens
from services.gateway.navigation import menu
from shared.http.errors import Refus, probleme
from shared.http.perimetre import Role
from shared.nomenclatures.academies import academie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.matieres import specialites
from shared.nomenclatures.series import Serie

_ICI = Path(__file__).parent
_NOTRES = ("pilotage.css", "pilotage.js", "dsfr/dsfr.main.min.css")
VERSION = hashlib.sha256(b"".join((_ICI / "static" / nom).read_bytes() for nom in _NOTRES)).hexdigest()[:12]
"""In the address of static files: a change of one is a new address."""
INDISPONIBLE = 503
_UAI = 8
T = TypeVar("T")
Jeton = Annotated[str, Form(max_length=200)]
_ROLES = {
    Role.CHEF: "Chef d’établissement",
    Role.ADJOINT: "Adjoint",
    Role.PROFESSEUR_PRINCIPAL: "Professeur principal",
    Role.PSYEN: "Psychologue de l’éducation nationale",
    Role.SAIO: "Rectorat – SAIO",
    Role.OPERATEUR: "Opérateur national",
    Role.LOGICIEL: "Logiciel de notes",
    Role.PLATEFORME: "Plateforme nationale",
}
_JSON = (f"{PREFIXE}/", "/health/", "/metrics")
_TITRES = {
    403: "Page expirée",
    404: "Page introuvable",
    405: "Page introuvable",
    413: "Envoi trop lourd",
    422: "Demande non comprise",
    503: "Service momentanément indisponible",
}


def _libelle_serie(code: str | None) -> str:
    return Serie(code).libelle if code in set(Serie) else (code or domain.TIRET)


def _libelle_famille(code: str) -> str:
    return Famille(code).libelle if code in set(Famille) else code


def _nom_lycee(uai: str) -> str:
    connu = lycee(uai)
    return f"{connu.nom}, {connu.commune}" if connu else f"Lycée {uai}"


def _nom_academie(code: str) -> str:
    connue = academie(code)
    return f"Académie de {connue.nom}" if connue else f"Académie {code}"


def _nom_lieu(code: str) -> str:
    """Of a lycée by its UAI, of an académie by its code."""
    return _nom_lycee(code) if len(code) == _UAI else _nom_academie(code)


def _jour(valeur: date | None) -> str:
    return valeur.strftime("%d/%m/%Y") if valeur else domain.TIRET


def _instant(valeur: datetime | str | None) -> str:
    return domain.date_heure(datetime.fromisoformat(valeur) if isinstance(valeur, str) else valeur)


def _heure(valeur: datetime) -> str:
    return valeur.astimezone(domain.PARIS).strftime("%H h %M")


def _libelle_specialite(cle: str) -> str:
    return specialites()[cle].libelle if cle in specialites() else cle


LIBELLES_FILTRES = {
    "classe": str,
    "serie": _libelle_serie,
    "specialite": _libelle_specialite,
    "famille": _libelle_famille,
}
"""How the codes of a list's filters are said."""


def _environnement() -> Environment:
    env = Environment(
        loader=FileSystemLoader(_ICI / "gabarits"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        entier=domain.entier,
        instant=_instant,
        heure=_heure,
        jour=_jour,
        jour_iso=lambda texte: _jour(date.fromisoformat(texte)),
        serie=_libelle_serie,
        famille=_libelle_famille,
        nom_lycee=_nom_lycee,
        nom_academie=_nom_academie,
        statut=lambda code: domain.libelle(domain.STATUTS, code),
        specialite=_libelle_specialite,
        etat_voeu=lambda code: domain.libelle(domain.ETATS_VOEU, code),
        decision=lambda code: domain.libelle(domain.DECISIONS, code),
        reponse=lambda code: domain.libelle(domain.REPONSES, code),
        capacite=lambda code: domain.libelle(domain.CAPACITES, code),
        naturel=lambda textes: sorted(textes, key=domain.rang_naturel),
        voie=lambda code: domain.libelle(domain.VOIES, code),
    )
    env.globals.update(
        pourcentage=domain.pourcentage,
        fraction=domain.fraction,
        CAPACITES=domain.CAPACITES,
        ROLES=_ROLES,
        TIRET=domain.TIRET,
        nouvelle_cle=lambda: str(uuid4()),
        VERSION=VERSION,
        nom_lieu=_nom_lieu,
        LIBELLES_FILTRES=LIBELLES_FILTRES,
    )
    return env


_ENV = _environnement()


def page(
    request: Request, gabarit: str, *, identite: Identite | None = None, status: int = 200, **valeurs: Any
) -> HTMLResponse:
    """An HTML page in the frame of the site."""
    qui = identite or getattr(request.state, "identite", None)
    contexte = {
        "identite": qui,
        "menu": menu(qui.perimetre, request.url.path) if qui else None,
        "session": moyens(request).settings.session,
        "chemin": request.url.path,
        **valeurs,
    }
    return HTMLResponse(_ENV.get_template(gabarit).render(contexte), status)


class _Statiques(StaticFiles):
    """Files that change only with the version in their address."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        reponse = super().file_response(*args, **kwargs)
        reponse.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return reponse


def installer_statiques(app: FastAPI) -> None:
    app.mount("/static", GZipMiddleware(_Statiques(directory=_ICI / "static"), minimum_size=1_000))


def installer_erreurs(app: FastAPI) -> None:
    """The API keeps its problem details; a person gets a page."""

    @app.exception_handler(Refus)
    async def refus(request: Request, erreur: Refus) -> Response:
        return _erreur(request, erreur.status, erreur.code, erreur.phrase, **erreur.details)

    @app.exception_handler(HTTPException)
    async def http(request: Request, erreur: HTTPException) -> Response:
        introuvable = "Cette page n’existe pas ou n’est pas dans votre périmètre."
        phrase = introuvable if erreur.status_code in {404, 405} else str(erreur.detail)
        return _erreur(request, erreur.status_code, "erreur_http", phrase)

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, erreur: RequestValidationError) -> Response:
        champs = [
            {"champ": ".".join(str(partie) for partie in detail["loc"]), "probleme": detail["msg"]}
            for detail in erreur.errors()
        ]
        return _erreur(request, 422, "saisie_invalide", "La saisie n’est pas valide.", champs=champs)

    @app.exception_handler(NonConnecteError)
    async def non_connecte(request: Request, erreur: NonConnecteError) -> Response:
        del erreur
        if _pour_machine(request):
            return probleme(401, "non_connecte", "Connectez-vous pour continuer.")
        retour = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/connexion?{_requete_retour(retour)}", 303)


def _requete_retour(chemin: str) -> str:
    return urlencode({"retour": chemin})


def _pour_machine(request: Request) -> bool:
    return request.url.path.startswith(_JSON)


def _erreur(request: Request, status: int, code: str, phrase: str, **details: Any) -> Response:
    if _pour_machine(request):
        reponse: Response = probleme(status, code, phrase, **details)
    else:
        titre = _TITRES.get(status, "La demande n’a pas abouti")
        reponse = page(request, "erreur.html", status=status, titre=titre, phrase=phrase, code=status)
    if status == INDISPONIBLE:
        reponse.headers["Retry-After"] = "5"
    return reponse


def session_de(request: Request) -> int:
    """The session that the pages show."""
    return moyens(request).settings.session


async def ou_panne(promesse: Awaitable[T]) -> T | Refus:
    """A part of a page that is out of order does not take the others with it."""
    try:
        return await promesse
    except Refus as refus:
        if refus.status != INDISPONIBLE or refus.code == "journal_indisponible":
            raise
        return refus
