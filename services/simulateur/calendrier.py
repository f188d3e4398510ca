"""Dates of a session (those of 2026, shifted for the others) and fast writing of instants.

An instant is the number of seconds of wall clock since the first of January of the session's year,
in Paris; nothing ever happens between midnight and six, so the clock changes are never ambiguous.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

JOUR = 86_400
HEURE = 3_600
# Month, day and hour of each step; source of those of 2025: parcoursup_reference §2.4.
ETAPES = {
    "ouverture": (1, 19, 14),
    "fin_des_voeux": (3, 12, 23),
    "fin_des_confirmations": (4, 1, 23),
    "phase_principale": (6, 2, 19),
    "phase_complementaire": (6, 11, 14),
    "classement": (6, 8, 10),
    "fin_principale": (7, 10, 23),
}
ETAPES_PROPRES = {
    2025: {
        "ouverture": (1, 15, 14),
        "fin_des_voeux": (3, 13, 23),
        "fin_des_confirmations": (4, 2, 23),
        "classement": (6, 6, 10),
    }
}


class Calendrier:
    """Instants of the steps of one session. ``decalage``: days by which what is written is moved."""

    def __init__(self, session: int, decalage: int = 0) -> None:
        self.session = session
        self._decalage = decalage
        dates = ETAPES | ETAPES_PROPRES.get(session, {})
        self.ouverture = self.instant(*dates["ouverture"])
        self.fin_des_voeux = self.instant(*dates["fin_des_voeux"])
        self.fin_des_confirmations = self.instant(*dates["fin_des_confirmations"])
        self.phase_principale = self.instant(*dates["phase_principale"])
        self.phase_complementaire = self.instant(*dates["phase_complementaire"])
        self.classement = self.instant(*dates["classement"])
        self.fin_principale = self.instant(*dates["fin_principale"])
        self._jours = tuple(self._ecrire_jour(n) for n in range(366))

    def instant(self, mois: int, jour: int, heure: int = 0) -> int:
        jours = (date(self.session, mois, jour) - date(self.session, 1, 1)).days
        return jours * JOUR + heure * HEURE

    def de_date(self, moment: date | datetime) -> int:
        """A date means its last second; a datetime is read as Paris wall clock."""
        debut = datetime(self.session, 1, 1)  # noqa: DTZ001 - wall clock by definition
        if isinstance(moment, datetime):
            return int((moment.replace(tzinfo=None) - debut).total_seconds())
        return (moment - debut.date()).days * JOUR + JOUR - 1

    def iso(self, instant: int) -> str:
        """ISO 8601 with the offset of Paris that day."""
        jour, reste = divmod(instant, JOUR)
        heure, reste = divmod(reste, HEURE)
        texte, decalage = self._jours[jour]
        return f"{texte}T{heure:02d}:{reste // 60:02d}:{reste % 60:02d}{decalage}"

    def _ecrire_jour(self, numero: int) -> tuple[str, str]:
        jour = date(self.session, 1, 1) + timedelta(days=numero + self._decalage)
        ete = dernier_dimanche(jour.year, 3) <= jour < dernier_dimanche(jour.year, 10)
        return jour.isoformat(), "+02:00" if ete else "+01:00"


@lru_cache(maxsize=64)
def dernier_dimanche(annee: int, mois: int) -> date:
    """Of a month of 31 days: the day on which the clocks change."""
    fin = date(annee, mois, 31)
    return fin - timedelta(days=(fin.weekday() + 1) % 7)
