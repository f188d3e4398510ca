"""A notes file becomes bulletins: matched, differences only, later sends by period, absents marked."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.ingest.bulletins.lecture import recapituler
from services.ingest.deposer import deposer
from services.ingest.natures import BULLETINS
from services.simulateur import LYCEE_A, Population
from services.simulateur.bulletins import ExportNotes, octets
from shared.nomenclatures.lycees import lycee
from tests.ingest import _fichiers as f
from tests.ingest import _notes as n
from tests.ingest.conftest import Atelier, Integre, morceaux, publier_seul

MARS = date(2026, 3, 25)


async def deposer_notes(atelier: Atelier, contenu: bytes, **options: Any) -> Integre:
    return await atelier.deposer(BULLETINS, contenu, **options)


async def niveaux(atelier: Atelier, jour: date = MARS) -> dict[str, int]:
    async with atelier.imports.engine.connect() as tx:
        lu = await recapituler(tx, atelier.imports.settings, f.UAI, jour)
    return {
        f"{c.classe} {niveau}": nombre for c in lu.classes for niveau, nombre in c.niveaux.items() if nombre
    }


@pytest.fixture
async def connus(atelier: Atelier) -> dict[str, str]:
    """Two pupils of the lycée, by the end of their name."""
    integre = await atelier.siecle(f.siecle(f.eleve(1), f.eleve(2)))
    return {v["nom"]: v["cle"] for v in integre.valeurs("IdentiteRemontee")}


async def test_a_bulletin_is_one_event_per_pupil_and_period_that_needs_no_other(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    integre = await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(2)))
    assert integre.codes == []
    bulletins = integre.valeurs("BulletinRemonte")
    assert sorted(b["cle"] for b in bulletins) == sorted(
        f"{eleve_id}/2026-{periode}" for eleve_id in connus.values() for periode in (1, 2)
    )
    premier = next(b for b in bulletins if b["cle"] == f"{connus['NOM1']}/2026-1")
    assert {c: premier[c] for c in ("annee", "periode", "decoupage", "origine", "uai", "classe")} == {
        "annee": 2026,
        "periode": 1,
        "decoupage": 3,
        "origine": "REMONTE",
        "uai": f.UAI,
        "classe": "TG1",
    }
    assert premier["notes"][1] == {
        "matiere": "061300",
        "libelle": "Mathématiques",
        "etat": "S",
        "moyenne": 12.5,
        "effectif": 30,
        "appreciation": "Bien.",
        "enseignants": ["Anaïs LŒUVRE"],
    }
    (enseignants,) = integre.valeurs("EnseignantsRemontes")
    assert (enseignants["cle"], enseignants["uai"], len(enseignants["enseignants"])) == (f.UAI, f.UAI, 1)
    assert integre.compteurs["bulletins"] == 4
    assert await niveaux(atelier) == {"TG1 COMPLET": 2}


async def test_the_same_file_again_changes_nothing_and_a_corrected_one_only_what_differs(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    premier = await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(2)))
    assert (await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(2)))).evenements == []
    corrige = n.annee(
        n.bulletin(1), n.bulletin(2, n.note(periode=2, moyenne="15"), n.note("PHILO", periode=2))
    )
    apres = await deposer_notes(atelier, n.notes(n.eleve(2), n.eleve(1, corrige)))
    (bulletin,) = apres.valeurs("BulletinRemonte")
    assert bulletin["cle"] == f"{connus['NOM1']}/2026-2"
    avant = next(b for b in premier.valeurs("BulletinRemonte") if b["cle"] == bulletin["cle"])
    assert bulletin["version"] > avant["version"]
    assert apres.types() == ["BulletinRemonte"]


async def test_a_later_send_replaces_its_periods_and_leaves_the_others(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(n.bulletin(1)))))
    suite = await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(n.bulletin(2)))))
    assert [b["cle"] for b in suite.valeurs("BulletinRemonte")] == [f"{connus['NOM1']}/2026-2"]
    assert suite.compteurs["absents"] == 0 if "absents" in suite.compteurs else True
    assert await niveaux(atelier) == {"TG1 COMPLET": 1, "TG1 IMPOSSIBLE": 1}


async def test_a_pupil_left_out_of_a_period_sent_again_is_marked_until_he_is_back(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    tous = n.notes(n.eleve(1), n.eleve(2))
    await deposer_notes(atelier, tous)
    sans = await deposer_notes(atelier, n.notes(n.eleve(1)))
    assert sans.evenements == []
    assert [ligne["eleve_id"] for ligne in sans.de_gravite("ABSENT")] == [connus["NOM2"]]
    assert await niveaux(atelier) == {"TG1 COMPLET": 1, "TG1 INCOMPLET": 1}
    revenu = await deposer_notes(atelier, tous)
    assert (revenu.evenements, revenu.de_gravite("ABSENT")) == ([], [])
    assert await niveaux(atelier) == {"TG1 COMPLET": 2}


async def test_a_pupil_whose_record_is_refused_is_not_absent(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(2)))
    double = await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(2), n.eleve(3, code="2", ine_="")))
    assert double.codes == ["ELEVE_DOUBLE", "ELEVE_DOUBLE"]
    assert double.de_gravite("ABSENT") == []


async def test_a_send_that_would_mark_much_of_a_lycee_asks_first(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    del connus
    await atelier.siecle(
        f.siecle(*(f.eleve(rang) for rang in range(1, 21)), horodatage="13/01/2026 08:00:00")
    )
    await deposer_notes(atelier, n.notes(*(n.eleve(rang) for rang in range(1, 21))))
    moitie = await deposer_notes(atelier, n.notes(*(n.eleve(rang) for rang in range(1, 11))))
    assert (moitie.recu.etat, moitie.questions) == ("A_CONFIRMER", ["ABSENTS"])
    assert await niveaux(atelier) == {"TG1 COMPLET": 20}
    await atelier.imports.confirmer(moitie.recu.id)
    confirme = await atelier.avancer(moitie.recu.id)
    assert len(confirme.de_gravite("ABSENT")) == 10
    assert await niveaux(atelier) == {"TG1 COMPLET": 10, "TG1 INCOMPLET": 10}


async def test_a_file_created_before_the_last_one_asks_first(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    del connus
    await deposer_notes(atelier, n.notes(n.eleve(1), creation="2026-03-20"))
    ancien = await deposer_notes(atelier, n.notes(n.eleve(1), creation="2026-03-19"))
    assert (ancien.recu.etat, ancien.questions) == ("A_CONFIRMER", ["PLUS_ANCIEN"])
    await atelier.imports.annuler(ancien.recu.id)
    sans_date = await deposer_notes(atelier, n.notes(n.eleve(1), creation=""))
    assert (sans_date.recu.etat, sans_date.codes) == ("TERMINE", ["DATE_CREATION"])


async def test_a_dry_run_tells_what_would_be_done_and_does_nothing(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    del connus
    essai = await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(9)), essai=True)
    assert essai.recu.etat == "ESSAI"
    assert essai.codes == ["INCONNU"]
    assert (essai.compteurs["bulletins"], essai.compteurs["rejetes"]) == (2, 1)
    assert await niveaux(atelier) == {"TG1 IMPOSSIBLE": 2}


async def test_an_unknown_pupil_is_told_and_a_pupil_of_the_same_name_is_only_proposed(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    homonyme = n.eleve(9, nom="NOM2").replace("Prénom9", "Prénom2")
    integre = await deposer_notes(atelier, n.notes(n.eleve(1), n.eleve(8), homonyme))
    rejets = {rejet["rang"]: rejet for rejet in integre.de_gravite("REJET")}
    assert {rang: rejet["code"] for rang, rejet in rejets.items()} == {2: "INCONNU", 3: "INCONNU"}
    assert rejets[2]["eleve_id"] is None
    assert rejets[3]["eleve_id"] == connus["NOM2"]
    assert "mêmes nom" in rejets[3]["phrase"]
    assert {b["eleve_id"] for b in integre.valeurs("BulletinRemonte")} == {connus["NOM1"]}


@pytest.mark.parametrize(
    ("contenu", "uai", "code"),
    [
        (n.notes(uai=f.AUTRE_UAI), f.UAI, "AUTRE_UAI"),
        (n.notes(n.eleve(8), n.eleve(9)), None, "AUCUN_CONNU"),
        (n.notes(n.eleve(1, n.annee(annee_=2025))), None, "SANS_ELEVE"),
        (n.notes(classes=n.classe(niveau="seconde")), None, "SANS_TERMINALE"),
        (n.notes()[:-30], None, "XML"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><fichier/>", None, "DOCTYPE"),
        (b"%PDF-1.7", None, "PAS_XML"),
    ],
)
async def test_a_file_of_which_nothing_can_be_taken_is_refused_whole(
    atelier: Atelier, connus: dict[str, str], contenu: bytes, uai: str | None, code: str
) -> None:
    del connus
    integre = await deposer_notes(atelier, contenu, uai=uai)
    assert (integre.recu.etat, integre.refus) == ("REFUSE", code)
    assert "SIECLE (" not in integre.recu.compte_rendu["refus"]["phrase"]
    assert integre.evenements == []


async def test_a_lycee_that_a_pupil_has_left_does_not_undo_what_his_new_one_sends(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    arrivee = f.eleve(1, DATE_ENTREE="05/01/2026").replace('ELEVE_ID="1"', 'ELEVE_ID="501"')
    structure = f.structures(501)
    await atelier.siecle(f.siecle(arrivee, uai=f.AUTRE_UAI, structures_=[structure]))
    ancien = await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(n.bulletin(1)))))
    assert len(ancien.valeurs("BulletinRemonte")) == 1, "his first trimestre was there"
    chez_nous = n.eleve(1, n.annee(n.bulletin(1, n.note(moyenne="9")), n.bulletin(2)), code="501")
    nouveau = await deposer_notes(atelier, n.notes(chez_nous, uai=f.AUTRE_UAI))
    assert len(nouveau.valeurs("BulletinRemonte")) == 2
    encore = await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(n.bulletin(1)))))
    assert (encore.valeurs("BulletinRemonte"), encore.codes) == ([], ["AUTRE_LYCEE"])
    inconnu = await deposer_notes(atelier, n.notes(n.eleve(2), uai=f.AUTRE_UAI))
    assert inconnu.refus == "AUCUN_CONNU", "another lycée's pupil is not touched by his INE"
    assert connus["NOM2"]


async def test_a_bulletin_that_no_broker_would_take_is_left_out_and_told(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    enorme = n.bulletin(1, *(n.note(appreciation="é" * 2_000) for _ in range(300)))
    integre = await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(enorme, n.bulletin(2)))))
    assert [b["cle"] for b in integre.valeurs("BulletinRemonte")] == [f"{connus['NOM1']}/2026-2"]
    assert integre.codes == ["BULLETIN_TROP_GROS"]


async def test_what_a_lost_spool_held_is_published_by_the_next_send(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    del connus
    imports = atelier.imports
    import_id = await deposer(imports, BULLETINS, morceaux(n.notes(n.eleve(1))), lambda: "x", demandeur="t")
    await imports.analyses.analyser(await imports.lire(import_id))
    perdu = await imports.lire(import_id)
    imports.depots.spool(perdu.id, perdu.tentative).unlink()
    await publier_seul(imports, perdu)
    assert (await imports.lire(import_id)).compte_rendu["refus"]["code"] == "PERDU"
    encore = await deposer_notes(atelier, n.notes(n.eleve(1)))
    assert sorted(encore.types()) == ["BulletinRemonte", "BulletinRemonte", "EnseignantsRemontes"]


async def test_no_name_mark_nor_appreciation_stays_in_the_registre_of_bulletins(
    atelier: Atelier, connus: dict[str, str]
) -> None:
    del connus
    await deposer_notes(atelier, n.notes(n.eleve(1, n.annee(n.bulletin(1, n.note(moyenne="17.77"))))))
    async with atelier.imports.engine.connect() as tx:
        brut = str((await tx.execute(text("SELECT * FROM registre.bulletin"))).all())
    assert "Mathématiques".encode().hex() or brut
    assert not any(secret in brut for secret in ("17.77", "Bien", "NOM1", "LŒUVRE"))


async def test_a_simulated_lycee_is_matched_whole_and_its_next_file_brings_one_period(
    atelier: Atelier, tmp_path: Any
) -> None:
    population = Population(7, [LYCEE_A])
    await atelier.siecle(population.ecrire_siecle(LYCEE_A, tmp_path).read_bytes())
    eleves = population.eleves(LYCEE_A)
    communs = {"graine": 7, "lycee": lycee(LYCEE_A), "session": 2026}
    janvier = ExportNotes(**communs, creation=date(2026, 1, 14), periodes=1)
    mars = ExportNotes(**communs, creation=date(2026, 1, 15), periodes=2, numero=2)
    premier = await deposer_notes(atelier, b"".join(octets(janvier, eleves)))
    assert premier.codes == []
    presents = premier.compteurs["traites"]
    assert premier.compteurs["rejetes"] == 0 if "rejetes" in premier.compteurs else presents > 200
    second = await deposer_notes(atelier, b"".join(octets(mars, eleves)))
    assert {(b["annee"], b["periode"]) for b in second.valeurs("BulletinRemonte")} >= {(2026, 2)}
    assert len([b for b in second.valeurs("BulletinRemonte") if b["periode"] == 2]) == presents
