"""Every bad file of a lycée that is known of, by name, with what is said of it.

Pupils' lines: what becomes of the one bad pupil beside a good one. The NDJSON feed and hanging clients
have their own tests.
"""

import io
import re
import zipfile
import zlib
from pathlib import Path

import pytest

from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.domain import Tri, trier
from services.ingest.siecle.entete import lire_entete
from services.ingest.siecle.lecture import lire_format
from services.ingest.structures.domain import Tables, completer
from tests.ingest._fichiers import AUTRE_UAI, HORODATAGE, UAI, eleve, ine, options, siecle, structures, zipper

PARAMETRES = {"UAJ": UAI, "ANNEE_SCOLAIRE": "2025", "HORODATAGE": HORODATAGE}
DEUX = siecle(eleve(1), eleve(2))


def lire(tmp_path: Path, contenu: bytes) -> Tri:
    limites = Limites()
    chemin = tmp_path / "depot"
    chemin.write_bytes(contenu)
    with ouvrir(chemin, limites) as flux:
        lecture = lire_format(flux, lambda p: lire_entete(p, 2026, UAI) and None, PARAMETRES, limites)
    return trier(completer(lecture.eleves, Tables()), lire_entete(lecture.parametres, 2026, UAI))


def entetes(declaration: str) -> bytes:
    return siecle(entete=declaration)


def zip_de(nom: str, contenu: bytes) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(nom, contenu)
    return sortie.getvalue()


def zip_de_blancs(octets: int) -> bytes:
    """A zip whose XML is ``octets`` of blanks, made without holding them."""
    sortie = io.BytesIO()
    with (
        zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("E.xml", "w", force_zip64=True) as entree,
    ):
        entree.write(b"<BEE_ELEVES>")
        for _ in range(octets >> 20):
            entree.write(b" " * (1 << 20))
    return sortie.getvalue()


def zip_menteur() -> bytes:
    """Announces 1,000 bytes and holds 8 MB."""
    contenu = b" " * (8 << 20)
    brut = zip_de("E.xml", contenu)
    vrai, faux = len(contenu).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert zlib.crc32(contenu).to_bytes(4, "little") in brut
    return brut.replace(vrai, faux)


MILLIARD = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
FICHIERS = {
    "truncated before UAJ": (DEUX[: DEUX.index(b"<UAJ>")], "XML", "coupé"),
    "truncated after UAJ": (DEUX[: DEUX.index(b"<ELEVES>") + 200], "XML", "coupé"),
    "truncated in the last tag": (DEUX[:-3], "XML", "coupé"),
    "wrong UAJ": (siecle(uai=AUTRE_UAI), "AUTRE_UAI", AUTRE_UAI),
    "a UAJ that is none": (siecle(uai="0750680A"), "UAJ", "UAI valide"),
    "missing UAJ": (siecle(uai=None), "UAJ", "UAJ"),
    "wrong year": (siecle(annee="2024"), "ANNEE", "2025-2026"),
    "an impossible HORODATAGE": (siecle(horodatage="01/01/0001 00:00:00"), "HORODATAGE", "impossible"),
    "no importable pupil": (siecle(eleve(1, CODE_MEF="20110019110")), "SANS_ELEVE", "terminale"),
    "nobody but the bad ones": (siecle(eleve(1, PRENOM=None)), "SANS_ELEVE", "prénom"),
    "unknown encoding": (entetes("<?xml version='1.0' encoding='x-macthai'?>"), "ENCODAGE", "x-macthai"),
    "a DTD": (entetes('<?xml version="1.0"?><!DOCTYPE BEE_ELEVES [<!ELEMENT A ANY>]>'), "DOCTYPE", "DOCTYPE"),
    "an entity bomb": (
        entetes(f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">{MILLIARD}]>'),
        "DOCTYPE",
        "DOCTYPE",
    ),
    "a DTD behind a comment that hides a root": (
        entetes('<?xml version="1.0"?><!-- <BEE_ELEVES> --><!DOCTYPE l [<!ENTITY a "b">]>'),
        "DOCTYPE",
        "DOCTYPE",
    ),
    "XXE": (entetes('<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "DOCTYPE", "DOCTYPE"),
    "XXE by parameter": (
        entetes('<!DOCTYPE l [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'),
        "DOCTYPE",
        "DOCTYPE",
    ),
    "an entity nobody declared": (DEUX.replace(b"NOM1", b"&xxe;"), "XML", "ligne"),
    "a zip bomb by its ratio": (zip_de_blancs(20 << 20), "TROP_GROS", "anormalement gros"),
    "a zip that lies about its size": (zip_menteur(), "ARCHIVE", "abîmée"),
    "a zip in a zip": (zip_de("x.zip", zipper(a_xml=DEUX)), "SANS_XML", "autre archive"),
    "a zip of many entries": (
        zipper(**{f"n{n}_xml": b"" for n in range(150)}),
        "ARCHIVE",
        "trop de fichiers",
    ),
    "path traversal": (zip_de("../../etc/Eleves.xml", DEUX), "SANS_XML", "dossier"),
    "path traversal, the other way": (zip_de("..\\..\\Eleves.xml", DEUX), "SANS_XML", "dossier"),
    "an absolute path": (zip_de("/etc/Eleves.xml", DEUX), "SANS_XML", "dossier"),
    "a 50 MB attribute": (siecle(suite=f"<X a='{'y' * (50 << 20)}'/>"), "XML", "ligne"),
    "a 50 MB text": (siecle(eleve(1, NOM_DE_FAMILLE="y" * (50 << 20))), "XML", "ligne"),
    "a NUL byte in a text": (DEUX.replace(b"NOM1", b"N\x00M"), "XML", "ligne"),
    "a NUL character reference": (DEUX.replace(b"NOM1", b"&#0;"), "XML", "ligne"),
    "a lone surrogate by reference": (DEUX.replace(b"NOM1", b"&#xD800;"), "XML", "ligne"),
    "a lone surrogate in UTF-8": (
        entetes("<?xml version='1.0' encoding='utf-8'?>").replace(b"NOM1", b"\xed\xa0\x80"),
        "XML",
        "ligne",
    ),
    "a lone surrogate in UTF-16": (
        b"\xff\xfe"
        + siecle(entete="", encodage="utf-16-le").replace(
            b"N\x00O\x00M\x001\x00", b"N\x00\x00\xd8M\x001\x00"
        ),
        "XML",
        "ligne",
    ),
    "UTF-8 said, ISO-8859-15 written": (
        siecle(eleve(1, NOM_DE_FAMILLE="ÉLŒ"), entete="<?xml version='1.0' encoding='utf-8'?>"),
        "XML",
        "ligne",
    ),
}


@pytest.mark.parametrize(("contenu", "code", "dit"), FICHIERS.values(), ids=FICHIERS)
def test_the_file_is_refused_and_why(tmp_path: Path, contenu: bytes, code: str, dit: str) -> None:
    with pytest.raises(FichierRefuse) as erreur:
        lire(tmp_path, contenu)
    assert erreur.value.code == code, erreur.value.phrase
    assert dit in erreur.value.phrase
    assert re.fullmatch(r"[A-ZÀÉ«].{25,}\.", erreur.value.phrase, re.DOTALL), erreur.value.phrase


def test_2_gb_of_blanks_in_a_zip_are_refused_unread(tmp_path: Path) -> None:
    """Streamed, they are measured with the formats: memory does not grow."""
    with pytest.raises(FichierRefuse) as erreur:
        lire(tmp_path, zip_de_blancs(2 << 30))
    assert erreur.value.code == "TROP_GROS"


LIGNES = {
    "no nom": ({"NOM_DE_FAMILLE": None}, {}, "ELNOM", "REJET"),
    "no prénom": ({"PRENOM": " "}, {}, "ELPRE", "REJET"),
    "a nom of control characters": ({"NOM_DE_FAMILLE": "&#x85;&#x9;"}, {}, "ELNOM", "REJET"),
    "a birth date as ISO": ({"DATE_NAISS": "2008-05-07"}, {}, "DNAIS", "REJET"),
    "an American birth date": ({"DATE_NAISS": "05/31/2008"}, {}, "DNAIS", "REJET"),
    "a short birth date": ({"DATE_NAISS": "7/5/08"}, {}, "DNAIS", "REJET"),
    "no birth date": ({"DATE_NAISS": None}, {}, "DNAIS", "REJET"),
    "a date d'entrée as ISO": ({"DATE_ENTREE": "2025-09-01"}, {}, "SCOAC", "REJET"),
    "no sex": ({"CODE_SEXE": ""}, {}, "CSEXE", "REJET"),
    "the INE of another": ({"ID_NATIONAL": ine(1)}, {}, "INE_DOUBLE", "REJET"),
    "an unknown MEF": ({"CODE_MEF": "29999999990"}, {}, "ACMEF", "REJET"),
    "a MEF that is no code": ({"CODE_MEF": "&lt;b&gt;"}, {}, "ACMEF", "REJET"),
    "an unknown matière": ({}, {"options_": [options(2, "QQQQQQ")]}, "INOPT", "PARTIEL"),
    "division Inactifs": (
        {},
        {"structures_": [structures(1), structures(2, ("INACTIFS", "D"))]},
        "INACTIF",
        "IGNORE",
    ),
    "groupes only": (
        {},
        {"structures_": [structures(1), structures(2, ("G1", "G"))]},
        "GROUPES_SEULS",
        "IGNORE",
    ),
    "no division": ({}, {"structures_": [structures(1)]}, "SANS_DIVISION", "IGNORE"),
    "no INE": ({"ID_NATIONAL": ""}, {}, "IDNAT", "AVERTISSEMENT"),
    "an INE with a wrong key": ({"ID_NATIONAL": "990000001AA"}, {}, "IDNAT", "AVERTISSEMENT"),
}


@pytest.mark.parametrize(("champs", "blocs", "code", "gravite"), LIGNES.values(), ids=LIGNES)
def test_the_pupil_is_told_and_the_others_are_taken(
    tmp_path: Path, champs: dict[str, str | None], blocs: dict[str, list[str]], code: str, gravite: str
) -> None:
    tri = lire(tmp_path, siecle(eleve(3), eleve(1), eleve(2, **champs), **_trois(blocs)))
    dites = [ligne for ligne in tri.lignes if ligne.rang == 3]
    assert [(ligne.code, ligne.gravite) for ligne in dites] == [(code, gravite)]
    assert dites[0].phrase.endswith(".")
    assert ("2" in {lu.eleve_id_siecle for lu in tri.eleves}) is (gravite in {"PARTIEL", "AVERTISSEMENT"})
    assert "3" in {lu.eleve_id_siecle for lu in tri.eleves}


def _trois(blocs: dict[str, list[str]]) -> dict[str, list[str]]:
    if "structures_" in blocs:
        return {**blocs, "structures_": [structures(3), *blocs["structures_"]]}
    return blocs


def test_two_lines_with_one_eleve_id_are_both_refused(tmp_path: Path) -> None:
    tri = lire(tmp_path, siecle(eleve(1), eleve(2), eleve(2, ID_NATIONAL=ine(3))))
    assert [(ligne.rang, ligne.code) for ligne in tri.lignes] == [
        (2, "ELEVE_ID_DOUBLE"),
        (3, "ELEVE_ID_DOUBLE"),
    ]


@pytest.mark.parametrize(
    ("sortie", "parti"), [("12/01/2026", True), ("13/01/2026", False), ("31/08/2026", False)]
)
def test_a_date_de_sortie_is_past_or_future_on_the_day_of_the_file(
    tmp_path: Path, sortie: str, parti: bool
) -> None:
    tri = lire(tmp_path, siecle(eleve(1), eleve(2, DATE_SORTIE=sortie)))
    assert [lu.sorti for lu in tri.eleves] == [False, parti]
