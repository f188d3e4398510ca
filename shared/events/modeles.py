"""The contracts: what the value of each record says. CloudEvents attributes travel in headers.

A value is the whole new state of its subject, with that subject's ``version`` (the source's own
order). Readers ignore unknown fields. Source of the feed's fields: facts_and_effects §4.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

Texte = Annotated[str, Field(max_length=300)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:\-]+$")]
CleVoeu = Annotated[str, Field(max_length=81, pattern=r"^[A-Za-z0-9_.:\-]{1,40}(/[A-Za-z0-9_.:\-]{1,40})?$")]
Uai = Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")]
Entier = Annotated[int, Field(ge=0, le=2_147_483_647)]
Version = Annotated[int, Field(ge=0, le=9_223_372_036_854_775_807)]
Millesime = Annotated[int, Field(ge=2018, le=2100)]


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


class Decision(StrEnum):
    OUI = "OUI"
    OUI_SI = "OUI_SI"
    EN_ATTENTE = "EN_ATTENTE"
    NON = "NON"
    RETENU_SOUS_RESERVE = "RETENU_SOUS_RESERVE"


class Reponse(StrEnum):
    ACCEPTEE = "ACCEPTEE"
    ACCEPTEE_EN_MAINTENANT = "ACCEPTEE_EN_MAINTENANT"
    REFUSEE = "REFUSEE"
    EXPIREE = "EXPIREE"
    DEMISSION = "DEMISSION"


class EtatCaes(StrEnum):
    SAISIE = "SAISIE"
    PROPOSITION = "PROPOSITION"
    ACCEPTEE = "ACCEPTEE"
    CLOSE = "CLOSE"


class ObjetAccuse(StrEnum):
    BOURSE = "BOURSE"
    CORDEES = "CORDEES"
    FICHE_AVENIR = "FICHE_AVENIR"


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


class Contrat(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    session: Millesime


class ContratEleve(Contrat):
    """Common to every subject of one pupil. ``version`` orders the states of that subject."""

    eleve_id: UUID
    version: Version


class IdentiteRemontee(ContratEleve):
    """Nominative. The only topic on which names, birth dates and INE travel."""

    ine: Texte | None = None
    nom: Texte
    nom_usage: Texte | None = None
    prenom: Texte
    prenom2: Texte | None = None
    prenom3: Texte | None = None
    naissance: date
    sexe: Annotated[str, Field(pattern=r"^[MF]$")]


class VivierInitial(BaseModel):
    """Stamped when the remontée of a lycée is closed: the frozen base of the participation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    uai: Uai
    serie: Serie
    date: date


class EleveRemonte(ContratEleve):
    """Effective scolarité of a pupil; ``date_sortie`` set means that he left (``EleveSorti``)."""

    uai: Uai
    academie: Code
    departement: Code
    classe: Texte | None = None
    serie: Serie
    mef: Code
    regime: Code | None = None
    statut_scolaire: Code | None = None
    specialites: tuple[Code, ...] = ()
    sexe: Annotated[str, Field(pattern=r"^[MF]$")] | None = None
    codes_bourse: tuple[Code, ...] = ()
    cordees: bool = False
    date_entree: date | None = None
    date_sortie: date | None = None
    vivier_initial: VivierInitial | None = None


class BulletinRemonte(ContratEleve):
    """One period of marks. ``saisi_par_eleve``: typed by the pupil because nothing was sent."""

    annee: Millesime
    periode: Annotated[int, Field(ge=1, le=3)]
    decoupage: Annotated[int, Field(ge=2, le=3)]
    saisi_par_eleve: bool = False
    notes: tuple["NoteRemontee", ...] = ()


class NoteRemontee(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    matiere: Code
    etat: Annotated[str, Field(pattern=r"^[SADN]$")]
    moyenne: Annotated[float, Field(ge=0, le=20)] | None = None
    rang: Entier | None = None
    effectif: Entier | None = None
    appreciation: Annotated[str, Field(max_length=2000)] | None = None


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


class PropositionRecue(ContratEleve):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    decision: Decision
    rang_attente: Entier | None = None
    date_limite: AwareDatetime | None = None


class ReponseEnregistree(ContratEleve):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    reponse: Reponse
    voeux_maintenus: tuple[Code, ...] = ()


class AccuseRecu(ContratEleve):
    objet: ObjetAccuse
    version_objet: Version
    resultat: Code


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


class StatutModifie(ContratEleve):
    statut: Statut
    voeux: Entier
    voeux_confirmes: Entier
    propositions: Entier


class IndicateurModifie(Contrat):
    """Lycée × série margin. ``None`` where a figure is suppressed (small numbers)."""

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
