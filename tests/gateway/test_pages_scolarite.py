"""What a chef enters of his pupils, page by page, with the real ingest and the real eleves behind the door."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from services.cli.registry import service
from services.ingest.imports import Imports
from shared.service import create_app
from tests.gateway._amont import LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte, ouvrir
from tests.ingest._fichiers import eleve, siecle
from tests.ingest.conftest import Atelier
from tests.kit.appels import Servi
from tests.kit.login import en_ecoute, jeton_de
from tests.kit.services import World

PAGE = f"/lycees/{LYCEE_A}/scolarite"


@dataclass
class Lieu:
    porte: Porte
    atelier: Atelier
    eleves: Servi
    ingest: Servi

    async def remonter(
        self, *eleves: str, uai: str = LYCEE_A, horodatage: str = "12/01/2026 08:00:00"
    ) -> str:
        """Pupils by a SIECLE file, known to eleves too; the id of the first."""
        integre = await self.atelier.siecle(siecle(*eleves, uai=uai, horodatage=horodatage))
        await self.eleves.plier(integre.evenements)
        return next((str(v["cle"]) for v in integre.valeurs("EleveRemonte")), "")

    async def suivre(self) -> None:
        """What ingest has to publish reaches eleves, once."""
        await self.eleves.plier(await self.ingest.evenements())
        async with self.ingest.running.engine.begin() as tx:
            await tx.execute(text("DELETE FROM mechanism.outbox"))


@pytest.fixture
async def lieu(world: World, tmp_path: Path) -> AsyncIterator[Lieu]:
    reglages = await world.settings("ingest", spool_dir=tmp_path / "spool")
    siens = await world.settings("eleves")
    a_part = {"jobs": (), "publishes": False, "projection": None}
    ingest = create_app(replace(service("ingest"), settings=lambda: reglages, **a_part))
    eleves = create_app(replace(service("eleves"), settings=lambda: siens, **a_part))
    async with (
        en_ecoute(ingest) as url_ingest,
        en_ecoute(eleves) as url_eleves,
        ouvrir(world, tmp_path, ingest_url=url_ingest, eleves_url=url_eleves) as porte,
        httpx.AsyncClient() as client,
    ):
        yield Lieu(
            porte,
            Atelier(Imports(reglages, ingest.state.running.engine)),
            Servi("eleves", client, eleves.state.running),
            Servi("ingest", client, ingest.state.running),
        )


def texte(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def version(page: httpx.Response) -> str:
    trouvee = re.search(r'name="version" value="(\d+)"', page.text)
    assert trouvee
    return trouvee[1]


async def test_a_correction_leaves_the_dossier_and_comes_back_as_a_fact(lieu: Lieu) -> None:
    eleve_id = await lieu.remonter(eleve(1))
    dossier = f"/lycees/{LYCEE_A}/eleves/{eleve_id}"
    async with lieu.porte.navigateur("chef.a") as chef:
        page = await chef.get(dossier)
        assert "Corriger la scolarité" in texte(page)
        champs = {
            "jeton": jeton_de(page),
            "version": version(page),
            "action": "corriger",
            "retour": "dossier",
        }
        sans_motif = await chef.post(f"{PAGE}/eleves/{eleve_id}", data={**champs, "classe": "TG7"})
        assert sans_motif.status_code == 422
        assert "Dites pourquoi, en quelques mots" in texte(sans_motif)
        assert 'value="TG7"' in sans_motif.text
        rien = await chef.post(f"{PAGE}/eleves/{eleve_id}", data={**champs, "regime": "2", "motif": "m"})
        assert "Aucun champ n’a changé." in texte(rien)
        mef = await chef.post(
            f"{PAGE}/eleves/{eleve_id}", data={**champs, "mef": "20010018110", "motif": "m"}
        )
        assert "n’est pas celui d’une terminale connue" in texte(mef)

        fait = await chef.post(
            f"{PAGE}/eleves/{eleve_id}", data={**champs, "classe": "TG7", "motif": "erreur"}
        )
        assert str(fait.url).endswith(f"{dossier}?fait=scolarite#scolarite")
        assert "Enregistré, visible dans quelques secondes" in texte(fait)
        await lieu.suivre()
        suivi = await chef.get(dossier)
        assert "Enregistré, visible dans quelques secondes" not in texte(suivi)
        assert "Classe TG7" in texte(suivi)
        assert "À reporter dans SIECLE" in texte(await chef.get(PAGE)) or "à corriger" in texte(
            await chef.get(PAGE)
        )

        perime = await chef.post(f"{PAGE}/eleves/{eleve_id}", data={**champs, "classe": "TG8", "motif": "m"})
        assert perime.status_code == 412
        retire = {"jeton": jeton_de(page), "version": version(suivi), "retirer": "classe"}
        retour = await chef.post(f"{PAGE}/eleves/{eleve_id}", data=retire)
        assert "C’est enregistré" in texte(retour)
        assert "Aucune saisie locale." in texte(await chef.get(PAGE))


async def test_a_pupil_leaves_and_comes_back(lieu: Lieu) -> None:
    eleve_id = await lieu.remonter(eleve(1))
    adresse = f"{PAGE}/eleves/{eleve_id}"
    async with lieu.porte.navigateur("chef.a") as chef:
        page = await chef.get(adresse)
        sortie = {"jeton": jeton_de(page), "version": "0", "action": "sortir", "motif": "déménagement"}
        futur = await chef.post(adresse, data={**sortie, "date": "2099-01-05"})
        assert "La date de sortie est dans le futur" in texte(futur)
        sorti = await chef.post(adresse, data={**sortie, "date": "2026-01-05"})
        assert "Sorti le 05/01/2026 : déménagement" in texte(sorti)
        assert "Sorti le 05/01/2026." in texte(await chef.get(PAGE))
        annule = {"jeton": jeton_de(page), "version": version(sorti), "action": "annuler", "motif": "revenu"}
        revenu = await chef.post(adresse, data=annule)
        assert "Marquer l’élève sorti" in texte(revenu)
        assert "retour de l’élève, chef.a — revenu" in texte(revenu)


async def test_a_pupil_is_added_and_a_likeness_is_asked_about(lieu: Lieu) -> None:
    await lieu.remonter(eleve(1))
    ajout = {
        "nom": "NOM1", "prenom": "Prénom1", "naissance": "2008-05-07", "sexe": "F", "mef": "20210019110",
        "date_entree": "2026-01-05", "motif": "arrivée",
    }  # fmt: skip
    async with lieu.porte.navigateur("chef.a") as chef:
        page = await chef.get(f"{PAGE}?onglet=ajout")
        commun = {"jeton": jeton_de(page)}
        vide = await chef.post(f"{PAGE}/eleves", data={**commun, **ajout, "motif": "", "mef": "x"})
        assert vide.status_code == 422
        assert "Donnez le code de la formation (MEF)" in texte(vide)
        proche = await chef.post(f"{PAGE}/eleves", data={**commun, **ajout})
        assert proche.status_code == 409
        assert "élève déjà connu de votre lycée, mêmes nom, prénom et date de naissance" in texte(proche)
        fait = await chef.post(f"{PAGE}/eleves", data={**commun, **ajout, "choix": "nouveau"})
        assert "Élève ajouté" in texte(fait)
        await lieu.suivre()
        assert "NOM1 Prénom1 Ajouté." in texte(await chef.get(PAGE))


async def test_two_lycees_that_claim_a_pupil_answer_in_turn(lieu: Lieu) -> None:
    await lieu.remonter(eleve(1))
    await lieu.remonter(eleve(1), uai=LYCEE_B)
    async with lieu.porte.navigateur("chef.a") as chef:
        page = await chef.get(f"{PAGE}?onglet=taches")
        assert "Plusieurs lycées déclarent cet élève" in texte(page)
        trouvee = re.search(r'action="([^"]+/taches/[^"]+)"', page.text)
        assert trouvee
        muet = await chef.post(trouvee[1], data={"jeton": jeton_de(page)})
        assert "Choisissez une réponse" in texte(muet)
        fait = await chef.post(trouvee[1], data={"jeton": jeton_de(page), "choix": "PAS_CHEZ_NOUS"})
        assert "Aucune question en attente." in texte(fait)


async def test_the_remontee_is_closed_with_its_eyes_open(lieu: Lieu) -> None:
    premier = await lieu.remonter(eleve(1), eleve(2))
    async with lieu.porte.navigateur("chef.a") as chef:
        adresse = f"{PAGE}?onglet=remontee"
        page = await chef.get(adresse)
        assert "Élèves qui seront figés 2 Générale 2" in texte(page)
        assert "Rien ne manque" in texte(page)
        assert "Rien n’a encore été transmis." in texte(page)
        sans = await chef.post(f"{PAGE}/remontee", data={"jeton": jeton_de(page), "presents": "2"})
        assert "Cochez la case pour confirmer la clôture." in texte(sans)
        autre = {"jeton": jeton_de(page), "presents": "3", "confirme": "true"}
        assert "2 seraient figés, au lieu de 3" in texte(await chef.post(f"{PAGE}/remontee", data=autre))
        clos = await chef.post(f"{PAGE}/remontee", data={**autre, "presents": "2"})
        assert "La remontée est close" in texte(clos)
        assert "Le vivier initial compte 2 élèves." in texte(clos)
        await lieu.suivre()
        await lieu.remonter(eleve(1), eleve(2), eleve(3), horodatage="20/01/2026 08:00:00")
        suite = texte(await chef.get(adresse))
        assert "NOM3 Prénom3" in suite
        assert "arrivé après la clôture" in suite
    assert premier


@pytest.mark.parametrize("login", ["chef.b", "saio"])
async def test_others_find_no_page(lieu: Lieu, login: str) -> None:
    eleve_id = await lieu.remonter(eleve(1))
    async with lieu.porte.navigateur(login) as autre:
        for adresse in (PAGE, f"{PAGE}?onglet=remontee", f"{PAGE}/eleves/{eleve_id}"):
            assert (await autre.get(adresse)).status_code == 404
