"""What the routes of the scolarité have in common: who asks, over which lycée, and how a command is opened."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, ParamSpec

from fastapi import Depends, Header, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite.commandes import Cible
from services.ingest.scolarite.contexte import Contexte, du_perimetre
from services.ingest.scolarite.saisies import UUID
from shared.http.errors import introuvable
from shared.http.etag import poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Perimetre
from shared.service import Running

PREFIXE = "/interne/v1/sessions/{session}"
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
Id = Annotated[str, Path(pattern=UUID)]
Reste = ParamSpec("Reste")
Commande = Callable[Concatenate[AsyncConnection, Contexte, Cible, Reste], Awaitable[dict[str, Any]]]


def running(request: Request, session: int) -> Running:
    """404 for another session than the one that is open here."""
    trouve: Running = request.app.state.running
    if session != trouve.settings.session:
        raise introuvable()
    return trouve


@dataclass(frozen=True, slots=True)
class AppelSession:
    """One call about the session. ``cle``: idempotency key."""

    running: Running
    appelant: Perimetre
    cle: str | None

    @property
    def session(self) -> int:
        session: int = self.running.settings.session
        return session

    def contexte(self, if_match: str | None = None) -> Contexte:
        return Contexte(
            settings=self.running.settings,
            session=self.session,
            acteur=self.appelant.acteur,
            cle=self.cle,
            if_match=if_match,
        )


@dataclass(frozen=True, slots=True)
class AppelLycee(AppelSession):
    """The same about a lycée of the caller."""

    uai: str


@dataclass(frozen=True, slots=True)
class AppelEleve(AppelLycee):
    """The same about one pupil. ``if_match``: the version that the caller saw."""

    eleve_id: str
    if_match: str | None
    response: Response

    async def changer(
        self, commande: Commande[Reste], motif: str, *quoi: Reste.args, **reste: Reste.kwargs
    ) -> dict[str, Any]:
        """Run a command in one transaction; the answer's ``ETag`` is the version to send next."""
        cible = Cible(self.uai, self.eleve_id, motif)
        async with self.running.engine.begin() as tx:
            montre = await commande(tx, self.contexte(self.if_match), cible, *quoi, **reste)
        return etag(self.response, montre)


def etag(response: Response, contenu: dict[str, Any]) -> dict[str, Any]:
    poser(response, contenu["version"])
    return contenu


def exiger(appelant: Perimetre, uai: str) -> None:
    """404 for a lycée that is not the caller's."""
    if not du_perimetre(appelant, uai):
        raise introuvable()


def _session(request: Request, appelant: Appelant, session: int, cle: CleIdempotence = None) -> AppelSession:
    return AppelSession(running(request, session), appelant, cle)


def _lycee(
    request: Request, appelant: Appelant, session: int, uai: Uai, cle: CleIdempotence = None
) -> AppelLycee:
    exiger(appelant, uai)
    return AppelLycee(running(request, session), appelant, cle, uai)


def _eleve(
    lycee: "SurLycee",
    response: Response,
    eleve_id: Id,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
) -> AppelEleve:
    return AppelEleve(lycee.running, lycee.appelant, lycee.cle, lycee.uai, eleve_id, if_match, response)


SurSession = Annotated[AppelSession, Depends(_session)]
SurLycee = Annotated[AppelLycee, Depends(_lycee)]
SurEleve = Annotated[AppelEleve, Depends(_eleve)]
