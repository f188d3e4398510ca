"""Échelons and dispositifs that come by other files: before or after the pupils, published with them."""

from typing import Any

import pytest
from sqlalchemy import text

from services.ingest.dispositifs.domain import Complement
from services.ingest.natures import BOURSES
from services.ingest.scolarite import fusion
from services.ingest.siecle.effective import Dite, Inscrite, Locale, effective
from shared.http.perimetre import Role
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, ine, siecle, structures
from tests.ingest._formats import (
    bourses_ndjson,
    complete_xls,
    dispositifs_csv,
    fregata_csv,
    statut,
    sygne_json,
)
from tests.ingest._scolarite import Lycee, remonter
from tests.ingest.conftest import Atelier, Integre, Ouvrir
from tests.ingest.test_scolarite_taches import repondre, sorties, taches


def dits(lu: Integre, *champs: str) -> list[tuple[Any, ...]]:
    return [tuple(v.get(champ) for champ in champs) for v in lu.valeurs("EleveRemonte")]


@pytest.mark.parametrize("avant", [True, False], ids=["before the pupils", "after them"])
async def test_the_echelon_is_published_with_its_pupil(atelier: Atelier, avant: bool) -> None:
    feed, fichier = bourses_ndjson(statut(1, 5), statut(2, None), statut(9, 1)), siecle(eleve(1), eleve(2))
    ordre = [(BOURSES, feed, None), ("SIECLE", fichier, UAI)]
    integres = [await atelier.deposer(*quoi) for quoi in (ordre if avant else reversed(ordre))]
    derniers = [dit for lu in integres for dit in dits(lu, "cle", "echelon_bourse")]
    if not avant:
        assert [echelon for _, echelon in derniers] == [None, None, 5]
        assert (integres[1].compteurs["traites"], integres[1].compteurs["parques"]) == (2, 1)
    assert sorted(set(dict(derniers).values()), key=str) == [5, None]


async def test_the_same_feed_again_publishes_nothing_and_a_new_echelon_does(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)), UAI)
    await atelier.deposer(BOURSES, bourses_ndjson(statut(1, 5)))
    assert (await atelier.deposer(BOURSES, bourses_ndjson(statut(1, 5)))).evenements == []
    assert dits(await atelier.deposer(BOURSES, bourses_ndjson(statut(1, 6))), "echelon_bourse") == [(6,)]
    assert dits(await atelier.deposer(BOURSES, bourses_ndjson(statut(1, None))), "echelon_bourse") == [
        (None,)
    ]


async def test_the_echelon_survives_the_next_pupils_file(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)), UAI)
    await atelier.deposer(BOURSES, bourses_ndjson(statut(1, 5)))
    apres = await atelier.siecle(siecle(eleve(1, CODE_REGIME="3"), horodatage="13/01/2026 08:00:00"), UAI)
    assert dits(apres, "regime", "echelon_bourse") == [("3", 5)]


async def test_a_rotated_key_still_finds_the_echelon(ouvrir: Ouvrir) -> None:
    async with ouvrir(hmac_keys="1:" + "QUFBQUFBQUFBQUFBQUFBQQ==") as imports:
        await Atelier(imports).deposer(BOURSES, bourses_ndjson(statut(1, 4)))
    deux = "1:QUFBQUFBQUFBQUFBQUFBQQ==,2:QkJCQkJCQkJCQkJCQkJCQg=="
    async with ouvrir(hmac_keys=deux) as imports:
        atelier = Atelier(imports)
        assert dits(await atelier.siecle(siecle(eleve(1)), UAI), "echelon_bourse") == [(4,)]
        assert dits(await atelier.deposer(BOURSES, bourses_ndjson(statut(1, 2))), "echelon_bourse") == [(2,)]


async def test_a_feed_without_one_statut_is_refused(atelier: Atelier) -> None:
    assert (await atelier.deposer(BOURSES, b"bonjour\n")).refus == "SANS_LIGNE"
    assert (await atelier.deposer(BOURSES, b"\x1f\x8bxxxx")).refus == "GZIP"


async def test_a_csv_gives_cordees_by_ine_or_eleve_id(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2), eleve(3)), UAI)
    lu = await atelier.siecle(
        dispositifs_csv(f"{ine(1)};;Cordées", ";2;PARCOURS_EXCELLENCE", f"{ine(8)};;CORDEES"), UAI
    )
    assert sorted(dits(lu, "dispositif", "cordees")) == [("CORDEES", True), ("PARCOURS_EXCELLENCE", True)]
    assert (lu.compteurs["traites"], lu.compteurs["parques"]) == (2, 1)


async def test_a_later_csv_replaces_the_one_before(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)), UAI)
    await atelier.siecle(dispositifs_csv(";1;CORDEES", ";2;CORDEES"), UAI)
    lu = await atelier.siecle(dispositifs_csv(";2;CORDEES"), UAI)
    assert dits(lu, "dispositif", "cordees") == [(None, False)]


async def test_a_csv_may_come_before_the_pupils(atelier: Atelier) -> None:
    await atelier.siecle(dispositifs_csv(";1;CORDEES"), UAI)
    lu = await atelier.siecle(siecle(eleve(1)), UAI)
    assert dits(lu, "dispositif", "cordees") == [("CORDEES", True)]


async def test_a_lycee_says_nothing_of_another_lycee_s_pupils(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), uai=AUTRE_UAI), AUTRE_UAI)
    lu = await atelier.siecle(dispositifs_csv(f"{ine(1)};;CORDEES"), UAI)
    assert lu.evenements == []


def test_what_the_lycee_entered_itself_is_not_overwritten() -> None:
    contenu = b'{"uai":"0750680G","serie":"GENERALE","cordees":false}'
    dite = Dite(
        UAI,
        Inscrite(UAI, None, None, 1, contenu),
        Locale(champs={"cordees": False}),
        Complement(3, "CORDEES"),
    )
    trouve = effective([dite], None, None).contenu
    assert b'"cordees":false' in trouve
    assert b"dispositif" not in trouve
    assert b'"echelon_bourse":3' in trouve


async def test_configured_groupes_carry_cordees(ouvrir: Ouvrir) -> None:
    async with ouvrir(dispositifs_groupes={"CORD*": "CORDEES"}) as imports:
        lu = await Atelier(imports).siecle(
            siecle(eleve(1), structures_=[structures(1, ("TG1", "D"), ("CORD2", "G"))]), UAI
        )
    assert dits(lu, "dispositif", "cordees") == [("CORDEES", True)]


async def test_the_fall_backs_give_the_same_identity_as_the_xml(atelier: Atelier) -> None:
    premier = await atelier.siecle(siecle(eleve(1), horodatage="12/01/2025 08:00:00"), UAI, confirme=True)
    excel = await atelier.siecle(complete_xls(), UAI)
    sygne = await atelier.siecle(sygne_json(), UAI, confirme=True)
    assert premier.valeurs("EleveRemonte")[0]["cle"] in {v["cle"] for v in excel.valeurs("EleveRemonte")}
    assert excel.compteurs["nouveaux"] == 2
    assert {v["cle"] for v in sygne.valeurs("EleveRemonte")} <= {
        v["cle"] for v in premier.valeurs("EleveRemonte")
    }


async def test_fregata_has_no_lycee_but_its_deposit_s(atelier: Atelier) -> None:
    assert (await atelier.siecle(fregata_csv())).refus == "UAJ"
    (valeur,) = (await atelier.siecle(fregata_csv(), UAI)).valeurs("EleveRemonte")
    assert (valeur["uai"], valeur["serie"]) == (UAI, "STAV")


async def test_a_merge_keeps_the_echelon_and_the_dispositif_of_both(atelier: Atelier, chef: Lycee) -> None:
    un, deux = await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))
    await atelier.deposer(BOURSES, bourses_ndjson(statut(2, 6)))
    await atelier.siecle(dispositifs_csv(";2;CORDEES"), UAI)
    (tache,) = await taches(chef)
    await repondre(Lycee(chef.servi, role=Role.OPERATEUR), tache, "FUSIONNER", survivant=un)
    await fusion.avancer_les_alias(atelier.imports.settings, atelier.imports.engine)
    dernier = [s for s in await sorties(chef) if s["type"] == "EleveRemonte"][-1]
    assert (dernier["cle"], dernier["echelon_bourse"], dernier["dispositif"]) == (un, 6, "CORDEES")
    async with atelier.imports.engine.connect() as tx:
        for table in ("statut_boursier", "dispositif"):
            assert list(
                (await tx.execute(text(f"SELECT eleve_id::text FROM registre.{table}"))).scalars()
            ) == [un]
    assert deux != un
