"""Contracts of the référentiels and of the session's calendar: no pupil in them."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.events.modeles.base import Code, Contrat, Entier, Texte, Uai, Version
from shared.nomenclatures.familles import Famille


class FormationReferencee(Contrat):
    version: Version
    formation_id: Code
    libelle: Texte
    etablissement: Texte
    uai: Uai | None = None
    famille: Famille
    selective: bool
    academie: Code
    capacite: Entier | None = None
    commune: Texte | None = None
    groupe: Annotated[Code | None, Field(description="vœu multiple to which it belongs")] = None


class EtablissementReference(Contrat):
    version: Version
    uai: Uai
    nom: Texte
    commune: Texte
    departement: Code
    academie: Code
    secteur: Annotated[str, Field(pattern=r"^(PUBLIC|PRIVE)$")]


class CalendrierModifie(Contrat):
    """``version``: of the whole calendar. ``retiree``: the step is in the calendar no more."""

    version: Version
    etape: Code
    date: AwareDatetime
    libelle: Texte | None = None
    valeur: Annotated[Entier | None, Field(description="a number of days, for steps that are a delay")] = None
    retiree: bool = False


class EtapeAtteinte(Contrat):
    """A date of the calendar has come: a window opens or closes. ``version``: of the calendar it comes from."""

    version: Version
    etape: Code
    date: AwareDatetime
    libelle: Texte | None = None


class SessionModifiee(Contrat):
    """The life of the session: OUVERTE, GELEE, CLOSE or ARCHIVEE; nothing is accepted unless it is OUVERTE."""

    version: Version
    etat: Annotated[str, Field(pattern=r"^(OUVERTE|GELEE|CLOSE|ARCHIVEE)$")]
    motif: Texte | None = None
