"""The way back as the platform lives it: facts in, objects out, acknowledgements in, through the public door."""

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from shared.events import modeles as m
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest._machines import API, Portes, portes
from tests.ingest._retour import Sortants, lignes, objets, tout_lire
from tests.ingest.test_televersement_http import annoncer, fini, morceau
from tests.kit.journal import a_jour, attendre, publier
from tests.kit.services import World


async def deposer(client: httpx.AsyncClient, contenu: bytes, **champs: Any) -> dict[str, Any]:
    """A file sent in one piece, and its import once it is over."""
    adresse = await annoncer(client, contenu, **champs)
    envoi = await morceau(client, adresse, 0, contenu)
    assert envoi.status_code == 202, envoi.text
    return await fini(client, envoi.headers["location"])


async def eleves(ouvertes: Portes) -> list[str]:
    async with ouvertes.ingest.engine.connect() as tx:
        lus = await tx.execute(text("SELECT DISTINCT eleve_id::text FROM registre.alias WHERE nature = 'I'"))
        return sorted(lus.scalars())


async def test_the_platform_is_told_acknowledges_and_is_asked_for_what_it_owes(
    opened: World, tmp_path: Path
) -> None:
    s = Sortants(opened)
    async with portes(opened, tmp_path, kafka=True) as ouvertes:
        async with ouvertes.avec(await ouvertes.logiciel()) as logiciel:
            remontee = await deposer(logiciel, siecle(eleve(1), eleve(2)), nature="SIECLE", uai=UAI)
            assert remontee["etat"] == "TERMINE"
        async with (
            ouvertes.avec(await ouvertes.plateforme()) as machine,
            ouvertes.personne("operateur") as operateur,
            ouvertes.personne("chef") as chef,
            ouvertes.personne("autre") as autre,
        ):
            await deposer(
                machine, ndjson([fait("dossier", numero=f"2600000{n}", ine=ine(n)) for n in (1, 2)])
            )
            un, deux = await eleves(ouvertes)
            await publier(opened, [s.bourse(un), s.bourse(deux), s.fiche(un), s.cordees(deux)])
            await a_jour(opened, "ingest")

            fil = await tout_lire(machine, f"{API}/retour", 3)
            assert len(fil) == 4
            assert {n for n, _, _ in objets(fil)} == {"26000001", "26000002"}
            accuses = [
                fait("accuse", numero=ligne["numero_dossier"], objet=ligne["objet"], version=ligne["version"],
                     resultat="REFUSE" if ligne["objet"] == "CORDEES" else "ACCEPTE")
                for ligne in fil if ligne["objet"] != "FICHE_AVENIR"
            ]  # fmt: skip
            await deposer(machine, ndjson(accuses))
            dus: dict[str, Any] = {}

            async def reflete() -> bool:
                """The acknowledgements have come round."""
                dus.update((await operateur.get(f"{API}/retour/non-acquittes")).json())
                return len(dus["non_acquittes"]) == 2

            await attendre(reflete)
            assert {(d["objet"], d["refuse"]) for d in dus["non_acquittes"]} == {
                ("CORDEES", True), ("FICHE_AVENIR", False),
            }  # fmt: skip
            assert {d["uai"] for d in dus["non_acquittes"]} == {UAI}
            assert await tout_lire(machine, f"{API}/retour") == fil, "acknowledging does not send again"
            attente = await machine.get(f"{API}/retour", params={"apres": fil[-1]["curseur"], "attendre": 1})
            assert lignes(attente) == []

            du_lycee = (await chef.get(f"{API}/lycees/{UAI}/retour")).json()
            comptes = {
                r["objet"]: (r["acquittes"], r["refuses"], r["en_attente"]) for r in du_lycee["resume"]
            }
            assert comptes == {"BOURSE": (2, 0, 0), "CORDEES": (0, 1, 0), "FICHE_AVENIR": (0, 0, 1)}
            assert (await autre.get(f"{API}/lycees/{AUTRE_UAI}/retour")).json()["resume"] == []
            for client, adresse in (
                (autre, f"/lycees/{UAI}/retour"),
                (machine, f"/lycees/{UAI}/retour"),
                (machine, "/retour/non-acquittes"),
                (chef, "/retour"),
                (chef, "/retour/non-acquittes"),
                (operateur, "/retour"),
            ):
                assert (await client.get(API + adresse)).status_code == 404, adresse
            acteur = (await machine.get("/api/v1/moi")).json()["acteur"]
            audit = await ouvertes.audit()
            assert (acteur, "lire", "retour", f"0-{fil[2]['curseur']}") in audit
            assert any(acte[:3] == ("operateur", "lire", "retour_etat") for acte in audit)
            assert not any("2600000" in " ".join(acte) for acte in audit)


async def test_a_page_of_the_feed_is_of_the_published_contract(opened: World, tmp_path: Path) -> None:
    from services.gateway.contrats_machines import LigneRetour  # noqa: PLC0415 - the gateway's own words

    s = Sortants(opened)
    async with portes(opened, tmp_path, kafka=True) as ouvertes:
        async with ouvertes.avec(await ouvertes.logiciel()) as logiciel:
            await deposer(logiciel, siecle(eleve(1)), nature="SIECLE", uai=UAI)
        async with ouvertes.avec(await ouvertes.plateforme()) as machine:
            await deposer(machine, ndjson([fait("dossier", ine=ine(1))]))
            (un,) = await eleves(ouvertes)
            await publier(
                opened, [s.bourse(un, etat=m.EtatBourse.REFUSEE, motif="NON_BOURSIER"), s.fiche(un)]
            )
            await a_jour(opened, "ingest")
            page = await machine.get(f"{API}/retour")
            assert page.headers["content-type"].startswith("application/x-ndjson")
            lues = [LigneRetour.model_validate(ligne) for ligne in lignes(page)]
            contenus = {ligne.objet.value: ligne.contenu for ligne in lues}
            assert contenus["BOURSE"] == {"etat": "REFUSEE", "motif": "NON_BOURSIER"}
            assert contenus["FICHE_AVENIR"] == {
                "avis_rendus": 1, "cibles": 9, "transmise_le": "2026-03-01T12:00:00Z",
            }  # fmt: skip
