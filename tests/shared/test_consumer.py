"""The mechanism at work: facts in, exact effects out, on real Kafka and PostgreSQL."""

from sqlalchemy import text

from services.cli.registry import service
from services.indicators.mesures import RANGS
from services.indicators.store import SOMMES, mesures
from shared.events.modeles import EtatVoeu
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from shared.nomenclatures.familles import Famille
from tests.kit.journal import Faits, a_jour, publier
from tests.kit.services import World


async def _mesures(world: World) -> dict[str, int]:
    engine = await world.engine("indicators")
    try:
        async with engine.connect() as connection:
            generation = await connection.scalar(text("SELECT courante FROM mechanism.generation"))
            row = (
                await connection.execute(text(f"SELECT {SOMMES} FROM projection_{generation}.cellule"))
            ).one()
            return {code: n for code, n in mesures(row, list(RANGS)).items() if n}
    finally:
        await engine.dispose()


async def test_facts_become_indicators_whatever_their_order_and_repetition(opened: World) -> None:
    faits = Faits(opened)
    un, deux, trois = faits.eleve_id(), faits.eleve_id(), faits.eleve_id()
    await publier(
        opened,
        [
            faits.voeu(un, "v1"),
            faits.eleve(un),
            faits.dossier(un),
            faits.dossier(un),
            faits.eleve(deux),
            faits.dossier(deux),
            faits.voeu(deux, "v1", version=2, etat=EtatVoeu.SUPPRIME),
            faits.voeu(deux, "v1", version=1),
            faits.eleve(trois),
            faits.voeu(un, "v2", famille=Famille.BTS),
        ],
    )
    async with opened.running("indicators"):
        await a_jour(opened, "indicators")
        assert await _mesures(opened) == {
            "vivier": 3,
            "inscrits": 2,
            "sans_voeu": 1,
            "sans_voeu_confirme": 2,
            "l1_pass": 1,
        }


async def test_a_rebuild_serves_meanwhile_and_ends_equal(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(50)]
    await publier(opened, [f for i in ids for f in (faits.eleve(i), faits.dossier(i), faits.voeu(i))])
    settings, engine = await opened.settings("eleves"), await opened.engine("eleves")
    projection = service("eleves").projection(settings)
    async with opened.running("eleves"):
        await a_jour(opened, "eleves")
        before = await verify(settings, engine, projection)
        done = await rebuild(settings, engine, projection)
        await publier(opened, [faits.voeu(i, "v2") for i in ids])
        await a_jour(opened, "eleves")
        after = await verify(settings, engine, projection)
    await engine.dispose()
    assert before.differences == after.differences == dict.fromkeys(projection.tables.tables, 0)
    assert (done.records, done.published) == (150, 0)
    assert after.records == 200
