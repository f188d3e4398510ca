"""Closing a remontée freezes the vivier initial; afterwards Cordées and bourse are listed, not applied."""

from typing import Any

from services.ingest.scolarite import remontee
from services.ingest.scolarite.contexte import Contexte
from shared.http.perimetre import Role
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, siecle, structures
from tests.ingest._scolarite import AJOUT, PLUS_TARD, Lycee, remonter
from tests.ingest.conftest import Atelier, Ouvrir
from tests.kit.appels import servi
from tests.kit.services import World

STMG = "21231017110"


def bourse(*rangs: int) -> str:
    lignes = "".join(f'<BOURSE ELEVE_ID="{rang}"><CODE_BOURSE>LYC</CODE_BOURSE></BOURSE>' for rang in rangs)
    return f"<BOURSES>{lignes}</BOURSES>"


async def clore(chef: Lycee, presents: int, *, confirme: bool = True, cle: str | None = None) -> Any:
    corps = {"confirme": confirme, "presents": presents}
    return await chef.ecrire("POST", "remontee/cloturer", corps, cle=cle)


async def test_the_preview_says_what_would_be_frozen_and_nothing_is_until_it_is_confirmed(
    atelier: Atelier, chef: Lycee
) -> None:
    vide = (await chef.lire("remontee")).json()
    assert (vide["close"], vide["presents"]) == (False, 0)
    assert (await clore(chef, 0)).json()["code"] == "sans_eleve"
    await atelier.siecle(
        siecle(
            eleve(1), eleve(2, CODE_MEF=STMG), eleve(3, DATE_SORTIE="10/01/2026"), eleve(4, CODE_SEXE="9"),
            eleve(5, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"),
        )
    )  # fmt: skip
    lu = (await chef.lire("remontee")).json()
    assert {champ: lu[champ] for champ in ("presents", "par_serie", "lignes_rejetees", "taches_ouvertes")} == {
        "presents": 3, "par_serie": {"GENERALE": 2, "STMG": 1}, "lignes_rejetees": 1, "taches_ouvertes": 1,
    }  # fmt: skip
    assert (await clore(chef, 3, confirme=False)).json()["close"] is False
    change = await clore(chef, 2)
    assert (change.status_code, change.json()["code"]) == (409, "effectif_change")
    assert await chef.servi.sortis() == []


async def test_closing_stamps_each_pupil_who_is_there(atelier: Atelier, chef: Lycee) -> None:
    un, deux = await remonter(atelier, eleve(1), eleve(2, CODE_MEF=STMG), eleve(3, DATE_SORTIE="10/01/2026"))
    fait = [await clore(chef, 2, cle="k") for _ in range(2)]
    assert fait[0].status_code == 200
    assert fait[0].json() == fait[1].json()
    assert (fait[0].json()["close"], fait[0].json()["fige"]["presents"]) == (True, 2)
    sortis = {s["cle"]: s["vivier_initial"] for s in await chef.servi.sortis()}
    assert {cle: (v["uai"], v["serie"]) for cle, v in sortis.items()} == {
        un: (UAI, "GENERALE"), deux: (UAI, "STMG"),
    }  # fmt: skip
    assert (await clore(chef, 2)).json()["code"] == "deja_close"


async def test_the_stamp_survives_files_corrections_sorties_and_moves(atelier: Atelier, chef: Lycee) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await clore(chef, 1)
    timbre = (await chef.servi.sortis())[-1]["vivier_initial"]
    refait = await atelier.siecle(siecle(eleve(1, CODE_REGIME="0"), horodatage=PLUS_TARD))
    assert [v["vivier_initial"] for v in refait.valeurs("EleveRemonte")] == [timbre]
    await chef.corriger(eleve_id, 0, classe="TG9")
    await chef.ecrire("PUT", f"scolarites/{eleve_id}/sortie", {"date": "2026-01-12", "motif": "m"}, 1)
    assert [s["vivier_initial"] for s in await chef.servi.sortis()] == [timbre] * 3
    ailleurs = await atelier.siecle(siecle(eleve(1, DATE_ENTREE="13/01/2026"), uai=AUTRE_UAI))
    (change,) = ailleurs.valeurs("EleveRemonte")
    assert (change["uai"], change["vivier_initial"]) == (AUTRE_UAI, timbre)


async def test_after_the_closing_bourse_is_listed_and_the_rest_applied(atelier: Atelier, chef: Lycee) -> None:
    un, deux = await remonter(atelier, eleve(1), eleve(2), bourses=bourse(1))
    await clore(chef, 2)
    assert (await chef.lire("remontee/ecarts")).json()["ecarts"] == []
    suite = await atelier.siecle(
        siecle(
            eleve(1), eleve(2), eleve(3), bourses=bourse(2, 3), horodatage=PLUS_TARD,
            structures_=[structures(1), structures(2, ("TG2", "D")), structures(3)],
        )
    )  # fmt: skip
    publies = {v["cle"]: v for v in suite.valeurs("EleveRemonte")}
    (trois,) = publies.keys() - {un, deux}
    assert un not in publies
    assert (publies[deux]["classe"], publies[deux].get("codes_bourse", [])) == ("TG2", [])
    assert "vivier_initial" not in publies[trois]
    assert publies[trois].get("codes_bourse", []) == []
    ecarts = (await chef.lire("remontee/ecarts")).json()["ecarts"]
    assert {(e["eleve_id"], e["quoi"], e["applique"]) for e in ecarts} == {
        (un, "codes_bourse", False), (deux, "codes_bourse", False), (trois, "codes_bourse", False),
        (trois, "arrivee", True),
    }  # fmt: skip
    ecart = next(e for e in ecarts if e["eleve_id"] == un)
    assert (ecart["a_la_cloture"], ecart["dans_siecle"]) == (["LYC"], None)
    assert ecart["fichier_du"] == "2026-01-13T08:00:00+01:00"
    assert ecart["phrase"].startswith("La bourse de SIECLE a changé")


async def test_a_departure_after_the_closing_is_listed(atelier: Atelier, chef: Lycee) -> None:
    un, _ = await remonter(atelier, eleve(1), eleve(2))
    await clore(chef, 2)
    await chef.ecrire("PUT", f"scolarites/{un}/sortie", {"date": "2026-01-12", "motif": "m"}, 0)
    (ecart,) = (await chef.lire("remontee/ecarts")).json()["ecarts"]
    assert (ecart["eleve_id"], ecart["quoi"]) == (un, "depart")


async def test_a_pupil_added_after_the_closing_has_no_stamp(atelier: Atelier, chef: Lycee) -> None:
    await remonter(atelier, eleve(1))
    await clore(chef, 1)
    cree = (await chef.ecrire("POST", "scolarites", AJOUT)).json()
    assert cree["vivier_initial"] is None
    assert (await chef.lire("remontee/ecarts")).json()["ecarts"][0]["quoi"] == "arrivee"


async def test_only_the_operator_reopens_and_what_the_file_says_applies_again(
    atelier: Atelier, chef: Lycee
) -> None:
    (eleve_id,) = await remonter(atelier, eleve(1))
    await clore(chef, 1)
    await atelier.siecle(siecle(eleve(1), bourses=bourse(1), horodatage=PLUS_TARD))
    corps = {"motif": "erreur du lycée"}
    assert (await chef.ecrire("POST", "remontee/rouvrir", corps)).status_code == 404
    operateur = Lycee(chef.servi, role=Role.OPERATEUR)
    rouverte = await operateur.ecrire("POST", "remontee/rouvrir", corps)
    assert (rouverte.status_code, rouverte.json()["close"]) == (200, False)
    dernier = (await chef.servi.sortis())[-1]
    assert (dernier["cle"], dernier["codes_bourse"], dernier.get("vivier_initial")) == (
        eleve_id,
        ["LYC"],
        None,
    )
    assert (await operateur.ecrire("POST", "remontee/rouvrir", corps)).json()["code"] == "pas_close"
    assert (await clore(chef, 1)).json()["version"] == 3


async def test_a_session_may_let_files_move_bourse_after_the_closing(ouvrir: Ouvrir) -> None:
    async with ouvrir(remontee_gel=False) as imports:
        atelier = Atelier(imports)
        await remonter(atelier, eleve(1))
        async with imports.engine.begin() as tx:
            contexte = Contexte(settings=imports.settings, session=2026, acteur="op")
            await remontee.cloturer(tx, contexte, UAI, presents=None)
        suite = await atelier.siecle(siecle(eleve(1), bourses=bourse(1), horodatage=PLUS_TARD))
        assert suite.valeurs("EleveRemonte")[0]["codes_bourse"] == ["LYC"]


async def test_a_lycee_out_of_scope_has_no_remontee(atelier: Atelier, chef: Lycee) -> None:
    await remonter(atelier, eleve(1))
    intrus = chef.servi.jeton("intrus", AUTRE_UAI)
    for chemin in ("remontee", "remontee/ecarts", "saisies-locales"):
        assert (await chef.servi.client.get(f"{chef.base}/{chemin}", headers=intrus)).status_code == 404


async def test_the_participation_has_the_frozen_base(world: World, atelier: Atelier, chef: Lycee) -> None:
    """Two pupils frozen, one of them gone since, one arrived after: two stay the base."""
    premier = await atelier.siecle(siecle(eleve(1), eleve(2)))
    await clore(chef, 2)
    un = premier.valeurs("EleveRemonte")[0]["cle"]
    await chef.ecrire("PUT", f"scolarites/{un}/sortie", {"date": "2026-01-12", "motif": "m"}, 0)
    await chef.ecrire("POST", "scolarites", AJOUT)
    async with servi(world, "indicators") as indicators:
        saisis = [e for e in await chef.servi.evenements() if "eleve.v1" in e.topic]
        await indicators.plier([e for e in premier.evenements if "eleve.v1" in e.topic] + saisis)
        jeton = indicators.jeton("chef", UAI)
        lu = (await indicators.client.get(chef.base + "/indicateurs", headers=jeton)).json()["ensemble"]
        (participation,) = [i for i in lu["indicateurs"] if i["code"] == "participation"]
        assert (lu["vivier"], lu["vivier_initial"], participation["denominateur"]) == (2, 2, 2)
