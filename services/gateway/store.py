"""The audit trail: an event committed in the outbox before the answer leaves."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.gateway.policy import Action, Ressource
from shared.db.engine import writing
from shared.db.outbox import append
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import AccesAudite
from shared.events.topics import AUDIT
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre
from shared.settings import Settings

_log = structlog.get_logger()
_DELAI_S = 5.0
_LONGUEUR = 200


@dataclass(frozen=True, slots=True)
class Acte:
    """``objet``: ids only, such as ``0750001A/inscrits_sans_voeu`` or ``<eleve>/<cible>``."""

    session: int
    ressource: Ressource
    action: Action
    objet: str


class Journal:
    """Writes who did what. What cannot be written down is not done."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self._engine = engine
        self._prefixe = settings.topic_prefix

    async def consigner(self, perimetre: Perimetre, *actes: Acte) -> None:
        """Commit an event for each act, together.

        Raises:
            Refus: 503, it could not be committed.
        """
        try:
            async with asyncio.timeout(_DELAI_S), writing(self._engine) as tx:
                await append(tx, [self._evenement(perimetre, acte) for acte in actes])
        except (SQLAlchemyError, OSError) as erreur:
            _log.error("audit event not committed", error=type(erreur).__name__)
            raise Refus(
                503,
                "journal_indisponible",
                "Le journal des accès ne répond pas : la demande est refusée. Réessayez dans un instant.",
            ) from erreur

    def _evenement(self, perimetre: Perimetre, acte: Acte) -> Evenement:
        maintenant = datetime.now(UTC)
        version = int(maintenant.timestamp() * 1_000_000)
        fait = AccesAudite(
            session=acte.session,
            version=version,
            acte=acte.action.value,
            acteur=perimetre.acteur,
            role=perimetre.role.value,
            ressource=acte.ressource.value,
            objet=acte.objet[:_LONGUEUR],
            perimetre=_etendue(perimetre)[:_LONGUEUR],
            le=maintenant,
        )
        cle = f"{perimetre.acteur}/{uuid4()}"
        return evenement(AUDIT, fait, cle=cle, version=version, time=maintenant, prefixe=self._prefixe)


def _etendue(perimetre: Perimetre) -> str:
    lycees = perimetre.lycees if perimetre.classes is None else perimetre.classes
    lieux = (*lycees, *perimetre.academies, *(["nation"] if perimetre.nation else []))
    return ",".join(lieux)
