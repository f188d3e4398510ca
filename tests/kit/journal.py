"""Facts made by hand and put on the log the way ingest does: spooled, fenced, stamped."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import generations, offsets
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.kafka import bulk
from shared.kafka.replay import LogReader
from shared.kafka.spool import SpoolWriter
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.services import World

EDITEUR = "indicators"
"""Any migrated database has the clock that stamps what is published."""
LYCEE_A, LYCEE_B = "0750001A", "0690002B"
QUAND = datetime(2026, 1, 20, 12, tzinfo=UTC)


class Faits:
    """Maker of events in one world; ids are drawn from a seed."""

    def __init__(self, world: World, graine: int = 1) -> None:
        self._world = world
        self._hasard = random.Random(graine)

    def eleve_id(self) -> str:
        return str(UUID(int=self._hasard.getrandbits(128), version=4))

    def identite(self, eleve_id: str, version: int = 1, **champs: Any) -> Evenement:
        base = {"nom": "Œuvrard", "prenom": "Éloïse", "naissance": date(2008, 5, 1), "sexe": "F"}
        donnees = m.IdentiteRemontee(**self._commun(eleve_id, version), **{**base, **champs})
        return self._evenement(t.IDENTITE, donnees, eleve_id, version)

    def eleve(self, eleve_id: str, version: int = 1, **champs: Any) -> Evenement:
        base = {
            "uai": LYCEE_A,
            "academie": "01",
            "departement": "075",
            "classe": "TG1",
            "serie": Serie.GENERALE,
            "mef": "20210019110",
        }
        donnees = m.EleveRemonte(**self._commun(eleve_id, version), **{**base, **champs})
        return self._evenement(t.ELEVE, donnees, eleve_id, version, type_="EleveRemonte")

    def dossier(self, eleve_id: str, version: int = 1, **champs: Any) -> Evenement:
        base = {"profil": m.Profil.TERMINALE, "etat": m.EtatDossier.OUVERT}
        donnees = m.DossierModifie(**self._commun(eleve_id, version), **{**base, **champs})
        return self._evenement(t.DOSSIER, donnees, eleve_id, version)

    def voeu(self, eleve_id: str, voeu_id: str = "v1", version: int = 1, **champs: Any) -> Evenement:
        base = {
            "formation_id": f"F-{voeu_id}",
            "famille": Famille.LICENCE,
            "selective": False,
            "academie_formation": "01",
            "voie": m.Voie.ETUDIANT,
            "phase": m.Phase.PRINCIPALE,
            "etat": m.EtatVoeu.FORMULE,
        }
        donnees = m.VoeuModifie(**self._commun(eleve_id, version), voeu_id=voeu_id, **{**base, **champs})
        return self._evenement(t.VOEU, donnees, f"{eleve_id}/{voeu_id}", version)

    def proposition(self, eleve_id: str, voeu_id: str, decision: m.Decision, version: int = 1) -> Evenement:
        donnees = m.PropositionRecue(**self._commun(eleve_id, version), voeu_id=voeu_id, decision=decision)
        return self._evenement(t.PROPOSITION, donnees, f"{eleve_id}/{voeu_id}", version)

    def reponse(self, eleve_id: str, voeu_id: str, reponse: m.Reponse, version: int = 1) -> Evenement:
        donnees = m.ReponseEnregistree(**self._commun(eleve_id, version), voeu_id=voeu_id, reponse=reponse)
        return self._evenement(t.REPONSE, donnees, f"{eleve_id}/{voeu_id}", version)

    def _commun(self, eleve_id: str, version: int) -> dict[str, Any]:
        return {"session": self._world.session, "eleve_id": eleve_id, "version": version}

    def _evenement(
        self, topic: t.Topic, donnees: m.Contrat, cle: str, version: int, type_: str | None = None
    ) -> Evenement:
        return evenement(
            topic,
            donnees,
            cle=cle,
            version=version,
            time=QUAND,
            prefixe=self._world.prefix,
            type_=type_,
        )


async def publier(world: World, evenements: Iterable[Evenement]) -> int:
    """Put events on the log in order, as one import of ingest."""
    settings, engine = await world.settings(EDITEUR), await world.engine(EDITEUR)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        with SpoolWriter(path) as spool:
            for fait in evenements:
                spool.add(fait)
        try:
            async with bulk.exclusive(engine, "tests"):
                return await bulk.publish(
                    settings, engine, path, source="tests", start=0, checkpoint=_no_checkpoint
                )
        finally:
            await engine.dispose()


async def _no_checkpoint(tx: AsyncConnection, rank: int) -> None:
    del tx, rank


async def attendre(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Poll until ``condition`` holds; fails with a sentence after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not true after {seconds} s: {condition.__doc__ or condition}"
        await asyncio.sleep(0.1)


async def a_jour(world: World, name: str, seconds: float = 60) -> None:
    """Wait until the service ``name`` has folded the whole log."""
    settings, engine = await world.settings(name), await world.engine(name)
    projection = _projection(name, settings)
    try:
        async with LogReader(settings, projection.topics, {settings.session}) as reader:

            async def caught_up() -> bool:
                async with engine.connect() as connection:
                    stored = await offsets.vector(connection, await generations.current(connection))
                return (await reader.lag(stored))[0] == 0

            await attendre(caught_up, seconds)
    finally:
        await engine.dispose()


def _projection(name: str, settings: Any) -> Any:
    from services.cli.registry import service  # noqa: PLC0415 - the registry imports every service

    return service(name).projection(settings)  # type: ignore[misc]
