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


class EtablissementReference(Contrat):
    version: Version
    uai: Uai
    nom: Texte
    commune: Texte
    departement: Code
    academie: Code
    secteur: Annotated[str, Field(pattern=r"^(PUBLIC|PRIVE)$")]


class CalendrierModifie(Contrat):
    version: Version
    etape: Code
    date: AwareDatetime
