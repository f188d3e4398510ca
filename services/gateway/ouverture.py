"""Whether a session takes commands: ingest says so, and it is remembered for a few seconds.

A frozen session refuses what is written in the other services too. When ingest does not answer, the last
answer holds, and without one the command goes on: freezing is an operator's act, not a breakdown.
"""

import re
import time

import httpx
import structlog

from shared.http.errors import Refus
from shared.http.perimetre import Perimetre, Role, signer

_log = structlog.get_logger()
_SESSION = re.compile(r"/interne/v1/sessions/(\d{4})/")
_MEMOIRE_S = 3.0
_DELAI_S = 2.0
_SYSTEME = Perimetre(acteur="gateway", role=Role.OPERATEUR, nation=True)
_PHRASES = {
    "GELEE": "La session {session} est gelée : aucune saisie n’est acceptée pour le moment. Réessayez plus tard.",
    "CLOSE": "La session {session} est close : plus aucune saisie n’est acceptée.",
    "ARCHIVEE": "La session {session} est archivée : elle se consulte, elle ne se modifie plus.",
    "PURGEE": "La session {session} a été purgée : ses données n’existent plus.",
}


class Ouverture:
    def __init__(self, ingest: httpx.AsyncClient, cle: str) -> None:
        self._ingest = ingest
        self._cle = cle
        self._connus: dict[int, tuple[float, str]] = {}

    async def exiger(self, chemin: str) -> None:
        """Raises Refus 409 when the session of an internal path is not open."""
        trouve = _SESSION.match(chemin)
        if trouve is None:
            return
        session = int(trouve[1])
        etat = await self._etat(session)
        if etat in _PHRASES:
            raise Refus(409, f"session_{etat.lower()}", _PHRASES[etat].format(session=session), etat=etat)

    async def _etat(self, session: int) -> str:
        lu_a, etat = self._connus.get(session, (0.0, "OUVERTE"))
        maintenant = time.monotonic()
        if lu_a and maintenant - lu_a < _MEMOIRE_S:
            return etat
        try:
            etat = await self._demander(session)
        except (httpx.HTTPError, ValueError, KeyError) as erreur:
            _log.warning("state of the session not known", session=session, error=type(erreur).__name__)
        self._connus[session] = (maintenant, etat)
        return etat

    async def _demander(self, session: int) -> str:
        jeton = {"Authorization": f"Bearer {signer(_SYSTEME, self._cle, 'ingest')}"}
        adresse = f"/interne/v1/sessions/{session}/vie"
        reponse = await self._ingest.get(adresse, headers=jeton, timeout=_DELAI_S)
        reponse.raise_for_status()
        return str(reponse.json()["etat"])
