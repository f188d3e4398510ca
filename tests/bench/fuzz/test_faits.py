"""Fuzz of the reader of facts: any bytes, any file near a real one. It refuses, tells or takes; it never falls.

``FUZZ_SECONDS`` (default 60) bounds each test.
"""

import gzip
import os
import random
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.candidats import feed
from services.ingest.candidats.feed_modeles import adaptateur
from services.ingest.candidats.sortants import FormationInconnueError, deballer, preparer
from services.ingest.readers.faits import Lot, lire_lots
from services.ingest.refus import FichierRefuse
from shared.events.topics import CATALOGUE
from tests.ingest._fichiers import fait, ndjson

pytestmark = pytest.mark.bench
SECONDES = float(os.environ.get("FUZZ_SECONDS", "60"))
TYPES = ("dossier", "bourse_signalee", "voeu", "proposition", "reponse", "caes", "accuse")
REELLES = [fait(type_, **({"formation_id": "1"} if type_ == "voeu" else {})) for type_ in TYPES]
CODES = {"JSON", "TYPE", "CHAMP_MANQUANT", "CHAMP_INVALIDE", "SESSION", "LONGUEUR", "FAIT"}
CONTRATS = {(topic.nom, nom): msgspec.json.Decoder() for topic in CATALOGUE for nom in topic.contrats}

SCALAIRES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["2026-01-20T12:00:00Z", "\x00", ""])
)  # fmt: skip
VALEURS = st.recursive(
    SCALAIRES, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(), x, max_size=4)
)


@st.composite
def lignes(draw: st.DrawFn) -> bytes:
    """A real fact of which something was changed, or anything."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    brut = dict(draw(st.sampled_from(REELLES)))
    for champ in draw(st.lists(st.sampled_from(sorted(brut)) | st.text(max_size=10), max_size=3)):
        brut[champ] = draw(VALEURS)
    try:
        texte = msgspec.json.encode(brut)
    except (UnicodeEncodeError, ValueError, OverflowError):
        return draw(st.binary(max_size=200))
    coupe = draw(st.integers(0, len(texte)))
    return texte[:coupe] + draw(st.binary(max_size=4)) + texte[coupe:] if draw(st.booleans()) else texte


def lire(contenu: bytes) -> list[Lot] | str:
    """Lots, or the code of the refusal."""
    with TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "faits"
        fichier.write_bytes(contenu)
        try:
            return list(lire_lots(fichier, 2026, 50, 1 << 24))
        except FichierRefuse as refus:
            return refus.code


def juger(contenu: bytes) -> None:
    """What is taken is a fact of the published contract, whose event can be made; what is not is told."""
    lots = lire(contenu)
    if isinstance(lots, str):
        assert lots in {"VIDE", "SANS_FAIT", "FORMAT", "GZIP", "TROP_GROS"}
        return
    for lot in lots:
        assert lot.lus == len(lot.faits) + len(lot.lignes)
        assert {ligne.code for ligne in lot.lignes} <= CODES
        for _, pris in lot.faits:
            _juger_fait(pris)


def _juger_fait(pris: feed.Recu) -> None:
    adaptateur.validate_json(msgspec.json.encode(pris))
    try:
        sortant = preparer(pris)
    except FormationInconnueError:
        return
    assert deballer(sortant.emballer()) == sortant
    assert CONTRATS[sortant.topic, sortant.type].decode(sortant.donnees)["version"] == pris.sequence


@settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(lignes(), max_size=20), st.booleans())
def _lignes_quelconques(contenu: list[bytes], compresse: bool) -> None:
    brut = b"\n".join(contenu)
    juger(gzip.compress(brut, 1) if compresse else brut)


def test_any_lines_are_taken_or_told() -> None:
    fin = time.monotonic() + SECONDES
    while time.monotonic() < fin:
        _lignes_quelconques()


def test_a_real_file_of_which_bytes_were_changed_is_taken_told_or_refused() -> None:
    hasard, essais = random.Random(2026), 0
    reels = [ndjson(REELLES * 20), ndjson(REELLES * 20, compresse=True)]
    fin = time.monotonic() + SECONDES
    while time.monotonic() < fin:
        brut = bytearray(hasard.choice(reels))
        for _ in range(hasard.randint(1, 8)):
            _abimer(brut, hasard)
        juger(bytes(brut))
        essais += 1
    assert essais > 100


def _abimer(brut: bytearray, hasard: random.Random) -> None:
    lieu = hasard.randrange(len(brut) + 1)
    match hasard.randrange(4):
        case 0:
            brut[lieu:] = b""
        case 1:
            brut[lieu:lieu] = hasard.randbytes(hasard.randint(1, 5))
        case 2:
            del brut[lieu : lieu + hasard.randint(1, 50)]
        case _ if lieu < len(brut):
            brut[lieu] = hasard.choice([0, 0x0A, 0x22, 0x5C, 0x7B, 0xED, 0xFF, hasard.randrange(256)])


def test_a_stream_of_gzip_members_and_rubbish_never_falls() -> None:
    hasard = random.Random(7)
    fin = time.monotonic() + SECONDES
    while time.monotonic() < fin:
        membres = [
            gzip.compress(ndjson(REELLES[: hasard.randint(0, 7)])),
            zlib.compress(b"x" * hasard.randrange(1_000)),
            hasard.randbytes(hasard.randrange(64)),
        ]
        juger(b"".join(hasard.choices(membres, k=hasard.randint(1, 5))))
