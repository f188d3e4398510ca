"""The calendar of a session: what a moment falls into, and deadlines. Pure; Paris time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domaine.etapes import PAIRES, Etape

E = Etape
PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
_FIN_DE_JOUR = time(23, 59)
_JOURS_MAX = 366


class Position(StrEnum):
    AVANT = "AVANT"
    PENDANT = "PENDANT"
    APRES = "APRES"


class PhaseSession(StrEnum):
    PREPARATION = "PREPARATION"
    VOEUX = "VOEUX"
    CONFIRMATION = "CONFIRMATION"
    EXAMEN = "EXAMEN"
    ADMISSION = "ADMISSION"
    COMPLEMENTAIRE = "COMPLEMENTAIRE"
    TERMINEE = "TERMINEE"


FENETRES: Mapping[str, tuple[Etape, Etape]] = {
    "voeux": (E.INSCRIPTION_OUVERTURE, E.VOEUX_LIMITE),
    "confirmation": (E.INSCRIPTION_OUVERTURE, E.CONFIRMATION_LIMITE),
    "conseils": (E.CONSEILS_OUVERTURE, E.CONSEILS_LIMITE),
    "admission": (E.ADMISSION_OUVERTURE, E.ADMISSION_FIN),
    "classement": (E.CLASSEMENT_OUVERTURE, E.CLASSEMENT_LIMITE),
    "complementaire": (E.COMPLEMENTAIRE_OUVERTURE, E.COMPLEMENTAIRE_FIN),
}
"""From a step to another. An end of 23:59 includes the whole minute, as on the platform's own screens."""
_PHASES = (
    (E.SESSION_FIN, PhaseSession.TERMINEE),
    (E.ADMISSION_FIN, PhaseSession.COMPLEMENTAIRE),
    (E.ADMISSION_OUVERTURE, PhaseSession.ADMISSION),
    (E.CONFIRMATION_LIMITE, PhaseSession.EXAMEN),
    (E.VOEUX_LIMITE, PhaseSession.CONFIRMATION),
    (E.INSCRIPTION_OUVERTURE, PhaseSession.VOEUX),
)


class DateImpossibleError(ValueError):
    """A wall-clock time that Paris does not have that day, or has twice."""


def a_paris(local: datetime) -> datetime:
    """An instant from a wall clock of Paris; one that carries its offset is taken as it is.

    Raises:
        DateImpossibleError: skipped by the change to summer time, or twice there in October.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    tot, tard = (local.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))
    if tot.astimezone(PARIS).replace(tzinfo=None) != local:
        raise DateImpossibleError(f"{local:%d/%m/%Y %H:%M} does not exist in Paris (summer time begins)")
    if tot != tard:
        raise DateImpossibleError(f"{local:%d/%m/%Y %H:%M} comes twice in Paris: write it with its offset")
    return tot


def echue(limite: datetime, a_la_date: datetime) -> bool:
    """Whether a deadline is over: its whole minute belongs to those who answer."""
    return limite + MINUTE <= a_la_date


def fin_du_jour(jour: date) -> datetime:
    """23:59 in Paris: when a day's deadlines fall."""
    return datetime.combine(jour, _FIN_DE_JOUR, PARIS).astimezone(UTC)


def debut_du_jour(jour: date) -> datetime:
    """Midnight in Paris."""
    return datetime.combine(jour, time.min, PARIS).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Fenetre:
    nom: str
    debut: datetime
    fin: datetime
    position: Position


@dataclass(frozen=True, slots=True)
class Calendrier:
    """``dates``: instants in UTC by step. ``valeurs``: the figures of the steps that carry one."""

    session: int
    dates: Mapping[Etape, datetime]
    valeurs: Mapping[Etape, int] = field(default_factory=dict)
    version: int = 0

    def passee(self, etape: Etape, a_la_date: datetime) -> bool:
        """False too when the calendar has not the step."""
        return etape in self.dates and self.dates[etape] <= a_la_date

    def phase(self, a_la_date: datetime) -> PhaseSession:
        for etape, phase in _PHASES:
            if self.passee(etape, a_la_date):
                return phase
        return PhaseSession.PREPARATION

    def fenetres(self, a_la_date: datetime) -> list[Fenetre]:
        """Every window that the calendar has both ends of, in the order of their beginning."""
        trouvees = [
            Fenetre(nom, self.dates[debut], self.dates[fin], self._position(debut, fin, a_la_date))
            for nom, (debut, fin) in FENETRES.items()
            if debut in self.dates and fin in self.dates
        ]
        return sorted(trouvees, key=lambda fenetre: (fenetre.debut, fenetre.fin))

    def fenetre(self, nom: str, a_la_date: datetime) -> Position | None:
        """Before, in or after a window; None when the calendar has not both its ends."""
        debut, fin = FENETRES[nom]
        if debut not in self.dates or fin not in self.dates:
            return None
        return self._position(debut, fin, a_la_date)

    def _position(self, debut: Etape, fin: Etape, a_la_date: datetime) -> Position:
        if a_la_date < self.dates[debut]:
            return Position.AVANT
        return Position.PENDANT if a_la_date < self.dates[fin] + MINUTE else Position.APRES

    def date_limite(self, recue_le: datetime) -> datetime | None:
        """Deadline to answer a proposition received at ``recue_le``; None when the calendar says no delay.

        In the first days it is a fixed date; afterwards 23:59 of the nth day that follows, the days of a
        suspension not being counted.
        """
        if E.ADMISSION_OUVERTURE not in self.dates:
            return None
        recue = max(recue_le, self.dates[E.ADMISSION_OUVERTURE])
        premiers = self.dates.get(E.REPONSE_PREMIERS_JOURS)
        if premiers is not None and recue <= premiers:
            return self.dates[E.REPONSE_PREMIERE_LIMITE]
        delai = self.valeurs.get(E.REPONSE_DELAI_JOURS)
        return None if delai is None else fin_du_jour(self._compter(jour_de(recue), delai))

    def _compter(self, jour: date, delai: int) -> date:
        reste = delai
        for _ in range(_JOURS_MAX):
            jour += timedelta(days=1)
            reste -= not self._suspendu(jour)
            if reste <= 0:
                break
        return jour

    def _suspendu(self, jour: date) -> bool:
        return any(
            jour_de(self.dates[debut]) <= jour <= jour_de(self.dates[fin])
            for debut, fin in PAIRES[1:]
            if debut in self.dates and fin in self.dates
        )


def jour_de(instant: datetime) -> date:
    """The day in Paris."""
    return instant.astimezone(PARIS).date()


def dire(instant: datetime) -> str:
    """« 12/03/2026 à 23:59 », legal time in Paris."""
    return instant.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")
