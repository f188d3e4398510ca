"""``python -m tests.faults.publisher SPOOL CHUNK PAUSE``: an import of facts, made to be killed and run again.

Its checkpoint lies in a table of the database that it runs on, moved in each chunk's transaction.
"""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cli.registry import settings_of
from shared.db.engine import create_engine
from shared.kafka import bulk
from tests.kit.journal import EDITEUR

_CREATE = text("CREATE TABLE IF NOT EXISTS public.faults_checkpoint (rank bigint NOT NULL)")
_READ = text("SELECT coalesce(max(rank), 0) FROM public.faults_checkpoint")
_WRITE = text("INSERT INTO public.faults_checkpoint VALUES (:rank)")


async def main(spool: Path, chunk: int, pause: float) -> None:
    bulk.CHUNK = chunk
    settings = settings_of(EDITEUR)
    engine = create_engine(settings)

    async def checkpoint(tx: AsyncConnection, rank: int) -> None:
        await tx.execute(_WRITE, {"rank": rank})
        await asyncio.sleep(pause)

    async with bulk.exclusive(engine, "faults"):
        async with engine.begin() as tx:
            await tx.execute(_CREATE)
            start = (await tx.execute(_READ)).scalar_one()
        await bulk.publish(settings, engine, spool, source="faults", start=start, checkpoint=checkpoint)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
