"""The SIECLE reader: what it takes, what it leaves, and every file that it refuses, without a database."""

import random
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.domain import Tri, trier
from services.ingest.siecle.entete import lire_entete, plus_ancien
from services.ingest.siecle.lecture import lire_format
from services.ingest.structures.domain import Tables, completer
from tests.ingest._fichiers import (
    AUTRE_UAI,
    HORODATAGE,
    TG,
    UAI,
    eleve,
    ine,
    options,
    siecle,
    structures,
    zipper,
)

LIMITES = Limites(octets=4 << 20)
PARAMETRES = {"UAJ": UAI, "ANNEE_SCOLAIRE": "2025", "HORODATAGE": HORODATAGE}


def lire_fichier(tmp_path: Path, contenu: bytes, uai: str | None = None, limites: Limites = LIMITES) -> Tri:
    chemin = tmp_path / "depot"
    chemin.write_bytes(contenu)

    def controler(parametres: Mapping[str, str]) -> None:
        lire_entete(parametres, 2026, uai)

    with ouvrir(chemin, limites) as flux:
        lecture = lire_format(flux, controler, PARAMETRES, limites)
    return trier(completer(lecture.eleves, Tables()), lire_entete(lecture.parametres, 2026, uai))


def refus(tmp_path: Path, contenu: bytes, uai: str | None = None) -> FichierRefuse:
    with pytest.raises(FichierRefuse) as erreur:
        lire_fichier(tmp_path, contenu, uai)
    return erreur.value


def test_a_pupil_is_joined_from_all_blocks(tmp_path: Path) -> None:
    contenu = siecle(
        eleve(1, NOM_DE_FAMILLE="LEBŒUF", PRENOM2="Zoé", NOM_USAGE="X"),
        structures_=[structures(1, ("TGGR1", "G"), ("TG4", "D"))],
        options_=[options(1, "030201", "061300", "062300", "061300")],
        bourses='<BOURSES><BOURSE ELEVE_ID="1"><CODE_BOURSE>1</CODE_BOURSE></BOURSE></BOURSES>',
    )
    assert b"\xbc" in contenu  # Œ of ISO-8859-15
    (lu,) = lire_fichier(tmp_path, contenu, UAI).eleves
    assert (lu.identite.nom, lu.identite.nom_usage, lu.identite.prenom2) == ("LEBŒUF", "X", "Zoé")
    assert (lu.identite.naissance, lu.identite.sexe, lu.ine) == (date(2008, 5, 7), "F", ine(1))
    s = lu.scolarite
    assert (s.uai, s.academie, s.departement, s.serie, s.classe) == (UAI, "01", "075", "GENERALE", "TG4")
    assert (s.regime, s.mef, s.statut_scolaire) == ("2", TG, "ST")
    assert len(s.specialites) == 2
    assert s.codes_bourse == ("1",)
    assert (s.date_entree, s.date_sortie) == (date(2025, 9, 1), None)


def test_older_tags_and_elenoet_as_a_child_are_read(tmp_path: Path) -> None:
    ancien = eleve(1, NOM_DE_FAMILLE=None, NOM="VIEUX", ELENOET="12", INE_RNIE="x", INCONNU="<A><B/></A>")
    (lu,) = lire_fichier(tmp_path, siecle(ancien)).eleves
    assert lu.identite.nom == "VIEUX"


def test_bourse_codes_are_found_whatever_their_nesting(tmp_path: Path) -> None:
    bourses = "<BOURSES><BOURSES_ELEVE><ELEVE_ID>1</ELEVE_ID><B><CODE_BOURSE>3</CODE_BOURSE></B></BOURSES_ELEVE></BOURSES>"
    (lu,) = lire_fichier(tmp_path, siecle(bourses=bourses)).eleves
    assert lu.scolarite.codes_bourse == ("3",)


def test_only_terminales_are_taken_and_unknown_mefs_are_told(tmp_path: Path) -> None:
    contenu = siecle(
        eleve(1), eleve(2, CODE_MEF="20110019110"), eleve(3, CODE_MEF="20299999990"), eleve(4, CODE_MEF=None)
    )
    tri = lire_fichier(tmp_path, contenu)
    assert [lu.eleve_id_siecle for lu in tri.eleves] == ["1"]
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(3, "ACMEF")]
    assert "20299999990" in tri.lignes[0].phrase


def test_a_local_variant_of_a_mef_has_the_same_serie(tmp_path: Path) -> None:
    (lu,) = lire_fichier(tmp_path, siecle(eleve(1, CODE_MEF="20210019112"))).eleves
    assert lu.scolarite.serie == "GENERALE"


@pytest.mark.parametrize(
    ("champs", "code"),
    [
        ({"NOM_DE_FAMILLE": None}, "ELNOM"),
        ({"NOM_DE_FAMILLE": "  "}, "ELNOM"),
        ({"PRENOM": None}, "ELPRE"),
        ({"CODE_SEXE": None}, "CSEXE"),
        ({"CODE_SEXE": "3"}, "CSEXE"),
        ({"DATE_NAISS": None}, "DNAIS"),
        ({"DATE_NAISS": "2008-05-07"}, "DNAIS"),
        ({"DATE_NAISS": "31/02/2008"}, "DNAIS"),
        ({"DATE_SORTIE": "demain"}, "SORTI"),
        ({"NOM_DE_FAMILLE": "X" * 400}, "ELNOM"),
    ],
)
def test_a_pupil_without_what_is_required_is_refused_alone(
    tmp_path: Path, champs: dict[str, str | None], code: str
) -> None:
    tri = lire_fichier(tmp_path, siecle(eleve(1), eleve(2, **champs)))
    assert [lu.eleve_id_siecle for lu in tri.eleves] == ["1"]
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [(2, code)]


def test_two_lines_with_the_same_ine_or_id_are_both_refused(tmp_path: Path) -> None:
    contenu = siecle(
        eleve(1),
        eleve(2, ID_NATIONAL=ine(3)),
        eleve(3),
        eleve(4),
        eleve(4, ID_NATIONAL=ine(5)),
    )
    tri = lire_fichier(tmp_path, contenu)
    assert [lu.eleve_id_siecle for lu in tri.eleves] == ["1"]
    assert sorted((ligne.rang, ligne.code) for ligne in tri.lignes) == [
        (2, "INE_DOUBLE"),
        (3, "INE_DOUBLE"),
        (4, "ELEVE_ID_DOUBLE"),
        (5, "ELEVE_ID_DOUBLE"),
    ]


@pytest.mark.parametrize("faux", ["990000001AA", "0123456789A", "", "123"])
def test_a_doubtful_ine_warns_and_does_not_refuse(tmp_path: Path, faux: str) -> None:
    tri = lire_fichier(tmp_path, siecle(eleve(1, ID_NATIONAL=faux)))
    assert len(tri.eleves) == 1
    assert [(ligne.code, ligne.gravite) for ligne in tri.lignes] == [("IDNAT", "AVERTISSEMENT")]


def test_pupils_without_a_division_are_counted_apart(tmp_path: Path) -> None:
    contenu = siecle(
        *(eleve(rang) for rang in range(1, 5)),
        structures_=[structures(1), structures(2, ("Inactifs", "D")), structures(3, ("G1", "G"))],
    )
    tri = lire_fichier(tmp_path, contenu)
    assert [lu.eleve_id_siecle for lu in tri.eleves] == ["1"]
    assert dict(tri.ignores) == {"INACTIF": 1, "GROUPES_SEULS": 1, "SANS_DIVISION": 1}


def test_a_past_leaving_is_told_and_a_future_one_is_not_yet(tmp_path: Path) -> None:
    contenu = siecle(eleve(1, DATE_SORTIE="12/01/2026"), eleve(2, DATE_SORTIE="13/01/2026"))
    sortis = {lu.eleve_id_siecle: lu.scolarite.date_sortie for lu in lire_fichier(tmp_path, contenu).eleves}
    assert sortis == {"1": date(2026, 1, 12), "2": None}


ENTITES = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
EXTERNE = '<?xml version="1.0"?><!-- <BEE> --><!DOCTYPE l SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        (b"", "VIDE"),
        (b"   \n ", "VIDE"),
        (b"Bonjour", "PAS_XML"),
        (b"\x00\x01\x02", "PAS_XML"),
        (b"<html><body/></html>", "RACINE"),
        (b"<BEE_RESPONSABLES/>", "RACINE"),
        (siecle(entete="<?xml version='1.0' encoding='x-macthai'?>"), "ENCODAGE"),
        (siecle(entete="<?xml version='1.0' encoding='rot13'?>"), "ENCODAGE"),
        (siecle(entete=ENTITES), "DOCTYPE"),
        (siecle(entete=EXTERNE), "DOCTYPE"),
        (siecle().replace(b"</PRENOM>", b"</PRENOM d>"), "XML"),
        (siecle()[:170], "XML"),
        (siecle()[:-20], "XML"),
        (siecle().replace(b"NOM1", b"NO\x00M1"), "XML"),
        (siecle().replace(b"NOM1", b"&inconnue;"), "XML"),
        (siecle(uai=None), "UAJ"),
        (siecle(uai="0750680A"), "UAJ"),
        (siecle(uai=AUTRE_UAI), "AUTRE_UAI"),
        (siecle(annee="2024"), "ANNEE"),
        (siecle(horodatage="2026-01-12"), "HORODATAGE"),
        (siecle(eleve(1, CODE_MEF="20110019110")), "SANS_ELEVE"),
        (siecle(eleve(1, DATE_SORTIE="01/10/2025")), "SANS_ELEVE"),
        (siecle(eleve(1, PRENOM=None)), "SANS_ELEVE"),
        (siecle(suite="<X a='" + "y" * (11 << 20) + "'/>"), "TROP_GROS"),
        (siecle(suite="<X><Y>" + "<Z/>" * 300_000 + "</Y></X>"), "XML"),
        (siecle(suite="<a>" * 300 + "</a>" * 300), "XML"),
        (b"<BEE_ELEVES>" + b" " * (2 << 20) + b"</BEE_ELEVES>", "PARAMETRES"),
        (b"<BEE_ELEVES><DONNEES/></BEE_ELEVES>", "PARAMETRES"),
        (b"PK\x03\x04abc", "ARCHIVE"),
        (zipper(lisez_moi_txt=b"x"), "SANS_XML"),
        (zipper(a_xml=siecle(), b_xml=siecle()), "PLUSIEURS_XML"),
        (zipper(dossier__a_xml=siecle()), "SANS_XML"),
        (zipper(**{"..__..__etc_xml": siecle()}), "SANS_XML"),
        (zipper(dedans_zip=zipper(a_xml=siecle())), "SANS_XML"),
        (zipper(a_xml=b" " * (3 << 20)), "TROP_GROS"),
        (zipper(**{f"n{rang}": b"" for rang in range(101)}), "ARCHIVE"),
        (zipper(a_xml=siecle())[:-30], "ARCHIVE"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(
    tmp_path: Path, contenu: bytes, code: str
) -> None:
    erreur = refus(tmp_path, contenu, UAI)
    assert erreur.code == code, erreur.phrase
    assert len(erreur.phrase) > 30
    assert erreur.phrase.rstrip().endswith((".", "»."))


def test_an_unknown_encoding_is_named(tmp_path: Path) -> None:
    phrase = refus(tmp_path, siecle(entete="<?xml version='1.0' encoding='x-macthai'?>")).phrase
    assert "x-macthai" in phrase


@pytest.mark.parametrize(
    ("entete", "encodage", "bom"),
    [
        ("", "iso-8859-15", b""),
        ("<?xml version='1.0' encoding='utf-8'?>", "utf-8", b""),
        ("<?xml version='1.0' encoding='UTF-8'?>", "utf-8", b"\xef\xbb\xbf"),
        ('<?xml version="1.0"?>', "utf-16-le", b"\xff\xfe"),
        ('<?xml version="1.0" encoding="windows-1252"?>', "windows-1252", b""),
    ],
)
def test_encodings_are_those_of_bom_then_declaration_then_siecle(
    tmp_path: Path, entete: str, encodage: str, bom: bytes
) -> None:
    contenu = bom + siecle(eleve(1, NOM_DE_FAMILLE="ÉLŒ"), entete=entete, encodage=encodage)
    assert lire_fichier(tmp_path, contenu).eleves[0].identite.nom == "ÉLŒ"


def test_the_xml_is_found_among_the_entries_that_macos_adds(tmp_path: Path) -> None:
    contenu = zipper(__MACOSX__x_xml=b"x", **{"._Eleves_xml": b"x", "Eleves_xml": siecle()})
    assert len(lire_fichier(tmp_path, contenu).eleves) == 1


def test_a_corrupt_entry_is_refused(tmp_path: Path) -> None:
    contenu = bytearray(zipper(a_xml=siecle(*(eleve(rang) for rang in range(1, 200)))))
    contenu[len(contenu) // 2] ^= 0xFF
    assert refus(tmp_path, bytes(contenu)).code in {"ARCHIVE", "XML", "TROP_GROS"}


def test_an_older_file_than_the_last_is_a_question() -> None:
    entete = lire_entete(
        {"UAJ": UAI, "ANNEE_SCOLAIRE": "2025", "HORODATAGE": "12/01/2026 08:00:00"}, 2026, None
    )
    assert plus_ancien(entete, None) is None
    assert plus_ancien(entete, entete.horodatage_us) is None
    question = plus_ancien(entete, entete.horodatage_us + 1)
    assert question is not None
    assert question.code == "PLUS_ANCIEN"


def test_no_mutilated_file_does_anything_but_be_read_or_refused(tmp_path: Path) -> None:
    alea = random.Random(7)
    bon = siecle(*(eleve(rang) for rang in range(1, 30)))
    for _ in range(400):
        contenu = bytearray(bon)
        for _ in range(alea.randint(1, 6)):
            debut = alea.randrange(len(contenu))
            contenu[debut : debut + alea.randint(0, 40)] = alea.randbytes(alea.randint(0, 20))
        try:
            lire_fichier(tmp_path, bytes(contenu))
        except FichierRefuse:
            continue


_MESURE = """
import resource, sys
from services.ingest.readers.siecle import lire
class Flux:
    def __init__(self):
        debut = open(sys.argv[1], 'rb').read()
        tete, queue = debut.split(b'<SUITE/>')
        adresse = b'<ADRESSE ADRESSE_ID="1"><LIGNE1_ADRESSE>1 rue</LIGNE1_ADRESSE></ADRESSE>' * 1000
        self.reste = iter([tete, b'<ADRESSES>', *[adresse] * 1000, b'</ADRESSES>', queue])
        self.tampon = b''
    def read(self, taille):
        while len(self.tampon) < taille:
            morceau = next(self.reste, None)
            if morceau is None: break
            self.tampon += morceau
        rendu, self.tampon = self.tampon[:taille], self.tampon[taille:]
        return rendu
avant = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
lecture = lire(Flux(), lambda p: None, lambda m: True)
print(lecture.lus, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - avant)
"""


def test_memory_does_not_grow_with_what_is_not_read(tmp_path: Path) -> None:
    fichier = tmp_path / "modele.xml"
    fichier.write_bytes(siecle(suite="<SUITE/>"))
    sortie = subprocess.run(
        [sys.executable, "-c", _MESURE, str(fichier)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert sortie[0] == "1"
    assert int(sortie[1]) < 20_000, f"{sortie[1]} kB more for 78 MB of addresses"
