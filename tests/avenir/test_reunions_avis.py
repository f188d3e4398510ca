"""The avis of a pupil who turned out to be another follow him."""

from uuid import UUID

from services.avenir.reunions import suivre
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.reunions import faire_une
from tests.avenir.test_avis import PEU, TRES, rendre, url, vider
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, QUAND, Faits
from tests.kit.services import World


def fusion(world: World, perdant: str, survivant: str, version: int = 1) -> Evenement:
    fait = m.IdentiteFusionnee(
        session=2026, eleve_id=UUID(perdant), version=version, survivant=UUID(survivant)
    )
    return evenement(
        t.ELEVE, fait, cle=f"{perdant}/fusion", version=version, time=QUAND, prefixe=world.prefix,
        type_="IdentiteFusionnee",
    )  # fmt: skip


async def lire(avenir: Servi, eleve_id: str) -> dict[str, tuple[str | None, str | None]]:
    lu = (await avenir.client.get(url(eleve_id), headers=avenir.jeton("chef-a", LYCEE_A))).json()
    return {a["cible"]: (a["capacite"], a["autre_avis"]) for a in lu["avis"]}


async def test_the_avis_and_the_fiche_are_the_survivor_s_and_come_back_when_it_is_taken_back(
    world: World,
) -> None:
    faits = Faits(world)
    un, autre, un_, autre_ = (faits.eleve_id() for _ in range(4))
    async with servi(world, "avenir", jobs=False) as avenir:
        await avenir.plier([faits.eleve(un), faits.voeu(un, "v1"), faits.voeu(un, "v3")])
        await avenir.plier([faits.eleve(autre), faits.voeu(autre, "v2"), faits.voeu(autre, "v3")])
        await rendre(avenir, un, "v1", TRES)
        await rendre(avenir, un, "v3", TRES)
        await rendre(avenir, autre, "v2", PEU)
        await rendre(avenir, autre, "v3", PEU)
        await vider(avenir)

        await avenir.plier([fusion(world, un, autre), faits.voeu(autre, "v1", version=1)])
        assert await faire_une(avenir.running, suivre)
        assert await lire(avenir, autre) == {
            "v1": ("TRES_SATISFAISANTE", None),
            "v2": ("PEU_DEMONTREE", None),
            "v3": ("PEU_DEMONTREE", "TRES_SATISFAISANTE"),
        }
        sortis = [e for e in await avenir.sortis() if e["eleve_id"] == autre]
        assert [e["cible"] for e in sortis if e["type"] == "AvisRendu"] == ["v1"]
        assert sortis[-1]["avis_rendus"] == 3

        await avenir.plier([fusion(world, autre, autre_), fusion(world, un, un_, version=2)])
        assert [await faire_une(avenir.running, suivre) for _ in range(3)] == [True, True, False]
        await avenir.plier(
            [faits.eleve(un_), faits.voeu(un_, "v1"), faits.voeu(un_, "v3"), faits.eleve(autre_)]
        )
        assert await lire(avenir, un_) == {
            "v1": ("TRES_SATISFAISANTE", None),
            "v3": ("TRES_SATISFAISANTE", None),
        }
        assert await lire(avenir, autre_) == {"v2": ("PEU_DEMONTREE", None), "v3": ("PEU_DEMONTREE", None)}


async def test_a_new_word_of_the_chef_settles_two_avis(world: World) -> None:
    faits = Faits(world)
    un, autre = faits.eleve_id(), faits.eleve_id()
    async with servi(world, "avenir", jobs=False) as avenir:
        for eleve_id, avis in ((un, TRES), (autre, PEU)):
            await avenir.plier([faits.eleve(eleve_id), faits.voeu(eleve_id, "v1")])
            await rendre(avenir, eleve_id, "v1", avis)
        await avenir.plier([fusion(world, un, autre)])
        await faire_une(avenir.running, suivre)
        assert await lire(avenir, autre) == {"v1": ("PEU_DEMONTREE", "TRES_SATISFAISANTE")}
        await rendre(avenir, autre, "v1", TRES, if_match='"1"')
        assert await lire(avenir, autre) == {"v1": ("TRES_SATISFAISANTE", None)}
