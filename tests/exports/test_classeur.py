"""The workbook itself, read back with another library, and its rules."""

import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from services.exports.classeur import ecrire
from services.exports.domain import Classeur, EleveListe, composer, nom_de_fichier, trier
from shared.domaine.listes import Liste
from shared.domaine.tableur import neutraliser
from shared.events.modeles import Statut
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.series import Serie

INSTANT = datetime(2026, 1, 20, 17, 5, tzinfo=UTC)
ELEVE = EleveListe(
    classe="TG2",
    nom="Œuvrard",
    prenom="Éloïse",
    naissance=date(2008, 2, 29),
    ine="0123456789A",
    serie=Serie.GENERALE,
    statut=Statut.INSCRIT,
    boursier=True,
    voeux=0,
    voeux_confirmes=0,
)
MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def classeur(*eleves: EleveListe, liste: Liste = Liste.INSCRITS_SANS_VOEU) -> Classeur:
    uai = "0010014K"
    return composer(liste=liste, uai=uai, lycee=lycee(uai), session=2026, situation=INSTANT, eleves=eleves)


def lire(contenu: bytes, onglet: int = 0) -> list[list[object]]:
    lignes: list[list[object]] = (
        CalamineWorkbook.from_filelike(BytesIO(contenu)).get_sheet_by_index(onglet).to_python()
    )
    return lignes


def xml(contenu: bytes, partie: str = "xl/worksheets/sheet1.xml") -> etree._Element:
    with zipfile.ZipFile(BytesIO(contenu)) as paquet:
        return etree.fromstring(paquet.read(partie))


def test_the_sheet_says_what_it_is_and_keeps_types() -> None:
    lignes = lire(ecrire(classeur(ELEVE, replace(ELEVE, nom="Abadie", boursier=False))))
    assert lignes[0][0] == "Inscrits sans vœu — session 2026"
    assert lignes[1][0] == "Lycée général et technologique Edgar Quinet, Bourg-en-Bresse (0010014K)"
    assert lignes[2][0] == "Situation au 20/01/2026 à 18:05 : 2 élèves"
    assert lignes[4] == ["Classe", "Nom", "Prénom", "Date de naissance", "INE", "Série", "Statut", "Boursier"]
    assert [ligne[1] for ligne in lignes[5:]] == ["Abadie", "Œuvrard"]
    assert lignes[6] == [
        "TG2",
        "Œuvrard",
        "Éloïse",
        date(2008, 2, 29),
        "0123456789A",
        "Générale",
        "Inscrit, sans vœu",
        "oui",
    ]


def test_an_ine_of_digits_only_stays_text() -> None:
    lignes = lire(ecrire(classeur(replace(ELEVE, ine="01234567890"))))
    assert lignes[5][4] == "01234567890"


def test_the_list_of_all_counts_voeux_as_numbers() -> None:
    tous = replace(ELEVE, statut=Statut.CONFIRME, voeux=12, voeux_confirmes=7)
    lignes = lire(ecrire(classeur(tous, liste=Liste.TOUS)))
    assert lignes[4][-2:] == ["Vœux", "Vœux confirmés"]
    assert lignes[5][-3:] == ["oui", 12, 7]


def test_an_empty_list_and_an_unknown_lycee_make_a_workbook() -> None:
    vide = composer(
        liste=Liste.NON_INSCRITS, uai="0999999Z", lycee=None, session=2026, situation=INSTANT, eleves=[]
    )
    lignes = lire(ecrire(vide))
    assert lignes[1][0] == "Lycée 0999999Z"
    assert str(lignes[2][0]).endswith(": aucun élève")
    assert len(lignes) == 5


def test_a_pupil_without_identity_yet_is_not_missing() -> None:
    lignes = lire(ecrire(classeur(replace(ELEVE, nom=None, prenom=None, naissance=None, ine=None), ELEVE)))
    assert [ligne[1] for ligne in lignes[5:]] == ["Œuvrard", "(identité non reçue)"]


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_text_is_ever_a_formula(debut: str) -> None:
    piege = f"{debut}cmd|' /C calc'!A0"
    contenu = ecrire(classeur(replace(ELEVE, nom=piege, prenom=piege, classe=piege)))
    assert neutraliser(piege) == f"'{piege}"
    feuille = xml(contenu)
    assert feuille.findall(".//m:f", MAIN) == []
    assert feuille.findall(".//m:hyperlink", MAIN) == []
    assert {str(valeur)[0] for valeur in lire(contenu)[5][:3]} == {"'"}


@pytest.mark.parametrize("nom", ["d’Œuvre", "O'Neill", "Jean-Paul", "http://exemple.fr", "1234", "N & M <b>"])
def test_an_ordinary_text_is_untouched(nom: str) -> None:
    assert lire(ecrire(classeur(replace(ELEVE, nom=nom))))[5][1] == nom


def test_the_order_is_the_one_of_a_school() -> None:
    eleves = [
        replace(ELEVE, classe=classe, nom=nom, prenom=prenom)
        for classe, nom, prenom in [
            (None, "Abadie", "Zoé"),
            ("TG10", "Abadie", "Zoé"),
            ("TG2", "Oursel", "Zoé"),
            ("TG2", "Œuvrard", "Zoé"),
            ("TG2", "Étienne", "Zoé"),
            ("TG2", "Etienne", "Anne"),
            ("TG2", "d’Estaing", "Zoé"),
            ("TG2", "Zola", "Zoé"),
        ]
    ]
    assert [(eleve.classe, eleve.nom) for eleve in trier(eleves)] == [
        ("TG2", "d’Estaing"),
        ("TG2", "Etienne"),
        ("TG2", "Étienne"),
        ("TG2", "Œuvrard"),
        ("TG2", "Oursel"),
        ("TG2", "Zola"),
        ("TG10", "Abadie"),
        (None, "Abadie"),
    ]


def test_it_prints_and_scrolls_well() -> None:
    contenu = ecrire(classeur(ELEVE, ELEVE))
    feuille = xml(contenu)
    volet = feuille.find(".//m:pane", MAIN)
    page = feuille.find(".//m:pageSetup", MAIN)
    assert volet is not None
    assert (volet.get("state"), volet.get("ySplit")) == ("frozen", "5")
    assert page is not None
    assert (page.get("orientation"), page.get("paperSize"), page.get("fitToHeight")) == (
        "landscape",
        "9",
        "0",
    )
    assert feuille.find("m:autoFilter", MAIN).get("ref") == "A5:H7"  # type: ignore[union-attr]
    assert "&P sur &N" in str(feuille.findtext(".//m:oddFooter", namespaces=MAIN))
    noms = {
        nom.get("name"): nom.text
        for nom in xml(contenu, "xl/workbook.xml").iter(f"{{{MAIN['m']}}}definedName")
    }
    assert noms["_xlnm.Print_Titles"] == "'Inscrits sans vœu'!$5:$5"
    colonnes = feuille.findall(".//m:col", MAIN)
    assert sum(int(c.get("max", 0)) - int(c.get("min", 0)) + 1 for c in colonnes) == 8
    assert max(float(c.get("width", 0)) for c in colonnes) <= 41


def test_the_second_sheet_explains_the_first() -> None:
    contenu = ecrire(classeur(ELEVE))
    assert CalamineWorkbook.from_filelike(BytesIO(contenu)).sheet_names == ["Inscrits sans vœu", "Lisez-moi"]
    texte = " ".join(str(cellule) for ligne in lire(contenu, 1) for cellule in ligne)
    assert Liste.INSCRITS_SANS_VOEU.definition in texte


@pytest.mark.parametrize("liste", list(Liste))
def test_the_file_is_named_in_french_without_anybody_in_it(liste: Liste) -> None:
    nom = nom_de_fichier(liste, "0010014K", 2026, INSTANT)
    assert nom == f"{liste.libelle} - 0010014K - session 2026 - 2026-01-20.xlsx"
