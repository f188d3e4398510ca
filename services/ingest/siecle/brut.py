"""A pupil as the readers find him, before any rule."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class EleveBrut:
    """One ELEVE as written, with what the other blocks add. ``rang``: from 1, in the file."""

    rang: int
    eleve_id: str
    champs: dict[str, str]
    divisions: list[str] = field(default_factory=list)
    groupes: list[str] = field(default_factory=list)
    matieres: list[str] = field(default_factory=list)
    bourses: list[str] = field(default_factory=list)
