"""One test's ingest: its own database and spool folder; Kafka only where a test asks for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.ingest import avancement, lignes, store
from services.ingest.deposer import deposer
from services.ingest.imports import FINIS, Imports
from services.ingest.natures import FAITS, SIECLE
from shared.events.enveloppe import Evenement
from shared.kafka.spool import read_chunks
from tests.kit import frames
from tests.kit.appels import servi
from tests.kit.services import World


@dataclass
class Integre:
    """An import analysed, and the events that it would publish, in order."""

    recu: Any
    evenements: list[Evenement] = field(default_factory=list)
    lignes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def compteurs(self) -> dict[str, int]:
        return self.recu.compte_rendu["compteurs"]

    @property
    def refus(self) -> str | None:
        refus = self.recu.compte_rendu["refus"]
        return refus and refus["code"]

    @property
    def codes(self) -> list[str]:
        """Of what somebody should look at: without what only tells a change."""
        return [
            anomalie["code"]
            for ligne in self.lignes
            for anomalie in ligne["anomalies"]
            if anomalie["gravite"] not in {"MODIFIE", "ABSENT"}
        ]

    @property
    def questions(self) -> list[str]:
        return [question["code"] for question in self.recu.questions or ()]

    def de_gravite(self, gravite: str) -> list[dict[str, Any]]:
        """Anomalies with the rang of their pupil."""
        return [
            {**anomalie, "rang": ligne["rang"], "eleve_id": ligne["eleve_id"]}
            for ligne in self.lignes
            for anomalie in ligne["anomalies"]
            if anomalie["gravite"] == gravite
        ]

    def valeurs(self, type_: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(e.donnees) | {"cle": e.cle} for e in self.evenements if e.type == type_]

    def types(self) -> list[str]:
        return [e.type for e in self.evenements]


class Atelier:
    """Imports without a broker: analysed for real, their spool read instead of published."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports

    async def siecle(
        self, contenu: bytes, uai: str | None = None, *, confirme: bool = False, essai: bool = False
    ) -> Integre:
        return await self.deposer(SIECLE, contenu, uai, confirme=confirme, essai=essai)

    async def faits(self, contenu: bytes, *, confirme: bool = False, essai: bool = False) -> Integre:
        return await self.deposer(FAITS, contenu, None, confirme=confirme, essai=essai)

    async def deposer(
        self,
        nature: str,
        contenu: bytes,
        uai: str | None = None,
        *,
        confirme: bool = False,
        essai: bool = False,
    ) -> Integre:
        import_id = await deposer(
            self.imports,
            nature,
            morceaux(contenu),
            lambda: "fichier",
            demandeur="test",
            uai=uai,
            confirme=confirme,
            essai=essai,
        )
        return await self.avancer(import_id)

    async def avancer(self, import_id: str) -> Integre:
        """Analyse the import as it stands, and end it as if its spool were published."""
        depose = await self.imports.lire(import_id)
        async with self.imports.engine.connect() as tx:
            assert await store.suivants(tx, depose.session, depose.nature, 1) == [import_id]
        await self.imports.analyses.analyser(depose)
        recu = await self.imports.lire(import_id)
        async with self.imports.engine.connect() as tx:
            lignes_, _ = await lignes.page(tx, import_id, recu.tentative, limite=10_000)
        if recu.etat in FINIS:
            return Integre(recu, lignes=lignes_)
        spool = self.imports.depots.spool(import_id, recu.tentative)
        evenements = [e for chunk in read_chunks(spool, 1_000) for e in frames.evenements(chunk)]
        async with self.imports.engine.begin() as tx:
            await avancement.terminer(tx, {import_id: recu.tentative})
        self.imports.depots.oublier(import_id, recu.tentative)
        return Integre(await self.imports.lire(import_id), evenements, lignes_)


async def publier_seul(imports: Imports, recu: Any) -> None:
    async with imports.publications.ouvrir(recu.nature, 0) as publieur:
        await imports.publications.publier([recu], publieur)


async def morceaux(contenu: bytes) -> AsyncIterator[bytes]:
    yield contenu


Ouvrir = Callable[..., Any]


@pytest.fixture
def ouvrir(world: World, tmp_path: Path) -> Ouvrir:
    """Open the imports of this world; settings may be overridden, as after a restart."""

    @asynccontextmanager
    async def ouvrir_(**overrides: Any) -> AsyncIterator[Imports]:
        settings = await world.settings("ingest", spool_dir=tmp_path / "spool", **overrides)
        engine = await world.engine("ingest")
        try:
            yield Imports(settings, engine)
        finally:
            await engine.dispose()

    return ouvrir_


@pytest.fixture
async def atelier(ouvrir: Ouvrir) -> AsyncIterator[Atelier]:
    async with ouvrir() as imports:
        yield Atelier(imports)


@pytest.fixture
def formation_id() -> str:
    from shared.nomenclatures import formations  # noqa: PLC0415 - a table read when first asked for

    return next(iter(formations()))


@pytest.fixture
async def chef(world: World, atelier: Atelier, tmp_path: Path) -> AsyncIterator[Any]:
    """The chef of UAI, over HTTP, beside the imports of ``atelier``."""
    from tests.ingest._scolarite import Lycee  # noqa: PLC0415 - it needs what this file defines

    async with servi(world, "ingest", jobs=False, spool_dir=tmp_path / "spool") as service:
        yield Lycee(service)
