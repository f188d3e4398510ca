"""Aliases are HMAC-SHA256 as everybody computes it."""

import base64
import hmac

import pytest

from services.ingest.identity import Cles, Nature, Nom


@pytest.mark.parametrize("cle", [b"a" * 16, b"b" * 64, bytes(range(100))])
def test_an_alias_is_the_hmac_of_session_nature_and_name(cle: bytes) -> None:
    cles = Cles("1:" + base64.b64encode(cle).decode(), 2026)
    for nom in (
        Nom(Nature.INE, "990058001EH"),
        Nom(Nature.SIECLE, "0750680G/1"),
        Nom(Nature.PERSONNE, "é|œ"),
    ):
        message = f"2026|{nom.nature.value}|{nom.valeur}".encode()
        assert cles.empreinte(nom) == hmac.digest(cle, message, "sha256")
