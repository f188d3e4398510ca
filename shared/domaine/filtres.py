"""What a list is narrowed by: on the screen, in a saved view and in a spreadsheet alike."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.domaine.predicats import Contient, Ou, Parmi, Predicat, Texte, egal

Valeur = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


def _plusieurs(valeur: Any) -> Any:
    """One value or several, said alike; the empty one of a form is none."""
    if valeur is None:
        return ()
    dites = (valeur,) if isinstance(valeur, str) else valeur
    return tuple(dict.fromkeys(dite for dite in dites if dite != "")) if _suite(dites) else dites


def _suite(valeur: Any) -> bool:
    return isinstance(valeur, list | tuple)


Valeurs = Annotated[tuple[Valeur, ...], BeforeValidator(_plusieurs), Field(max_length=60)]
RIEN = BeforeValidator(lambda valeur: None if valeur == "" else valeur)
"""The empty choice of a form is no choice."""


class Filtres(BaseModel):
    """Several values of one filter widen it, several filters narrow. Nothing here names a pupil.

    ``famille``: filière demandée, one of the pupil's vœux at least.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    classe: Valeurs = ()
    serie: Valeurs = ()
    specialite: Valeurs = ()
    famille: Valeurs = ()
    boursier: Annotated[bool | None, RIEN] = None
    cordees: Annotated[bool | None, RIEN] = None
    sexe: Annotated[Literal["M", "F"] | None, RIEN] = None


def predicats(filtres: Filtres, texte: str | None = None) -> tuple[Predicat, ...]:
    """What a pupil must satisfy beside the list itself. ``texte``: part of a name, looked for without accents."""
    choix: list[Predicat] = [
        Parmi(champ, valeurs)
        for champ, valeurs in (
            ("classe", filtres.classe),
            ("serie", filtres.serie),
            ("sexe", _un(filtres.sexe)),
        )
        if valeurs
    ]
    choix += [
        Ou(tuple(Contient(champ, code) for code in codes))
        for champ, codes in (("specialites", filtres.specialite), ("familles", filtres.famille))
        if codes
    ]
    choix += [
        egal(champ, voulu)
        for champ, voulu in (("boursier", filtres.boursier), ("cordees", filtres.cordees))
        if voulu is not None
    ]
    return (*choix, Texte(texte)) if texte else tuple(choix)


def _un(valeur: str | None) -> tuple[str, ...]:
    return (valeur,) if valeur else ()
