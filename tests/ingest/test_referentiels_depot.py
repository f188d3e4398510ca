"""A deposited référentiel: only differences, versions, what waited for it, and what it corrects."""

import csv
import io
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.ingest.calendrier.temps import Temps
from services.ingest.consumers import IngestProjection
from services.ingest.natures import ETABLISSEMENTS, FORMATIONS, MEF
from services.ingest.referentiels import memoire
from shared.db import outbox
from shared.db.engine import writing
from shared.domaine.etat import EtatEleve, replier
from shared.events import topics as t
from shared.events.enveloppe import TYPE_PREFIX, Evenement
from shared.events.rapide import decodeurs
from shared.kafka.records import Lu
from shared.nomenclatures import formations
from tests.ingest._fichiers import UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import Atelier
from tests.kit.journal import QUAND

NEUVE = "F-NEUVE"


def formation(identifiant: str = NEUVE, **champs: Any) -> dict[str, Any]:
    base = {
        "formation_id": identifiant,
        "uai": UAI,
        "etablissement": "Lycée d’essai",
        "formation": "BTS - Services",
        "famille": "BTS",
        "academie": "Paris",
        "selectivite": "formation sélective",
        "capacite": "32",
    }
    return {**base, **champs}


def fichier(*lignes: dict[str, Any]) -> bytes:
    sortie = io.StringIO()
    ecrivain = csv.DictWriter(sortie, fieldnames=list(lignes[0]))
    ecrivain.writeheader()
    ecrivain.writerows(lignes)
    return sortie.getvalue().encode()


def _lu(evenement: Evenement) -> Lu:
    topic = next(topic for topic in t.FAITS_ELEVE if evenement.topic.endswith(topic.nom))
    decodeur = decodeurs(topic)[f"{TYPE_PREFIX}{evenement.type}.v1".encode()]
    return Lu(topic, evenement.cle[:36], decodeur.decode(evenement.donnees), evenement.time, None, None)


async def plier(atelier: Atelier, evenements: list[Evenement]) -> list[dict[str, Any]]:
    """Fold them as ingest's consumer would; what goes to the outbox."""
    projection = IngestProjection(atelier.imports.settings)
    lus = [_lu(e) for e in evenements if any(e.topic.endswith(x.nom) for x in IngestProjection.topics)]
    async with writing(atelier.imports.engine) as tx:
        effets = await projection.appliquer(tx, lus)
        await outbox.append(tx, effets.sorties)
    return [msgspec.json.decode(e.donnees) for e in effets.sorties]


async def sortis(atelier: Atelier) -> list[dict[str, Any]]:
    async with atelier.imports.engine.connect() as tx:
        lignes = await tx.execute(text("SELECT type, payload FROM mechanism.outbox ORDER BY id"))
        return [{"type": ligne.type, **msgspec.json.decode(ligne.payload)} for ligne in lignes]


async def _eleve_avec_voeu(atelier: Atelier, formation_id: str, **champs: Any) -> list[Evenement]:
    await atelier.siecle(siecle(eleve(1)))
    recus = [fait("dossier", ine=ine(1)), fait("voeu", formation_id=formation_id, **champs)]
    return (await atelier.faits(ndjson(recus))).evenements


async def test_only_differences_become_events_and_versions_go_up(atelier: Atelier) -> None:
    premier = await atelier.deposer(FORMATIONS, fichier(formation("A"), formation("B")))
    assert [(v["cle"], v["version"]) for v in premier.valeurs("FormationReferencee")] == [("A", 1), ("B", 1)]
    encore = await atelier.deposer(FORMATIONS, fichier(formation("A"), formation("B")))
    assert (encore.evenements, encore.compteurs["inchanges"]) == ([], 2)
    change = await atelier.deposer(FORMATIONS, fichier(formation("A", capacite="40"), formation("B")))
    assert [(v["cle"], v["version"], v["capacite"]) for v in change.valeurs("FormationReferencee")] == [
        ("A", 2, 40)
    ]
    assert change.de_gravite("MODIFIE")[0]["champs"] == ["capacite"]
    async with atelier.imports.engine.connect() as tx:
        histoire = (
            await tx.execute(
                text("SELECT cle, version, contenu->>'capacite' FROM registre.histoire ORDER BY 1, 2")
            )
        ).all()
    assert [tuple(ligne) for ligne in histoire] == [("A", 1, "32"), ("A", 2, "40"), ("B", 1, "32")]


async def test_a_dry_run_changes_nothing_and_tells_what_it_would(atelier: Atelier) -> None:
    essai = await atelier.deposer(FORMATIONS, fichier(formation("A")), essai=True)
    assert (essai.recu.etat, essai.recu.total, essai.compteurs["nouveaux"]) == ("ESSAI", 1, 1)
    async with atelier.imports.engine.connect() as tx:
        assert (await memoire.complement(tx, 2026)).formations == {}


async def test_what_a_file_no_longer_holds_is_kept_and_marked_and_many_must_be_confirmed(
    atelier: Atelier,
) -> None:
    tout = [formation(f"F{rang}") for rang in range(10)]
    await atelier.deposer(FORMATIONS, fichier(*tout))
    une_de_moins = await atelier.deposer(FORMATIONS, fichier(*tout[1:]))
    assert (une_de_moins.compteurs["absents"], une_de_moins.recu.etat) == (1, "TERMINE")
    la_moitie = await atelier.deposer(FORMATIONS, fichier(*tout[5:]))
    assert (la_moitie.recu.etat, la_moitie.questions) == ("A_CONFIRMER", ["ABSENTS"])
    async with atelier.imports.engine.connect() as tx:
        connues = (await memoire.complement(tx, 2026)).formations
        absentes = (await tx.execute(text("SELECT count(*) FROM registre.formation WHERE absente"))).scalar()
    assert (len(connues), absentes) == (10, 1)


async def test_bad_lines_are_told_and_the_others_taken(atelier: Atelier) -> None:
    rendu = await atelier.deposer(
        FORMATIONS, fichier(formation("A"), formation("B", famille="?"), formation("A"))
    )
    assert rendu.codes == ["FAMILLE", "DOUBLE"]
    assert (rendu.compteurs["lus"], rendu.compteurs["traites"], rendu.compteurs["rejetes"]) == (3, 1, 2)


async def test_a_voeu_waits_for_its_formation_and_goes_with_it(atelier: Atelier) -> None:
    recus = await _eleve_avec_voeu(atelier, NEUVE)
    assert [e.type for e in recus] == ["DossierModifie"]
    arrivee = await atelier.deposer(FORMATIONS, fichier(formation()))
    assert arrivee.types() == ["FormationReferencee", "VoeuModifie"]
    voeu = arrivee.valeurs("VoeuModifie")[0]
    assert (voeu["famille"], voeu["selective"], voeu["academie_formation"], voeu["revision"]) == (
        "BTS",
        True,
        "01",
        1,
    )
    assert arrivee.evenements[1].cle.startswith(recus[0].cle)
    async with atelier.imports.engine.connect() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM registre.voeu_en_attente"))).scalar() == 0


async def test_a_voeu_of_which_pupil_and_formation_are_unknown_waits_for_both(atelier: Atelier) -> None:
    recus = [fait("dossier", ine=ine(1)), fait("voeu", formation_id=NEUVE)]
    assert (await atelier.faits(ndjson(recus))).evenements == []
    formation_dabord = await atelier.deposer(FORMATIONS, fichier(formation()))
    assert (formation_dabord.types(), formation_dabord.compteurs["parques"]) == (["FormationReferencee"], 1)
    puis_l_eleve = await atelier.siecle(siecle(eleve(1)))
    assert puis_l_eleve.types() == ["EleveRemonte", "IdentiteRemontee", "DossierModifie", "VoeuModifie"]


async def test_a_waiting_voeu_out_of_scope_is_dropped(atelier: Atelier) -> None:
    await atelier.faits(ndjson([fait("voeu", formation_id=NEUVE)]))
    await atelier.faits(ndjson([fait("dossier", profil="REPRISE", sequence=2)]))
    arrivee = await atelier.deposer(FORMATIONS, fichier(formation()))
    assert (arrivee.types(), arrivee.compteurs["parques"]) == (["FormationReferencee"], 0)


async def test_a_formation_of_the_session_goes_over_the_built_in_one(atelier: Atelier) -> None:
    connue = next(iter(formations().values()))
    autre = "Licence" if connue.famille.value != "LICENCE" else "BTS"
    await atelier.deposer(FORMATIONS, fichier(formation(connue.formation_id, famille=autre)))
    voeu = msgspec.json.decode((await _eleve_avec_voeu(atelier, connue.formation_id))[1].donnees)
    assert (voeu["famille"], voeu["revision"]) == (autre.upper(), 1)


async def test_a_correction_says_the_voeux_of_the_formation_again_and_those_only(atelier: Atelier) -> None:
    await atelier.deposer(FORMATIONS, fichier(formation("A"), formation("B")))
    evenements = await _eleve_avec_voeu(atelier, "A", rang=3, internat=True)
    evenements += (await atelier.faits(ndjson([fait("voeu", voeu_id="V2", formation_id="B")]))).evenements
    await plier(atelier, evenements)
    await atelier.deposer(FORMATIONS, fichier(formation("A", famille="BUT"), formation("B")))
    faits = await _temps(atelier)
    assert faits["corrections"] == 1
    redit = (await sortis(atelier))[-1]
    assert (redit["voeu_id"], redit["famille"], redit["version"], redit["revision"]) == ("V1", "BUT", 1, 2)
    assert (redit["rang"], redit["internat"], redit["voie"]) == (3, True, "ETUDIANT")
    assert (await _temps(atelier))["corrections"] == 0


async def test_a_correction_of_a_label_says_no_voeu_again(atelier: Atelier) -> None:
    await atelier.deposer(FORMATIONS, fichier(formation("A")))
    await plier(atelier, await _eleve_avec_voeu(atelier, "A"))
    await atelier.deposer(FORMATIONS, fichier(formation("A", formation="BTS - Autre nom")))
    assert (await _temps(atelier))["corrections"] == 0


async def test_a_fact_prepared_before_a_correction_and_published_after_is_corrected_as_it_is_read(
    atelier: Atelier,
) -> None:
    await atelier.deposer(FORMATIONS, fichier(formation("A")))
    premier = await _eleve_avec_voeu(atelier, "A")
    tardif = (
        await atelier.faits(ndjson([fait("voeu", formation_id="A", sequence=2, etat="CONFIRME")]))
    ).evenements
    await plier(atelier, premier)
    await atelier.deposer(FORMATIONS, fichier(formation("A", famille="BUT")))
    await _temps(atelier)
    corriges = await plier(atelier, tardif)
    assert [(c["version"], c["revision"], c["famille"], c["etat"]) for c in corriges] == [
        (2, 2, "BUT", "CONFIRME")
    ]
    lus = [_lu(e).fait for e in [*premier, *tardif]]
    corriges_lus = [msgspec.convert(c, type(lus[-1])) for c in [*await _voeux_sortis(atelier)]]
    for ordre in (lus + corriges_lus, corriges_lus + lus, [*corriges_lus[::-1], *lus[::-1]]):
        etat = replier(None, [f for f in ordre if f is not None])
        assert isinstance(etat, EtatEleve)
        assert (etat.voeux["V1"].famille.value, etat.voeux["V1"].etat.value) == ("BUT", "CONFIRME")


async def _voeux_sortis(atelier: Atelier) -> list[dict[str, Any]]:
    return [
        {nom: v for nom, v in sorti.items() if nom != "type"}
        for sorti in await sortis(atelier)
        if sorti["type"] == "VoeuModifie"
    ]


async def test_a_correction_goes_on_from_where_it_was_left(
    atelier: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.calendrier.temps._LOT", 1)
    monkeypatch.setattr(
        "services.ingest.calendrier.temps._SELECTION",
        "SELECT eleve_id::text AS eleve_id, etat FROM suivi WHERE session = :session"
        " AND eleve_id > CAST(:curseur AS uuid) AND {condition} ORDER BY eleve_id LIMIT 1",
    )
    await atelier.deposer(FORMATIONS, fichier(formation("A")))
    await atelier.siecle(siecle(*(eleve(rang) for rang in (1, 2, 3))))
    recus = [
        fait(type_, numero=str(rang), **champs)
        for rang in (1, 2, 3)
        for type_, champs in (("dossier", {"ine": ine(rang)}), ("voeu", {"formation_id": "A"}))
    ]
    await plier(atelier, (await atelier.faits(ndjson(recus))).evenements)
    await atelier.deposer(FORMATIONS, fichier(formation("A", academie="Lyon")))
    async with atelier.imports.engine.begin() as tx:
        premier = (await tx.execute(text("SELECT min(eleve_id::text) FROM projection_1.suivi"))).scalar()
        await tx.execute(text("UPDATE registre.correction SET curseur = CAST(:c AS uuid)"), {"c": premier})
    assert (await _temps(atelier))["corrections"] == 2
    assert premier not in {sorti["eleve_id"] for sorti in await sortis(atelier)}


async def test_a_mef_that_was_unknown_is_known_to_the_next_siecle_file(atelier: Atelier) -> None:
    inconnu = siecle(eleve(1), eleve(2, CODE_MEF="99900000011"))
    assert "ACMEF" in (await atelier.siecle(inconnu)).codes
    base = "MEF;MEF_STAT_11;LIBELLE_LONG;DATE_FERMETURE\n9990000001;22131810019;TERMINALE NOUVELLE;\n"
    depose = await atelier.deposer(MEF, base.encode())
    assert (depose.evenements, depose.compteurs["nouveaux"]) == ([], 1)
    connu = await atelier.siecle(inconnu)
    assert connu.codes == []
    assert [v["serie"] for v in connu.valeurs("EleveRemonte")] == ["GENERALE"]


async def test_another_academie_says_the_pupils_of_the_lycee_again_with_a_higher_version(
    atelier: Atelier,
) -> None:
    contenu = siecle(eleve(1), eleve(2))
    avant = {v["eleve_id"]: v for v in (await atelier.siecle(contenu)).valeurs("EleveRemonte")}
    annuaire = "uai;nom;commune;academie;secteur\n{};Lycée d’essai;Paris;{};Public\n"
    depose = await atelier.deposer(ETABLISSEMENTS, annuaire.format(UAI, "Versailles").encode())
    assert depose.types() == ["EtablissementReference", "EleveRemonte", "EleveRemonte"]
    for apres in depose.valeurs("EleveRemonte"):
        assert apres["academie"] == "25"
        assert apres["version"] > avant[apres["eleve_id"]]["version"]
        assert {**apres, "academie": "01", "version": 0} == {**avant[apres["eleve_id"]], "version": 0}
    assert (await atelier.siecle(contenu)).valeurs("EleveRemonte") == []
    encore = await atelier.deposer(ETABLISSEMENTS, annuaire.format(UAI, "Versailles").encode())
    assert encore.evenements == []


async def _temps(atelier: Atelier) -> Any:
    return await Temps(atelier.imports.settings, atelier.imports.engine).tourner(QUAND)
