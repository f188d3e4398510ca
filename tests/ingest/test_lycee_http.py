"""The two doors: any file of a lycée at one address, the statuts of boursiers at the nation's."""

from pathlib import Path

from shared.http.perimetre import Role
from tests.ingest._fichiers import UAI, eleve, siecle
from tests.ingest._formats import bourses_ndjson, complete_xls, dispositifs_csv, statut
from tests.ingest.test_http import BASE, URL, fini, ingest
from tests.kit.services import World


async def test_a_chef_drops_whatever_he_has_at_one_address(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path) as service:
        chef = service.jeton("chef", UAI)
        for contenu, publies in ((complete_xls(), 6), (dispositifs_csv(f"{'9' * 11};;CORDEES"), 0)):
            reponse = await service.client.post(f"{URL}?essai=false", headers=chef, content=contenu)
            lu = await fini(service, chef, reponse)
            assert (lu["etat"], lu["uai"], lu["total"]) == ("TERMINE", UAI, publies)


async def test_only_the_nation_sends_statuts(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path) as service:
        for role in (Role.CHEF, Role.SAIO, Role.LOGICIEL):
            jeton = service.jeton("x", UAI, role=role)
            reponse = await service.client.post(f"{BASE}/bourses", headers=jeton, content=b"{}")
            assert reponse.status_code == 404


async def test_the_operator_sends_statuts(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path) as service:
        operateur = service.jeton("operateur", role=Role.OPERATEUR)
        pupils = await service.client.post(f"{URL}?essai=false", headers=operateur, content=siecle(eleve(1)))
        await fini(service, operateur, pupils)
        reponse = await service.client.post(
            f"{BASE}/bourses", headers=operateur, content=bourses_ndjson(statut(1, 4))
        )
        lu = await fini(service, operateur, reponse)
        assert (lu["nature"], lu["etat"], lu["total"]) == ("BOURSES", "TERMINE", 1)
