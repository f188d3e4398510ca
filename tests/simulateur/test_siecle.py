from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

from services.simulateur import LYCEE_A, LYCEE_C, Population, ine_valide
from shared.nomenclatures import est_terminale, regimes, serie_du_mef, specialite_de_la_matiere, statuts

BLOCS = ["ELEVES", "OPTIONS", "STRUCTURES", "BOURSES"]


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(7, [LYCEE_A, LYCEE_C])


def lire(chemin: Path) -> tuple[bytes, etree._Element]:
    with ZipFile(chemin) as archive:
        (nom,) = archive.namelist()
        octets = archive.read(nom)
    assert nom == chemin.stem.removeprefix("ExportXML_") + ".xml"
    return octets, etree.fromstring(octets)


def eleves(racine: etree._Element) -> Iterator[etree._Element]:
    return iter(racine.findall("DONNEES/ELEVES/ELEVE"))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    premier = Population(7).ecrire_siecle(LYCEE_A, tmp_path / "1").read_bytes()
    second = Population(7).ecrire_siecle(LYCEE_A, tmp_path / "2").read_bytes()
    autre = Population(8).ecrire_siecle(LYCEE_A, tmp_path / "3").read_bytes()
    assert premier == second
    assert premier != autre


def test_the_file_is_a_bee_eleves_with_its_parameters(population: Population, tmp_path: Path) -> None:
    octets, racine = lire(population.ecrire_siecle(LYCEE_A, tmp_path))
    lignes = octets.splitlines()
    assert lignes[0] == b'<?xml version="1.0" encoding="ISO-8859-15"?>'
    assert lignes[1].startswith(b'<BEE_ELEVES VERSION="2.1"')
    assert [enfant.tag for enfant in racine] == ["PARAMETRES", "DONNEES"]
    assert {enfant.tag: enfant.text for enfant in racine[0]} == {
        "UAJ": LYCEE_A,
        "ANNEE_SCOLAIRE": "2025",
        "DATE_EXPORT": "12/01/2026",
        "HORODATAGE": "12/01/2026 08:00:00",
    }
    assert [enfant.tag for enfant in racine[1]] == BLOCS


def test_accents_and_ligatures_survive_the_encoding(population: Population, tmp_path: Path) -> None:
    _, racine = lire(population.ecrire_siecle(LYCEE_A, tmp_path))
    ecrits = {eleve.findtext("NOM_DE_FAMILLE") for eleve in eleves(racine)}
    attendus = {eleve.nom for eleve in population.eleves(LYCEE_A) if eleve.present_dans(date(2026, 1, 12))}
    assert ecrits == attendus
    assert any("Œ" in nom for nom in attendus)
    assert any("'" in nom for nom in attendus)


def test_the_count_of_terminales_is_the_expected_one(population: Population, tmp_path: Path) -> None:
    for uai in (LYCEE_A, LYCEE_C):
        _, racine = lire(population.ecrire_siecle(uai, tmp_path / uai))
        divisions = {
            lien.get("ELEVE_ID")
            for lien in racine.iterfind("DONNEES/STRUCTURES/STRUCTURES_ELEVE")
            if "D" in [genre.text for genre in lien.iterfind("STRUCTURE/TYPE_STRUCTURE")]
        }
        presents = [
            serie_du_mef(eleve.findtext("CODE_MEF", ""))
            for eleve in eleves(racine)
            if est_terminale(eleve.findtext("CODE_MEF", ""))
            and eleve.get("ELEVE_ID") in divisions
            and eleve.find("DATE_SORTIE") is None
        ]
        attendu = {serie: comptes.terminales for serie, comptes in population.verite(uai).par_serie.items()}
        assert {serie: presents.count(serie) for serie in set(presents)} == attendu


def test_ine_and_eleve_id_are_valid_and_unique_over_lycees(tmp_path: Path) -> None:
    population = Population(3)
    ines: list[str] = []
    ids: list[int] = []
    for lycee in population.lycees:
        ines += [eleve.ine or "" for eleve in population.eleves(lycee.uai)]
        ids += [eleve.eleve_id for eleve in population.eleves(lycee.uai, tour=1)]
        ines += [eleve.ine or "" for eleve in population.eleves(lycee.uai, tour=1)]
    assert all(map(ine_valide, ines))
    assert len(set(ines)) == len(ines)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("ine", ["070832327JA", "990000000AA", "99003500FJ", "", "99003500²FJ"])
def test_the_key_of_an_ine_is_checked(ine: str) -> None:
    assert ine_valide(ine) is (ine == "070832327JA")


def test_every_mef_is_that_of_its_serie() -> None:
    population = Population(7)
    for eleve in (e for lycee in population.lycees for e in population.eleves(lycee.uai)):
        assert est_terminale(eleve.mef) is (eleve.serie is not None)
        assert serie_du_mef(eleve.mef) is eleve.serie


def test_codes_are_those_of_the_nomenclatures(population: Population, tmp_path: Path) -> None:
    _, racine = lire(population.ecrire_siecle(LYCEE_A, tmp_path))
    for eleve in eleves(racine):
        assert eleve.findtext("CODE_REGIME") in regimes()
        assert eleve.findtext("CODE_STATUT") in statuts()
        assert est_terminale(eleve.findtext("CODE_MEF", "")) is not None
        assert (eleve.findtext("CODE_PAYS") == "100") == (eleve.find("CODE_COMMUNE_INSEE_NAISS") is not None)
        assert (eleve.find("DATE_SORTIE") is None) == (eleve.find("CODE_MOTIF_SORTIE") is None)


def test_each_terminale_generale_has_two_specialites(population: Population) -> None:
    generales = [eleve for eleve in population.eleves(LYCEE_A) if eleve.serie == "GENERALE"]
    assert len(generales) == 55
    for eleve in generales:
        assert sum(specialite_de_la_matiere(matiere) is not None for _, matiere in eleve.options) == 2


def test_version_3_adds_the_rnie_and_addresses_are_linked(population: Population, tmp_path: Path) -> None:
    chemin = population.ecrire_siecle(
        LYCEE_C, tmp_path, version="3.0", avec_adresses=True, encodage="UTF-8", racine={"LOGICIEL": "essai"}
    )
    octets, racine = lire(chemin)
    assert chemin.name == "ExportXML_ElevesAvecAdresses.zip"
    assert octets.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert racine.attrib == {"VERSION": "3.0", "LOGICIEL": "essai"}
    assert all(eleve.findtext("INE_RNIE") == eleve.findtext("ID_NATIONAL") for eleve in eleves(racine))
    adresses = {adresse.get("ADRESSE_ID") for adresse in racine.iterfind("DONNEES/ADRESSES/ADRESSE")}
    assert {eleve.findtext("ADRESSE_ID") for eleve in eleves(racine)} == adresses


def test_a_later_export_shows_who_came_and_who_left(population: Population, tmp_path: Path) -> None:
    _, avant = lire(population.ecrire_siecle(LYCEE_A, tmp_path / "1"))
    _, apres = lire(
        population.ecrire_siecle(
            LYCEE_A, tmp_path / "2", horodatage=datetime.fromisoformat("2026-03-02T09:30:00")
        )
    )
    ids_avant = {eleve.get("ELEVE_ID") for eleve in eleves(avant)}
    ids_apres = {eleve.get("ELEVE_ID") for eleve in eleves(apres)}
    sorties = [sum(eleve.find("DATE_SORTIE") is not None for eleve in eleves(x)) for x in (avant, apres)]
    assert len(ids_apres - ids_avant) == 1
    assert ids_avant < ids_apres
    assert sorties[1] == sorties[0] + 1


def test_odd_terminales_come_only_when_asked_for(tmp_path: Path) -> None:
    _, racine = lire(Population(7, cas_limites=True).ecrire_siecle(LYCEE_A, tmp_path))
    _, ordinaire = lire(Population(7).ecrire_siecle(LYCEE_A, tmp_path))
    for fichier, attendu in ((racine, 1), (ordinaire, 0)):
        assert sum(eleve.find("ID_NATIONAL") is None for eleve in eleves(fichier)) == attendu
        inconnus = [est_terminale(eleve.findtext("CODE_MEF", "")) is None for eleve in eleves(fichier)]
        assert sum(inconnus) == attendu


def test_known_boursiers_have_their_code(population: Population, tmp_path: Path) -> None:
    _, racine = lire(population.ecrire_siecle(LYCEE_A, tmp_path))
    codes = {b.get("ELEVE_ID"): b.findtext("CODE_BOURSE") for b in racine.iterfind("DONNEES/BOURSES/BOURSE")}
    assert set(codes.values()) == {"1"}
    total = population.verite(LYCEE_A).total
    assert 0 < total.boursiers_siecle <= len(codes)
