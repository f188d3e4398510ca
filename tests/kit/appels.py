"""HTTP calls to one service in this process, and facts folded into it without a broker."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from services.cli.registry import projecting, service
from shared.db import outbox
from shared.db.engine import writing
from shared.events.enveloppe import TYPE_PREFIX, Evenement
from shared.events.rapide import decodeurs
from shared.events.topics import CATALOGUE
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.records import Lu
from shared.service import Running, create_app
from tests.kit.services import SERVICE_TOKEN_KEY, World


@dataclass
class Servi:
    """A service that answers. ``client``: its HTTP, without a port."""

    name: str
    client: AsyncClient
    running: Running

    def jeton(self, acteur: str, *lycees: str, role: Role = Role.CHEF) -> dict[str, str]:
        """Header of a call on behalf of ``acteur``."""
        perimetre = Perimetre(acteur=acteur, role=role, lycees=lycees)
        return {"Authorization": f"Bearer {signer(perimetre, SERVICE_TOKEN_KEY, self.name)}"}

    async def sortis(self) -> list[dict[str, Any]]:
        """What waits in the outbox, in order: the values with their type and key."""
        async with self.running.engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT type, aggregateid, payload FROM mechanism.outbox ORDER BY id")
            )
            return [{"type": r.type, "cle": r.aggregateid, **orjson.loads(r.payload)} for r in rows]

    async def evenements(self) -> list[Evenement]:
        """What waits in the outbox, in order, as it would be published."""
        async with self.running.engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM mechanism.outbox ORDER BY id"))
            return [
                Evenement(
                    topic=r.aggregatetype,
                    cle=r.aggregateid,
                    type=r.type,
                    id=r.event_id,
                    time=r.time,
                    source=r.source,
                    donnees=r.payload,
                )
                for r in rows
            ]

    async def plier(self, evenements: Iterable[Evenement]) -> None:
        """Fold facts as one window of the consumer would; what leads from them goes to the outbox."""
        projection = projecting(self.name).projection(self.running.settings)  # type: ignore[misc]
        async with writing(self.running.engine) as tx:
            effets = await projection.appliquer(tx, [_lu(fait) for fait in evenements])
            await outbox.append(tx, effets.sorties)


def _lu(fait: Evenement) -> Lu:
    topic = next(topic for topic in CATALOGUE if fait.topic.endswith(topic.nom))
    decodeur = decodeurs(topic)[f"{TYPE_PREFIX}{fait.type}.v1".encode()]
    dit = decodeur.decode(fait.donnees) if fait.donnees is not None else None
    if not topic.par_eleve:
        return Lu(topic, "", None, fait.time, None, None, dit)
    return Lu(topic, fait.cle[:36], dit, fait.time, None, None)


@asynccontextmanager
async def servi(
    world: World, name: str, *, kafka: bool = False, jobs: bool = True, **overrides: Any
) -> AsyncIterator[Servi]:
    """The service ``name`` with its HTTP; its consumer and relay only ``kafka``."""
    settings = await world.settings(name, **overrides)
    declared = replace(service(name), settings=lambda: settings)
    if not kafka:
        declared = replace(declared, projection=None, publishes=False)
    if not jobs:
        declared = replace(declared, jobs=())
    app = create_app(declared)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://service") as client,
    ):
        yield Servi(name, client, app.state.running)
