"""What the gateway says of imports: their lines, absents, and the operator's rejects."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.gateway.contrats import Lecture, LigneSignalee, Remontee, Saisie


class Imports(Lecture):
    """Latest first."""

    imports: tuple[Remontee, ...]


class PageLignes(Lecture):
    """Lines of a compte rendu by pupil, in the order of the file; ``suivant``: ``apres`` of the next page."""

    lignes: tuple[LigneSignalee, ...]
    suivant: str | None = None


class Absent(Lecture):
    eleve_id: UUID
    classe: str | None = None
    serie: str | None = None
    depuis: date


class Absents(Lecture):
    """Pupils whom the last file of the lycée did not hold; still published as they are."""

    absents: tuple[Absent, ...]


class Rejet(Lecture):
    """A refused line. ``etat``: A_TRAITER, REJEU, REJOUE, REMPLACE or ABANDONNE."""

    import_id: UUID
    rang: int
    nature: str
    uai: str | None = None
    code: str
    phrase: str
    explication: str
    ine: str | None = None
    eleve_siecle: str | None = None
    etat: str
    essais: int = 0
    rejouable: bool
    corrige: bool
    rejoue_par: UUID | None = None
    rejete_le: datetime
    modifie_le: datetime


class RejetEntier(Rejet):
    """``valeur``: the line as corrected, else as received; nominative."""

    valeur: str | None = None


class PageRejets(Lecture):
    rejets: tuple[Rejet, ...]
    suivant: str | None = None


class ChoixRejets(Saisie):
    """``rangs`` null: all of the import."""

    rangs: list[int] | None = Field(default=None, max_length=10_000)


class Rejeu(Lecture):
    """The small import that takes the lines again."""

    import_id: UUID
    lignes: int


class RejetsAbandonnes(Lecture):
    abandonnes: int
