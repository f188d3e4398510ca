"""The calendar of a session: windows, deadlines, order of the steps, days on which the clocks change."""

# ruff: noqa: DTZ001 - wall clocks are what is tested

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domaine.calendrier import (
    PARIS,
    Calendrier,
    DateImpossibleError,
    PhaseSession,
    Position,
    a_paris,
    echue,
    fin_du_jour,
    jour_de,
)
from shared.domaine.calendrier_verifie import verifier
from shared.domaine.calendriers_connus import par_defaut
from shared.domaine.etapes import Etape


def _connu(session: int = 2025) -> Calendrier:
    propose = par_defaut(session)
    assert propose is not None
    return propose.calendrier


def _le(texte: str) -> datetime:
    return a_paris(datetime.fromisoformat(texte))


@pytest.mark.parametrize("session", [2025, 2026])
def test_the_calendars_by_default_hold_together_and_say_where_they_come_from(session: int) -> None:
    propose = par_defaut(session)
    assert propose is not None
    assert verifier(propose.calendrier) == []
    assert "parcoursup_reference" in propose.source


def test_a_session_without_published_dates_has_no_default() -> None:
    assert par_defaut(2031) is None


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ("2025-01-15T13:59", PhaseSession.PREPARATION),
        ("2025-01-15T14:00", PhaseSession.VOEUX),
        ("2025-03-14T00:00", PhaseSession.CONFIRMATION),
        ("2025-04-03T00:00", PhaseSession.EXAMEN),
        ("2025-06-02T19:00", PhaseSession.ADMISSION),
        ("2025-07-11T00:00", PhaseSession.COMPLEMENTAIRE),
        ("2025-10-01T00:00", PhaseSession.TERMINEE),
    ],
)
def test_a_moment_falls_into_one_phase(moment: str, phase: PhaseSession) -> None:
    assert _connu().phase(_le(moment)) is phase


@pytest.mark.parametrize(
    ("moment", "position"),
    [
        ("2025-01-15T13:59:59", Position.AVANT),
        ("2025-01-15T14:00", Position.PENDANT),
        ("2025-03-13T23:59:59", Position.PENDANT),
        ("2025-03-14T00:00", Position.APRES),
    ],
)
def test_the_last_minute_belongs_to_those_who_ask(moment: str, position: Position) -> None:
    assert _connu().fenetre("voeux", _le(moment)) is position
    assert echue(_connu().dates[Etape.VOEUX_LIMITE], _le(moment)) is (position is Position.APRES)


def test_a_window_of_which_an_end_is_missing_is_none() -> None:
    dates = {e: d for e, d in _connu().dates.items() if e is not Etape.CLASSEMENT_LIMITE}
    calendrier = Calendrier(2025, dates)
    assert calendrier.fenetre("classement", _le("2025-06-07T12:00")) is None
    assert "classement" not in {f.nom for f in calendrier.fenetres(_le("2025-06-07T12:00"))}


@pytest.mark.parametrize(
    ("recue", "limite"),
    [
        ("2025-05-30T12:00", "2025-06-05T23:59"),
        ("2025-06-02T19:00", "2025-06-05T23:59"),
        ("2025-06-04T23:00", "2025-06-05T23:59"),
        ("2025-06-05T07:00", "2025-06-06T23:59"),
        ("2025-06-12T07:00", "2025-06-21T23:59"),
        ("2025-06-23T07:00", "2025-06-28T23:59"),
        ("2025-07-02T23:59", "2025-07-03T23:59"),
    ],
)
def test_the_deadline_of_an_answer_is_that_of_the_published_rules(recue: str, limite: str) -> None:
    assert _connu().date_limite(_le(recue)) == _le(limite)


def test_a_calendar_that_says_no_delay_gives_no_deadline() -> None:
    calendrier = Calendrier(2025, {Etape.ADMISSION_OUVERTURE: _le("2025-06-02T19:00")})
    assert calendrier.date_limite(_le("2025-06-10T12:00")) is None


def _sans(*etapes: Etape) -> Calendrier:
    connu = _connu()
    return Calendrier(2025, {e: d for e, d in connu.dates.items() if e not in etapes}, connu.valeurs)


def _avec(etape: Etape, texte: str) -> Calendrier:
    connu = _connu()
    return Calendrier(2025, {**connu.dates, etape: _le(texte)}, connu.valeurs)


@pytest.mark.parametrize(
    ("calendrier", "attendu"),
    [
        (_sans(Etape.VOEUX_LIMITE), "Il manque l’étape VOEUX_LIMITE"),
        (_sans(Etape.SUSPENSION_1_FIN), "SUSPENSION_1_DEBUT et SUSPENSION_1_FIN vont ensemble"),
        (_avec(Etape.VOEUX_LIMITE, "2025-04-10T23:59"), "VOEUX_LIMITE (10/04/2025 à 23:59) ne peut pas être après"),
        (_avec(Etape.ADMISSION_FIN, "2026-07-10T23:59"), "une date de la session 2025 tombe entre"),
        (Calendrier(2025, _connu().dates, {**_connu().valeurs, Etape.REPONSE_DELAI_JOURS: 0}), "entre 1 et 30"),
        (Calendrier(2025, _connu().dates, {**_connu().valeurs, Etape.ADMISSION_FIN: 3}), "ADMISSION_FIN"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_calendar_is_said(calendrier: Calendrier, attendu: str) -> None:
    assert any(attendu in phrase for phrase in verifier(calendrier))


def test_the_hour_that_the_change_to_summer_skips_is_refused_and_the_one_it_repeats_in_winter_too() -> None:
    with pytest.raises(DateImpossibleError, match="does not exist"):
        _le("2026-03-29T02:30")
    with pytest.raises(DateImpossibleError, match="twice"):
        _le("2026-10-25T02:30")
    assert _le("2026-10-25T02:30:00+01:00") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.dates(date(2018, 1, 1), date(2100, 12, 31)))
def test_a_day_ends_at_2359_in_paris_whatever_the_clocks_do(jour: date) -> None:
    fin = fin_du_jour(jour)
    local = fin.astimezone(PARIS)
    assert (jour_de(fin), local.hour, local.minute) == (jour, 23, 59)
    assert jour_de(fin + timedelta(minutes=1)) == jour + timedelta(days=1)


@given(st.datetimes(datetime(2025, 3, 28), datetime(2025, 4, 2)) | st.datetimes(datetime(2025, 10, 24), datetime(2025, 10, 28)))  # fmt: skip
def test_a_wall_clock_of_paris_comes_back_or_is_refused(local: datetime) -> None:
    try:
        instant = a_paris(local)
    except DateImpossibleError:
        assert local.date() in (date(2025, 3, 30), date(2025, 10, 26))
        return
    assert instant.astimezone(PARIS).replace(tzinfo=None) == local


@given(st.datetimes(datetime(2025, 5, 1), datetime(2025, 9, 30), timezones=st.just(UTC)))
def test_a_deadline_is_a_day_end_that_follows_and_never_in_a_suspension(recue: datetime) -> None:
    calendrier = _connu()
    limite = calendrier.date_limite(recue)
    assert limite is not None
    assert limite >= recue
    assert limite == fin_du_jour(jour_de(limite))
    if recue > calendrier.dates[Etape.REPONSE_PREMIERS_JOURS]:
        assert not date(2025, 6, 13) <= jour_de(limite) <= date(2025, 6, 20)
        assert not date(2025, 6, 24) <= jour_de(limite) <= date(2025, 6, 27)


@given(st.datetimes(datetime(2025, 6, 5), datetime(2025, 8, 1), timezones=st.just(UTC)), st.integers(0, 3000))
def test_a_later_proposition_has_no_earlier_deadline(recue: datetime, minutes: int) -> None:
    calendrier = _connu()
    premier, second = (
        calendrier.date_limite(recue),
        calendrier.date_limite(recue + timedelta(minutes=minutes)),
    )
    assert premier is not None
    assert second is not None
    assert premier <= second
