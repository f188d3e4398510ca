"""SIECLE files of several lycées in one transaction: what comes of each is what would have come of it alone."""

from typing import Any

import pytest
from sqlalchemy import text

from services.ingest import lignes
from services.ingest.imports import Imports
from services.ingest.natures import SIECLE
from services.ingest.siecle import prise
from shared.kafka.spool import read_chunks
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, siecle, structures
from tests.ingest.conftest import Ouvrir
from tests.ingest.test_places import deposes
from tests.kit import frames
from tests.kit.services import World

TROISIEME_UAI = "0690026D"


def lycee(uai: str, *rangs: int, **champs: Any) -> bytes:
    return siecle(*(eleve(rang, **champs) for rang in rangs), uai=uai)


async def dits(imports: Imports, ids: list[str]) -> list[dict[str, Any]]:
    """Of each import: state, counters, lines, and the events spooled, without the random ids."""
    tous = []
    for recu in await imports.lire_plusieurs(ids):
        async with imports.engine.connect() as tx:
            page, _ = await lignes.page(tx, recu.id, recu.tentative, limite=1_000)
        evenements = [
            (e.topic.rpartition(".")[0], e.type, e.time, (e.donnees or b"").partition(b',"version"')[2])
            for chunk in read_chunks(imports.depots.spool(recu.id, recu.tentative), 1_000)
            for e in frames.evenements(chunk)
        ]
        anomalies = [(ligne["rang"], ligne["code"], ligne["phrase"], ligne["ine"]) for ligne in page]
        tous.append({"uai": recu.uai, "etat": recu.etat, "version": recu.version, "total": recu.total,
                     "compteurs": recu.compte_rendu["compteurs"], "lignes": anomalies, "faits": evenements})  # fmt: skip
    return sorted(tous, key=lambda dit: dit["uai"])


FICHIERS = (
    (UAI, siecle(eleve(1), eleve(2, NOM_DE_FAMILLE=None), eleve(3, ID_NATIONAL=None))),
    (AUTRE_UAI, siecle(eleve(4), eleve(5), uai=AUTRE_UAI, structures_=[structures(4, ("TG2", "D"))])),
    (None, siecle(eleve(6, CODE_MEF="99999999999"), eleve(7), uai=TROISIEME_UAI)),
)


async def test_files_taken_together_say_what_each_says_alone(ouvrir: Ouvrir) -> None:
    async with ouvrir() as imports:
        ids = await deposes(imports, *FICHIERS)
        assert await imports.ensembles.analyser(await imports.lire_plusieurs(ids)) == []
        ensemble = await dits(imports, ids)
        async with imports.engine.begin() as tx:
            for table in ("alias", "scolarite", "eleve_connu", "import_rejet", "import", "import_ligne"):
                await tx.execute(text(f"TRUNCATE registre.{table} CASCADE"))
        seuls = await deposes(imports, *FICHIERS)
        for recu in await imports.lire_plusieurs(seuls):
            await imports.analyses.analyser(recu)
        assert ensemble == await dits(imports, seuls)
    assert [dit["etat"] for dit in ensemble] == ["PUBLICATION"] * 3
    assert sum(dit["total"] for dit in ensemble) == 8


async def test_a_file_that_cannot_be_read_harms_no_neighbour(opened: World, ouvrir: Ouvrir) -> None:
    del opened
    async with ouvrir() as imports:
        ids = await deposes(
            imports,
            (UAI, lycee(UAI, 1)),
            (AUTRE_UAI, b"<BEE_ELEVES>"),
            (TROISIEME_UAI, lycee(TROISIEME_UAI, 3)),
        )
        await imports.avancer(SIECLE)
        recus = await imports.lire_plusieurs(ids)
    assert [recu.etat for recu in recus] == ["TERMINE", "REFUSE", "TERMINE"]
    assert recus[1].compte_rendu["refus"]["code"] == "XML"


async def test_a_file_on_which_we_stumble_harms_no_neighbour(
    opened: World, ouvrir: Ouvrir, monkeypatch: pytest.MonkeyPatch
) -> None:
    del opened
    vrai = prise.Preneur.prendre

    def trebucher(self: prise.Preneur, brut: Any, ine: str | None) -> Any:
        if brut.champs["NOM_DE_FAMILLE"] == "NOM2":
            raise ZeroDivisionError
        return vrai(self, brut, ine)

    monkeypatch.setattr(prise.Preneur, "prendre", trebucher)
    async with ouvrir() as imports:
        ids = await deposes(imports, (UAI, lycee(UAI, 1)), (AUTRE_UAI, lycee(AUTRE_UAI, 2)))
        await imports.avancer(SIECLE)
        recus = await imports.lire_plusieurs(ids)
    assert [recu.etat for recu in recus] == ["TERMINE", "REFUSE"]
    assert recus[1].compte_rendu["refus"]["code"] == "INTERNE"


async def test_two_files_that_tell_of_one_pupil_give_him_one_id_and_ask(
    opened: World, ouvrir: Ouvrir
) -> None:
    del opened
    async with ouvrir() as imports:
        ids = await deposes(imports, (UAI, lycee(UAI, 1, 2)), (AUTRE_UAI, lycee(AUTRE_UAI, 2, 3)))
        reste = await imports.ensembles.analyser(await imports.lire_plusieurs(ids))
        assert [recu.id for recu in reste] == [ids[1]]
        await imports.avancer(SIECLE)
        async with imports.engine.connect() as tx:
            eleves = (
                await tx.execute(text("SELECT count(DISTINCT eleve_id) FROM registre.scolarite"))
            ).scalar()
            taches = (await tx.execute(text("SELECT genre FROM registre.tache"))).scalars().all()
        etats = [recu.etat for recu in await imports.lire_plusieurs(ids)]
    assert (eleves, taches, etats) == (3, ["DEUX_LYCEES"], ["TERMINE", "TERMINE"])


async def test_a_pupil_known_by_two_names_in_two_files_is_taken_one_file_after_the_other(
    opened: World, ouvrir: Ouvrir
) -> None:
    """The second file knows him by his ELEVE_ID alone: only the registre can tell that it is he."""
    del opened
    async with ouvrir() as imports:
        await deposes(imports, (UAI, lycee(UAI, 1)), (AUTRE_UAI, lycee(AUTRE_UAI, 1)))
        await imports.avancer(SIECLE)
        plus_tard = {"horodatage": "13/01/2026 08:00:00"}
        ids = await deposes(
            imports,
            (UAI, siecle(eleve(1, PRENOM="Autre"), **plus_tard)),
            (AUTRE_UAI, siecle(eleve(1, ID_NATIONAL=None), uai=AUTRE_UAI, **plus_tard)),
        )
        reste = await imports.ensembles.analyser(await imports.lire_plusieurs(ids))
        assert [recu.id for recu in reste] == ids
        await imports.avancer(SIECLE)
        etats = [recu.etat for recu in await imports.lire_plusieurs(ids)]
    assert etats == ["TERMINE", "TERMINE"]


async def test_a_file_that_asks_waits_and_its_neighbours_do_not(opened: World, ouvrir: Ouvrir) -> None:
    del opened
    async with ouvrir() as imports:
        await deposes(imports, (UAI, lycee(UAI, 1)))
        await imports.avancer(SIECLE)
        vieux = siecle(eleve(1, PRENOM="Autre"), horodatage="10/01/2026 08:00:00")
        ids = await deposes(imports, (UAI, vieux), (AUTRE_UAI, lycee(AUTRE_UAI, 2)))
        await imports.avancer(SIECLE)
        etats = [recu.etat for recu in await imports.lire_plusieurs(ids)]
    assert etats == ["A_CONFIRMER", "TERMINE"]


async def test_the_same_files_again_publish_nothing(opened: World, ouvrir: Ouvrir) -> None:
    del opened
    async with ouvrir() as imports:
        await deposes(imports, *FICHIERS)
        await imports.avancer(SIECLE)
        encore = await deposes(imports, *FICHIERS)
        await imports.avancer(SIECLE)
        recus = await imports.lire_plusieurs(encore)
    assert [(recu.etat, recu.total, recu.tentative) for recu in recus] == [("TERMINE", 0, 1)] * 3


@pytest.mark.parametrize("lot", [1, 2])
async def test_a_set_is_no_larger_than_it_may_be(opened: World, ouvrir: Ouvrir, lot: int) -> None:
    del opened
    async with ouvrir(siecle_lot=lot, siecle_de_front=1) as imports:
        ids = await deposes(imports, *FICHIERS)
        vrai, tailles = imports._traiter, []

        async def compter(recus: Any, publieur: Any) -> None:
            tailles.append(len(recus))
            await vrai(recus, publieur)

        imports._traiter = compter  # type: ignore[method-assign]
        await imports.avancer(SIECLE)
        etats = [recu.etat for recu in await imports.lire_plusieurs(ids)]
    assert (max(tailles), sum(tailles), etats) == (lot, 3, ["TERMINE"] * 3)
