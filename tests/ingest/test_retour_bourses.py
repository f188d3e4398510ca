"""From a chef's certification in eleves to the feed of the platform, and its acknowledgement back to the chef."""

from pathlib import Path

from shared.events.modeles import ObjetAccuse
from shared.http.perimetre import Role
from tests.ingest._retour import Sortants, lignes
from tests.ingest.test_retour_projection import RETOUR, A, ingest
from tests.kit.appels import servi
from tests.kit.journal import LYCEE_A, Faits
from tests.kit.services import World

BASE = f"/interne/v1/sessions/2026/lycees/{LYCEE_A}"


async def test_a_certification_reaches_the_platform_and_its_answer_comes_back(
    world: World, tmp_path: Path
) -> None:
    sortants = Sortants(world)
    async with servi(world, "eleves", jobs=False) as eleves, ingest(world, tmp_path, jobs=False) as retour:
        chef = eleves.jeton("chef", LYCEE_A)
        await eleves.plier([Faits(world).eleve(A)])
        certifie = {"decision": "CERTIFIER", "echelon": 5, "piece_vue": True}
        assert (await eleves.client.put(f"{BASE}/bourses/{A}", headers=chef, json=certifie)).is_success
        saisie = {"etat": "PARTICIPE", "dispositif": "CORDEES"}
        assert (await eleves.client.put(f"{BASE}/cordees/{A}", headers=chef, json=saisie)).is_success
        dits = [e for e in await eleves.evenements() if e.type in {"BourseCertifiee", "CordeesSaisies"}]
        await retour.plier([sortants.dossier(A), *dits])
        plateforme = retour.jeton("plateforme", role=Role.PLATEFORME)
        envoyes = {o["objet"]: o for o in lignes(await retour.client.get(RETOUR, headers=plateforme))}
        assert envoyes["BOURSE"]["contenu"] == {"etat": "CERTIFIEE", "echelon": 5}
        assert envoyes["CORDEES"]["contenu"]["source"] == "LOCAL"
        version = envoyes["BOURSE"]["version"]
        await eleves.plier([sortants.accuse(A, ObjetAccuse.BOURSE, version)])
        lue = (await eleves.client.get(f"{BASE}/bourses/{A}", headers=chef)).json()
        assert (lue["accuse"]["pris"], lue["accuse"]["a_jour"], lue["accuse"]["acte"]) == (
            True,
            True,
            "CERTIFIER",
        )
        annule = {**chef, "If-Match": '"1"'}
        await eleves.client.post(f"{BASE}/bourses/{A}/annulation", headers=annule, json={})
        apres = [e for e in await eleves.evenements() if e.type == "BourseCertifiee"]
        await retour.plier(apres[-1:])
        suite = lignes(await retour.client.get(RETOUR, headers=plateforme, params={"apres": 2}))
        assert [(o["version"], o["contenu"]["etat"]) for o in suite] == [(version + 1, "AUCUNE")]
