"""The session's dates: Paris time, days left, what each changes, and as a calendar file."""

from datetime import UTC, datetime

import httpx

from services.gateway import contrats_session as cs
from services.gateway.vues_calendrier import dates, icalendar
from tests.gateway.conftest import Porte
from tests.gateway.test_pages_scolarite import texte

LIMITE = datetime(2026, 3, 12, 22, 59, tzinfo=UTC)
OUVERTURE = datetime(2026, 1, 19, 13, tzinfo=UTC)
CALENDRIER = cs.Calendrier(
    session=2026,
    version=3,
    etapes={"VOEUX_LIMITE": LIMITE, "INSCRIPTION_OUVERTURE": OUVERTURE, "REPONSE_DELAI_JOURS": LIMITE},
    valeurs={"REPONSE_DELAI_JOURS": 1},
    libelles={
        "VOEUX_LIMITE": "Dernier jour pour formuler les vœux ; tous, sans exception",
        "INSCRIPTION_OUVERTURE": "Ouverture des inscriptions et des vœux",
        "REPONSE_DELAI_JOURS": "Délai",
    },
)


def test_days_are_counted_between_days_of_paris() -> None:
    """Half an hour before midnight in Paris is still the day before in UTC."""
    veille = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    le_jour = {date.code: (date.jours, date.compte) for date in dates(CALENDRIER, veille)}
    assert le_jour["VOEUX_LIMITE"] == (0, "aujourd’hui")
    assert le_jour["INSCRIPTION_OUVERTURE"] == (-52, "passé")
    trois_jours_avant = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert {d.code: d.compte for d in dates(CALENDRIER, trois_jours_avant)}["VOEUX_LIMITE"] == "J−3"
    assert next(date.code for date in dates(CALENDRIER, veille)) == "INSCRIPTION_OUVERTURE"


def test_the_calendar_file_is_one_that_agendas_read() -> None:
    fichier = icalendar(CALENDRIER, OUVERTURE, "pilotage.exemple.fr")
    lignes = fichier.split("\r\n")
    assert all(len(ligne.encode()) <= 75 for ligne in lignes)
    deplie = fichier.replace("\r\n ", "")
    assert deplie.count("BEGIN:VEVENT") == 2
    assert "DTSTART:20260312T225900Z\r\n" in deplie
    assert "SUMMARY:Dernier jour pour formuler les vœux \\; tous\\, sans exception\r\n" in deplie
    assert "UID:2026-voeux_limite@pilotage.exemple.fr\r\n" in deplie


async def test_everybody_of_the_house_has_the_page(porte: Porte) -> None:
    porte.amont.calendrier = CALENDRIER.model_dump(mode="json")
    for login in ("chef.a", "saio", "operateur"):
        async with porte.navigateur(login) as navigateur:
            page = await navigateur.get("/calendrier")
            assert page.status_code == httpx.codes.OK
            assert "12/03/2026 à 23:59 Dernier jour pour formuler les vœux" in texte(page)
            fichier = await navigateur.get("/calendrier.ics")
            assert fichier.headers["content-type"] == "text/calendar; charset=utf-8"
            assert "BEGIN:VCALENDAR" in fichier.text
    async with porte.client() as visiteur:
        assert (await visiteur.get("/calendrier")).status_code == httpx.codes.SEE_OTHER
