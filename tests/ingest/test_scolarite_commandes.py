"""Corrections, additions and sorties entered by a lycée: over SIECLE's, never overwritten by a file."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.events.modeles import EleveRemonte, IdentiteRemontee
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle, structures
from tests.ingest._scolarite import AJOUT, BASE, PLUS_TARD, Lycee, champ, remonter
from tests.ingest.conftest import Atelier


async def test_a_correction_goes_out_above_the_file_and_no_later_file_takes_it_away(
    atelier: Atelier, chef: Lycee
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    reponse = await chef.corriger(eleve_id, 0, classe="TG7")
    assert (reponse.status_code, reponse.headers["ETag"]) == (200, '"1"')
    (sorti,) = await chef.servi.sortis()
    assert EleveRemonte.model_validate({**sorti, "eleve_id": eleve_id}).classe == "TG7"
    assert (sorti["cle"], sorti["version"]) == (eleve_id, 1_768_201_200_000_001)
    encore = await atelier.siecle(siecle(eleve(1, CODE_REGIME="0"), horodatage=PLUS_TARD))
    (change,) = encore.valeurs("EleveRemonte")
    assert (change["classe"], change["regime"]) == ("TG7", "0")
    lu = (await chef.lire(f"scolarites/{eleve_id}")).json()
    assert champ(lu, "classe") == {
        "champ": "classe", "libelle": "Classe", "siecle": "TG1", "local": "TG7", "effectif": "TG7",
        "a_reporter": True,
    }  # fmt: skip
    assert [(h["acte"], h["motif"], h["auteur"]) for h in lu["historique"]] == [
        ("CORRECTION", "erreur de saisie", f"chef-{UAI}")
    ]


async def test_a_correction_withdrawn_gives_back_what_siecle_says_today(
    atelier: Atelier, chef: Lycee
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await chef.corriger(eleve_id, 0, classe="TG7", regime="0")
    corps = {"champs": ["classe"], "motif": "SIECLE est à jour"}
    reponse = await chef.ecrire("POST", f"scolarites/{eleve_id}/corrections/retrait", corps, 1)
    assert champ(reponse.json(), "classe")["effectif"] == "TG1"
    dernier = (await chef.servi.sortis())[-1]
    assert (dernier["classe"], dernier["regime"]) == ("TG1", "0")
    assert len(reponse.json()["historique"]) == 2


async def test_two_who_correct_at_once_are_told_what_the_other_changed(atelier: Atelier, chef: Lycee) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await chef.corriger(eleve_id, 0, classe="TG7")
    tardif = await chef.corriger(eleve_id, 0, classe="TG8")
    assert tardif.status_code == 412
    probleme = tardif.json()
    assert champ(probleme["actuel"], "classe")["local"] == "TG7"
    assert probleme["propose"] == {"classe": "TG8"}
    corps = {"champs": {"classe": "TG8"}, "motif": "m"}
    sans = await chef.ecrire("PUT", f"scolarites/{eleve_id}/corrections", corps)
    assert sans.status_code == 428
    assert len(await chef.servi.sortis()) == 1


async def test_a_command_sent_twice_is_done_once(atelier: Atelier, chef: Lycee) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    corps = {"champs": {"classe": "TG7"}, "motif": "m"}
    url = f"scolarites/{eleve_id}/corrections"
    reponses = [await chef.ecrire("PUT", url, corps, 0, cle="k1") for _ in range(2)]
    assert reponses[0].json() == reponses[1].json()
    assert len(await chef.servi.sortis()) == 1
    autre = await chef.ecrire("PUT", url, {**corps, "motif": "autre"}, 0, cle="k1")
    assert autre.status_code == 409


@pytest.mark.parametrize(
    "champs", [{}, {"mef": "10010012110"}, {"specialites": ["RIEN"]}, {"nom": "X"}, {"classe": "a\x00b"}]
)
async def test_what_is_not_valid_is_refused_in_words(
    atelier: Atelier, chef: Lycee, champs: dict[str, Any]
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    reponse = await chef.corriger(eleve_id, 0, **champs)
    assert (reponse.status_code, "title" in reponse.json()) == (422, True)
    assert await chef.servi.sortis() == []


async def test_another_lycee_s_pupil_does_not_exist_for_a_chef(atelier: Atelier, chef: Lycee) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    ailleurs = Lycee(chef.servi, AUTRE_UAI)
    assert (await ailleurs.lire(f"scolarites/{eleve_id}")).status_code == 404
    assert (await ailleurs.corriger(eleve_id, 0, classe="X")).status_code == 404
    intrus = await chef.servi.client.get(f"{chef.base}/scolarites/{eleve_id}", headers=ailleurs.jeton)
    assert intrus.status_code == 404


async def test_a_sortie_is_told_its_motif_is_not_and_it_can_be_cancelled(
    atelier: Atelier, chef: Lycee
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    futur = {"date": "2999-01-01", "motif": "m"}
    assert (await chef.ecrire("PUT", f"scolarites/{eleve_id}/sortie", futur, 0)).status_code == 422
    avant = {"date": "2025-08-01", "motif": "m"}
    assert (await chef.ecrire("PUT", f"scolarites/{eleve_id}/sortie", avant, 0)).status_code == 422
    parti = {"date": "2026-01-10", "motif": "déménagement secret"}
    assert (await chef.ecrire("PUT", f"scolarites/{eleve_id}/sortie", parti, 0)).status_code == 200
    annule = await chef.ecrire("POST", f"scolarites/{eleve_id}/sortie/annulation", {"motif": "revenu"}, 1)
    assert annule.json()["sortie"] is None
    sortis = await chef.servi.sortis()
    assert [(s["type"], s.get("date_sortie")) for s in sortis] == [
        ("EleveSorti", "2026-01-10"), ("EleveRemonte", None),
    ]  # fmt: skip
    assert "secret" not in str(sortis)
    encore = await chef.ecrire("POST", f"scolarites/{eleve_id}/sortie/annulation", {"motif": "m"}, 2)
    assert (encore.status_code, encore.json()["code"]) == (409, "pas_sorti")


async def test_a_sortie_entered_here_stands_against_a_file_that_does_not_say_it(
    atelier: Atelier, chef: Lycee
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await chef.ecrire("PUT", f"scolarites/{eleve_id}/sortie", {"date": "2026-01-10", "motif": "m"}, 0)
    encore = await atelier.siecle(siecle(eleve(1), horodatage=PLUS_TARD))
    assert encore.types() == []


async def test_what_siecle_does_not_say_is_listed_until_it_does(atelier: Atelier, chef: Lycee) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await chef.corriger(eleve_id, 0, classe="TG7")
    liste = (await chef.lire("saisies-locales")).json()
    assert liste["a_reporter"] == 1
    assert liste["saisies"][0]["a_reporter"] == [
        {"champ": "classe", "libelle": "Classe", "siecle": "TG1", "local": "TG7"}
    ]

    await remonter(atelier, eleve(1), horodatage=PLUS_TARD, structures_=[structures(1, ("TG7", "D"))])
    liste = (await chef.lire("saisies-locales")).json()
    assert (liste["a_reporter"], len(liste["saisies"])) == (0, 1)


async def test_a_pupil_added_by_hand_is_followed_and_the_file_that_brings_him_keeps_his_id(
    atelier: Atelier, chef: Lycee
) -> None:
    await remonter(atelier, eleve(1))
    reponse = await chef.ecrire("POST", "scolarites", {**AJOUT, "ine": ine(9), "classe": "TG5"})
    assert reponse.status_code == 201, reponse.text
    cree = reponse.json()
    assert (cree["ajoute"], cree["connu_de_siecle"], cree["version"]) == (True, False, 1)
    scolarite, identite = await chef.servi.sortis()
    EleveRemonte.model_validate(scolarite | {"eleve_id": cree["eleve_id"]})
    assert IdentiteRemontee.model_validate(identite).nom == "NOM9"
    assert (scolarite["serie"], scolarite["academie"], scolarite["classe"]) == ("GENERALE", "01", "TG5")
    fichier = siecle(eleve(1), eleve(9, DATE_ENTREE="05/01/2026"), horodatage=PLUS_TARD)
    (change,) = (await atelier.siecle(fichier)).valeurs("EleveRemonte")
    assert (change["cle"], change["classe"], change["regime"]) == (cree["eleve_id"], "TG5", "2")


async def test_facts_that_waited_for_an_added_pupil_follow_him(atelier: Atelier, chef: Lycee) -> None:
    await atelier.faits(ndjson([fait("dossier", ine=ine(9)), fait("voeu", formation_id="7", voeu_id="V1")]))
    cree = (await chef.ecrire("POST", "scolarites", {**AJOUT, "ine": ine(9)})).json()
    types = {s["type"]: s["cle"] for s in await chef.servi.sortis()}
    assert types["DossierModifie"] == cree["eleve_id"]
    async with atelier.imports.engine.connect() as tx:
        reste = (
            await tx.execute(text("SELECT count(*) FROM registre.parking WHERE libere_par IS NOT NULL"))
        ).scalar()
    assert reste == 0


async def test_a_name_only_proposes(atelier: Atelier, chef: Lycee) -> None:
    (connu,) = await remonter(atelier, eleve(1), uai=AUTRE_UAI)
    homonyme = {**AJOUT, "nom": "nom 1", "prenom": "PRENOM1"}
    propose = await chef.ecrire("POST", "scolarites", homonyme)
    assert (propose.status_code, propose.json()["code"]) == (409, "eleves_proches")
    assert propose.json()["candidats"] == [{"eleve_id": connu, "pourquoi": "HOMONYME", "chez_vous": False}]
    inconnu = "00000000-0000-4000-8000-000000000000"
    assert (await chef.ecrire("POST", "scolarites", {**homonyme, "eleve_id": inconnu})).status_code == 409
    assert await chef.servi.sortis() == []
    nouveau = await chef.ecrire("POST", "scolarites", {**homonyme, "nouveau": True})
    assert nouveau.status_code == 201
    assert nouveau.json()["eleve_id"] != connu
    (tache,) = (await chef.servi.client.get(f"{BASE}/taches", headers=chef.jeton)).json()["taches"]
    assert (tache["genre"], {e["eleve_id"] for e in tache["eleves"]}) == (
        "MEME_ELEVE", {connu, nouveau.json()["eleve_id"]},
    )  # fmt: skip


async def test_a_pupil_chosen_among_those_proposed_moves_and_keeps_his_id(
    atelier: Atelier, chef: Lycee
) -> None:
    (connu,) = await remonter(atelier, eleve(1), uai=AUTRE_UAI)
    ajout = {**AJOUT, "nom": "NOM1", "prenom": "Prénom1", "eleve_id": connu}
    assert (await chef.ecrire("POST", "scolarites", ajout)).status_code == 201
    (sorti,) = await chef.servi.sortis()
    assert (sorti["cle"], sorti["uai"], sorti["version"]) == (connu, UAI, 1_768_201_200_000_001)


async def test_an_ine_known_under_another_name_is_asked_about(atelier: Atelier, chef: Lycee) -> None:
    (connu,) = await remonter(atelier, eleve(1), uai=AUTRE_UAI)
    propose = await chef.ecrire("POST", "scolarites", {**AJOUT, "ine": ine(1)})
    assert (propose.status_code, propose.json()["candidats"][0]["pourquoi"]) == (409, "INE")
    choisi = await chef.ecrire("POST", "scolarites", {**AJOUT, "ine": ine(1), "eleve_id": connu})
    assert (choisi.status_code, choisi.json()["eleve_id"]) == (201, connu)


async def test_a_pupil_who_is_there_already_or_was_erased_is_not_added(atelier: Atelier, chef: Lycee) -> None:
    await remonter(atelier, eleve(1))
    la = await chef.ecrire("POST", "scolarites", {**AJOUT, "nom": "NOM1", "prenom": "Prénom1", "ine": ine(1)})
    assert (la.status_code, la.json()["code"]) == (409, "deja_la")
    async with atelier.imports.engine.begin() as tx:
        await tx.execute(text("UPDATE registre.alias SET eleve_id = NULL"))
    efface = await chef.ecrire("POST", "scolarites", {**AJOUT, "ine": ine(1)})
    assert (efface.status_code, efface.json()["code"]) == (409, "efface")


async def test_no_name_stays_in_the_registre_of_an_added_pupil(atelier: Atelier, chef: Lycee) -> None:
    await chef.ecrire("POST", "scolarites", {**AJOUT, "nom": "TRESRARE", "ine": ine(9)})
    async with atelier.imports.engine.connect() as tx:
        for table in ("scolarite_locale", "scolarite_historique", "eleve_connu", "alias", "tache"):
            lignes = (await tx.execute(text(f"SELECT t::text FROM registre.{table} t"))).scalars().all()
            assert not any("TRESRARE" in ligne or "5452455352415245" in ligne.upper() for ligne in lignes)
            assert not any(ine(9) in ligne for ligne in lignes)
