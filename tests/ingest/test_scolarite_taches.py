"""Two lycées for one pupil, two pupils who may be one: asked, answered, escalated; a merge to its end."""

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.models import REGISTRE_TABLES
from services.ingest.natures import FAITS
from services.ingest.scolarite import fusion
from shared.events import topics as t
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.replay import LogReader
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest._scolarite import BASE, PLUS_TARD, Lycee, remonter
from tests.ingest.conftest import Atelier, morceaux
from tests.kit.appels import Servi, servi
from tests.kit.journal import a_jour, attendre
from tests.kit.services import SERVICE_TOKEN_KEY, World


async def taches(lycee: Lycee, **params: Any) -> list[dict[str, Any]]:
    lues = await lycee.servi.client.get(f"{BASE}/taches", headers=lycee.jeton, params=params)
    trouvees: list[dict[str, Any]] = lues.json()["taches"]
    return trouvees


async def repondre(lycee: Lycee, tache: dict[str, Any], choix: str, **corps: Any) -> Any:
    url = f"{BASE}/taches/{tache['id']}/reponse"
    return await lycee.servi.client.post(url, headers=lycee.jeton, json={"choix": choix, **corps})


async def egalite(atelier: Atelier) -> str:
    (eleve_id,) = await remonter(atelier, eleve(1), uai=UAI)
    await atelier.siecle(siecle(eleve(1), uai=AUTRE_UAI))
    return eleve_id


async def test_both_lycees_are_asked_and_each_sees_only_what_it_said(atelier: Atelier, chef: Lycee) -> None:
    eleve_id = await egalite(atelier)
    autre = Lycee(chef.servi, AUTRE_UAI)
    for lycee, uai in ((chef, UAI), (autre, AUTRE_UAI)):
        (tache,) = await taches(lycee)
        assert (tache["genre"], tache["etat"], tache["age_jours"]) == ("DEUX_LYCEES", "OUVERTE", 0)
        assert [lycee_["uai"] for lycee_ in tache["lycees"]] == [UAI, AUTRE_UAI]
        (concerne,) = tache["eleves"]
        assert concerne["eleve_id"] == eleve_id
        assert [s["uai"] for s in concerne["scolarites"]] == [uai]
        assert tache["ine"].endswith(ine(1)[-4:])
        assert tache["ine"].startswith("•")
    assert await taches(Lycee(chef.servi, "0010014K")) == []


async def test_the_saio_of_the_academie_sees_the_task_without_the_ine(atelier: Atelier, chef: Lycee) -> None:
    await egalite(atelier)
    for academie, combien in (("01", 1), ("25", 0)):
        saio = Perimetre(acteur="s", role=Role.SAIO, academies=(academie,))
        jeton = {"Authorization": f"Bearer {signer(saio, SERVICE_TOKEN_KEY, 'ingest')}"}
        lues = (await chef.servi.client.get(f"{BASE}/taches", headers=jeton)).json()["taches"]
        assert len(lues) == combien
        assert all(tache["ine"] is None and tache["eleves"][0]["scolarites"] == [] for tache in lues)


async def test_he_is_not_with_us_gives_him_to_the_other_and_is_kept(atelier: Atelier, chef: Lycee) -> None:
    eleve_id = await egalite(atelier)
    (tache,) = await taches(chef)
    reponse = await repondre(chef, tache, "PAS_CHEZ_NOUS", uai=UAI)
    assert (reponse.status_code, reponse.json()["etat"]) == (200, "RESOLUE")
    assert reponse.json()["resolution"]["uai"] == AUTRE_UAI
    (sorti,) = await chef.servi.sortis()
    assert (sorti["cle"], sorti["uai"]) == (eleve_id, AUTRE_UAI)
    assert await taches(chef) == []
    encore = await atelier.siecle(siecle(eleve(1), horodatage=PLUS_TARD, uai=UAI))
    assert (encore.types(), encore.codes) == ([], [])
    assert (await repondre(chef, tache, "CHEZ_NOUS", uai=UAI)).status_code == 409
    revenu = await atelier.siecle(
        siecle(eleve(1, DATE_ENTREE="13/01/2026"), horodatage="14/01/2026 08:00:00", uai=UAI)
    )
    assert [v["uai"] for v in revenu.valeurs("EleveRemonte")] == [UAI]


async def test_two_lycees_that_both_want_him_go_to_the_operator(atelier: Atelier, chef: Lycee) -> None:
    eleve_id = await egalite(atelier)
    (tache,) = await taches(chef)
    assert (await repondre(chef, tache, "CHEZ_NOUS", uai=UAI)).json()["etat"] == "OUVERTE"
    assert (await repondre(chef, tache, "CHEZ_NOUS", uai=AUTRE_UAI)).status_code == 404
    autre = Lycee(chef.servi, AUTRE_UAI)
    assert (await repondre(autre, tache, "CHEZ_NOUS", uai=AUTRE_UAI)).json()["etat"] == "ESCALADEE"
    operateur = Lycee(chef.servi, UAI, role=Role.OPERATEUR)
    assert (await repondre(operateur, tache, "CHEZ_NOUS")).status_code == 422
    fini = await repondre(operateur, tache, "CHEZ_NOUS", uai=AUTRE_UAI)
    assert fini.json()["etat"] == "RESOLUE"
    assert [s["uai"] for s in await chef.servi.sortis()] == [AUTRE_UAI]
    assert (await chef.lire(f"scolarites/{eleve_id}")).json()["renonce"]


async def test_a_tie_that_a_file_settles_is_no_longer_a_question(atelier: Atelier, chef: Lycee) -> None:
    await egalite(atelier)
    parti = siecle(eleve(1, DATE_SORTIE="12/01/2026"), eleve(2), horodatage=PLUS_TARD, uai=AUTRE_UAI)
    await atelier.siecle(parti)
    assert await taches(chef) == []
    (close,) = await taches(chef, toutes=True)
    assert close["etat"] == "CADUQUE"


async def test_two_pupils_of_one_name_and_birth_date_are_asked_about_once(
    atelier: Atelier, chef: Lycee
) -> None:
    await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="nom-1", PRENOM="PRENOM1"))
    (tache,) = await taches(chef)
    assert (tache["genre"], tache["motif"]) == ("MEME_ELEVE", "HOMONYME")
    assert (await repondre(chef, tache, "DISTINCTS", uai=UAI)).json()["etat"] == "RESOLUE"
    await atelier.siecle(
        siecle(eleve(1, NOM_DE_FAMILLE="X"), eleve(2, NOM_DE_FAMILLE="X", PRENOM="Y"), horodatage=PLUS_TARD)
    )
    await atelier.siecle(
        siecle(eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"), horodatage="15/01/2026 08:00:00")
    )
    assert await taches(chef) == []


async def test_an_ine_and_an_eleve_id_of_two_pupils_become_a_task(atelier: Atelier, chef: Lycee) -> None:
    await remonter(atelier, eleve(1), eleve(2))
    await atelier.siecle(siecle(eleve(1, ID_NATIONAL=ine(2)), eleve(3), horodatage=PLUS_TARD))
    (tache,) = await taches(chef)
    assert (tache["genre"], tache["motif"]) == ("MEME_ELEVE", "IDENTITE")


def test_every_table_that_names_a_pupil_is_known_to_the_merge() -> None:
    """A new one must say what becomes of the loser's rows."""
    nommes = {table.name for table in REGISTRE_TABLES.tables.values() if "eleve_id" in table.columns}
    connues = {
        "alias",
        "eleve_connu",
        "scolarite",
        "scolarite_locale",
        "scolarite_historique",
        "vivier_initial",
    }
    assert nommes == connues | fusion.LAISSEES | fusion.DEPLACEES


async def _mesures(indicators: Servi, uai: str) -> dict[str, tuple[int, int]]:
    jeton = indicators.jeton("chef", uai)
    lu = (await indicators.client.get(f"{BASE}/lycees/{uai}/indicateurs", headers=jeton)).json()
    return {i["code"]: (i["numerateur"], i["denominateur"]) for i in lu["ensemble"]["indicateurs"]}


async def _deposer(service: Servi, chemin: str, contenu: bytes) -> None:
    jeton = service.jeton("op", role=Role.OPERATEUR)
    recu = await service.client.post(f"{BASE}/{chemin}", headers=jeton, content=contenu)
    url = f"{BASE}/imports/{recu.json()['import_id']}"

    async def fini() -> bool:
        """The import is done."""
        return (await service.client.get(url, headers=jeton)).json()["etat"] == "TERMINE"

    await attendre(fini)


async def test_a_merge_to_its_end_gives_right_totals(
    opened: World, tmp_path: Path, formation_id: str
) -> None:
    async with (
        servi(opened, "ingest", kafka=True, spool_dir=tmp_path / "spool", poll_s=0.2) as ingest,
        servi(opened, "indicators", kafka=True) as indicators,
    ):
        chef = Lycee(ingest)
        doubles = siecle(
            eleve(1, ID_NATIONAL=None), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"), eleve(3)
        )
        await _deposer(ingest, f"lycees/{UAI}/siecle", doubles)
        faits = [
            fait("dossier", "26000001", ine=ine(2)),
            fait("voeu", "26000001", formation_id=formation_id, voeu_id="V1"),
            fait("voeu", "26000001", 2, formation_id=formation_id, voeu_id="V1", etat="CONFIRME"),
            fait("accuse", "26000001"),
        ]
        await _deposer(ingest, "faits", ndjson(faits))
        await a_jour(opened, "indicators")
        avant = await _mesures(indicators, UAI)
        assert avant["participation_actuelle"] == (1, 3)
        (tache,) = await taches(chef)
        par_ine = await _id_de_l_ine(ingest)
        (autre,) = {e["eleve_id"] for e in tache["eleves"]} - {par_ine}
        operateur = Lycee(ingest, role=Role.OPERATEUR)
        assert (await repondre(operateur, tache, "FUSIONNER", survivant=autre)).status_code == 200

        async def finie() -> bool:
            """The merge is done and relayed."""
            async with ingest.running.engine.connect() as tx:
                lu = await tx.execute(
                    text(
                        "SELECT etat = 'TERMINEE' AND NOT EXISTS (SELECT 1 FROM mechanism.outbox) FROM registre.fusion"
                    )
                )
                return bool(lu.scalar())

        await attendre(finie)
        await a_jour(opened, "indicators")
        apres = await _mesures(indicators, UAI)
        assert apres["participation_actuelle"] == (1, 2)
        assert apres["sans_voeu"] == (0, 1)
        await _deposer(
            ingest, "faits", ndjson([fait("voeu", "26000001", 3, formation_id=formation_id, voeu_id="V2")])
        )
        journal = await _journal(opened)
        assert [(v["eleve_id"], v["voeu_id"], v["version"]) for v in journal[t.VOEU.nom]] == [
            (par_ine, "V1", 1), (par_ine, "V1", 2), (autre, "V1", 2), (autre, "V2", 3),
        ]  # fmt: skip
        assert [v["eleve_id"] for v in journal[t.DOSSIER.nom]] == [par_ine, autre]
        acquittes = [v["eleve_id"] for v in journal[t.ACCUSE.nom]]
        assert acquittes == [par_ine], "what the platform took of one is not taken of the other"
        assert [v.get("survivant") for v in journal[t.ELEVE.nom] if "survivant" in v] == [autre]


async def _id_de_l_ine(ingest: Servi) -> str:
    async with ingest.running.engine.connect() as tx:
        lu = await tx.execute(
            text("SELECT eleve_id::text FROM registre.alias GROUP BY eleve_id HAVING bool_or(nature = 'D')")
        )
        return str(lu.scalar_one())


async def _journal(world: World) -> dict[str, list[dict[str, Any]]]:
    """Values of each topic, in the order of the log."""
    settings = await world.settings("ingest", spool_dir=Path("/tmp"))  # noqa: S108
    topics = (t.ELEVE, t.DOSSIER, t.VOEU, t.ACCUSE)
    trouves: dict[str, list[dict[str, Any]]] = {topic.nom: [] for topic in topics}
    async with LogReader(settings, topics, {2026}) as lecteur:
        fins = await lecteur.ends()
        lus = []
        for part in sorted({place.part for place in fins}):
            lus += [lu async for lu, _ in lecteur.read(part, {}, fins)]
    for lu in sorted(lus, key=lambda lu: lu.recordedtime):
        trouves[lu.topic.nom].append(msgspec.json.decode(lu.brut.value))
    return trouves


async def test_an_ine_and_a_dossier_of_two_pupils_become_a_task(atelier: Atelier, chef: Lycee) -> None:
    await remonter(atelier, eleve(1), eleve(2))
    await atelier.faits(ndjson([fait("dossier", ine=ine(1))]))
    await atelier.faits(ndjson([fait("dossier", sequence=2, ine=ine(2))]))
    (tache,) = await taches(chef)
    assert (tache["genre"], tache["motif"]) == ("MEME_ELEVE", "DOSSIER")


async def test_two_lines_of_a_file_that_are_one_pupil_are_told(atelier: Atelier, chef: Lycee) -> None:
    un, deux = await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))
    (tache,) = await taches(chef)
    assert (await repondre(chef, tache, "FUSIONNER", uai=UAI)).json()["etat"] == "RESOLUE"
    await fusion.avancer_les_alias(atelier.imports.settings, atelier.imports.engine)
    annonces = {s["type"]: s for s in await sorties(chef)}
    perdant, survivant = annonces["IdentiteFusionnee"]["eleve_id"], annonces["IdentiteFusionnee"]["survivant"]
    assert {perdant, survivant} == {un, deux}
    assert annonces["IdentiteRemontee"] == {"type": "IdentiteRemontee", "cle": perdant}
    refait = await atelier.siecle(
        siecle(eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"), eleve(3), horodatage=PLUS_TARD)
    )
    assert [code for code in refait.codes if code != "MODIFIE"] == ["MEME_ELEVE"]
    assert perdant not in {e.cle for e in refait.evenements}
    assert (await chef.lire(f"scolarites/{perdant}")).status_code == 404
    encore = await chef.servi.client.get(f"{BASE}/taches", headers=chef.jeton, params={"toutes": True})
    assert [t["etat"] for t in encore.json()["taches"]] == ["RESOLUE"]


async def test_a_merge_keeps_the_entries_and_the_stamp_of_both(atelier: Atelier, chef: Lycee) -> None:
    un, deux = await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))
    await chef.corriger(un, 0, classe="TG7")
    await chef.corriger(deux, 0, regime="0")
    await chef.ecrire("POST", "remontee/cloturer", {"confirme": True, "presents": 2})
    (tache,) = await taches(chef)
    operateur = Lycee(chef.servi, role=Role.OPERATEUR)
    await repondre(operateur, tache, "FUSIONNER", survivant=un)
    await fusion.avancer_les_alias(atelier.imports.settings, atelier.imports.engine)
    dernier = [s for s in await sorties(chef) if s["type"] == "EleveRemonte"][-1]
    assert (dernier["cle"], dernier["classe"], dernier["regime"]) == (un, "TG7", "0")
    assert dernier["vivier_initial"]["uai"] == UAI
    assert (await chef.lire("remontee")).json()["presents"] == 1


async def sorties(lycee: Lycee) -> list[dict[str, Any]]:
    """The outbox, tombstones included."""
    async with lycee.servi.running.engine.connect() as tx:
        lues = await tx.execute(text("SELECT type, aggregateid, payload FROM mechanism.outbox ORDER BY id"))
        return [
            {
                "type": lue.type,
                "cle": lue.aggregateid,
                **(msgspec.json.decode(lue.payload) if lue.payload else {}),
            }
            for lue in lues
        ]


async def test_a_merge_waits_for_the_imports_that_began_before_it(
    opened: World, tmp_path: Path, formation_id: str
) -> None:
    """Facts of the loser that a spool still holds are told again once they are published."""
    async with servi(opened, "ingest", kafka=True, jobs=False, spool_dir=tmp_path / "spool") as ingest:
        imports = Imports(ingest.running.settings, ingest.running.engine)
        imports.depots.ouvrir()
        atelier, chef = Atelier(imports), Lycee(ingest)
        await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))
        await atelier.faits(ndjson([fait("dossier", "26000001", ine=ine(2))]))
        perdant = await _id_de_l_ine(ingest)
        voeu = ndjson([fait("voeu", "26000001", 7, formation_id=formation_id)])
        import_id = await deposer(imports, FAITS, morceaux(voeu), lambda: "f", demandeur="test")
        await imports.analyses.analyser(await imports.lire(import_id))
        (tache,) = await taches(chef)
        (survivant,) = {e["eleve_id"] for e in tache["eleves"]} - {perdant}
        await repondre(Lycee(ingest, role=Role.OPERATEUR), tache, "FUSIONNER", survivant=survivant)
        assert await fusion.avancer(imports.settings, imports.engine) is True
        await imports.avancer(FAITS)

        async def finie() -> bool:
            """Nothing is left to merge, and the outbox is published."""
            encore = await fusion.avancer(imports.settings, imports.engine)
            async with imports.engine.connect() as tx:
                outbox = (await tx.execute(text("SELECT count(*) FROM mechanism.outbox"))).scalar()
            return not encore and not outbox

        await attendre(finie)
        journal = await _journal(opened)
        assert [(v["eleve_id"], v["version"]) for v in journal[t.VOEU.nom]] == [(perdant, 7), (survivant, 7)]
        assert await fusion.avancer(imports.settings, imports.engine) is False
        assert await _journal(opened) == journal
