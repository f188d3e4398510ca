import pytest

from shared import nomenclatures as n
from shared.nomenclatures.calibration import parts_des_familles, repartition, taux
from shared.nomenclatures.formations import formations
from shared.nomenclatures.lycees import lycees


@pytest.mark.parametrize(
    ("code", "serie"),
    [
        ("20210019110", n.Serie.GENERALE),
        ("20211010110", n.Serie.GENERALE),
        ("21231017110", n.Serie.STMG),
        ("21220006110", n.Serie.STI2D),
        ("21220009110", n.Serie.STL),
        ("21233104110", n.Serie.ST2S),
        ("21233402110", n.Serie.STHR),
        ("21213403110", n.Serie.STD2A),
        ("21213304110", n.Serie.S2TMD),
        ("21421005110", n.Serie.STAV),
        ("24730004330", n.Serie.PROFESSIONNELLE),
        ("27621004330", n.Serie.PROFESSIONNELLE),
        ("22232302110", n.Serie.AUTRE),
    ],
)
def test_the_serie_of_a_terminale_follows_from_its_mef(code: str, serie: n.Serie) -> None:
    assert n.serie_du_mef(code) is serie
    assert n.est_terminale(code) is True


def test_a_local_variant_has_the_serie_of_its_national_mef() -> None:
    assert n.serie_du_mef("20210019112") is n.Serie.GENERALE


def test_a_premiere_is_not_a_terminale_and_an_unknown_mef_is_neither() -> None:
    assert n.est_terminale("20110019110") is False
    assert n.serie_du_mef("20110019110") is None
    for inconnu in ("99999999990", "", "abc", "2021001911000"):
        assert n.est_terminale(inconnu) is None
        assert n.nature_du_mef(inconnu) is n.NatureMef.INCONNU
        assert n.serie_du_mef(inconnu) is None


def test_every_open_terminale_of_the_base_has_a_serie_of_the_baccalaureat_or_is_a_bt() -> None:
    ouvertes = [mef for mef in n.terminales().values() if not mef.fermeture]
    autres = [mef for mef in ouvertes if mef.serie is n.Serie.AUTRE]
    assert {mef.code[:3] for mef in autres} == {"222"}
    assert len(ouvertes) == 137


@pytest.mark.parametrize("uai", ["0750680G", "0752387M", "0660864F", "0931434D", "6200003J"])
def test_known_uai_have_a_valid_key(uai: str) -> None:
    assert n.uai_valide(uai)
    assert not n.uai_valide(uai[:7] + ("A" if uai[7] != "A" else "B"))


@pytest.mark.parametrize("mauvais", ["", "0750680", "0750680I", "075068AG", "²750680G", "0750680GG"])
def test_malformed_uai_are_refused(mauvais: str) -> None:
    assert not n.uai_valide(mauvais)


@pytest.mark.parametrize(
    ("uai", "nom"),
    [
        ("0750680G", "Paris"),
        ("6200003J", "Corse"),
        ("0921166T", "Versailles"),
        ("9740001A", "La Réunion"),
        ("9840465H", "Polynésie française"),
        ("0760001A", "Normandie"),
    ],
)
def test_the_academie_of_a_uai(uai: str, nom: str) -> None:
    trouvee = n.academie_de_uai(uai)
    assert trouvee is not None
    assert trouvee.nom == nom


def test_a_departement_may_be_written_in_both_ways() -> None:
    assert n.academie_du_departement("75") == n.academie_du_departement("075")
    assert n.academie_du_departement("2A") == n.academie_du_departement("02A")
    assert n.academie_du_departement("999") is None
    assert n.academie_de_uai("1360001A") is None


def test_versailles_has_its_four_departements() -> None:
    assert n.academies()["25"].departements == ("078", "091", "092", "095")
    assert len(n.academies()) == 34


def test_specialites_are_recognised_by_their_code_matiere() -> None:
    maths = n.specialite_de_la_matiere("061300")
    assert maths is not None
    assert maths.cle == "MATHS"
    assert n.specialite_de_la_matiere("030201") is None


def test_the_catalogue_of_formations_is_coherent() -> None:
    catalogue = formations()
    assert 600 <= len(catalogue) <= 1100
    assert {formation.famille for formation in catalogue.values()} == set(n.Famille)
    assert all(
        n.uai_valide(formation.uai) and formation.academie in n.academies()
        for formation in catalogue.values()
    )
    assert all(formation.candidats > 0 and formation.capacite > 0 for formation in catalogue.values())
    for academie in ("25", "10", "09", "17"):
        presentes = {formation.famille for formation in catalogue.values() if formation.academie == academie}
        assert presentes == set(n.Famille)


def test_the_lycees_are_coherent() -> None:
    table = lycees()
    assert {lycee.academie for lycee in table.values()} == {"25", "10", "09", "17"}
    for lycee in table.values():
        academie = n.academie_de_uai(lycee.uai)
        assert n.uai_valide(lycee.uai)
        assert academie is not None
        assert academie.code == lycee.academie
        assert lycee.terminales > 0


def test_the_mean_composition_of_lists_sums_to_one() -> None:
    for voie in "GTP":
        assert sum(parts_des_familles(voie).values()) == pytest.approx(1)
        assert set(parts_des_familles(voie)) == set(n.Famille)
    assert taux("lignes_par_eleve", "G") == 15.9
    assert repartition("doublette", "G")["MATHS+PC"] > repartition("doublette", "G")["MATHS+SI"]


def test_code_lists_have_french_labels() -> None:
    assert n.regimes()["2"] == "Demi-pensionnaire dans l’établissement"
    assert n.statuts()["ST"] == "Scolaire"
    assert n.motifs_de_sortie()["10"].startswith("Suite du second degré")
    assert n.bourses()["1"] == "Bourse nationale"
    assert n.Famille.INGENIEUR.libelle == "École d’ingénieurs"
    assert n.Serie.GENERALE.libelle == "Générale"
