"""Readers of the public files: columns by name, separators, encodings, and what is told of a bad line."""

import csv
import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.readers.csv_ouvert import Colonne, lire, plat
from services.ingest.referentiels.domain import (
    ETABLISSEMENTS,
    ETRANGER,
    FORMATIONS,
    MEFS,
    LecteurFormations,
    LigneRefusee,
    academie_dite,
    lire_etablissement,
    lire_mef,
)
from services.ingest.refus import FichierRefuse
from shared.nomenclatures import formations

OPENDATA = Path("/work/shared/data/opendata")
NOMENCLATURES = Path("/work/shared/data/nomenclatures")
DERIVE = {
    "uai": "0750680G",
    "etablissement": "Lycée d'essai",
    "formation": "BTS - Services",
    "famille": "BTS",
    "academie": "Paris",
    "selectivite": "formation sélective",
    "capacite": "32",
}
OFFICIEL = {
    "session": "2025",
    "Code UAI de l'établissement": "0750680G",
    "Établissement": "Lycée d’essai",
    "Académie de l’établissement": "Paris",
    "Commune de l’établissement": "Paris",
    "Filière de formation": "BTS - Services",
    "Sélectivité": "formation sélective",
    "Filière de formation très agrégée": "BTS",
    "Capacité de l’établissement par formation": "32",
    "cod_aff_form": "4012",
}
IDENTIFIANTS_API = {
    "cod_uai": "0750680G",
    "g_ea_lib_vx": "Lycée d’essai",
    "acad_mies": "Paris",
    "lib_for_voe_ins": "BTS - Services",
    "select_form": "formation sélective",
    "fili": "BTS",
    "capa_fin": "32",
    "cod_aff_form": "4012",
}


def _csv(champs: Mapping[str, str], separateur: str = ";", encodage: str = "utf-8") -> bytes:
    sortie = io.StringIO()
    ecrivain = csv.writer(sortie, delimiter=separateur)
    ecrivain.writerows([champs, champs.values()])
    return sortie.getvalue().encode(encodage)


def _lues(chemin: Path, colonnes: tuple[Colonne, ...] = FORMATIONS) -> list[dict[str, str]]:
    return [champs for _, champs, _ in lire(chemin, colonnes, 1 << 20)]


@pytest.mark.parametrize("champs", [DERIVE, OFFICIEL, IDENTIFIANTS_API])
@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_known_heading_separator_and_encoding_says_the_same(
    tmp_path: Path, champs: dict[str, str], separateur: str, encodage: str
) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(_csv(champs, separateur, encodage))
    lu = LecteurFormations()(_lues(fichier)[0])
    assert lu.valeurs["libelle"] == "BTS - Services"
    assert (lu.valeurs["famille"], lu.valeurs["selective"], lu.valeurs["academie"]) == ("BTS", True, "01")
    assert (lu.valeurs["uai"], lu.valeurs["capacite"]) == ("0750680G", 32)
    assert lu.cle == champs.get("cod_aff_form", lu.cle)


def test_latin_1_is_read_when_the_file_is_not_utf_8(tmp_path: Path) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(_csv(DERIVE, encodage="latin-1"))
    assert _lues(fichier)[0]["selective"] == "formation sélective"


@pytest.mark.parametrize("champ", ["formation", "etablissement", "famille", "selectivite", "academie"])
def test_a_missing_column_is_named(tmp_path: Path, champ: str) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(_csv({nom: valeur for nom, valeur in DERIVE.items() if nom != champ}))
    with pytest.raises(FichierRefuse) as refus:
        _lues(fichier)
    assert refus.value.code == "COLONNE"
    assert champ in plat(refus.value.phrase)


def test_a_title_written_twice_is_read_where_it_stands_first(tmp_path: Path) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(_csv(OFFICIEL).replace(b"session;", b"S\xc3\xa9lectivit\xc3\xa9;", 1))
    assert _lues(fichier)[0]["selective"] == "2025"


@pytest.mark.parametrize(
    ("brut", "code"),
    [(b"", "VIDE"), (b"a;b\n\x00;1\n", "CSV"), (b"\xff\xfe\x00", "ENCODAGE")],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, brut: bytes, code: str) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(brut)
    with pytest.raises(FichierRefuse) as refus:
        _lues(fichier)
    assert refus.value.code == code


@pytest.mark.parametrize(
    ("champ", "valeur", "code"),
    [
        ("famille", "Doctorat", "FAMILLE"),
        ("selectivite", "peut-être", "SELECTIVITE"),
        ("academie", "Atlantide", "ACADEMIE"),
        ("formation", "", "LIBELLE"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(tmp_path: Path, champ: str, valeur: str, code: str) -> None:
    fichier = tmp_path / "f.csv"
    fichier.write_bytes(_csv({**DERIVE, champ: valeur}))
    with pytest.raises(LigneRefusee) as refus:
        LecteurFormations()(_lues(fichier)[0])
    assert refus.value.code == code


def test_two_formations_alike_get_ids_of_their_own_and_always_the_same(tmp_path: Path) -> None:
    fichier = tmp_path / "f.csv"
    brut = _csv(DERIVE)
    fichier.write_bytes(brut + brut.split(b"\n", 1)[1])
    ids = []
    for _ in range(2):
        lecteur = LecteurFormations()
        ids.append([lecteur(champs).cle for champs in _lues(fichier)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


@pytest.mark.parametrize(
    ("texte", "uai", "code"),
    [
        ("Créteil", None, "24"),
        ("CRETEIL", None, "24"),
        ("Besancon", None, "03"),
        ("Polynésie Française", None, "41"),
        ("Etranger", None, ETRANGER),
        ("1", None, "01"),
        ("", "0750680G", "01"),
    ],
)
def test_an_academie_is_known_by_its_name_its_code_or_the_uai(texte: str, uai: str | None, code: str) -> None:
    assert academie_dite(texte, uai) == code


def test_a_mef_and_an_etablissement_are_read_from_their_own_columns(tmp_path: Path) -> None:
    mef = tmp_path / "m.csv"
    mef.write_bytes(
        "\ufeffMEF;LIBELLE_LONG;DATE_FERMETURE;MEF_STAT_11\n20210019110;TERM;31/08/2030;22131810019\n".encode()
    )
    lu = lire_mef(_lues(mef, MEFS)[0])
    assert (lu.cle, lu.valeurs["mefstat11"], str(lu.valeurs["fermeture"])) == (
        "2021001911",
        "22131810019",
        "2030-08-31",
    )
    annuaire = tmp_path / "e.csv"
    annuaire.write_bytes(
        "numero_uai,appellation_officielle,libelle_commune,libelle_academie,secteur\n"
        "0750680G,Lycée d’essai,Paris,Paris,Privé\n".encode()
    )
    lu = lire_etablissement(_lues(annuaire, ETABLISSEMENTS)[0])
    assert lu.valeurs == {
        "nom": "Lycée d’essai", "commune": "Paris", "departement": "075", "academie": "01", "secteur": "PRIVE",
    }  # fmt: skip


TITRES = ";".join(DERIVE).encode()


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", TITRES + b"\n", b"\xff\xfe", b"PK\x03\x04", b"\xef\xbb\xbf"]),
)
def test_whatever_the_bytes_a_file_is_read_or_refused_and_nothing_else_is_raised(
    brut: bytes, debut: bytes
) -> None:
    with TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "f.csv"
        fichier.write_bytes(debut + brut)
        lecteur = LecteurFormations()
        with suppress(FichierRefuse):
            for champs in _lues(fichier):
                with suppress(LigneRefusee):
                    assert lecteur(champs).valeurs["famille"]


@pytest.mark.skipif(not OPENDATA.is_dir(), reason="the public files are not here")
def test_the_public_file_of_2025_is_read_whole_and_agrees_with_the_built_in_catalogue() -> None:
    lecteur, lus = LecteurFormations(), {}
    for _, champs, _ in lire(OPENDATA / "formations_parcoursup_2025.csv", FORMATIONS, 64 << 20):
        lu = lecteur(champs)
        lus[lu.cle] = lu.valeurs
    assert len(lus) == 14_252
    assert sum(not valeurs["selective"] for valeurs in lus.values()) == 3_196
    for cle, connue in formations().items():
        dits = lus[cle]["famille"], lus[cle]["selective"], lus[cle]["academie"]
        assert dits == (connue.famille.value, connue.selective, connue.academie), cle


@pytest.mark.skipif(not NOMENCLATURES.is_dir(), reason="the national base is not here")
def test_the_national_base_of_mef_is_read_whole() -> None:
    lus = {lire_mef(champs).cle for _, champs, _ in lire(NOMENCLATURES / "nMef.csv", MEFS, 64 << 20)}
    assert len(lus) > 10_000
