"""The fall-back formats of the pupils' file, and which file is which, without a database."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.ingest.dispositifs.domain import Porteurs, trier_dispositifs
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.dispositifs import lire_dispositifs, lire_statuts
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.domain import Regles, Tri, trier
from services.ingest.siecle.entete import lire_entete
from services.ingest.siecle.lecture import lire_format
from services.ingest.structures.domain import Tables, completer
from shared.events.modeles import Dispositif
from tests.ingest._fichiers import HORODATAGE, TG, UAI, eleve, ine, options, siecle, structures, zipper
from tests.ingest._formats import (
    FREGATA,
    TITRES,
    bourses_ndjson,
    complete_xls,
    complete_xlsx,
    descendant,
    dispositifs_csv,
    eleve_sygne,
    fregata_csv,
    ligne_complete,
    ligne_fregata,
    nomenclature_xml,
    statut,
    structures_xml,
    sygne_json,
)

LIMITES = Limites(octets=64 << 20)
PARAMETRES = {"UAJ": UAI, "ANNEE_SCOLAIRE": "2025", "HORODATAGE": HORODATAGE}
Lire = Callable[..., Tri]


@pytest.fixture
def lire(tmp_path: Path) -> Lire:
    def lire_(contenu: bytes, regles: Regles | None = None, uai: str = UAI) -> Tri:
        chemin, regles = tmp_path / "depot", regles or Regles()
        chemin.write_bytes(contenu)
        with ouvrir(chemin, LIMITES) as flux:
            lecture = lire_format(
                flux, lambda p: lire_entete(p, 2026, uai) and None, PARAMETRES | {"UAJ": uai}, LIMITES
            )
        entete = lire_entete(lecture.parametres, 2026, uai)
        return trier(completer(lecture.eleves, regles.tables), entete, regles)

    return lire_


def refus(lire: Lire, contenu: bytes, **reste: str) -> FichierRefuse:
    with pytest.raises(FichierRefuse) as erreur:
        lire(contenu, **reste)
    return erreur.value


@pytest.mark.parametrize(
    ("contenu", "genre"),
    [
        (siecle(), Genre.ELEVES),
        (structures_xml(), Genre.STRUCTURES),
        (nomenclature_xml(), Genre.NOMENCLATURE),
        (descendant("BEE_ETABLISSEMENTS", ""), Genre.ETABLISSEMENTS),
        (descendant("BEE_COMMUNS", ""), Genre.COMMUNS),
        (descendant("BEE_COMMUN", ""), Genre.COMMUNS),
        (complete_xls(), Genre.CLASSEUR),
        (complete_xlsx([]), Genre.CLASSEUR),
        (fregata_csv(), Genre.FREGATA),
        (fregata_csv(encodage="cp1252"), Genre.FREGATA),
        (fregata_csv(encodage="utf-16"), Genre.FREGATA),
        (fregata_csv(titres=";".join(f'"{t}"' for t in FREGATA.split(";"))), Genre.FREGATA),
        (sygne_json(), Genre.SYGNE),
        (b'\xef\xbb\xbf {"eleves": []}', Genre.SYGNE),
        (dispositifs_csv(), Genre.DISPOSITIFS),
        (dispositifs_csv(titres="dispositif;ine"), Genre.DISPOSITIFS),
    ],
)
@pytest.mark.parametrize("zippe", [False, True], ids=["nu", "zip"])
def test_a_file_is_known_by_its_content(tmp_path: Path, contenu: bytes, genre: Genre, zippe: bool) -> None:
    chemin = tmp_path / "depot"
    chemin.write_bytes(zipper(a_xml=contenu) if zippe else contenu)
    with ouvrir(chemin, LIMITES) as flux:
        trouve, relu = reconnaitre(flux)
        assert trouve is genre
        assert b"".join(iter(lambda: relu.read(100), b"")) == contenu


# --- Excel ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("zippe", [False, True], ids=["nu", "zip"])
def test_a_real_xls_gives_the_same_pupils_as_the_xml(lire: Lire, zippe: bool) -> None:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        archive.writestr("ElevesComplete.xls", complete_xls())
        archive.writestr("__MACOSX/._ElevesComplete.xls", b"x")
    tri = lire(sortie.getvalue() if zippe else complete_xls())
    un, deux, parti = tri.eleves
    assert (un.identite.nom, un.identite.nom_usage, un.ine) == ("LEBŒUF", "D’ARC", ine(1))
    assert (un.identite.naissance, un.identite.sexe) == (date(2008, 5, 7), "F")
    s = un.scolarite
    assert (s.mef, s.serie, s.classe, s.regime) == (TG, "GENERALE", "TG1", "2")
    assert (s.specialites, s.codes_bourse, s.date_entree) == (("MATHS", "PC"), ("1",), date(2025, 9, 1))
    assert (deux.identite.naissance, deux.identite.sexe, deux.scolarite.classe) == (
        date(2008, 6, 8),
        "M",
        "TG2",
    )
    assert parti.scolarite.date_sortie == date(2025, 10, 15)
    assert tri.lignes == []


def test_an_xlsx_is_read_as_the_xls(lire: Lire) -> None:
    (lu,) = lire(complete_xlsx([ligne_complete(1, **{"Code MEF": float(TG)})])).eleves
    assert (lu.scolarite.mef, lu.identite.naissance) == (TG, date(2008, 5, 7))


def test_columns_are_found_by_their_title_whatever_their_place(lire: Lire) -> None:
    titres = [titre.upper() for titre in reversed(TITRES)]
    ligne = {titre.upper(): valeur for titre, valeur in ligne_complete().items()}
    assert len(lire(complete_xlsx([ligne], titres)).eleves) == 1


@pytest.mark.parametrize("titre", ["Date Naissance", "Id National", "Code MEF", "Code Structure", "Sexe"])
def test_a_missing_column_is_named(lire: Lire, titre: str) -> None:
    erreur = refus(lire, complete_xlsx([ligne_complete()], [t for t in TITRES if t != titre]))
    assert erreur.code == "COLONNE"
    assert f"« {titre} »" in erreur.phrase


def test_a_wrong_cell_is_told_by_its_line_and_column(lire: Lire) -> None:
    lignes = [ligne_complete(n) for n in range(1, 12)]
    lignes[10]["Date Naissance"] = "le 7 mai"
    (ligne,) = lire(complete_xlsx(lignes)).lignes
    assert (ligne.rang, ligne.code) == (12, "DNAIS")
    assert ligne.phrase.startswith("Ligne 12, colonne « Date Naissance » : ")


def test_a_pupil_on_two_lines_for_two_structures_is_one(lire: Lire) -> None:
    lignes = [
        ligne_complete(1),
        ligne_complete(1, **{"Code Structure": "CORD1", "Type Structure": "G"}),
        ligne_complete(2),
    ]
    regles = Regles(porteurs=Porteurs(groupes={"CORD*": Dispositif.CORDEES}))
    un, deux = lire(complete_xlsx(lignes), regles).eleves
    assert (un.scolarite.classe, un.scolarite.cordees, deux.scolarite.cordees) == ("TG1", True, False)


def test_without_an_ine_a_line_of_a_table_is_refused(lire: Lire) -> None:
    tri = lire(complete_xlsx([ligne_complete(1), ligne_complete(2, **{"Id National": ""})]))
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(3, "IDNAT")]
    assert "colonne « Id National »" in tri.lignes[0].phrase


def test_two_lines_with_the_same_ine_are_both_refused(lire: Lire) -> None:
    tri = lire(complete_xlsx([ligne_complete(1), ligne_complete(2), ligne_complete(2, Prénom="Autre")]))
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(3, "INE_DOUBLE"), (4, "INE_DOUBLE")]


def _classeur(**entrees: bytes) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for nom, contenu in entrees.items():
            archive.writestr(nom, contenu)
    return sortie.getvalue()


IMMENSE = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    b"</sheetData></worksheet>"
)


def _demesure() -> bytes:
    """A sheet of two cells at the two ends: what a dense reader would give 17 billion cells."""
    with zipfile.ZipFile(io.BytesIO(complete_xlsx([]))) as source:
        entrees = {nom: source.read(nom) for nom in source.namelist()}
    entrees["xl/worksheets/sheet1.xml"] = IMMENSE
    return _classeur(**{nom: contenu for nom, contenu in entrees.items() if nom != "xl/workbook.xml"})


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        pytest.param(complete_xls()[:3000], "CLASSEUR", id="xls cut"),
        pytest.param(complete_xls()[:512], "CLASSEUR", id="xls header only"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\x00" * 5000, "CLASSEUR", id="OLE of zeros"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 20_000, "CLASSEUR", id="OLE of ones"),
        pytest.param(complete_xlsx([ligne_complete()])[:-40], "ARCHIVE", id="xlsx cut"),
        pytest.param(_classeur(), "CLASSEUR", id="a zip that only looks like a workbook"),
        pytest.param(_classeur(**{"xl/s.xml": b" " * (8 << 20)}), "TROP_GROS", id="xlsx bomb"),
        pytest.param(_classeur(**{f"x{n}": b"" for n in range(120)}), "ARCHIVE", id="xlsx of many entries"),
        pytest.param(_demesure(), "CLASSEUR", id="xlsx whose cells are far apart"),
        pytest.param(complete_xlsx([]), "SANS_ELEVE", id="titles only"),
        pytest.param(complete_xlsx([], []), "COLONNE", id="empty sheet"),
        pytest.param(complete_xlsx([], ["Sexe", "sexe"]), "COLONNE", id="the same column twice"),
        pytest.param(
            complete_xlsx([ligne_complete(**{"Code MEF": "20110019110"})]), "SANS_ELEVE", id="no terminale"
        ),
        pytest.param(complete_xls() + b"\x00" * (17 << 20), "TROP_GROS", id="17 MB of xls"),
    ],
)
def test_a_workbook_that_cannot_be_taken_is_refused(lire: Lire, contenu: bytes, code: str) -> None:
    erreur = refus(lire, contenu)
    assert (erreur.code, erreur.phrase[-1]) == (code, "."), erreur.phrase


def test_a_table_needs_the_lycee_of_its_deposit(lire: Lire) -> None:
    assert refus(lire, complete_xls(), uai="").code == "UAJ"


# --- Fregata -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_fregata_is_read_in_its_encodings(lire: Lire, encodage: str) -> None:
    (lu,) = lire(fregata_csv(ligne_fregata(prenom="Zoé", nom="LEBŒUF"), encodage=encodage)).eleves
    assert (lu.identite.prenom, lu.identite.nom, lu.identite.sexe) == ("Zoé", "LEBŒUF", "M")
    assert (lu.scolarite.serie, lu.scolarite.classe, lu.scolarite.statut_scolaire) == ("STAV", "TSTAV", "ST")


def test_fregata_takes_an_inaa_instead_of_the_ine(lire: Lire) -> None:
    tri = lire(fregata_csv(ligne_fregata(id="0123456f")))
    assert (tri.eleves[0].ine, tri.lignes) == ("0123456F", [])


def test_a_line_of_fregata_is_told_by_its_number_and_its_software(lire: Lire) -> None:
    tri = lire(fregata_csv(ligne_fregata(1), "", ligne_fregata(2, naissance="2008-05-07")))
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(4, "DNAIS")]
    assert tri.lignes[0].phrase.startswith("Ligne 4, colonne « Date de naissance (jj/mm/aaaa) » : ")
    assert "SIECLE" not in tri.lignes[0].phrase
    assert "Fregata" in tri.lignes[0].phrase


def test_a_quoted_line_break_keeps_the_numbers_right(lire: Lire) -> None:
    tri = lire(fregata_csv(ligne_fregata(1, prenom='"Jean\nPaul"'), ligne_fregata(2, mef="99999999999")))
    assert tri.eleves[0].identite.prenom == "Jean Paul"
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(4, "ACMEF")]


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        pytest.param(fregata_csv(titres=FREGATA.replace("Code sexe*;", "")), "COLONNE", id="no sex"),
        pytest.param(fregata_csv(titres="Identifiant unique*;Nom"), "COLONNE", id="other titles"),
        pytest.param(fregata_csv().replace(b"NOM1", b"NO\x00M"), "CSV", id="NUL"),
        pytest.param(fregata_csv().replace(b"NOM1", b'"NOM1'), "CSV", id="a quote that never closes"),
        pytest.param(fregata_csv(encodage="utf-8") + b"\x81\x8d", "ENCODAGE", id="unknown encoding"),
        pytest.param(fregata_csv().replace(b"NOM1", b"\xed\xa0\x80\x81"), "ENCODAGE", id="lone surrogate"),
        pytest.param(fregata_csv(encodage="utf-16") + b"\x00\xd8", "ENCODAGE", id="utf-16 surrogate"),
        pytest.param(fregata_csv(ligne_fregata(nom="X" * 200_000)), "CSV", id="a huge field"),
        pytest.param(fregata_csv(";" * 1_000_000), "SANS_ELEVE", id="a million cells"),
        pytest.param(fregata_csv() + b"\n" * (17 << 20), "TROP_GROS", id="17 MB of blank lines"),
        pytest.param(fregata_csv(ligne_fregata(mef="20110019110")), "SANS_ELEVE", id="no terminale"),
    ],
)
def test_a_csv_that_cannot_be_taken_is_refused(lire: Lire, contenu: bytes, code: str) -> None:
    erreur = refus(lire, contenu)
    assert erreur.code == code, erreur.phrase


# --- SYGNE ---------------------------------------------------------------------------------------


def test_sygne_is_read(lire: Lire) -> None:
    contenu = sygne_json(
        eleve_sygne(1, prenom2="Ana", dateFinSco="2026-08-31", codeMef="20210019199"),
        eleve_sygne(2, classe=None, dateFinSco="2025-11-02"),
        eleve_sygne(3, classe=None),
        eleve_sygne(4, codeMef="20110019110", codeMefRatt="20110019110"),
    )
    tri = lire(contenu)
    un, parti = tri.eleves
    assert (un.identite.prenom2, un.identite.naissance) == ("Ana", date(2008, 5, 7))
    assert (un.scolarite.mef, un.scolarite.serie, un.scolarite.date_sortie) == (
        "20210019199",
        "GENERALE",
        None,
    )
    assert (parti.ine, parti.scolarite.date_sortie) == (ine(2), date(2025, 11, 2))
    assert dict(tri.ignores) == {"SANS_DIVISION": 1}


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        pytest.param(b"[]", "JSON", id="nobody"),
        pytest.param(b"[1]", "JSON", id="numbers"),
        pytest.param(b'{"a": 1}', "JSON", id="another object"),
        pytest.param(sygne_json()[:-9], "JSON", id="cut"),
        pytest.param(b"[" * 100_000, "JSON", id="deep"),
        pytest.param(sygne_json().replace(b"NOM1", b"\\ud800"), "JSON", id="lone surrogate escaped"),
        pytest.param(sygne_json().replace(b"NOM1", b"\xed\xa0\x80"), "JSON", id="lone surrogate"),
        pytest.param(sygne_json(eleve_sygne(nom=12)), "JSON", id="a number for a name"),
        pytest.param(sygne_json(eleve_sygne(codeUai="0752387M")), "AUTRE_UAI", id="another lycée"),
        pytest.param(sygne_json(eleve_sygne(anneeScolaire="2024")), "ANNEE", id="another year"),
        pytest.param(
            sygne_json(eleve_sygne(1), eleve_sygne(2, codeUai="0752387M")), "PLUSIEURS", id="two lycées"
        ),
        pytest.param(sygne_json(eleve_sygne(ine=None)), "SANS_ELEVE", id="no INE"),
        pytest.param(sygne_json() + b" " * (17 << 20), "TROP_GROS", id="17 MB of blanks"),
    ],
)
def test_a_sygne_feed_that_cannot_be_taken_is_refused(lire: Lire, contenu: bytes, code: str) -> None:
    erreur = refus(lire, contenu)
    assert erreur.code == code, erreur.phrase


def test_control_characters_never_come_out_of_a_name(lire: Lire) -> None:
    (lu,) = lire(sygne_json(eleve_sygne(nom="A\u0000B", classe="T\u0000"))).eleves
    assert (lu.identite.nom, lu.scolarite.classe) == ("A B", "T")


# --- 1.8, academic codes, options ----------------------------------------------------------------

ANCIEN = {"NOM_DE_FAMILLE": None, "NOM": "VIEUX", "CODE_STATUT": None, "CODE_MEF": None}


def test_a_1_8_pupil_has_the_mef_of_his_division(lire: Lire) -> None:
    contenu = siecle(
        *(eleve(rang, **ANCIEN) for rang in range(1, 6)),
        structures_=[
            structures(1, ("TG1", "D")),
            structures(2, ("1G1", "D")),
            structures(3, ("TMIX", "D")),
            structures(4, ("INCONNUE", "D")),
            structures(5, ("G1", "G")),
        ],
    )
    tables = Tables(divisions={"TG1": [TG], "1G1": ["20110019110"], "TMIX": [TG, "21231017110"]})
    tri = lire(contenu, Regles(tables))
    (lu,) = tri.eleves
    assert (lu.identite.nom, lu.scolarite.mef, lu.scolarite.serie) == ("VIEUX", TG, "GENERALE")
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(3, "ACMEF"), (4, "ACMEF")]
    assert "« TMIX »" in tri.lignes[0].phrase


def test_a_1_8_file_without_known_divisions_asks_for_the_structures(lire: Lire) -> None:
    erreur = refus(lire, siecle(eleve(1, **ANCIEN)))
    assert erreur.code == "SANS_MEF"
    assert "Structures" in erreur.phrase


def test_the_mef_of_last_year_is_never_taken(lire: Lire) -> None:
    an_dernier = f"<CODE_MEF>{TG}</CODE_MEF>"
    contenu = siecle(eleve(1), eleve(2, CODE_MEF=None, SCOLARITE_AN_DERNIER=an_dernier))
    assert [lu.eleve_id_siecle for lu in lire(contenu).eleves] == ["1"]


def test_an_academic_mef_follows_its_rattachement(lire: Lire) -> None:
    tables = Tables(mefs={"9ACAD000001": "21231017110", "9ACAD000002": "20110019110"})
    contenu = siecle(
        eleve(1, CODE_MEF="9ACAD000001"), eleve(2, CODE_MEF="9ACAD000002"), eleve(3, CODE_MEF="9ACAD000003")
    )
    tri = lire(contenu, Regles(tables))
    assert [(lu.scolarite.serie, lu.scolarite.mef) for lu in tri.eleves] == [("STMG", "9ACAD000001")]
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(3, "ACMEF")]


def test_closed_mefs_keep_their_serie(lire: Lire) -> None:
    (lu,) = lire(siecle(eleve(1, CODE_MEF="20211010110"))).eleves
    assert lu.scolarite.serie == "GENERALE"


def test_an_unknown_matiere_blocks_the_option_only(lire: Lire) -> None:
    contenu = siecle(eleve(1), options_=[options(1, "061300", "ZZZZZZ", "<b/>")])
    tri = lire(contenu)
    assert tri.eleves[0].scolarite.specialites == ("MATHS",)
    (ligne,) = tri.lignes
    assert (ligne.code, ligne.gravite, ligne.rang) == ("INOPT", "PARTIEL", 1)
    assert "ZZZZZZ" in ligne.phrase


def test_matieres_of_the_academie_follow_the_national_one(lire: Lire) -> None:
    tables = Tables(matieres={"A61300": "061300", "030201": "030201"})
    tri = lire(
        siecle(eleve(1), options_=[options(1, "030201", "A61300", "062300", "040B00")]), Regles(tables)
    )
    assert tri.eleves[0].scolarite.specialites == ("MATHS", "PC")
    assert [(ligne.code, "040B00" in ligne.phrase) for ligne in tri.lignes] == [("INOPT", True)]


@pytest.mark.parametrize(
    ("porteurs", "dpp", "groupes", "attendu"),
    [
        (Porteurs(), "CR", ["CORD1"], None),
        (Porteurs(dpp={"CR": Dispositif.CORDEES}), "cr", [], "CORDEES"),
        (Porteurs(dpp={"PE": Dispositif.PARCOURS_EXCELLENCE}), "PE", [], "PARCOURS_EXCELLENCE"),
        (Porteurs(groupes={"CORD1": Dispositif.CORDEES}), "", ["CORD12"], None),
        (Porteurs(groupes={"cord*": Dispositif.CORDEES}), "", ["CORD12"], "CORDEES"),
        (
            Porteurs({"PE": Dispositif.PARCOURS_EXCELLENCE}, {"C*": Dispositif.CORDEES}),
            "PE",
            ["C1"],
            "PARCOURS_EXCELLENCE",
        ),
    ],
)
@pytest.mark.parametrize("dedans", [True, False])
def test_cordees_come_by_their_configured_carriers(
    lire: Lire, porteurs: Porteurs, dpp: str, groupes: list[str], attendu: str | None, *, dedans: bool
) -> None:
    bloc = f"<DPPS><DPP><CODE_DPP>{dpp}</CODE_DPP></DPP></DPPS>"
    contenu = siecle(
        eleve(1, SCOLARITE_ACTIVE=bloc) if dedans else eleve(1),
        structures_=[structures(1, ("TG1", "D"), *((code, "G") for code in groupes))],
        suite="" if dedans else f'<DPPS><DPPS_ELEVE ELEVE_ID="1">{bloc}</DPPS_ELEVE></DPPS>',
    )
    (lu,) = lire(contenu, Regles(porteurs=porteurs)).eleves
    assert (lu.scolarite.dispositif, lu.scolarite.cordees) == (attendu, attendu is not None)


# --- CSV of dispositifs, statut-boursier feed ----------------------------------------------------


def test_the_csv_of_dispositifs_is_read_and_told_line_by_line() -> None:
    contenu = dispositifs_csv(
        f"{ine(1)};;Cordées de la réussite",
        ";12;PARCOURS_EXCELLENCE",
        f"{ine(2)};;",
        ";x;CORDEES",
        f"{ine(3)};;CORDEES",
        f"{ine(3)};;Parcours d’excellence",
    )
    tri = trier_dispositifs(lire_dispositifs(io.BytesIO(contenu)))
    assert [(p.rang, p.ine, p.eleve_siecle, p.dispositif) for p in tri.prises] == [
        (2, ine(1), None, Dispositif.CORDEES),
        (3, None, "12", Dispositif.PARCOURS_EXCELLENCE),
    ]
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [
        (4, "DISPOSITIF"),
        (5, "IDNAT"),
        (6, "DOUBLE"),
        (7, "DOUBLE"),
    ]
    assert tri.lignes[0].phrase.startswith("Ligne 4, colonne « Dispositif » : ")


@pytest.mark.parametrize(
    ("contenu", "code"),
    [(dispositifs_csv("x", titres="Dispositif"), "COLONNE"), (dispositifs_csv(";;"), "SANS_LIGNE")],
)
def test_a_csv_of_dispositifs_that_says_nothing_is_refused(contenu: bytes, code: str) -> None:
    with pytest.raises(FichierRefuse, match=code):
        trier_dispositifs(lire_dispositifs(io.BytesIO(contenu)))


def test_each_line_of_the_bourse_feed_is_judged_on_its_own(tmp_path: Path) -> None:
    lignes = [
        statut(1, 6),
        b"",
        {"identite": {"ine": ine(2), "nom": "X"}, "est_boursier": False, "echelon_bourse": 4},
        statut(3, 7),
        statut(4, ine="123"),
        b'{"est_boursier": "oui"}',
        statut(5, annee_scolaire=2024),
        b"{" + b" " * 100_000 + b"}",
        b'{"ine": "\\ud800", "est_boursier": true}',
    ]
    (tmp_path / "d").write_bytes(b"\xef\xbb\xbf" + bourses_ndjson(*lignes))
    (lot,) = lire_statuts(tmp_path / "d", 2026, 100, 1 << 20)
    assert [(s.rang, s.ine, s.est_boursier, s.echelon) for s in lot.statuts] == [
        (1, ine(1), True, 6),
        (3, ine(2), False, None),
    ]
    assert [(ligne.rang, ligne.code) for ligne in lot.lignes] == [
        (4, "BOURS"),
        (5, "IDNAT"),
        (6, "JSON"),
        (7, "ANNEE"),
        (8, "TROP_LONGUE"),
        (9, "JSON"),
    ]


# --- memory --------------------------------------------------------------------------------------

_MESURE = """
import resource, sys
from services.ingest.readers.archive import FluxLimite
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.lecture import lire_format
from services.ingest.readers.archive import Limites
quoi, total = sys.argv[1], int(sys.argv[2])
TETE = b'<BEE_ELEVES VERSION="2.1"><PARAMETRES><UAJ>0750680G</UAJ></PARAMETRES><DONNEES>'
DEBUTS = {
    "avant la racine": (b"<?xml version='1.0'?>", b" "),
    "entre les blocs": (TETE, b" \\n" * 50 + b"<A/>"),
    "dans un texte": (TETE + b"<X>", b" "),
    "dans un attribut": (TETE + b"<X a='", b"y"),
    "en elements": (TETE + b"<ELEVES>", b"<ELEVE ELEVE_ID='1'><CODE_MEF>20110019110</CODE_MEF></ELEVE>"),
    "en csv": (b"Identifiant unique*;", b" "),
    "en json": (b"[", b" "),
}
debut, motif = DEBUTS[quoi]
class Flux:
    reste, lu, tampon = total, 0, debut
    morceau = motif * (65536 // len(motif) + 1)
    def read(self, taille):
        while len(self.tampon) < taille and self.reste > 0:
            self.tampon += self.morceau
            self.reste -= len(self.morceau)
        rendu, self.tampon = self.tampon[:taille], self.tampon[taille:]
        return rendu
try:
    lire_format(Flux(), lambda p: None, {"UAJ": "", "ANNEE_SCOLAIRE": "2025"}, Limites(octets=4 << 30))
    code = "LU"
except FichierRefuse as refus:
    code = refus.code
pic = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print(code, pic)
"""


@pytest.mark.parametrize(
    ("quoi", "octets", "codes"),
    [
        ("avant la racine", 2 << 30, {"PAS_XML", "XML"}),
        ("dans un texte", 2 << 30, {"XML"}),
        ("dans un attribut", 50 << 20, {"XML"}),
        ("entre les blocs", 256 << 20, {"XML"}),
        ("en elements", 64 << 20, {"XML"}),
        ("en csv", 2 << 30, {"TROP_GROS"}),
        ("en json", 2 << 30, {"TROP_GROS"}),
    ],
)
def test_memory_stays_small_whatever_comes(quoi: str, octets: int, codes: set[str]) -> None:
    sortie = subprocess.run(
        [sys.executable, "-c", _MESURE, quoi, str(octets)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
    ).stdout.split()
    assert sortie[0] in codes
    assert int(sortie[1]) < 200_000, f"{sortie[1]} kB"
