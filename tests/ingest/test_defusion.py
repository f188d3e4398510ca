"""A merge taken back: each pupil has what was his, in the registre, on the log and in the projections."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.ingest.scolarite import fusion
from services.ingest.scolarite.defusion_redite import Dit, partager
from services.ingest.scolarite.partage import CLES
from shared.domaine.etat import EtatEleve, replier
from shared.events import topics as t
from shared.http.perimetre import Role
from shared.kafka.replay import LogReader
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest._scolarite import BASE, PLUS_TARD, Lycee, remonter
from tests.ingest.conftest import Atelier
from tests.ingest.test_scolarite_taches import (
    _deposer,
    _id_de_l_ine,
    _journal,
    repondre,
    sorties,
    taches,
)
from tests.kit.appels import Servi, servi
from tests.kit.journal import attendre
from tests.kit.services import World

FUSION = datetime(2026, 2, 1, tzinfo=UTC)
AVANT, APRES = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
MOTIF = {"motif": "deux cousins", "confirme": True}


def dit(topic: str, fin: str, version: int, quand: datetime, **contenu: Any) -> Dit:
    return Dit((topic, fin), (version, 0), quand, contenu, SimpleNamespace())  # type: ignore[arg-type]


def dits(parts: dict[str, list[Dit]], qui: str) -> set[tuple[str, str, int]]:
    return {(*un.sujet, un.ordre[0]) for un in parts[qui]}


VOEU, DOSSIER, BULLETIN = t.VOEU.nom, t.DOSSIER.nom, t.BULLETIN.nom


def test_a_subject_that_one_alone_had_is_his_with_what_came_since() -> None:
    du_perdant = [dit(DOSSIER, "", 1, AVANT, etat="OUVERT"), dit(VOEU, "/V1", 1, AVANT, etat="FORMULE")]
    copies = [dit(DOSSIER, "", 1, APRES, etat="OUVERT"), dit(VOEU, "/V1", 1, APRES, etat="FORMULE")]
    depuis = [dit(VOEU, "/V1", 2, APRES, etat="CONFIRME"), dit(VOEU, "/V2", 1, APRES, etat="FORMULE")]
    bulletin = [dit(BULLETIN, "/2026-1", 3, AVANT)]
    parts = partager(du_perdant, [*bulletin, *copies, *depuis], FUSION)
    assert dits(parts, "un") == {(DOSSIER, "", 1), (VOEU, "/V1", 2), (VOEU, "/V2", 1)}
    assert dits(parts, "autre") == {(BULLETIN, "/2026-1", 3)}


def test_what_both_had_is_each_one_s_own_and_a_new_voeu_of_two_candidates_stays() -> None:
    du_perdant = [dit(DOSSIER, "", 5, AVANT, etat="COMPLET")]
    sien = [dit(DOSSIER, "", 2, AVANT, etat="OUVERT"), dit(DOSSIER, "", 5, APRES, etat="COMPLET")]
    parts = partager(du_perdant, [*sien, dit(VOEU, "/V9", 1, APRES)], FUSION)
    assert dits(parts, "un") == {(DOSSIER, "", 5)}
    assert dits(parts, "autre") == {(DOSSIER, "", 2), (VOEU, "/V9", 1)}


@given(st.data())
def test_nothing_of_the_log_is_lost_whatever_is_whose(data: st.DataObject) -> None:
    """Without news since the merge, each gets exactly what he had before it."""
    fins, versions = st.sampled_from(["", "/V1", "/V2"]), st.integers(1, 4)
    pupils = st.dictionaries(st.tuples(st.sampled_from([VOEU, BULLETIN]), fins), versions, max_size=5)
    un, autre = data.draw(pupils), data.draw(pupils)
    siens = [dit(*sujet, version, AVANT, de="un") for sujet, version in un.items()]
    restants = [dit(*sujet, version, AVANT, de="autre") for sujet, version in autre.items()]
    copies = [dit(*sujet, version, APRES, de="un") for sujet, version in un.items()]
    parts = partager(siens, [*restants, *copies], FUSION)
    assert dits(parts, "un") == {(*sujet, version) for sujet, version in un.items()}
    assert dits(parts, "autre") == {(*sujet, version) for sujet, version in autre.items()}


def test_every_table_that_a_merge_moves_is_shared_out() -> None:
    moved = {"alias", "eleve_connu", "scolarite", "scolarite_locale", "vivier_initial"}
    assert CLES.keys() == moved | fusion.DEPLACEES


async def _reunis(atelier: Atelier, chef: Lycee) -> tuple[str, str]:
    """(loser, survivor), each with an entry of his lycée."""
    un, deux = await remonter(atelier, eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"))
    await chef.corriger(un, 0, classe="TG7")
    await chef.corriger(deux, 0, regime="0")
    (tache,) = await taches(chef)
    await repondre(Lycee(chef.servi, role=Role.OPERATEUR), tache, "FUSIONNER", survivant=un)
    settings, engine = atelier.imports.settings, atelier.imports.engine
    await fusion.avancer_les_alias(settings, engine)
    return deux, un


async def _terminer(atelier: Atelier, **champs: Any) -> None:
    """The second step needs the log: here the merge is only said to be done."""
    async with atelier.imports.engine.begin() as tx:
        await tx.execute(text("UPDATE registre.fusion SET etat = 'TERMINEE'"))
        if champs:
            await tx.execute(text("UPDATE registre.fusion SET demandee_le = demandee_le - interval '8 days'"))


async def annuler(lycee: Lycee, perdant: str, **corps: Any) -> Any:
    url = f"{BASE}/fusions/{perdant}/annulation"
    return await lycee.servi.client.post(url, headers=lycee.jeton, json={**MOTIF, **corps})


async def test_each_has_his_names_and_entries_again_and_the_question_is_settled(
    atelier: Atelier, chef: Lycee
) -> None:
    perdant, survivant = await _reunis(atelier, chef)
    assert (await annuler(chef, perdant)).json()["code"] == "en_cours"
    await _terminer(atelier)
    (vue,) = (await chef.servi.client.get(f"{BASE}/fusions", headers=chef.jeton)).json()["fusions"]
    assert (vue["perdant"], vue["survivant"], vue["annulable"]) == (perdant, survivant, True)
    assert (await annuler(chef, perdant, confirme=False)).status_code == 422
    assert (await annuler(Lycee(chef.servi, AUTRE_UAI), perdant)).status_code == 404
    fait_ = await annuler(chef, perdant)
    assert fait_.status_code == 200, fait_.text
    ids = fait_.json()["annulation"]
    assert (await annuler(chef, perdant)).json()["code"] == "deja_annulee"

    dites = [s for s in await sorties(chef) if s["type"] == "IdentiteFusionnee"]
    assert [(s["eleve_id"], s["version"], s["survivant"]) for s in dites] == [
        (perdant, 1, survivant),
        (survivant, 1, ids["survivant"]),
        (perdant, 2, ids["perdant"]),
    ]
    scolarites = {s["cle"]: s for s in await sorties(chef) if s["type"] == "EleveRemonte"}
    un, autre = scolarites[ids["perdant"]], scolarites[ids["survivant"]]
    assert (un["classe"], un.get("regime")) == ("TG1", "0")
    assert autre["classe"] == "TG7"
    encore = await atelier.siecle(
        siecle(eleve(1), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"), horodatage=PLUS_TARD)
    )
    assert {e.cle[:36] for e in encore.evenements} <= {ids["perdant"], ids["survivant"]}
    assert await taches(chef) == []
    assert (await chef.lire(f"scolarites/{ids['perdant']}")).json()["version"] == 1


async def test_after_some_days_a_merge_stands_and_its_rows_are_forgotten(
    atelier: Atelier, chef: Lycee
) -> None:
    perdant, _ = await _reunis(atelier, chef)
    await _terminer(atelier, vieille=True)
    assert (await annuler(chef, perdant)).json()["code"] == "trop_tard"
    await fusion.avancer(atelier.imports.settings, atelier.imports.engine)
    async with atelier.imports.engine.connect() as tx:
        assert (await tx.execute(text("SELECT avant FROM registre.fusion"))).scalar() is None


async def test_the_log_says_of_each_what_it_said_before_they_were_one(
    opened: World, tmp_path: Path, formation_id: str
) -> None:
    async with servi(opened, "ingest", kafka=True, spool_dir=tmp_path / "spool", poll_s=0.2) as ingest:
        chef, operateur = Lycee(ingest), Lycee(ingest, role=Role.OPERATEUR)
        doubles = siecle(
            eleve(1, ID_NATIONAL=None), eleve(2, NOM_DE_FAMILLE="NOM1", PRENOM="Prénom1"), eleve(3)
        )
        await _deposer(ingest, f"lycees/{UAI}/siecle", doubles)
        voeu: dict[str, Any] = {"formation_id": formation_id, "voeu_id": "V1"}
        faits = [fait("dossier", "26000001", ine=ine(2)), fait("voeu", "26000001", **voeu)]
        await _deposer(ingest, "faits", ndjson(faits))
        candidat = await _id_de_l_ine(ingest)
        (tache,) = await taches(chef)
        (autre,) = {e["eleve_id"] for e in tache["eleves"]} - {candidat}
        await attendre(lambda: _dit_tout(ingest))
        avant = await _etats(opened)
        await repondre(operateur, tache, "FUSIONNER", survivant=autre)
        await attendre(lambda: _dit_tout(ingest, "TERMINEE"))
        await _deposer(ingest, "faits", ndjson([fait("voeu", "26000001", 2, **voeu, etat="CONFIRME")]))
        ids = (await annuler(operateur, candidat)).json()["annulation"]
        await attendre(lambda: _dit_tout(ingest, "ANNULEE"))
        apres = await _etats(opened)
        assert _resume(apres[ids["survivant"]]) == _resume(avant[autre])
        confirme = _resume(avant[candidat]) | {"voeux": {"V1": "CONFIRME"}}
        assert _resume(apres[ids["perdant"]]) == confirme
        assert (apres[autre].fusionne, apres[candidat].fusionne) == (ids["survivant"], ids["perdant"])
        await _deposer(ingest, "faits", ndjson([fait("voeu", "26000001", 3, **voeu)]))
        assert (await _journal(opened))[t.VOEU.nom][-1]["eleve_id"] == ids["perdant"]


async def _dit_tout(ingest: Servi, etat: str | None = None) -> bool:
    """The outbox is relayed, and the merge is where it should be."""
    async with ingest.running.engine.connect() as tx:
        reste = (await tx.execute(text("SELECT count(*) FROM mechanism.outbox"))).scalar()
        lu = (await tx.execute(text("SELECT etat FROM registre.fusion"))).scalar()
        return not reste and lu == etat


async def _etats(world: World) -> dict[str, EtatEleve]:
    """What a projection that reads all of the log from zero knows of each pupil."""
    settings = await world.settings("ingest", spool_dir=Path("/tmp"))  # noqa: S108
    faits: dict[str, list[Any]] = {}
    async with LogReader(settings, [t.IDENTITE, *t.FAITS_ELEVE], {2026}) as lecteur:
        fins = await lecteur.ends()
        for part in sorted({place.part for place in fins}):
            async for lu, _ in lecteur.read(part, {}, fins):
                if lu.fait is not None:
                    faits.setdefault(lu.eleve_id, []).append(lu.fait)
    return {eleve_id: etat for eleve_id, siens in faits.items() if (etat := replier(None, siens))}


def _resume(etat: EtatEleve) -> dict[str, Any]:
    return {
        "nom": etat.identite and (etat.identite.nom, etat.identite.prenom),
        "classe": etat.scolarite and etat.scolarite.classe,
        "inscrit": etat.inscrit,
        "voeux": {cle: un.etat.value for cle, un in etat.voeux.items()},
    }
