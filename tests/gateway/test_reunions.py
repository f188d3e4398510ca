"""Two dossiers of one pupil, seen by a chef: what was typed in both, and taking their merge back."""

import httpx
from sqlalchemy import text

from services.eleves.reunions.suivi import suivre
from services.ingest.scolarite import fusion
from shared.reunions import faire_une
from tests.gateway._amont import LYCEE_A
from tests.gateway.test_pages_scolarite import PAGE, Lieu, lieu, texte
from tests.ingest._fichiers import eleve
from tests.kit.login import jeton_de

__all__ = ["lieu"]
JUMEAUX = (eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))


async def test_a_chef_sees_two_values_and_parts_two_pupils_again(lieu: Lieu) -> None:
    await lieu.remonter(*JUMEAUX)
    async with lieu.porte.navigateur("chef.a") as chef, lieu.porte.programme("chef.a") as api:
        await _suivre(lieu, chef, api)


async def _suivre(lieu: Lieu, chef: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    base = f"/api/v1/sessions/2026/lycees/{LYCEE_A}"
    (tache,) = (await api.get(f"{base}/taches")).json()["taches"]
    ids = [un["eleve_id"] for un in tache["eleves"]]
    for eleve_id, echelon in zip(ids, (2, 4), strict=True):
        corps = {"decision": "CERTIFIER", "echelon": echelon, "piece_vue": True}
        assert (await api.put(f"{base}/bourses/{eleve_id}", json=corps)).status_code == 200
    reponse = await api.post(f"{base}/taches/{tache['id']}/reponse", json={"choix": "FUSIONNER"})
    assert reponse.status_code == 200, reponse.text
    imports = lieu.atelier.imports
    await fusion.avancer_les_alias(imports.settings, imports.engine)
    await lieu.suivre()
    assert await faire_une(lieu.eleves.running, suivre)
    async with imports.engine.begin() as tx:
        await tx.execute(text("UPDATE registre.fusion SET etat = 'TERMINEE'"))

    questions = await chef.get(PAGE, params={"onglet": "taches"})
    assert "Deux saisies pour le même élève" in texte(questions)
    assert "L’autre dossier disait : bourse certifiée, échelon" in texte(questions)
    assert "La réunion peut être défaite jusqu’au" in texte(questions)
    (double,) = (await api.get(f"{base}/reunions")).json()["conflits"]
    dossier = await chef.get(f"/lycees/{LYCEE_A}/eleves/{double['eleve_id']}")
    assert "rien n’a été choisi à votre place" in texte(dossier)
    jeton = jeton_de(dossier)
    vu = {"jeton": jeton, "origine": double["origine"], "objet": "BOURSE", "eleve": double["eleve_id"]}
    assert (await chef.post(f"{PAGE}/doubles", data=vu)).status_code == 200
    assert (await api.get(f"{base}/reunions")).json()["conflits"] == []

    (reunis,) = (await api.get(f"{base}/fusions")).json()["fusions"]
    adresse = f"{PAGE}/fusions/{reunis['perdant']}"
    sans = await chef.post(adresse, data={"jeton": jeton, "motif": "deux cousins"})
    assert sans.status_code == 422
    assert (await chef.post(adresse, data={"jeton": jeton, "confirme": "true"})).status_code == 422
    fait = {"jeton": jeton, "motif": "deux cousins", "confirme": "true"}
    assert (await chef.post(adresse, data=fait)).status_code == 200
    assert "Séparés le" in texte(await chef.get(PAGE, params={"onglet": "taches"}))
