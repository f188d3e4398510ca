"""The contracts: what the value of each record says. CloudEvents attributes travel in headers.

A value is the whole new state of its subject, with that subject's ``version`` (the source's own
order). Readers ignore unknown fields. Source of the feed's fields: facts_and_effects §4.
"""

from shared.events.modeles.admission import (
    Decision,
    PropositionRecue,
    Reponse,
    ReponseEnregistree,
)
from shared.events.modeles.base import (
    CleVoeu,
    Code,
    Contrat,
    ContratEleve,
    Entier,
    Millesime,
    Texte,
    Uai,
    Version,
)
from shared.events.modeles.candidature import (
    AccuseRecu,
    BourseSignalee,
    CaesModifiee,
    DossierModifie,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    ObjetAccuse,
    Phase,
    Profil,
    VoeuModifie,
    Voie,
)
from shared.events.modeles.referentiel import (
    CalendrierModifie,
    EtablissementReference,
    FormationReferencee,
)
from shared.events.modeles.scolarite import (
    BulletinRemonte,
    EleveRemonte,
    IdentiteRemontee,
    NoteRemontee,
    VivierInitial,
)
from shared.events.modeles.suivi import (
    AccesAudite,
    AvisRendu,
    Capacite,
    ExportPret,
    FicheAvancee,
    IndicateurModifie,
    Statut,
    StatutModifie,
)

__all__ = [
    "AccesAudite",
    "AccuseRecu",
    "AvisRendu",
    "BourseSignalee",
    "BulletinRemonte",
    "CaesModifiee",
    "CalendrierModifie",
    "Capacite",
    "CleVoeu",
    "Code",
    "Contrat",
    "ContratEleve",
    "Decision",
    "DossierModifie",
    "EleveRemonte",
    "Entier",
    "EtablissementReference",
    "EtatCaes",
    "EtatDossier",
    "EtatVoeu",
    "ExportPret",
    "FicheAvancee",
    "FormationReferencee",
    "IdentiteRemontee",
    "IndicateurModifie",
    "Millesime",
    "NoteRemontee",
    "ObjetAccuse",
    "Phase",
    "Profil",
    "PropositionRecue",
    "Reponse",
    "ReponseEnregistree",
    "Statut",
    "StatutModifie",
    "Texte",
    "Uai",
    "Version",
    "VivierInitial",
    "VoeuModifie",
    "Voie",
]
