"""What fuzzing found (tests/bench/fuzz), kept: each once made a reader fail otherwise than by refusing."""

from pathlib import Path

import pytest

from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.dispositifs import lire_statuts
from services.ingest.readers.genre import reconnaitre
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.lecture import lire_format
from tests.ingest._fichiers import ine, siecle, zipper


def lire(tmp_path: Path, contenu: bytes) -> None:
    (tmp_path / "depot").write_bytes(contenu)
    with ouvrir(tmp_path / "depot", Limites()) as flux:
        lire_format(reconnaitre(flux)[1], lambda _: None, {}, Limites())


def entete(encodage: str) -> bytes:
    return siecle(entete=f'<?xml version="1.0" encoding="{encodage}"?>\n')


def zip_mal_place() -> bytes:
    """Its directory says that it begins before the file."""
    brut = bytearray(zipper(a_xml=siecle()))
    fin = brut.rindex(b"PK\x05\x06")
    brut[fin + 16 : fin + 20] = (0x7FFFFFFF).to_bytes(4, "little")
    return bytes(brut)


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        pytest.param(entete("\x00ISO-8859-15"), "ENCODAGE", id="a NUL in the name of the encoding"),
        pytest.param(entete("ISO-8859-15\x01"), "ENCODAGE", id="a control character there"),
        pytest.param(entete("iso 8859 15"), "ENCODAGE", id="blanks there, which Python forgives"),
        pytest.param(entete("idna"), "ENCODAGE", id="an encoding of Python without replacement"),
        pytest.param(entete("undefined"), "ENCODAGE", id="an encoding of Python that always fails"),
        pytest.param(entete("punycode"), "ENCODAGE", id="an encoding that is no encoding of text files"),
        pytest.param(entete("unicode_escape"), "ENCODAGE", id="another"),
        pytest.param(entete("zlib_codec"), "ENCODAGE", id="an encoding of bytes"),
        pytest.param(zip_mal_place(), "ARCHIVE", id="a zip that seeks before its beginning"),
        pytest.param(
            zipper(a_xml=siecle()).replace(b"PK\x01\x02\x14\x03\x14\x00", b"PK\x01\x02\x14\x03\xff\x00"),
            "ARCHIVE",
            id="a zip of a version to come",
        ),
    ],
)
def test_it_is_refused(tmp_path: Path, contenu: bytes, code: str) -> None:
    with pytest.raises(FichierRefuse) as erreur:
        lire(tmp_path, contenu)
    assert erreur.value.code == code


def test_a_statut_without_ine_is_a_line_to_mend(tmp_path: Path) -> None:
    (tmp_path / "depot").write_bytes(
        b'{"est_boursier": true}\n{"ine": "%s", "est_boursier": true}\n' % ine(1).encode()
    )
    (lot,) = lire_statuts(tmp_path / "depot", 2026, 10, 1_000)
    assert [(ligne.rang, ligne.code) for ligne in lot.lignes] == [(1, "IDNAT")]
    assert [statut.rang for statut in lot.statuts] == [2]
