"""The contracts are served to everybody, with the rest of the site's protection."""

import httpx

from tests.gateway.conftest import Porte


async def test_the_contracts_can_be_browsed_without_an_account(porte: Porte) -> None:
    async with porte.client(follow_redirects=True) as client:
        page = await client.get("/contrats")
        assert page.status_code == httpx.codes.OK
        assert "Contracts of Pilotage" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for lien in ("page/contrats.css", "page/contrats.js", "asyncapi.yaml", "../guide-subscriber.md"):
            assert (await client.get(f"/contrats/{lien}")).status_code == httpx.codes.OK, lien


async def test_nothing_else_of_the_disk_is_served(porte: Porte) -> None:
    async with porte.client() as client:
        for chemin in ("/contrats/%2e%2e/guide-operator.md", "/contrats/..%2f..%2fpyproject.toml"):
            assert (await client.get(chemin)).status_code == httpx.codes.NOT_FOUND, chemin
