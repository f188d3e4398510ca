"""The services behind the gateway: one pool each, a signed token per call, clear words when one is down."""

import re
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from services.gateway.demandes import sans_silence
from services.gateway.ouverture import Ouverture
from services.gateway.settings import UPSTREAMS, GatewaySettings
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Perimetre, signer

_log = structlog.get_logger()
_CONNECT_S = 2.0
_TELEVERSEMENT_S = 120.0
_POOL = httpx.Limits(max_connections=64, max_keepalive_connections=16)
_NOMS: Mapping[str, str] = {
    "ingest": "des remontées",
    "eleves": "des élèves",
    "indicators": "des indicateurs",
    "avenir": "de la fiche Avenir",
    "exports": "des tableurs",
}
_SAISIES = frozenset({"avenir", "eleves", "indicators"})
"""Services that take commands and do not know the session's state; ingest refuses by itself."""
_LECTURES = re.compile(r"/(recherche|apercu|file|visites|noms|vues)(/[0-9a-f-]{36})?$")
"""What is read by POST, since ids are too many for an address, and what a person keeps for himself."""
_RELAYES = frozenset({400, 408, 409, 410, 412, 413, 415, 422, 428, 429, 507})


class Services:
    """HTTP clients by service name."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._cle = settings.service_token_key.get_secret_value()
        self._patience = settings.body_timeout_s
        self._delai = httpx.Timeout(settings.upstream_timeout_s, connect=_CONNECT_S)
        confiance = ssl.create_default_context()
        self._clients = {
            nom: httpx.AsyncClient(
                base_url=settings.url_of(nom), timeout=self._delai, limits=_POOL, verify=confiance
            )
            for nom in UPSTREAMS
        }
        self._ouverture = Ouverture(self._clients["ingest"], self._cle)

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def appeler(
        self,
        service: str,
        methode: str,
        chemin: str,
        perimetre: Perimetre,
        **options: Any,
    ) -> httpx.Response:
        """The answer of a service, when it is a success.

        Raises:
            Refus: 404 as is, 503 when the service does not answer, its own sentence otherwise.
        """
        if methode != "GET" and service in _SAISIES and not _LECTURES.search(chemin):
            await self._ouverture.exiger(chemin)
        requete = self._requete(service, methode, chemin, perimetre, **options)
        reponse = await self._envoyer(service, requete)
        return _verifiee(service, reponse)

    async def essayer(
        self,
        service: str,
        methode: str,
        chemin: str,
        perimetre: Perimetre,
        *,
        attendus: Collection[int],
        **options: Any,
    ) -> httpx.Response:
        """Same, and the answers whose status is in ``attendus`` are the caller's to read."""
        reponse = await self._envoyer(service, self._requete(service, methode, chemin, perimetre, **options))
        return reponse if reponse.status_code in attendus else _verifiee(service, reponse)

    async def flux(
        self, service: str, chemin: str, perimetre: Perimetre, stack: AsyncExitStack, **options: Any
    ) -> httpx.Response:
        """A successful answer whose body is still to be read, closed by ``stack``."""
        requete = self._requete(service, "GET", chemin, perimetre, **options)
        reponse = await self._envoyer(service, requete, stream=True)
        stack.push_async_callback(reponse.aclose)
        if not reponse.is_success:
            await reponse.aread()
        return _verifiee(service, reponse)

    async def televerser(
        self,
        service: str,
        chemin: str,
        perimetre: Perimetre,
        corps: AsyncIterator[bytes],
        *,
        methode: str = "POST",
        **options: Any,
    ) -> httpx.Response:
        """Send a body piece by piece; never sent twice. Refus 408 when the caller hangs."""
        delai = httpx.Timeout(_TELEVERSEMENT_S, connect=_CONNECT_S)
        contenu = sans_silence(corps, self._patience)
        requete = self._requete(
            service, methode, chemin, perimetre, content=contenu, timeout=delai, **options
        )
        return _verifiee(service, await self._envoyer(service, requete, essais=1))

    async def pret(self, service: str) -> tuple[bool, list[str]]:
        """(ready, reasons why not) of a service, as its probe says."""
        try:
            reponse = await self._clients[service].get("/health/ready", timeout=2.0)
            return reponse.is_success, list(reponse.json()["reasons"])
        except (httpx.HTTPError, ValueError, KeyError):
            return False, ["no answer"]

    def _requete(
        self,
        service: str,
        methode: str,
        chemin: str,
        perimetre: Perimetre,
        *,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Request:
        jeton = signer(perimetre, self._cle, service)
        entetes = {**(headers or {}), "Authorization": f"Bearer {jeton}"}
        return self._clients[service].build_request(methode, chemin, headers=entetes, **options)

    async def _envoyer(
        self, service: str, requete: httpx.Request, *, essais: int = 2, stream: bool = False
    ) -> httpx.Response:
        """A connection that was refused was never used: trying once more is always safe."""
        try:
            return await self._clients[service].send(requete, stream=stream)
        except httpx.ConnectError as erreur:
            if essais > 1:
                return await self._envoyer(service, requete, essais=essais - 1, stream=stream)
            raise _muet(service, erreur) from erreur
        except httpx.HTTPError as erreur:
            raise _muet(service, erreur) from erreur


def chemin(session: int, *parties: object) -> str:
    """Internal path with every part quoted; ``/`` stays in the key of a sous-vœu."""
    return "/".join(
        [f"/interne/v1/sessions/{session}", *(quote(str(partie), safe="/") for partie in parties)]
    )


def _muet(service: str, erreur: Exception) -> Refus:
    _log.warning("service does not answer", upstream=service, error=type(erreur).__name__)
    phrase = f"Le service {_NOMS[service]} ne répond pas pour le moment. Réessayez dans un instant."
    return Refus(503, "service_indisponible", phrase, service=service)


def _verifiee(service: str, reponse: httpx.Response) -> httpx.Response:
    if reponse.is_success:
        return reponse
    if reponse.status_code in {403, 404}:
        raise introuvable()
    if reponse.status_code not in _RELAYES:
        _log.error("service answered out of contract", upstream=service, status=reponse.status_code)
        raise _muet(service, RuntimeError())
    raise _refus_relaye(reponse)


def _refus_relaye(reponse: httpx.Response) -> Refus:
    """The refusal of a service, in its own words."""
    try:
        probleme = dict(reponse.json())
    except ValueError:
        probleme = {}
    connus = {"type", "status", "code", "title"}
    details = {cle: valeur for cle, valeur in probleme.items() if cle not in connus}
    phrase = str(probleme.get("title", "La demande n’a pas été acceptée."))
    return Refus(reponse.status_code, str(probleme.get("code", "refuse")), phrase, **details)
