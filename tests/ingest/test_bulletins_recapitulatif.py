"""The récapitulatif: four levels with their reasons, and which periods are expected when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.bulletins.recapitulatif import (
    Calendrier,
    CalendrierInvalideError,
    EleveJuge,
    Manquant,
    Niveau,
    Note,
    Recu,
    juger,
    nom_de_periode,
    par_classe,
)

MATHS = Note("061300", "Mathématiques", "S", moyenne=True, appreciation=True)
PHILO = Note("010300", "Philosophie", "S", moyenne=True, appreciation=True)


def recu(
    periode: int, *notes: Note, decoupage: int = 3, manques: tuple[Manquant, ...] = (), absent: bool = False
) -> Recu:
    return Recu(periode, decoupage, notes or (MATHS, PHILO), manques, absent)


def test_all_that_is_expected_is_there() -> None:
    verdict = juger([recu(1), recu(2)], 3, (1, 2))
    assert (verdict.niveau, verdict.motifs) == (Niveau.COMPLET, ())


def test_nothing_expected_yet_lacks_nothing() -> None:
    assert juger([], 3, ()).niveau is Niveau.COMPLET


def test_no_bulletin_at_all_is_impossible_one_of_two_is_partial() -> None:
    rien = juger([], 3, (1, 2))
    assert (rien.niveau, [m.periode for m in rien.motifs]) == (Niveau.IMPOSSIBLE, [1, 2])
    un = juger([recu(1), recu(3)], 3, (1, 2))
    assert (un.niveau, [(m.code, m.periode) for m in un.motifs]) == (Niveau.PARTIEL, [("BULLETIN_ABSENT", 2)])
    assert un.motifs[0].phrase == "Le bulletin du 2e trimestre n’a pas été reçu."


def test_semestres_are_not_trimestres() -> None:
    assert juger([recu(1, decoupage=2)], 2, (1,)).niveau is Niveau.COMPLET
    assert juger([recu(1, decoupage=2)], 3, (1,)).niveau is Niveau.IMPOSSIBLE
    assert (nom_de_periode(1, 2), nom_de_periode(2, 3)) == ("1er semestre", "2e trimestre")


@pytest.mark.parametrize(
    "code", ["MATIERE_SANS_CODE", "SERVICE_SANS_MATIERE", "HORS_BORNES", "ETAT", "SERVICE_INCONNU"]
)
def test_what_was_sent_and_could_not_be_taken_makes_it_partial(code: str) -> None:
    verdict = juger([recu(1, manques=(Manquant(code, "Latin"),)), recu(2)], 3, (1, 2))
    assert (verdict.niveau, [(m.code, m.matiere) for m in verdict.motifs]) == (
        Niveau.PARTIEL,
        [(code, "Latin")],
    )


@pytest.mark.parametrize(
    ("note", "motifs"),
    [
        (Note("061300", "Mathématiques", "S", moyenne=False, appreciation=True), ["SANS_MOYENNE"]),
        (Note("061300", "Mathématiques", "S", moyenne=True, appreciation=False), ["SANS_APPRECIATION"]),
        (Note("061300", "Mathématiques", "A", moyenne=False, appreciation=False), []),
        (Note("061300", "Mathématiques", "D", moyenne=False, appreciation=False), []),
    ],
)
def test_what_a_matiere_lacks_makes_it_incomplete_and_absent_or_dispensed_lacks_nothing(
    note: Note, motifs: list[str]
) -> None:
    verdict = juger([recu(1, note)], 3, (1,))
    assert [m.code for m in verdict.motifs] == motifs
    assert verdict.niveau is (Niveau.INCOMPLET if motifs else Niveau.COMPLET)


def test_a_matiere_of_one_period_only_and_a_pupil_left_out_of_a_later_file_are_told() -> None:
    verdict = juger([recu(1, MATHS), recu(2, MATHS, PHILO, absent=True)], 3, (1, 2))
    assert verdict.niveau is Niveau.INCOMPLET
    assert [(m.code, m.periode) for m in verdict.motifs] == [
        ("MATIERE_ABSENTE", 1),
        ("ABSENT_DU_DERNIER_ENVOI", 2),
    ]


@given(st.lists(st.integers(1, 3)), st.sets(st.integers(1, 3)))
def test_one_more_bulletin_never_makes_it_worse(periodes: list[int], attendues: set[int]) -> None:
    ordre = list(Niveau)
    recus = [recu(periode) for periode in periodes]
    avant = juger(recus, 3, attendues).niveau
    apres = juger([*recus, recu(1)], 3, attendues).niveau
    assert ordre.index(apres) <= ordre.index(avant)


def test_periods_are_expected_from_their_day_on() -> None:
    calendrier = Calendrier.lire("T1:12-20, S1:02-20,T2:03-20", 2026)
    assert calendrier.attendues(3, date(2025, 12, 19)) == ()
    assert calendrier.attendues(3, date(2025, 12, 20)) == (1,)
    assert calendrier.attendues(3, date(2026, 3, 20)) == (1, 2)
    assert calendrier.attendues(2, date(2026, 2, 19)) == ()
    assert calendrier.attendues(2, date(2026, 7, 1)) == (1,)
    assert Calendrier.lire("", 2026).attendues(3, date(2026, 7, 1)) == ()


@pytest.mark.parametrize("brut", ["T1", "T1:13-20", "T4:12-20", "S1:02-30", "x"])
def test_a_calendar_that_cannot_be_read_is_refused_by_name(brut: str) -> None:
    with pytest.raises(CalendrierInvalideError, match="BULLETINS_ATTENDUS"):
        Calendrier.lire(brut, 2026)


def test_classes_are_counted_by_level() -> None:
    eleves = [
        EleveJuge("1", "TG2", None, juger([recu(1)], 3, (1,)), (1,)),
        EleveJuge("2", "TG1", None, juger([], 3, (1,)), ()),
        EleveJuge("3", "TG2", None, juger([], 3, (1,)), ()),
        EleveJuge("4", None, None, juger([], 3, (1,)), ()),
    ]
    classes = par_classe(eleves, {"TG2": 3}, {3: (1,), 2: ()})
    assert [(c.classe, c.decoupage, c.effectif) for c in classes] == [
        (None, None, 1),
        ("TG1", None, 1),
        ("TG2", 3, 2),
    ]
    assert classes[2].niveaux[Niveau.COMPLET] == classes[2].niveaux[Niveau.IMPOSSIBLE] == 1
