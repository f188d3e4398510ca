"""SIECLE files, bulletins and référentiels of the nation."""

import csv
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

from services.ingest.referentiels.domain import ETABLISSEMENTS, FORMATIONS, LecteurFormations
from services.simulateur import ine_valide
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.etablissement import GROUPE_CORDEES
from services.simulateur.nation.lycee import Monde
from services.simulateur.nation.tables import echantillon, formations, lycees
from shared.nomenclatures import serie_du_mef
from tests.simulateur._nation import ecrite

RANGS = echantillon(14)


@pytest.fixture(scope="module")
def sortie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("siecle") / "session"
    ecrite(dossier, len(RANGS), quoi=frozenset({"siecle", "bulletins", "referentiels"}))
    return dossier


def _racine(sortie: Path, rang: int) -> etree._Element:
    with ZipFile(sortie / "siecle" / lycees()[rang].uai / "ExportXML_ElevesSansAdresses.zip") as archive:
        return etree.fromstring(archive.read("ElevesSansAdresses.xml"))


def test_each_file_holds_exactly_the_terminales_of_the_table(sortie: Path) -> None:
    for rang in RANGS:
        racine = _racine(sortie, rang)
        presents = [
            serie_du_mef(eleve.findtext("CODE_MEF", ""))
            for eleve in racine.iterfind("DONNEES/ELEVES/ELEVE")
            if eleve.find("DATE_SORTIE") is None
        ]
        attendus = lycees()[rang].effectifs
        assert {serie: presents.count(serie) for serie in attendus} == attendus


def test_versions_are_mixed_and_the_oldest_writes_nom(sortie: Path) -> None:
    versions = {}
    for rang in RANGS:
        racine = _racine(sortie, rang)
        version = versions[rang] = racine.get("VERSION")
        balise = "NOM" if version == "1.8" else "NOM_DE_FAMILLE"
        assert all(eleve.findtext(balise) for eleve in racine.iterfind("DONNEES/ELEVES/ELEVE"))
    toutes = [Commande(Path(), ()).version_du_lycee(rang) for rang in range(len(lycees()))]
    parts = {version: toutes.count(version) / len(toutes) for version in ("1.8", "2.1", "3.0")}
    assert parts == pytest.approx({"1.8": 0.1, "2.1": 0.6, "3.0": 0.3}, abs=0.01)
    assert set(versions.values()) <= set(parts)


def test_no_pupil_is_in_two_lycees_or_in_two_sessions() -> None:
    ines: list[str] = []
    for session in (2025, 2026):
        for rang in (0, 1, 2, *RANGS[1:4], len(lycees()) - 1):
            eleves = Monde(1, session).eleves(rang)
            ines += [eleve.ine or "" for eleve in eleves]
    assert len(set(ines)) == len(ines)
    assert all(map(ine_valide, ines))


def test_the_biggest_lycee_fits_in_its_places() -> None:
    rang = max(range(len(lycees())), key=lambda r: lycees()[r].terminales)
    eleves = Monde(1, 2026).eleves(rang)
    assert len({eleve.eleve_id for eleve in eleves}) == len(eleves) > lycees()[rang].terminales


def test_cordees_are_carried_by_a_group(sortie: Path) -> None:
    for rang in RANGS[:5]:
        portes = {
            lien.get("ELEVE_ID")
            for lien in _racine(sortie, rang).iterfind("DONNEES/STRUCTURES/STRUCTURES_ELEVE")
            if GROUPE_CORDEES in [x.text for x in lien.iterfind("STRUCTURE/CODE_STRUCTURE")]
        }
        assert portes == {
            str(eleve.eleve_id)
            for eleve in Monde(1, 2026).eleves(rang)
            if eleve.cordees and eleve.serie and eleve.date_entree.year == 2025
        }


def test_each_lycee_has_its_bulletins(sortie: Path) -> None:
    for rang in RANGS:
        uai = lycees()[rang].uai
        with ZipFile(sortie / "bulletins" / f"{uai}_E1.zip") as archive:
            assert etree.fromstring(archive.read(f"{uai}_E1.xml")) is not None


def test_ingest_reads_every_formation_as_the_simulator_knows_it(sortie: Path) -> None:
    lecteur = LecteurFormations()
    attendues = {f.formation_id: f for f in formations()}
    with (sortie / "referentiels" / "formations.csv").open(encoding="utf-8", newline="") as source:
        for ligne in csv.DictReader(source, delimiter=";"):
            lu = lecteur({colonne.champ: _valeur(ligne, colonne.titres) for colonne in FORMATIONS})
            formation = attendues.pop(lu.cle)
            assert (lu.valeurs["famille"], lu.valeurs["selective"]) == (
                formation.famille,
                formation.selective,
            )
            assert lu.valeurs["academie"] == formation.academie
    assert not attendues


def test_lycees_are_in_the_file_of_etablissements(sortie: Path) -> None:
    with (sortie / "referentiels" / "etablissements.csv").open(encoding="utf-8", newline="") as source:
        lignes = list(csv.DictReader(source, delimiter=";"))
    titres = {titre for colonne in ETABLISSEMENTS for titre in colonne.titres}
    assert set(lignes[0]) <= titres
    assert [ligne["uai"] for ligne in lignes] == [lycees()[rang].uai for rang in RANGS]


def _valeur(ligne: dict[str, str], titres: tuple[str, ...]) -> str:
    return next((ligne[titre] for titre in titres if titre in ligne), "")
