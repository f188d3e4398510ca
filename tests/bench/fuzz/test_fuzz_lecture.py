"""Fuzzing of the readers of a lycée's files: whatever the bytes, a reading or FichierRefuse, in bounded memory.

``FUZZ_MINUTES`` (default 10) is shared by all of them; a find is shrunk, printed, and to be kept in
``tests/ingest/test_lecture_trouves.py``.
"""

import io
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from services.ingest.dispositifs.domain import Porteurs, trier_dispositifs
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.dispositifs import lire_dispositifs, lire_statuts
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.readers.structures import lire_structures, lire_tables
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.domain import Regles, trier
from services.ingest.siecle.entete import lire_entete
from services.ingest.siecle.lecture import FORMATS, lire_format
from services.ingest.structures.domain import Tables, completer, trier_structures, trier_tables
from shared.events.modeles import Dispositif
from tests.ingest._fichiers import HORODATAGE, UAI, eleve, options, siecle, structures, zipper
from tests.ingest._formats import (
    bourses_ndjson,
    complete_xls,
    complete_xlsx,
    descendant,
    dispositifs_csv,
    division,
    eleve_sygne,
    fregata_csv,
    groupe,
    ligne_complete,
    ligne_fregata,
    nomenclature_xml,
    statut,
    structures_xml,
    sygne_json,
)

pytestmark = pytest.mark.bench
MINUTES = float(os.environ.get("FUZZ_MINUTES", "10"))
MEMOIRE_KO = 200 << 10
_LIMITES = Limites(octets=8 << 20)
_PARAMETRES = {"UAJ": UAI, "ANNEE_SCOLAIRE": "2025", "HORODATAGE": HORODATAGE}
_TABLES = Tables({"9A": "20210019110"}, {"A1": "061300"}, {"MAT": "A1"}, {"TG1": ["20210019110"]})
_PORTEURS = Porteurs({"CR": Dispositif.CORDEES}, {"G*": Dispositif.CORDEES})


def lire_depot(contenu: bytes) -> None:
    """The way of a deposit, from its bytes to judged lines and their JSON."""
    with tempfile.NamedTemporaryFile() as depot:
        depot.write(contenu)
        depot.flush()
        with ouvrir(Path(depot.name), _LIMITES) as flux:
            genre, relu = reconnaitre(flux)
            _lire(genre, relu)


def _lire(genre: Genre, relu: io.BufferedIOBase) -> None:
    if genre in FORMATS:
        lecture = lire_format(relu, lambda _: None, dict(_PARAMETRES), _LIMITES)
        entete = lire_entete(lecture.parametres, 2026, None)
        tri = trier(completer(lecture.eleves, _TABLES), entete, Regles(_TABLES, _PORTEURS))
        for lu in tri.eleves:
            lu.identite.model_dump_json().encode()
            lu.scolarite.model_dump_json().encode()
        lignes = tri.lignes
    elif genre is Genre.STRUCTURES:
        tri_structures = trier_structures(lire_structures(relu, lambda _: None).structures)
        for structure in (*tri_structures.divisions, *tri_structures.groupes):
            structure.model_dump_json().encode()
        lignes = tri_structures.lignes
    elif genre is Genre.DISPOSITIFS:
        lignes = trier_dispositifs(lire_dispositifs(relu)).lignes
    else:
        lignes = trier_tables(lire_tables(relu, genre, lambda _: None).entrees).lignes
    for ligne in lignes:
        ligne.phrase.encode()


def lire_bourses(contenu: bytes) -> None:
    with tempfile.NamedTemporaryFile() as depot:
        depot.write(contenu)
        depot.flush()
        for lot in lire_statuts(Path(depot.name), 2026, 50, 8 << 20):
            for ligne in lot.lignes:
                ligne.phrase.encode()


ELEVES = siecle(
    *(eleve(rang, PRENOM2="Zoé", DATE_SORTIE="01/07/2026") for rang in range(1, 4)),
    options_=[options(1, "061300", "ZZ")],
    structures_=[structures(1, ("TG1", "D"), ("G1", "G")), structures(2), structures(3)],
    bourses='<BOURSES><BOURSE ELEVE_ID="1"><CODE_BOURSE>1</CODE_BOURSE></BOURSE></BOURSES>',
    suite='<DPPS ELEVE_ID="2"><CODE_DPP>CR</CODE_DPP></DPPS>',
)
GRAINES: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "eleves": (lire_depot, (ELEVES, ELEVES.replace(b"NOM_DE_FAMILLE", b"NOM"))),
    "structures": (lire_depot, (structures_xml(division("TG1", "20210019110"), groupe("G1", "TG1")),)),
    "tables": (
        lire_depot,
        (
            nomenclature_xml({"9A": "20210019110"}, [("A1", "MAT", "061300")]),
            descendant("BEE_ETABLISSEMENTS", "<ETABLISSEMENT><CODE_RNE>0752387M</CODE_RNE></ETABLISSEMENT>"),
            descendant("BEE_COMMUNS", "<PERIODE><CODE_PERIODE>T1</CODE_PERIODE></PERIODE>"),
        ),
    ),
    "zip": (lire_depot, (zipper(a_xml=ELEVES), zipper(__MACOSX__x_xml=b"x", a_xml=ELEVES))),
    "classeur": (lire_depot, (complete_xls(), complete_xlsx([ligne_complete(1), ligne_complete(2)]))),
    "fregata": (
        lire_depot,
        (fregata_csv(ligne_fregata(1), ligne_fregata(2)), fregata_csv(encodage="utf-16")),
    ),
    "sygne": (lire_depot, (sygne_json(eleve_sygne(1), eleve_sygne(2)), b'{"eleves":' + sygne_json() + b"}")),
    "dispositifs": (lire_depot, (dispositifs_csv(";1;CORDEES", "99999999999;;Parcours d'excellence"),)),
    "bourses": (lire_bourses, (bourses_ndjson(statut(1), statut(2, None)),)),
}
MOTS = [
    *(
        b"<",
        b">",
        b"</",
        b"/>",
        b"&",
        b"&#xD800;",
        b"&#0;",
        b"&lt;",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"<?x ?>",
    ),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b";", b'"'),
    *(b"\n", b"\r", b"{", b"}", b"[", b"]", b",", b":", b"null", b"\\ud800", b"\\u0000", b"1e999", b"-1"),
    *(b"99999999999999999999999", b"31/02/2008", b"2008-05-07", b"<ELEVE>", b"</ELEVE>", b"<DIVISION>"),
    *(b"<CODE_MEF/>", b"xmlns='u'", b"xmlns:a='u' a:", b"encoding='utf-16'", b"PK\x03\x04", b"PK\x05\x06"),
    *(b"A" * 5_000, b" " * 70_000, "٣".encode(), "²".encode(), "é".encode(), "\U0001f600".encode()),
]


@st.composite
def mutants(draw: st.DrawFn, graines: tuple[bytes, ...]) -> bytes:
    """A good file with a few cuts, insertions, repetitions and swaps."""
    contenu = draw(st.sampled_from(graines))
    for _ in range(draw(st.integers(1, 6))):
        debut = draw(st.integers(0, len(contenu)))
        longueur = draw(st.integers(0, 60))
        geste = draw(st.integers(0, 4))
        if geste == 0:
            milieu = b""
        elif geste == 1:
            milieu = draw(st.sampled_from(MOTS))
        elif geste == 2:
            milieu = draw(st.binary(max_size=30))
        elif geste == 3:
            autre = draw(st.integers(0, len(contenu)))
            milieu = contenu[autre : autre + longueur] * draw(st.integers(1, 20))
        else:
            milieu = contenu[debut : debut + longueur][::-1]
        contenu = contenu[:debut] + milieu + contenu[debut + longueur :]
    return contenu


@pytest.mark.parametrize("lecteur", list(GRAINES))
def test_no_bytes_do_anything_but_be_read_or_refused(lecteur: str) -> None:
    lire, graines = GRAINES[lecteur]
    for graine in graines:
        lire(graine)
    fin = time.monotonic() + MINUTES * 60 / len(GRAINES)
    pic, essais, tour = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, 0

    while time.monotonic() < fin:
        tour += 1

        @seed(tour * 1_000_003 + int(time.time()))
        @settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(mutants(graines), mutants(graines), st.binary(max_size=2_000)))
        def essayer(contenu: bytes) -> None:
            nonlocal essais
            essais += 1
            try:
                lire(contenu)
            except FichierRefuse as refus:
                refus.phrase.encode()

        essayer()
    de_plus = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - pic
    print(f"{lecteur}: {essais} files, {de_plus} kB more")
    assert essais > 0
    assert de_plus < MEMOIRE_KO
