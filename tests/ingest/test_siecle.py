"""SIECLE imports against a real database: differences only, identity, order of files, parked facts."""

import base64
from typing import Any

from sqlalchemy import text

from services.ingest.imports import Imports
from services.ingest.natures import SIECLE
from shared.events.modeles import EleveRemonte, IdentiteRemontee
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle, structures, zipper
from tests.ingest.conftest import Atelier, Ouvrir, publier_seul

PLUS_TARD = "13/01/2026 08:00:00"


async def test_a_file_becomes_two_events_per_pupil_that_the_contracts_accept(atelier: Atelier) -> None:
    integre = await atelier.siecle(zipper(Eleves_xml=siecle(eleve(1), eleve(2))), UAI)
    assert integre.recu.etat == "TERMINE"
    assert sorted(integre.types()) == ["EleveRemonte", "EleveRemonte", "IdentiteRemontee", "IdentiteRemontee"]
    for evenement in integre.evenements:
        modele = IdentiteRemontee if evenement.type == "IdentiteRemontee" else EleveRemonte
        lu = modele.model_validate_json(evenement.donnees or b"")
        assert str(lu.eleve_id) == evenement.cle
        assert lu.version == 1_768_201_200_000_000  # 12/01/2026 08:00 in Paris, µs
        assert evenement.time == "2026-01-12T07:00:00.000000Z"
    assert integre.recu.uai == UAI
    assert {nom: n for nom, n in integre.compteurs.items() if n} == {
        "lus": 2, "traites": 2, "complets": 2, "nouveaux": 2, "publies": 4,
    }  # fmt: skip


async def test_names_stay_on_the_identity_topic(atelier: Atelier) -> None:
    integre = await atelier.siecle(siecle())
    pseudonymes = b"".join(e.donnees or b"" for e in integre.evenements if e.type != "IdentiteRemontee")
    assert b"NOM1" not in pseudonymes
    assert ine(1).encode() not in pseudonymes


async def test_the_same_file_again_changes_nothing(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    encore = await atelier.siecle(siecle(eleve(1), eleve(2)))
    assert (encore.recu.etat, encore.evenements, encore.compteurs["inchanges"]) == ("TERMINE", [], 2)


async def test_a_later_file_gives_only_its_differences_with_a_higher_version(atelier: Atelier) -> None:
    avant = await atelier.siecle(siecle(eleve(1), eleve(2)))
    apres = await atelier.siecle(
        siecle(
            eleve(1), eleve(2), horodatage=PLUS_TARD, structures_=[structures(1), structures(2, ("TG2", "D"))]
        )
    )
    (change,) = apres.valeurs("EleveRemonte")
    (ancien,) = [v for v in avant.valeurs("EleveRemonte") if v["cle"] == change["cle"]]
    assert apres.types() == ["EleveRemonte"]
    assert change["classe"] == "TG2"
    assert change["version"] > ancien["version"]


async def test_an_equally_dated_file_that_differs_still_gets_a_higher_version(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    apres = await atelier.siecle(siecle(eleve(1, CODE_REGIME="0")))
    assert [v["version"] for v in apres.valeurs("EleveRemonte")] == [1_768_201_200_000_001]


async def test_an_older_file_is_asked_about_unless_confirmed_and_then_wins(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), horodatage=PLUS_TARD))
    ancien = siecle(eleve(1, CODE_REGIME="0"))
    demande = await atelier.siecle(ancien)
    assert (demande.recu.etat, demande.questions, demande.evenements) == ("A_CONFIRMER", ["PLUS_ANCIEN"], [])
    confirme = await atelier.siecle(ancien, confirme=True)
    (change,) = confirme.valeurs("EleveRemonte")
    assert (change["regime"], change["version"]) == ("0", 1_768_287_600_000_001)


async def test_a_refused_file_leaves_nothing(atelier: Atelier) -> None:
    refuse = await atelier.siecle(siecle(uai=AUTRE_UAI), UAI)
    assert (refuse.recu.etat, refuse.refus) == ("REFUSE", "AUTRE_UAI")
    assert list(atelier.imports.depots.racine.iterdir()) == []
    async with atelier.imports.engine.connect() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM registre.alias"))).scalar_one() == 0


async def test_a_pupil_who_leaves_is_told_once(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    parti = siecle(eleve(1), eleve(2, DATE_SORTIE="12/01/2026"), horodatage=PLUS_TARD)
    integre = await atelier.siecle(parti)
    assert integre.types() == ["EleveSorti"]
    assert integre.valeurs("EleveSorti")[0]["date_sortie"] == "2026-01-12"
    assert (await atelier.siecle(parti)).types() == []


async def test_a_pupil_who_changes_lycee_keeps_his_id_and_the_late_leaving_does_not_hide_him(
    atelier: Atelier,
) -> None:
    (avant,) = (await atelier.siecle(siecle(eleve(1), uai=UAI))).valeurs("EleveRemonte")
    arrive = eleve(1, DATE_ENTREE="10/01/2026")
    ailleurs = await atelier.siecle(siecle(arrive, uai=AUTRE_UAI))
    (apres,) = ailleurs.valeurs("EleveRemonte")
    assert (apres["cle"], apres["uai"]) == (avant["cle"], AUTRE_UAI)
    parti = siecle(eleve(1, DATE_SORTIE="09/01/2026"), eleve(2), horodatage=PLUS_TARD, uai=UAI)
    tardif = await atelier.siecle(parti)
    assert [v["cle"] for v in tardif.valeurs("EleveRemonte")] != [avant["cle"]]
    assert tardif.valeurs("EleveSorti") == []


async def test_two_lycees_that_claim_a_pupil_are_told_and_nothing_moves(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), uai=UAI))
    integre = await atelier.siecle(siecle(eleve(1), uai=AUTRE_UAI))
    assert (integre.types(), integre.codes) == ([], ["DEUX_LYCEES"])


async def test_aliases_of_two_pupils_on_one_line_are_told_and_not_merged(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    integre = await atelier.siecle(siecle(eleve(1, ID_NATIONAL=ine(2)), eleve(3), horodatage=PLUS_TARD))
    assert integre.codes == ["IDENTITE"]
    assert integre.compteurs["rejetes"] == 1
    assert [v["nom"] for v in integre.valeurs("IdentiteRemontee")] == ["NOM3"]


async def test_an_ine_given_later_joins_the_pupil_already_known(atelier: Atelier) -> None:
    (avant,) = (await atelier.siecle(siecle(eleve(1, ID_NATIONAL=None)))).valeurs("IdentiteRemontee")
    (apres,) = (await atelier.siecle(siecle(eleve(1), horodatage=PLUS_TARD))).valeurs("IdentiteRemontee")
    assert (apres["cle"], apres["ine"]) == (avant["cle"], ine(1))


async def test_pupils_missing_from_a_later_file_are_counted_but_not_those_rejected(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2), eleve(3)))
    integre = await atelier.siecle(siecle(eleve(1), eleve(2, PRENOM=None), horodatage=PLUS_TARD))
    assert (integre.compteurs["absents"], integre.compteurs["rejetes"]) == (1, 1)
    assert integre.evenements == []


async def test_keys_turn_and_aliases_are_signed_anew(ouvrir: Ouvrir) -> None:
    cles = [f"{v}:{base64.b64encode(bytes([v]) * 32).decode()}" for v in (1, 2)]
    async with ouvrir(hmac_keys=cles[0]) as imports:
        (avant,) = (await Atelier(imports).siecle(siecle(eleve(1)))).valeurs("EleveRemonte")
    async with ouvrir(hmac_keys=",".join(cles)) as imports:
        apres = await Atelier(imports).siecle(siecle(eleve(1, CODE_REGIME="0"), horodatage=PLUS_TARD))
        assert [v["cle"] for v in apres.valeurs("EleveRemonte")] == [avant["cle"]]
    async with ouvrir(hmac_keys=cles[1]) as imports:
        encore = await Atelier(imports).siecle(siecle(eleve(1), horodatage="14/01/2026 08:00:00"))
        assert [v["cle"] for v in encore.valeurs("EleveRemonte")] == [avant["cle"]]


async def test_no_alias_stands_in_clear(atelier: Atelier) -> None:
    await atelier.siecle(siecle())
    async with atelier.imports.engine.connect() as tx:
        lignes = (await tx.execute(text("SELECT alias::text FROM registre.alias"))).scalars().all()
    assert len(lignes) == 2
    assert not any(ine(1) in ligne or UAI in ligne for ligne in lignes)


async def test_an_erased_pupil_is_not_minted_anew(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    async with atelier.imports.engine.begin() as tx:
        await tx.execute(text("UPDATE registre.alias SET eleve_id = NULL"))
    integre = await atelier.siecle(siecle(eleve(1), eleve(3), horodatage=PLUS_TARD))
    assert integre.codes == ["EFFACE"]
    assert [v["nom"] for v in integre.valeurs("IdentiteRemontee")] == ["NOM3"]


async def test_facts_that_came_first_follow_their_pupil(atelier: Atelier, formation_id: str) -> None:
    faits = [fait("voeu", formation_id=formation_id), fait("dossier", ine=ine(1)), fait("caes")]
    parques = await atelier.faits(ndjson(faits))
    assert (parques.evenements, parques.compteurs["parques"]) == ([], 3)
    integre = await atelier.siecle(siecle(eleve(1)))
    (remonte,) = integre.valeurs("EleveRemonte")
    suite = {e.type: e.cle for e in integre.evenements[2:]}
    id_ = remonte["cle"]
    assert suite == {"VoeuModifie": f"{id_}/V1", "DossierModifie": id_, "CaesModifiee": f"{id_}/caes"}
    assert {v["eleve_id"] for v in integre.valeurs("VoeuModifie")} == {id_}
    assert (integre.compteurs["lies"], integre.compteurs["liberes"]) == (1, 3)
    assert await _compter(atelier.imports, "parking") == 0


async def test_a_lost_spool_is_told_and_loses_nothing(atelier: Atelier) -> None:
    await atelier.faits(ndjson([fait("dossier", ine=ine(1))]))
    imports = atelier.imports
    perdu = await _analyse_sans_publier(imports, siecle(eleve(1)))
    imports.depots.spool(perdu.id, perdu.tentative).unlink()
    await publier_seul(imports, perdu)
    recu = await imports.lire(perdu.id)
    assert (recu.etat, recu.compte_rendu["refus"]["code"]) == ("REFUSE", "PERDU")
    encore = await atelier.siecle(siecle(eleve(1)))
    assert sorted(encore.types()) == ["DossierModifie", "EleveRemonte", "IdentiteRemontee"]


async def _analyse_sans_publier(imports: Imports, contenu: bytes) -> Any:
    from services.ingest.deposer import deposer  # noqa: PLC0415 - this test only
    from tests.ingest.conftest import morceaux  # noqa: PLC0415 - same

    import_id = await deposer(imports, SIECLE, morceaux(contenu), lambda: "x", demandeur="test")
    await imports.analyses.analyser(await imports.lire(import_id))
    return await imports.lire(import_id)


async def _compter(imports: Imports, table: str) -> int:
    async with imports.engine.connect() as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM registre.{table}"))).scalar_one())
