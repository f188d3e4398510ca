"""SIECLE files of several lycées at once, in several processes: one pupil is one, each lycée keeps its order."""

import asyncio

from sqlalchemy import text

from services.ingest import store
from services.ingest.deposer import deposer
from services.ingest.identity import AliasPrisError
from services.ingest.imports import Imports
from services.ingest.natures import SIECLE
from services.ingest.places import prendre_place
from shared.kafka.bulk import BusySourceError
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, siecle, structures
from tests.ingest.conftest import Ouvrir, morceaux
from tests.kit.services import World


async def deposes(imports: Imports, *fichiers: tuple[str | None, bytes]) -> list[str]:
    return [
        await deposer(imports, SIECLE, morceaux(contenu), lambda: "f", demandeur="test", uai=uai)
        for uai, contenu in fichiers
    ]


async def test_two_processes_that_meet_a_pupil_at_once_give_him_one_id(opened: World, ouvrir: Ouvrir) -> None:
    del opened
    tours = 12
    async with ouvrir() as un, ouvrir() as autre:
        for tour in range(tours):
            eleves = [eleve(rang) for rang in range(tour * 30 + 1, tour * 30 + 31)]
            await deposes(un, (UAI, siecle(*eleves)), (AUTRE_UAI, siecle(*eleves, uai=AUTRE_UAI)))
            await asyncio.gather(un.avancer(SIECLE), autre.avancer(SIECLE), return_exceptions=True)
            await un.avancer(SIECLE)
        async with un.engine.connect() as tx:
            etats = set((await tx.execute(text("SELECT etat FROM registre.import"))).scalars())
            ids = await tx.execute(
                text("SELECT count(*), count(DISTINCT eleve_id) FROM registre.scolarite WHERE uai = :uai"),
                {"uai": UAI},
            )
            communs = await tx.execute(text("SELECT count(DISTINCT eleve_id) FROM registre.scolarite"))
            alias = await tx.execute(text("SELECT count(DISTINCT eleve_id) FROM registre.alias"))
    assert etats <= {"TERMINE", "A_CONFIRMER"}
    assert ids.one()[1] > 0
    assert communs.scalar_one() == alias.scalar_one()


async def test_an_analysis_that_lost_the_race_for_a_name_is_done_again(opened: World, ouvrir: Ouvrir) -> None:
    del opened  # its topics are enough
    async with ouvrir() as imports:
        [import_id] = await deposes(imports, (UAI, siecle()))
        vrai, essais = imports.analyses._preparer, []

        async def perdant(*arguments: object) -> None:
            essais.append(arguments)
            if len(essais) == 1:
                raise AliasPrisError
            await vrai(*arguments)  # type: ignore[arg-type]

        imports.analyses._preparer = perdant  # type: ignore[method-assign]
        await imports.avancer(SIECLE)
        recu = await imports.lire(import_id)
    assert (recu.etat, recu.tentative, len(essais)) == ("TERMINE", 2, 2)


async def test_files_of_one_lycee_keep_the_order_of_their_deposit(opened: World, ouvrir: Ouvrir) -> None:
    del opened
    async with ouvrir(siecle_de_front=4) as imports:
        ids = await deposes(
            imports,
            *(
                (UAI, siecle(eleve(1), structures_=[structures(1, (f"TG{n}", "D"))], horodatage=f"12/01/2026 08:0{n}:00"))
                for n in range(6)
            ),
            (AUTRE_UAI, siecle(eleve(2), uai=AUTRE_UAI)),
        )  # fmt: skip
        async with imports.engine.connect() as tx:
            assert await store.suivants(tx, 2026, SIECLE, 8) == [ids[0], ids[6]]
        await imports.avancer(SIECLE)
        etats = [(await imports.lire(import_id)).etat for import_id in ids]
    assert etats == ["TERMINE"] * 7


async def test_the_places_of_a_nature_are_counted_across_processes(ouvrir: Ouvrir) -> None:
    async with ouvrir() as imports:
        async with (
            prendre_place(imports.engine, "x", 2) as premiere,
            prendre_place(imports.engine, "x", 2) as autre,
        ):
            assert {premiere.rang, autre.rang} == {0, 1}
            try:
                async with prendre_place(imports.engine, "x", 2):
                    pris = True
            except BusySourceError:
                pris = False
            assert not pris
        async with prendre_place(imports.engine, "x", 2) as rendue:
            assert rendue.rang == 0


async def test_a_feed_is_not_analysed_beside_a_file_of_pupils(ouvrir: Ouvrir) -> None:
    async with ouvrir() as imports, imports.analyses.seul(partage=True):
        attente = asyncio.create_task(_prendre_seul(imports))
        await asyncio.sleep(0.5)
        assert not attente.done()
        async with imports.analyses.seul(partage=True):
            pass
        attente.cancel()


async def _prendre_seul(imports: Imports) -> None:
    async with imports.analyses.seul(partage=False):
        pass
