"""One poison record: an error of its own, neighbours untouched, and no value in the reason."""

import json
from typing import Any

import asyncpg
import msgspec
import pytest
from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events import topics as t
from shared.kafka.records import Codec, Lu, motif
from tests.kit.tranches import tranche

NOM = "Canari-d’Écueil"
AUTRE = "O'Canari \"de\" l'Écueil"
ELEVE = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f"
TOPIC = "t.2026.siecle.identite.v1"
DOSSIERS = "t.2026.candidature.dossier.v1"
CODEC = Codec({TOPIC: t.IDENTITE})
ENTETES: list[tuple[str, Any]] = [
    ("ce_recordedtime", b"2026-01-20T11:00:00.000001Z"),
    ("ce_type", b"fr.pilotage.IdentiteRemontee.v1"),
]
VALEUR = {
    "session": 2026,
    "eleve_id": ELEVE,
    "version": 1,
    "nom": NOM,
    "prenom": "Zoé",
    "naissance": "2008-05-01",
    "sexe": "F",
}


def _brut(
    offset: int = 0,
    *,
    cle: bytes | None = ELEVE.encode(),
    valeur: bytes | None = None,
    entetes: Any = ENTETES,
    **champs: Any,
) -> "ConsumerRecord[bytes, bytes]":
    if valeur is None:
        valeur = json.dumps({**VALEUR, **champs}).encode()
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, cle, valeur, None, 0, 0, entetes)


def _tombe(offset: int = 0) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, ELEVE.encode(), None, None, 0, 0, ENTETES)


PROFOND = json.dumps(VALEUR).encode()[:-1] + b',"x":' + b"[" * 200_000
POISONS: dict[str, Any] = {
    "no key": {"cle": None},
    "empty key": {"cle": b""},
    "a name as key": {"cle": NOM.encode()},
    "a key that is not ASCII": {"cle": b"\xff" * 36},
    "a UUID in capitals": {"cle": ELEVE.upper().encode()},
    "something after the UUID": {"cle": f"{ELEVE}{NOM}".encode()},
    "another pupil's key": {"cle": b"00000000-0000-4000-8000-000000000000"},
    "no type": {"entetes": ENTETES[:1]},
    "no header at all": {"entetes": []},
    "a null type": {"entetes": [ENTETES[0], ("ce_type", None)]},
    "another topic's type": {"entetes": [ENTETES[0], ("ce_type", b"fr.pilotage.VoeuModifie.v1")]},
    "a type that is not UTF-8": {"entetes": [ENTETES[0], ("ce_type", b"\xff\xfe")]},
    "not JSON": {"valeur": NOM.encode()},
    "an empty value": {"valeur": b""},
    "JSON null": {"valeur": b"null"},
    "a list": {"valeur": f'["{NOM}"]'.encode()},
    "half a value": {"valeur": json.dumps(VALEUR).encode()[:-9]},
    "a value that is not UTF-8": {"valeur": json.dumps(VALEUR).encode().replace(b"Zo", b"\xff\xfe")},
    "a value nested without end": {"valeur": PROFOND},
    "a name where a code is due": {"sexe": NOM},
    "a name where a date is due": {"naissance": AUTRE},
    "a name for a figure": {"version": AUTRE},
    "a name too long": {"nom": NOM * 40},
}
SANS_FAUTE = {
    "a recordedtime that is not ASCII": {"entetes": [("ce_recordedtime", b"\xff"), ENTETES[1]]},
    "a null recordedtime": {"entetes": [("ce_recordedtime", None), ENTETES[1]]},
    "headers in another order": {"entetes": [("x", b"\xff"), *reversed(ENTETES)]},
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_a_poison_record_is_refused_without_quoting_it(poison: dict[str, Any]) -> None:
    brut = _brut(**poison)
    (lu,) = CODEC.lire(tranche([brut]))
    assert (lu.fait, lu.eleve_id) == (None, "")
    assert (lu.brut.key, lu.brut.value, lu.brut.offset) == (brut.key, brut.value, brut.offset)
    assert lu.brut.headers == tuple((nom, valeur or b"") for nom, valeur in brut.headers)
    assert lu.erreur
    for secret in ("Canari", "Écueil", "2008", "Zoé"):
        assert secret not in lu.erreur


@pytest.mark.parametrize("etrange", SANS_FAUTE.values(), ids=SANS_FAUTE)
def test_a_header_that_does_not_matter_refuses_nothing(etrange: dict[str, Any]) -> None:
    (lu,) = CODEC.lire(tranche([_brut(**etrange)]))
    assert lu.erreur is None
    assert lu.fait is not None


def test_a_tombstone_is_a_record_without_fact() -> None:
    (lu,) = CODEC.lire(tranche([_tombe()]))
    assert (lu.eleve_id, lu.fait, lu.erreur) == (ELEVE, None, None)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["bon", "tombe", *POISONS]), min_size=1, max_size=12))
def test_neighbours_of_poison_records_are_intact(noms: list[str]) -> None:
    bruts = [
        _brut(i) if nom == "bon" else _tombe(i) if nom == "tombe" else _brut(i, **POISONS[nom])
        for i, nom in enumerate(noms)
    ]
    lus = list(CODEC.lire(tranche(bruts)))
    assert [lu.brut.offset for lu in lus] == list(range(len(noms)))
    assert [lu.erreur is None for lu in lus] == [nom not in POISONS for nom in noms]
    assert [_vu(lu) for lu in lus] == [_vu(CODEC.lire_un(brut, TOPIC)) for brut in bruts]


def _vu(lu: Lu) -> tuple[object, ...]:
    return (lu.topic.nom, lu.eleve_id, lu.fait, lu.recordedtime, lu.erreur)


@settings(deadline=None)
@given(st.text(min_size=4, max_size=200).filter(lambda texte: not texte.isascii()))
def test_no_refused_text_survives_in_a_reason(texte: str) -> None:
    (lu,) = CODEC.lire(tranche([_brut(sexe=f"{texte}'{texte}\"{texte}")]))
    assert lu.erreur == "ValidationError: Expected `str` matching regex … - at `$.sexe`"


def test_a_fact_of_another_session_is_refused() -> None:
    valeur = {"session": 2025, "eleve_id": ELEVE, "version": 1, "etat": "SAISIE"}
    entetes = [ENTETES[0], ("ce_type", b"fr.pilotage.CaesModifiee.v1")]
    lu = Codec({DOSSIERS: t.DOSSIER}).lire_un(
        _brut(valeur=json.dumps(valeur).encode(), entetes=entetes), DOSSIERS
    )
    assert lu.erreur == "DataError: the value is not of the topic's session"


@settings(deadline=None)
@given(st.text())
def test_no_unknown_value_of_a_closed_list_survives_in_a_reason(texte: str) -> None:
    codec = Codec({DOSSIERS: t.DOSSIER})
    valeur = {"session": 2026, "eleve_id": ELEVE, "version": 1, "etat": f"{texte}Canari{texte}'\""}
    entetes = [ENTETES[0], ("ce_type", b"fr.pilotage.CaesModifiee.v1")]
    lu = codec.lire_un(_brut(valeur=json.dumps(valeur).encode(), entetes=entetes), DOSSIERS)
    assert lu.erreur == "ValidationError: Invalid enum value … - at `$.etat`"


async def test_a_row_that_postgresql_refuses_is_not_quoted(admin_database_url: str) -> None:
    connection = await asyncpg.connect(admin_database_url)
    try:
        await connection.execute(
            "CREATE TEMP TABLE essai (nom text CONSTRAINT court CHECK (length(nom) < 5), ne date UNIQUE)"
        )
        await connection.execute("INSERT INTO essai VALUES (NULL, '2008-05-01')")
        raisons = []
        for nom, ne in ((NOM, None), (None, "2008-05-01"), (NOM, NOM)):
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as refus:
                await connection.execute("INSERT INTO essai VALUES ($1::text, $2::text::date)", nom, ne)
            raisons.append(motif(refus.value))
    finally:
        await connection.close()
    assert raisons == [
        "CheckViolationError: 23514: essai: court",
        "UniqueViolationError: 23505: essai: essai_ne_key",
        "InvalidDatetimeFormatError: 22007",
    ]


def test_an_error_of_python_says_its_name_only() -> None:
    assert motif(ValueError(f"{NOM} is not a number")) == "ValueError"
    assert motif(KeyError(NOM)) == "KeyError"
    assert motif(msgspec.DecodeError("Input data was truncated")) == "DecodeError: Input data was truncated"
