"""Contracts of what our services derive or record: statut, indicators, avis, exports, audit."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.modeles.base import (
    CleVoeu,
    Code,
    Contrat,
    ContratEleve,
    Entier,
    Texte,
    Uai,
    Version,
)
from shared.events.modeles.scolarite import Dispositif
from shared.nomenclatures.series import Serie


class Statut(StrEnum):
    """Where a pupil stands, derived by ``shared.domaine.statut``, never stored by hand."""

    NON_INSCRIT = "NON_INSCRIT"
    INSCRIT = "INSCRIT"
    AVEC_VOEUX = "AVEC_VOEUX"
    CONFIRME = "CONFIRME"
    EN_ADMISSION = "EN_ADMISSION"
    ADMIS = "ADMIS"
    SANS_PROPOSITION = "SANS_PROPOSITION"
    DEMISSIONNAIRE = "DEMISSIONNAIRE"


class Capacite(StrEnum):
    """Capacité à réussir, the four levels of the fiche Avenir."""

    TRES_SATISFAISANTE = "TRES_SATISFAISANTE"
    SATISFAISANTE = "SATISFAISANTE"
    ASSEZ_SATISFAISANTE = "ASSEZ_SATISFAISANTE"
    PEU_DEMONTREE = "PEU_DEMONTREE"


class StatutModifie(ContratEleve):
    statut: Statut
    voeux: Entier
    voeux_confirmes: Entier
    propositions: Entier


class IndicateurModifie(Contrat):
    """One figure of a série of a lycée. No longer published: ``MargeModifiee`` says all figures of the série at once.

    Absent figures: suppressed (small numbers).
    """

    version: Version
    uai: Uai
    serie: Serie
    indicateur: Code
    numerateur: Entier | None = None
    denominateur: Entier | None = None


class AvisRendu(ContratEleve):
    """Nominative class: what the chef thinks of one pupil for one cible. ``None``: erased.

    ``cible``: ``voeu`` or ``voeu/sous-voeu``. A cible that is a type de formation has no formation.
    """

    cible: CleVoeu
    formation_id: Code | None = None
    capacite: Capacite | None = None


class FicheAvancee(ContratEleve):
    """Progress of a fiche Avenir: how many cibles have their avis. No judgement in it."""

    avis_rendus: Entier
    cibles: Entier
    transmise_le: Annotated[
        AwareDatetime | None,
        Field(description="when the chef transmitted it to the platform; absent: not transmitted (any more)"),
    ] = None


class EtatBourse(StrEnum):
    """SIECLE: known from the file. SIGNALEE: said by the pupil, to be looked at. AUCUNE: withdrawn."""

    SIECLE = "SIECLE"
    SIGNALEE = "SIGNALEE"
    CERTIFIEE = "CERTIFIEE"
    REFUSEE = "REFUSEE"
    AUCUNE = "AUCUNE"


class BourseCertifiee(ContratEleve):
    """Where the bourse de lycée of a pupil stands; the chef's decision outweighs the file."""

    etat: EtatBourse
    echelon: Annotated[int, Field(ge=1, le=6)] | None = None
    motif: Annotated[Code | None, Field(description="code of the reason of a refusal, never free text")] = (
        None
    )
    depuis: Annotated[
        AwareDatetime | None,
        Field(description="when the pupil signalled it, or when the chef decided; absent: the file says it"),
    ] = None


class EtatCordees(StrEnum):
    PARTICIPE = "PARTICIPE"
    NE_PARTICIPE_PAS = "NE_PARTICIPE_PAS"


class SourceCordees(StrEnum):
    """LOCAL: entered by the lycée, which outweighs the file."""

    SIECLE = "SIECLE"
    LOCAL = "LOCAL"


class CordeesSaisies(ContratEleve):
    """Whether a pupil takes part in a Cordée de la réussite, and who says so."""

    etat: EtatCordees
    dispositif: Dispositif | None = None
    source: SourceCordees
    depuis: Annotated[
        AwareDatetime | None, Field(description="when the lycée entered it; absent: the file says it")
    ] = None


class SuiviModifie(ContratEleve):
    """Nominative class, it may name a colleague: the actions d’accompagnement open for a pupil. 0: none any more.

    ``assigne``, ``echeance``: of the nearest one. ``lycee``: the one that opened them.
    """

    actions: Entier
    assigne: Texte | None = None
    echeance: AwareDatetime | None = None
    lycee: Uai | None = None


class ExportPret(Contrat):
    version: Version
    export_id: UUID
    uai: Uai
    liste: Code
    lignes: Entier


class AccesAudite(Contrat):
    """Who did what to which object; ids only, never a name."""

    version: Version
    acte: Code
    acteur: Code
    role: Code
    ressource: Code
    objet: Annotated[str, Field(max_length=200)]
    perimetre: Annotated[str, Field(max_length=200)]
    le: AwareDatetime
