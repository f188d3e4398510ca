"""Contracts of the candidate's side: dossier, vœux, acknowledgements (feed: facts_and_effects §4)."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.events.modeles.base import Code, ContratEleve, Entier, Version
from shared.nomenclatures.familles import Famille


class Profil(StrEnum):
    TERMINALE = "TERMINALE"
    REORIENTATION = "REORIENTATION"
    REPRISE = "REPRISE"
    ETRANGER = "ETRANGER"


class EtatDossier(StrEnum):
    OUVERT = "OUVERT"
    COMPLET = "COMPLET"
    DEMISSION = "DEMISSION"


class EtatVoeu(StrEnum):
    FORMULE = "FORMULE"
    COMPLET = "COMPLET"
    CONFIRME = "CONFIRME"
    NON_CONFIRME = "NON_CONFIRME"
    SUPPRIME = "SUPPRIME"


class Voie(StrEnum):
    ETUDIANT = "ETUDIANT"
    APPRENTISSAGE = "APPRENTISSAGE"


class Phase(StrEnum):
    PRINCIPALE = "PRINCIPALE"
    COMPLEMENTAIRE = "COMPLEMENTAIRE"


class EtatCaes(StrEnum):
    SAISIE = "SAISIE"
    PROPOSITION = "PROPOSITION"
    ACCEPTEE = "ACCEPTEE"
    CLOSE = "CLOSE"


class ObjetAccuse(StrEnum):
    BOURSE = "BOURSE"
    CORDEES = "CORDEES"
    FICHE_AVENIR = "FICHE_AVENIR"


class DossierModifie(ContratEleve):
    profil: Profil
    etat: EtatDossier
    bulletins_saisis: tuple[Code, ...] = ()
    pieces_manquantes: tuple[Code, ...] = ()


class BourseSignalee(ContratEleve):
    """The pupil says on the platform that he is boursier; the free comment is kept nowhere."""

    signalee_le: AwareDatetime


class CaesModifiee(ContratEleve):
    etat: EtatCaes


class VoeuModifie(ContratEleve):
    """One vœu or sous-vœu, self-sufficient: famille, sélectivité and académie are on the fact.

    Ordered by (version, revision): the platform's own order first, then that of the référentiel.
    """

    voeu_id: Code
    sous_voeu_id: Code | None = None
    formation_id: Code
    famille: Famille
    selective: bool
    academie_formation: Code
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    internat: bool = False
    projet_motive: bool = False
    rang: Entier | None = None
    revision: Annotated[
        Entier,
        Field(
            description="version of the formation in the référentiel that gave famille, selective, académie"
        ),
    ] = 0


class VoeuNonConfirme(ContratEleve):
    """Nobody confirmed the vœu before the deadline: said by ingest, from the calendar, not by the platform.

    A subject of its own. It stands for the vœu of that very ``version`` or an older one: a later fact
    of the platform makes it void. ``annule``: the deadline was put off, take it back. Ordered by
    (version, revision), ``revision`` being that of the calendar.
    """

    voeu_id: Code
    sous_voeu_id: Code | None = None
    date_limite: AwareDatetime
    annule: bool = False
    revision: Entier = 0


class AccuseRecu(ContratEleve):
    objet: ObjetAccuse
    version_objet: Version
    resultat: Code
