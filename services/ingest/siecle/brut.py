"""A pupil as the readers find him, before any rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Origine:
    """Where the records of a file come from, so that a message says what to mend and where.

    ``colonnes``: field → title of its column, for a table; ``unite``: what ``rang`` numbers.
    ``logiciel``: where the person corrects.
    """

    logiciel: str = "SIECLE"
    unite: str = ""
    colonnes: Mapping[str, str] = field(default_factory=dict)

    def situer(self, phrase: str, rang: int, champ: str | None = None) -> str:
        """The sentence, with the line and the column of a table, and the right software."""
        dite = phrase if self.logiciel == "SIECLE" else phrase.replace("SIECLE", self.logiciel)
        if not self.unite:
            return dite
        colonne = self.colonnes.get(champ or "")
        ou = f"{self.unite} {rang}, colonne « {colonne} »" if colonne else f"{self.unite} {rang}"
        return f"{ou} : {dite}"


SIECLE = Origine()


@dataclass(slots=True)
class EleveBrut:
    """One pupil as written, with what the other blocks add. ``champs`` by the tags of BEE_ELEVES.

    ``rang``: from 1, in the file, or the number of the line of a table. ``rattachement``: national
    MEF of an academic one. ``dpps``: codes of the dispositifs de personnalisation de
    parcours. ``cles_gestion``: matières by their short key, where a table gives no code.
    """

    rang: int
    eleve_id: str
    champs: dict[str, str]
    divisions: list[str] = field(default_factory=list)
    groupes: list[str] = field(default_factory=list)
    matieres: list[str] = field(default_factory=list)
    bourses: list[str] = field(default_factory=list)
    dpps: list[str] = field(default_factory=list)
    cles_gestion: list[str] = field(default_factory=list)
    rattachement: str = ""
    origine: Origine = SIECLE

    @property
    def mef(self) -> str:
        """The code that tells level and série; empty when the file says none."""
        return self.rattachement or self.champs.get("CODE_MEF", "")
