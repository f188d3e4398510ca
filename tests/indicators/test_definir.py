"""A generation is read by the measures it was made with."""

import pytest

from services.indicators import store
from shared.db.engine import writing
from tests.kit.services import World


async def test_a_measure_added_since_is_not_read_and_one_moved_stops_the_fold(world: World) -> None:
    engine = await world.engine("indicators")
    async with writing(engine) as tx:
        await store.definir(tx, ["vivier", "inscrits"])
        await store.definir(tx, ["vivier", "inscrits", "nouvelle"])
        assert await store.codes(tx) == ("vivier", "inscrits")
        with pytest.raises(store.OtherMeasuresError):
            await store.definir(tx, ["inscrits", "vivier"])
    await engine.dispose()
