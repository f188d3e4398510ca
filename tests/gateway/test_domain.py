from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import domain as d


@pytest.mark.parametrize(
    ("numerateur", "denominateur", "attendu"),
    [
        (108, 117, "92,3\u202f%"),
        (1, 8, "12,5\u202f%"),
        (1, 16, "6,3\u202f%"),
        (0, 4, "0,0\u202f%"),
        (3, 3, "100,0\u202f%"),
    ],
)
def test_a_rate_has_one_decimal_rounded_half_up(numerateur: int, denominateur: int, attendu: str) -> None:
    assert d.pourcentage(numerateur, denominateur) == attendu


def test_nobody_to_count_is_a_dash_and_not_zero() -> None:
    assert d.pourcentage(0, 0) == "—"
    assert d.fraction(0, 0) == "0 / 0"


def test_a_suppressed_figure_is_said_so() -> None:
    assert d.pourcentage(None, 3) == "n.c."
    assert d.fraction(2, None) == "effectif masqué"


def test_a_small_number_has_no_rate_for_an_outside_viewer() -> None:
    assert d.pourcentage(2, 4, seuil=5) == "—"
    assert d.pourcentage(2, 5, seuil=5) == "40,0\u202f%"


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_is_within_half_a_tenth_of_the_fraction(paire: tuple[int, int]) -> None:
    numerateur, denominateur = paire
    lu = float(d.pourcentage(numerateur, denominateur).removesuffix("\u202f%").replace(",", "."))
    assert abs(lu - 100 * numerateur / denominateur) <= 0.05 + 1e-9


def test_dates_are_in_legal_time_of_paris() -> None:
    assert d.date_heure(datetime(2026, 1, 20, 17, 5, tzinfo=UTC)) == "20/01/2026 à 18:05"
    assert d.date_heure(datetime(2026, 7, 20, 17, 5, tzinfo=UTC)) == "20/07/2026 à 19:05"


def test_classes_are_ordered_as_people_count() -> None:
    assert sorted(["T10", "T2", None, "T1"], key=d.rang_naturel) == ["T1", "T2", "T10", None]


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    assert d.libelle(d.STATUTS, "ADMIS") == "Admis"
    assert d.libelle(d.STATUTS, "NOUVEAU") == "NOUVEAU"
    assert d.libelle(d.STATUTS, None) == "—"
