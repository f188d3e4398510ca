"""Contracts of the candidate's side: dossier, vœux, acknowledgements (feed: facts_and_effects §4)."""

from enum import StrEnum

from pydantic import AwareDatetime

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
    """The pupil says on the platform that he is boursier; the free comment stays in ingest."""

    signalee_le: AwareDatetime


class CaesModifiee(ContratEleve):
    etat: EtatCaes


class VoeuModifie(ContratEleve):
    """One vœu or sous-vœu, self-sufficient: famille, sélectivité and académie are on the fact."""

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


class AccuseRecu(ContratEleve):
    objet: ObjetAccuse
    version_objet: Version
    resultat: Code
