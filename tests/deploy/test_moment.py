from datetime import date, timedelta

import pytest

from deploy.local.errors import LauncherError
from deploy.local.lycee_settings import _fiches
from deploy.local.moment import moment
from services.ingest.bulletins.recapitulatif import Calendrier as Attendus
from services.ingest.calendrier.domain import lire_document
from services.simulateur import Stade
from shared.domaine.calendrier import PhaseSession, Position, debut_du_jour, jour_de
from shared.domaine.etapes import Etape

DAYS = [date(2026, 1, 2) + timedelta(days=5 * n) for n in range(160)]


@pytest.mark.parametrize("name", ["voeux", "confirmation", "admission", "apres"])
def test_whatever_the_day_the_calendar_is_one_that_ingest_takes_and_today_is_the_moment(name: str) -> None:
    for today in DAYS:
        found = moment(today, name)
        calendar = lire_document(found.calendar(), found.session)
        assert found.jour + timedelta(days=found.decalage) == today
        assert found.veille < found.jour
        if name == "voeux":
            assert (jour_de(calendar.dates[Etape.VOEUX_LIMITE]) - today).days == 3
            assert calendar.phase(debut_du_jour(today)) is PhaseSession.VOEUX
        if name == "confirmation":
            assert calendar.fenetre("confirmation", debut_du_jour(today)) is Position.PENDANT
        assert found.stade is (Stade.AVANT if name in {"voeux", "confirmation"} else Stade.APRES)


def test_the_session_is_that_of_the_school_year_and_is_kept_once_chosen() -> None:
    assert [moment(day).session for day in (date(2026, 8, 31), date(2026, 9, 1), date(2027, 1, 1))] == [
        2026,
        2027,
        2027,
    ]
    assert moment(date(2027, 10, 1), session=2027).session == 2027


def test_a_moment_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(
        LauncherError, match=r"PILOTAGE_DEMO_MOMENT=hier.*voeux, confirmation, admission, apres"
    ):
        moment(date(2026, 3, 1), "hier")


def test_two_trimestres_are_expected_once_the_conseils_have_begun() -> None:
    for today in (date(2026, 3, 10), date(2026, 11, 24), date(2027, 2, 3)):
        found = moment(today)
        assert Attendus.lire(found.bulletins, found.session).attendues(3, today) == (1, 2)


def test_the_chef_names_one_teacher_for_each_classe_and_dates_its_conseil() -> None:
    teachers = [("TG1", "Emmy Noether"), ("TG2", "Emmy Noether ; Évariste Galois")]
    known = {
        "classes": [{"classe": "TG1"}, {"classe": "TG2"}, {"classe": "TG3"}],
        "enseignements": [
            {"classe": classe, "champs": [{"champ": "enseignants", "valeur": names}]}
            for classe, names in teachers
        ],
    }
    fiches = list(_fiches(known, "Maxence Thiéry", moment(date(2026, 3, 10))))
    named = {f["classe"]: f["champs"] for f in fiches if f["objet"] == "CLASSE"}
    assert named == {
        "TG1": {
            "principal_1_prenom": "Maxence",
            "principal_1_nom": "Thiéry",
            "principal_1_compte": "professeur.a",
        },
        "TG2": {"principal_1_prenom": "Évariste", "principal_1_nom": "Galois"},
    }
    assert [(f["classe"], f["champs"]["heure"]) for f in fiches if f["objet"] == "CONSEIL"] == [
        ("TG1", "17:00"),
        ("TG2", "18:00"),
        ("TG3", "19:00"),
    ]
