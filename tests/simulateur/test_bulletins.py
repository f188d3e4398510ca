"""Notes files of synthetic lycées: the same bytes for the same seed, the format's own shape, plausible marks."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import fmean
from zipfile import ZipFile

import pytest

from services.simulateur import LYCEE_A, LYCEE_B, Population
from services.simulateur.bulletins import ExportNotes, ecrire, notes_attendues, octets
from shared.nomenclatures.lycees import lycee

EXPORT = ExportNotes(graine=5, lycee=lycee(LYCEE_A), session=2026, creation=date(2026, 1, 14))


def texte(export: ExportNotes = EXPORT) -> str:
    eleves = Population(5, [export.lycee.uai]).eleves(export.lycee.uai)
    return b"".join(octets(export, eleves)).decode(export.encodage)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    eleves = Population(5, [LYCEE_A]).eleves(LYCEE_A)
    nu = ecrire(EXPORT, eleves, tmp_path / "a")
    assert nu.name == f"{LYCEE_A}_E1.xml"
    assert nu.read_bytes() == ecrire(EXPORT, eleves, tmp_path / "b").read_bytes()
    assert nu.read_bytes() != ecrire(replace(EXPORT, graine=6), eleves, tmp_path / "c").read_bytes()
    archive = ecrire(EXPORT, eleves, tmp_path, compresse=True)
    assert archive.read_bytes() == ecrire(EXPORT, eleves, tmp_path / "d", compresse=True).read_bytes()
    with ZipFile(archive) as dedans:
        assert dedans.read(nu.name) == nu.read_bytes()


def test_one_more_period_repeats_the_marks_of_those_before() -> None:
    un, deux = (
        re.findall(r"<bulletin trimestre=\"1\">.*?</bulletin>", texte(replace(EXPORT, periodes=p)), re.DOTALL)
        for p in (1, 2)
    )
    assert un == deux
    assert len(un) > 300


def test_what_is_said_of_the_file_is_in_it() -> None:
    eleves = Population(5, [LYCEE_A]).eleves(LYCEE_A)
    ecrit = texte()
    assert ecrit.count("<notes ") == notes_attendues(EXPORT, eleves)
    services = re.findall(r'<service-notation code="([^"]*)"', ecrit)
    assert len(services) == len(set(services))
    assert set(re.findall(r'code-service-notation="([^"]*)"', ecrit)) == set(services)
    assert set(re.findall(r'etat="(.)"', ecrit)) == set("SADN")
    assert set(re.findall(r'decoupage="(.)"', texte(replace(EXPORT, decoupage=2)))) == {"2"}


@pytest.mark.parametrize(("uai", "bas", "haut"), [(LYCEE_A, 11.0, 14.0), (LYCEE_B, 11.0, 14.5)])
def test_means_are_those_of_a_lycee(uai: str, bas: float, haut: float) -> None:
    moyennes = [
        float(m) for m in re.findall(r"<moyenne>([^<]*)</moyenne>", texte(replace(EXPORT, lycee=lycee(uai))))
    ]
    assert bas < fmean(moyennes) < haut
    assert 0 <= min(moyennes) <= max(moyennes) <= 20


def test_iso_8859_15_keeps_every_letter() -> None:
    assert "œ" in texte()
    assert texte(replace(EXPORT, encodage="iso-8859-15")).partition("\n")[2] == texte().partition("\n")[
        2
    ].replace("’", "&#8217;")
