"""Where in a session the demonstration stands: the whole session is moved so that today is that moment.

Windows, days left and reminders then speak whatever the date is. Dates that would leave the session's own years are
held at their edge, since a calendar refuses others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deploy.local.errors import LauncherError
from services.simulateur import Stade
from shared.domaine.calendrier import PARIS, Calendrier
from shared.domaine.calendriers_connus import par_defaut
from shared.domaine.etapes import Etape

VARIABLE = "PILOTAGE_DEMO_MOMENT"
REFERENCE = 2026
"""The session whose calendar is moved."""
_SEPTEMBRE = 9
_PLACES: Mapping[str, tuple[Etape, int]] = {
    "voeux": (Etape.VOEUX_LIMITE, -3),
    "confirmation": (Etape.CONFIRMATION_LIMITE, -3),
    "admission": (Etape.ADMISSION_OUVERTURE, 1),
    "apres": (Etape.ADMISSION_FIN, 1),
}
DEFAULT = "voeux"


@dataclass(frozen=True)
class Moment:
    """``jour``: the day of the simulated session that is today. ``decalage``: days from that one to today."""

    session: int
    jour: date
    decalage: int

    @property
    def veille(self) -> date:
        """The last simulated day whose facts are known: nothing happens in the future."""
        return self.jour - timedelta(days=1)

    @property
    def stade(self) -> Stade:
        """Before the admission opens nothing of it is drawn."""
        return Stade.APRES if self.jour >= _day(self.session, Etape.ADMISSION_OUVERTURE) else Stade.AVANT

    def calendar(self) -> dict[str, Any]:
        """The document that ``pilotage session calendar import`` takes; Paris wall clock."""
        known = _reference()
        return {
            "etapes": {step.value: self.local(step).isoformat() for step in known.dates},
            "valeurs": {step.value: value for step, value in known.valeurs.items()},
        }

    def local(self, step: Etape) -> datetime:
        """When a step falls, on the wall clock of Paris, within the years that the session may have."""
        here = _reference().dates[step].astimezone(PARIS).replace(tzinfo=None)
        moved = here.replace(year=here.year + self.session - REFERENCE) + timedelta(days=self.decalage)
        first = datetime(self.session - 1, _SEPTEMBRE, 1)  # noqa: DTZ001 - wall clock
        last = datetime(self.session, 12, 31, 23, 59)  # noqa: DTZ001 - wall clock
        return min(max(moved, first), last)

    @property
    def bulletins(self) -> str:
        """BULLETINS_ATTENDUS: the first trimestre when the platform opens, the second when conseils begin."""
        steps = (Etape.INSCRIPTION_OUVERTURE, Etape.CONSEILS_OUVERTURE)
        days = (min(self.local(step).date(), self.last_day_of_school) for step in steps)
        return ",".join(f"T{rank}:{day:%m-%d}" for rank, day in enumerate(days, 1))

    @property
    def last_day_of_school(self) -> date:
        """Of the session's school year, as the lycée's settings take it."""
        return date(self.session, 8, 31)


def moment(today: date, name: str = DEFAULT, session: int = 0) -> Moment:
    """The session of today's school year, or the one given, moved; LauncherError for a moment that is none."""
    if name not in _PLACES:
        raise LauncherError(f"{VARIABLE}={name} is no moment: {', '.join(_PLACES)}.")
    step, days = _PLACES[name]
    chosen = session or today.year + (today.month >= _SEPTEMBRE)
    day = _day(chosen, step) + timedelta(days=days)
    return Moment(chosen, day, (today - day).days)


def paris_today() -> date:
    """The day in Paris, which calendars are written in."""
    return datetime.now(UTC).astimezone(PARIS).date()


def _day(session: int, step: Etape) -> date:
    when = _reference().dates[step].astimezone(PARIS)
    return date(session, when.month, when.day)


def _reference() -> Calendrier:
    known = par_defaut(REFERENCE)
    if known is None:
        raise LauncherError(f"No calendar is proposed for {REFERENCE}.")
    return known.calendrier
