"""The workbook itself, read back with another library, and its rules."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from services.exports.classeur import ecrire
from services.exports.domain import Classeur, Demande, composer, nom_de_fichier, trier
from shared.domaine.catalogue import LISTES
from shared.domaine.ligne import LigneEleve
from shared.domaine.liste import Liste
from shared.domaine.tableur import neutraliser
from shared.events.modeles import Statut
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.series import Serie

INSTANT = datetime(2026, 1, 20, 17, 5, tzinfo=UTC)
ELEVE = LigneEleve(
    session=2026,
    classe="TG2",
    nom="Œuvrard",
    prenom="Éloïse",
    naissance=date(2008, 2, 29),
    ine="0123456789A",
    serie=Serie.GENERALE.value,
    statut=Statut.INSCRIT.value,
    boursier=True,
    voeux=0,
    voeux_confirmes=0,
)
MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


UAI = "0010014K"


def demande(code: str = "inscrits_sans_voeu", **champs: Any) -> Demande:
    base = {"liste": LISTES[code], "uai": UAI, "lycee": lycee(UAI), "session": 2026, "situation": INSTANT}
    return Demande(**{**base, **champs})


def classeur(*eleves: LigneEleve, liste: str = "inscrits_sans_voeu", **champs: Any) -> Classeur:
    return composer(demande(liste, **champs), eleves)


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
    lignes = lire(ecrire(classeur(tous, liste="tous")))
    assert lignes[4][-2:] == ["Vœux", "Vœux confirmés"]
    assert lignes[5][-3:] == ["oui", 12, 7]


def test_an_empty_list_and_an_unknown_lycee_make_a_workbook() -> None:
    vide = classeur(liste="non_inscrits", uai="0999999Z", lycee=None)
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
    assert [(eleve.classe, eleve.nom) for eleve in trier(LISTES["tous"], eleves)] == [
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
    assert LISTES["inscrits_sans_voeu"].definition in texte
    assert LISTES["inscrits_sans_voeu"].pourquoi in texte


def test_the_most_urgent_come_first_then_classe_and_name() -> None:
    def a_repondre(nom: str, minute: int | None) -> LigneEleve:
        avant = datetime(2026, 6, 4, 21, minute, tzinfo=UTC) if minute is not None else None
        return replace(ELEVE, nom=nom, a_repondre=1, a_repondre_avant=avant)

    eleves = [
        a_repondre("Zola", 58),
        a_repondre("Abadie", None),
        a_repondre("Oursel", 59),
        a_repondre("Blé", 59),
    ]
    assert [e.nom for e in trier(LISTES["a_repondre"], eleves)] == ["Zola", "Blé", "Oursel", "Abadie"]
    nombres = [replace(ELEVE, nom=str(n), refus=n) for n in (1, 3, 2)]
    assert [e.refus for e in trier(LISTES["que_des_non"], nombres)] == [3, 2, 1]


def test_an_instant_is_the_clock_of_paris_and_filters_are_written_at_the_head() -> None:
    eleve = replace(ELEVE, a_repondre=2, a_repondre_avant=datetime(2026, 6, 4, 21, 59, tzinfo=UTC))
    lignes = lire(ecrire(classeur(eleve, liste="a_repondre", filtres="classe TG1 ; boursiers")))
    assert lignes[3][0] == "Filtres : classe TG1 ; boursiers"
    valeurs = dict(zip(lignes[5], lignes[6], strict=True))
    assert valeurs["Répondre avant le"] == datetime(2026, 6, 4, 23, 59)  # noqa: DTZ001 - a wall clock
    assert valeurs["À répondre"] == 2


def test_the_echelon_is_for_the_direction_only() -> None:
    eleve = replace(ELEVE, bourse="CERTIFIEE", bourse_echelon=4)
    chef = classeur(eleve, liste="boursiers")
    professeur = classeur(eleve, liste="boursiers", direction=False)
    assert "Échelon" in [colonne.titre for colonne in chef.colonnes]
    assert {"Échelon", "Bourse"}.isdisjoint(colonne.titre for colonne in professeur.colonnes)


@pytest.mark.parametrize("liste", LISTES.values(), ids=LISTES)
def test_every_list_of_the_catalogue_makes_a_workbook_named_in_french(liste: Liste) -> None:
    nom = nom_de_fichier(liste, "0010014K", 2026, INSTANT)
    assert nom == f"{liste.titre} - 0010014K - session 2026 - 2026-01-20.xlsx"
    contenu = ecrire(classeur(ELEVE, LigneEleve(session=2026), liste=liste.code))
    entete, *eleves = lire(contenu)[4:]
    assert entete == [colonne.titre for colonne in liste.imprime()]
    assert len(eleves) == 2
