"""Codes are judged for a whole lot of facts: no line that is refused alone goes through among others."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from services.ingest.candidats import feed
from services.ingest.readers.faits import lire_lots
from tests.ingest._fichiers import fait

CHAMPS = [
    (classe.__struct_config__.tag, champ)
    for classe in get_args(feed.Recu)
    for champ in ("numero_dossier", "voeu_id", "formation_id", "sous_voeu_id")
    if champ in classe.__struct_fields__
]


@pytest.mark.parametrize(("type_", "champ"), CHAMPS)
@pytest.mark.parametrize("valeur", ["", "a b", "é", "a\n", "x" * 41, "a/b"])
def test_a_bad_code_is_refused_among_good_ones(tmp_path: Path, type_: str, champ: str, valeur: str) -> None:
    bons = [fait(nom, formation_id="F1") if nom == "voeu" else fait(nom) for nom, _ in CHAMPS]
    mauvais = {**(fait(type_, formation_id="F1") if type_ == "voeu" else fait(type_)), champ: valeur}
    chemin = tmp_path / "faits.ndjson"
    chemin.write_text("\n".join(json.dumps(un) for un in [*bons, mauvais, *bons]))
    [lot] = lire_lots(chemin, 2026, 1_000, 1 << 20)
    assert [ligne.rang for ligne in lot.lignes] == [len(bons) + 1]
    assert champ in lot.lignes[0].phrase
    assert [numero for numero, _ in lot.faits] == [
        n for n in range(1, 2 * len(bons) + 2) if n != len(bons) + 1
    ]


def test_good_lots_are_the_same_facts_read_the_fast_way(tmp_path: Path) -> None:
    bons = [fait("voeu", formation_id="F1", sous_voeu_id="S1"), fait("dossier"), fait("caes"), fait("accuse")]
    lignes = [json.dumps(un).encode() for un in bons]
    chemin = tmp_path / "faits.ndjson"
    chemin.write_bytes(b"\n".join(lignes))
    [lot] = lire_lots(chemin, 2026, 1_000, 1 << 20)
    surs = [feed.decodeur.decode(ligne) for ligne in lignes]
    assert [json.loads(msgspec.json.encode(lu)) for _, lu in lot.faits] == [
        json.loads(msgspec.json.encode(sur)) for sur in surs
    ]
    assert {type(lu) for _, lu in lot.faits} <= set(feed.NUES.values())
