"""The reference client of resumable uploads: authenticate, announce, send, go on after whatever happened.

Nothing is remembered here: the same file announced again is the same upload, with its offset.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_BLOC = 1 << 20
_PATIENCE_HTTP = httpx.Timeout(150.0, connect=5.0)
_PAUSE_MAX_S = 15.0
_RETENTER = frozenset({408, 409, 429, 500, 502, 503, 504})
_REPRISES = frozenset({"mauvais_offset", "envoi_repris"})
"""Codes of a 409 after which the offset is asked for again; another one says that the session takes nothing."""
_EN_COURS = frozenset({"DEPOSE", "ANALYSE", "PUBLICATION"})


class EnvoiRefuseError(Exception):
    """The server said no, and would again. The message is its own sentence."""


class EnvoiInterrompuError(Exception):
    """No progress for longer than the patience; run again, it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fichier:
    """What is sent. ``annonce``: the body of the announcement."""

    chemin: Path
    annonce: dict[str, Any]

    @property
    def octets(self) -> int:
        return int(self.annonce["octets"])


def preparer(chemin: Path, nature: str, uai: str | None, *, confirme: bool) -> Fichier:
    """Read the file once for its sum."""
    somme = hashlib.sha256()
    with chemin.open("rb") as source:
        while bloc := source.read(_BLOC):
            somme.update(bloc)
    annonce = {
        "nature": nature,
        "octets": chemin.stat().st_size,
        "sha256": somme.hexdigest(),
        "nom": chemin.name,
        "uai": uai,
        "confirme": confirme,
    }
    return Fichier(chemin=chemin, annonce=annonce)


class Client:
    """One machine before one gateway. ``patience_s``: how long without progress before giving up."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        identifiants: tuple[str, str],
        session: int,
        *,
        morceau: int,
        patience_s: float,
        dire: Callable[[str], None],
    ) -> None:
        self._http = http
        self._identifiants = identifiants
        self._base = f"/api/v1/sessions/{session}"
        self._morceau = morceau
        self._patience = patience_s
        self._dire = dire
        self._jeton = ""
        self._avance = time.monotonic()

    async def envoyer(self, fichier: Fichier) -> str:
        """Address of the import of the file, once it is whole on the other side."""
        annonce = await self._insister("POST", f"{self._base}/televersements", json=fichier.annonce)
        adresse, offset = annonce.headers["location"], int(annonce.headers["upload-offset"])
        while True:
            self._dire(f"{offset / 1e6:,.0f} of {fichier.octets / 1e6:,.0f} MB")
            reponse = await self._morceau_de(fichier, adresse, offset)
            if reponse is not None and reponse.status_code == httpx.codes.ACCEPTED:
                return reponse.headers["location"]
            atteint = await self._offset(adresse)
            if atteint > offset:
                self._avance = time.monotonic()
            offset = atteint

    async def suivre(self, adresse: str) -> dict[str, Any]:
        """The import when it is over, or asks."""
        while True:
            lu: dict[str, Any] = (await self._insister("GET", adresse)).json()
            if lu["etat"] not in _EN_COURS:
                return lu
            self._avance = time.monotonic()
            self._dire(f"{lu['etat']} {lu.get('checkpoint') or 0} of {lu.get('total') or '?'}")
            await asyncio.sleep(0.5)

    async def _morceau_de(self, fichier: Fichier, adresse: str, offset: int) -> httpx.Response | None:
        """One piece; None when it must be asked how far it came."""
        taille = min(self._morceau, fichier.octets - offset)
        entetes = {
            "Content-Type": "application/partial-upload",
            "Upload-Offset": str(offset),
            "Content-Length": str(taille),
        }
        try:
            corps = _lire(fichier.chemin, offset, taille)
            reponse = await self._demander("PATCH", adresse, content=corps, headers=entetes)
        except httpx.TransportError as erreur:
            await self._souffler(type(erreur).__name__)
            return None
        if reponse.is_success:
            return reponse
        await self._attendre_ou_ceder(reponse)
        return None

    async def _offset(self, adresse: str) -> int:
        return int((await self._insister("HEAD", adresse)).headers["upload-offset"])

    async def _insister(self, methode: str, adresse: str, **options: Any) -> httpx.Response:
        """Ask until there is an answer that is one."""
        while True:
            try:
                reponse = await self._demander(methode, adresse, **options)
            except httpx.TransportError as erreur:
                await self._souffler(type(erreur).__name__)
                continue
            if reponse.is_success:
                return reponse
            await self._attendre_ou_ceder(reponse)

    async def _demander(self, methode: str, adresse: str, **options: Any) -> httpx.Response:
        if not self._jeton:
            await self._s_identifier()
        entetes = {**options.pop("headers", {}), "Authorization": f"Bearer {self._jeton}"}
        reponse = await self._http.request(
            methode, adresse, headers=entetes, timeout=_PATIENCE_HTTP, **options
        )
        if reponse.status_code == httpx.codes.UNAUTHORIZED:
            self._jeton = ""
        return reponse

    async def _s_identifier(self) -> None:
        formulaire = {"grant_type": "client_credentials"}
        reponse = await self._http.post(
            "/api/v1/jetons", data=formulaire, auth=httpx.BasicAuth(*self._identifiants)
        )
        if reponse.status_code == httpx.codes.UNAUTHORIZED:
            raise EnvoiRefuseError("these credentials are refused: expired, revoked or mistyped")
        if not reponse.is_success:
            await self._attendre_ou_ceder(reponse)
            return
        self._jeton = reponse.json()["access_token"]

    async def _attendre_ou_ceder(self, reponse: httpx.Response) -> None:
        """Breathe after what may pass; raise what will not."""
        perime = reponse.status_code == httpx.codes.UNAUTHORIZED
        passe = reponse.status_code in _RETENTER
        if reponse.status_code == httpx.codes.CONFLICT:
            passe = _code(reponse) in _REPRISES
        if not perime and not passe:
            raise EnvoiRefuseError(_phrase(reponse))
        await self._souffler(f"HTTP {reponse.status_code}", float(reponse.headers.get("retry-after", 0)))

    async def _souffler(self, pourquoi: str, au_moins: float = 0.0) -> None:
        silence = time.monotonic() - self._avance
        if silence > self._patience:
            raise EnvoiInterrompuError(pourquoi)
        self._dire(f"{pourquoi}, going on")
        pause = min(_PAUSE_MAX_S, 0.2 + silence / 2) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        await asyncio.sleep(max(au_moins, pause))


async def _lire(chemin: Path, offset: int, taille: int) -> AsyncIterator[bytes]:
    with chemin.open("rb") as source:
        source.seek(offset)
        while taille > 0 and (bloc := source.read(min(_BLOC, taille))):
            taille -= len(bloc)
            yield bloc


def _code(reponse: httpx.Response) -> str:
    try:
        return str(reponse.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _phrase(reponse: httpx.Response) -> str:
    try:
        return f"{reponse.status_code}: {reponse.json()['title']}"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {reponse.status_code}"
