from sqlalchemy import text

from shared.db import outbox
from shared.db.engine import writing
from tests.kit.journal import Faits
from tests.kit.services import World


async def test_headers_survive_the_outbox(world: World) -> None:
    engine = await world.engine("eleves")
    fait = Faits(world).eleve(Faits(world).eleve_id())
    async with writing(engine) as tx:
        await outbox.append(tx, [outbox.Sortie(fait, {"rejet_motif": "œ"}), fait])
    async with writing(engine) as tx:
        rows = (await tx.execute(text("SELECT headers FROM mechanism.outbox ORDER BY id"))).scalars().all()
    await engine.dispose()
    assert rows == [{"rejet_motif": "œ"}, None]
