"""Wiring of the gateway."""

import asyncio
from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI
from redis.asyncio import Redis

from services.gateway import (
    accompagnement,
    accompagnement_debut,
    accompagnement_notes,
    accompagnement_pages,
    accompagnement_propositions,
    accueil,
    api,
    api_indicateurs,
    api_listes,
    bourses,
    bulletins,
    calendrier,
    connexion,
    dossier,
    etablissement,
    fichiers,
    imports,
    listes,
    logiciels,
    machines,
    openapi,
    pages_bourses,
    pages_cordees,
    pages_etablissement,
    pages_indicateurs,
    pages_indicateurs_academie,
    pages_indicateurs_courbe,
    pages_indicateurs_nation,
    pages_objectifs,
    pages_scolarite,
    pages_scolarite_eleve,
    pages_vues,
    parcours,
    retour,
    reunions,
    scolarite,
    session,
    site,
    televersements,
)
from services.gateway.auth import Moyens
from services.gateway.clients import Services
from services.gateway.contrats_publies import installer_contrats
from services.gateway.jetons import Jetons
from services.gateway.oidc import Fournisseur
from services.gateway.pages import installer_erreurs, installer_statiques
from services.gateway.securite import Protection
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from services.gateway.store import Journal
from shared.service import Running, Service

TITRE = "Pilotage"
_VALKEY_S = 2.0
_SURVEILLANCE_S = 5.0


async def _preparer(running: Running, stack: AsyncExitStack) -> None:
    settings: GatewaySettings = running.settings
    valkey = Redis.from_url(
        settings.redis_url.get_secret_value(),
        decode_responses=True,
        socket_timeout=_VALKEY_S,
        socket_connect_timeout=_VALKEY_S,
    )
    stack.push_async_callback(valkey.aclose)
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=httpx.Timeout(5.0, connect=2.0)))
    services = Services(settings)
    stack.push_async_callback(services.aclose)
    running.resources["moyens"] = Moyens(
        settings=settings,
        sessions=Sessions(valkey, settings),
        fournisseur=Fournisseur(settings, http),
        services=services,
        journal=Journal(running.engine, settings),
        jetons=Jetons(settings, services, valkey),
    )


async def _surveiller_sessions(running: Running) -> None:
    """Without Valkey nobody can log in: the gateway is then not ready."""
    moyens: Moyens = running.resources["moyens"]
    while True:
        if await moyens.sessions.ping():
            running.health.green("sessions")
        else:
            running.health.red("sessions", "Valkey does not answer: nobody can log in")
        await asyncio.sleep(_SURVEILLANCE_S)


def _habiller(app: FastAPI, settings: GatewaySettings) -> None:
    app.router.routes[:] = [r for r in app.router.routes if getattr(r, "path", "") != "/openapi.json"]
    app.include_router(openapi.route())
    installer_statiques(app)
    installer_contrats(app)
    installer_erreurs(app)
    app.add_middleware(Protection, settings=settings)


SERVICE = Service(
    name="gateway",
    title=TITRE,
    settings=GatewaySettings,
    routers=[
        api.router,
        api_indicateurs.router,
        api_listes.router,
        imports.router,
        scolarite.router,
        reunions.router,
        session.router,
        machines.router,
        televersements.router,
        retour.router,
        connexion.router,
        site.router,
        accueil.router,
        pages_indicateurs.router,
        pages_indicateurs_academie.router,
        pages_indicateurs_courbe.router,
        pages_objectifs.router,
        pages_indicateurs_nation.router,
        listes.router,
        pages_vues.router,
        accompagnement.router,
        accompagnement_propositions.router,
        accompagnement_debut.router,
        accompagnement_pages.router,
        accompagnement_notes.router,
        dossier.router,
        etablissement.router,
        pages_etablissement.router,
        pages_scolarite.router,
        reunions.pages,
        bourses.router,
        pages_bourses.router,
        pages_cordees.router,
        pages_scolarite_eleve.router,
        calendrier.router,
        parcours.router,
        imports.pages,
        fichiers.router,
        logiciels.router,
        bulletins.router,
        bulletins.publique,
        bulletins.pages,
    ],
    publishes=True,
    jobs=[_surveiller_sessions],
    resources=_preparer,
    configure=_habiller,
)
