"""What a list is narrowed by: on the screen, in a saved view and in a spreadsheet alike."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Valeur = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


def _plusieurs(valeur: Any) -> Any:
    """One value or several, said alike; the empty one of a form is none."""
    if valeur is None or valeur == "":
        return ()
    return (valeur,) if isinstance(valeur, str) else valeur


Valeurs = Annotated[tuple[Valeur, ...], BeforeValidator(_plusieurs), Field(max_length=60)]


class Filtres(BaseModel):
    """Several values of one filter widen it, several filters narrow. Nothing here names a pupil.

    ``famille``: filière demandée, one of the pupil's vœux at least.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    classe: Valeurs = ()
    serie: Valeurs = ()
    specialite: Valeurs = ()
    famille: Valeurs = ()
    boursier: bool | None = None
    cordees: bool | None = None
    sexe: Literal["M", "F"] | None = None
