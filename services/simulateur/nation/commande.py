"""What is asked of the simulator: which lycées, which session, which files, until when."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from services.simulateur.nation.lycee import Monde

LYCEES_PAR_BLOC: Final = 8
SIECLE, FAITS, BULLETINS, REFERENTIELS = "siecle", "feed", "bulletins", "referentiels"
TOUT: Final = frozenset({SIECLE, FAITS, BULLETINS, REFERENTIELS})
VERSIONS: Final = ("1.8", "2.1", "3.0")
VERSIONS_MELEES: Final = "mixed"


@dataclass(frozen=True, slots=True)
class Commande:
    """``rangs``: ranks in the national table. ``par_eleve``: pupil after pupil instead of by time.

    ``condense``: each vœu once, in its last state; with it admission is left out. ``par_bloc`` changes
    how the work is cut, never what a feed in the order of time holds.
    """

    sortie: Path
    rangs: tuple[int, ...]
    graine: int = 1
    session: int = 2026
    jusqu_au: date | None = None
    par_eleve: bool = False
    condense: bool = False
    quoi: frozenset[str] = field(default=TOUT)
    version_siecle: str = VERSIONS_MELEES
    avec_adresses: bool = False
    par_bloc: int = LYCEES_PAR_BLOC
    niveau_gzip: int = 1

    @property
    def monde(self) -> Monde:
        return Monde(self.graine, self.session, admission=not self.condense)

    @property
    def limite(self) -> int | None:
        return None if self.jusqu_au is None else self.monde.calendrier.de_date(self.jusqu_au)

    @property
    def blocs(self) -> list[tuple[int, ...]]:
        return [self.rangs[i : i + self.par_bloc] for i in range(0, len(self.rangs), self.par_bloc)]

    @property
    def passages(self) -> Path:
        """Sorted runs, gone when the feed is written."""
        return self.sortie / ".runs"

    def passage(self, numero: int) -> Path:
        """The run of one block."""
        return self.passages / f"{numero:05d}"

    def version_du_lycee(self, rang: int) -> str:
        """Mixed: six lycées in ten export 2.1, three 3.0, one still 1.8."""
        if self.version_siecle != VERSIONS_MELEES:
            return self.version_siecle
        return ("2.1", "3.0", "2.1", "2.1", "3.0", "2.1", "1.8", "2.1", "3.0", "2.1")[rang * 7 % 10]
