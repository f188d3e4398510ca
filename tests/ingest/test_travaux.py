"""A replica of ingest works at what its settings say, and two that share the work do all of it."""

import asyncio
from pathlib import Path

from sqlalchemy import text

from services.ingest.deposer import deposer
from services.ingest.natures import FAITS, SIECLE
from tests.ingest._fichiers import eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import morceaux
from tests.kit.journal import attendre
from tests.kit.services import World

_SUIVIS = text("SELECT count(*) FROM projection_1.suivi")


async def test_one_replica_imports_and_another_folds(opened: World, tmp_path: Path) -> None:
    depot = {"spool_dir": tmp_path / "spool", "poll_s": 0.05}
    async with opened.running("ingest", travaux=["projection"], **depot) as plieur:
        imports = plieur.resources["imports"]
        await deposer(imports, SIECLE, morceaux(siecle(eleve(1))), lambda: "s.zip", demandeur="t")
        contenu = ndjson([fait("dossier", ine=ine(1)), fait("voeu")])
        depose = await deposer(imports, FAITS, morceaux(contenu), lambda: "f", demandeur="t")
        await asyncio.sleep(0.5)
        assert (await imports.lire(depose)).etat == "DEPOSE"

        async def plie() -> bool:
            async with plieur.engine.connect() as tx:
                return bool((await tx.execute(_SUIVIS)).scalar_one() == 1)

        async with opened.running("ingest", travaux=["imports"], **depot) as importateur:
            assert importateur.consumer is None
            await attendre(plie)
