"""The catalogue of topics: owner, class, retention, key, contracts (architecture §3, facts §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from shared.events import modeles as m
from shared.events.modeles import Contrat


class Classe(StrEnum):
    """Who may be granted a read ACL: nominative topics carry names or judgements on a pupil."""

    NOMINATIVE = "nominative"
    PSEUDONYME = "pseudonyme"
    PUBLIQUE = "publique"


class Retention(StrEnum):
    """ENTIERE: kept until the session is purged. COMPACTEE: the last state by key."""

    ENTIERE = "entiere"
    COMPACTEE = "compactee"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic of every session. ``contrats`` maps the event's name (``ce_type``) to its model.

    ``par_eleve``: co-partitioned by pupil, so that everything about one pupil meets in the
    same-numbered partition. ``rang`` orders topics at equal ``recordedtime`` in a rebuild.
    """

    nom: str
    proprietaire: str
    classe: Classe
    retention: Retention = Retention.ENTIERE
    par_eleve: bool = True
    rang: int
    contrats: Mapping[str, type[Contrat]] = field(hash=False)

    def complet(self, prefixe: str, session: int) -> str:
        """Full name on the broker: ``<prefix><session>.<nom>``."""
        return f"{prefixe}{session}.{self.nom}"

    def session_de(self, complet: str) -> int:
        """Session of a full name made by :meth:`complet`."""
        return int(complet.removesuffix(f".{self.nom}")[-4:])

    def rejets(self, prefixe: str, session: int, service: str) -> str:
        return f"{self.complet(prefixe, session)}.{service}.rejets"

    @property
    def objet(self) -> str:
        """Short name for metrics and tables, such as ``candidature.voeu``."""
        return self.nom.rsplit(".", 1)[0]


def _contrats(**modeles: type[Contrat]) -> Mapping[str, type[Contrat]]:
    return MappingProxyType(modeles)


IDENTITE = Topic(
    nom="siecle.identite.v1",
    proprietaire="ingest",
    classe=Classe.NOMINATIVE,
    retention=Retention.COMPACTEE,
    rang=0,
    contrats=_contrats(IdentiteRemontee=m.IdentiteRemontee),
)
ELEVE = Topic(
    nom="siecle.eleve.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=1,
    contrats=_contrats(
        EleveRemonte=m.EleveRemonte, EleveSorti=m.EleveRemonte, IdentiteFusionnee=m.IdentiteFusionnee
    ),
)
BULLETIN = Topic(
    nom="scolarite.bulletin.v1",
    proprietaire="ingest",
    classe=Classe.NOMINATIVE,
    retention=Retention.COMPACTEE,
    rang=2,
    contrats=_contrats(BulletinRemonte=m.BulletinRemonte),
)
ENSEIGNANT = Topic(
    nom="scolarite.enseignant.v1",
    proprietaire="ingest",
    classe=Classe.NOMINATIVE,
    retention=Retention.COMPACTEE,
    par_eleve=False,
    rang=24,
    contrats=_contrats(EnseignantsRemontes=m.EnseignantsRemontes),
)
DOSSIER = Topic(
    nom="candidature.dossier.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=3,
    contrats=_contrats(
        DossierModifie=m.DossierModifie, BourseSignalee=m.BourseSignalee, CaesModifiee=m.CaesModifiee
    ),
)
VOEU = Topic(
    nom="candidature.voeu.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=4,
    contrats=_contrats(VoeuModifie=m.VoeuModifie, VoeuNonConfirme=m.VoeuNonConfirme),
)
PROPOSITION = Topic(
    nom="admission.proposition.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=5,
    contrats=_contrats(PropositionRecue=m.PropositionRecue, PropositionExpiree=m.PropositionExpiree),
)
REPONSE = Topic(
    nom="admission.reponse.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=6,
    contrats=_contrats(ReponseEnregistree=m.ReponseEnregistree),
)
ACCUSE = Topic(
    nom="candidature.accuse.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    rang=7,
    contrats=_contrats(AccuseRecu=m.AccuseRecu),
)
FORMATION = Topic(
    nom="referentiel.formation.v1",
    proprietaire="ingest",
    classe=Classe.PUBLIQUE,
    par_eleve=False,
    rang=20,
    contrats=_contrats(FormationReferencee=m.FormationReferencee),
)
ETABLISSEMENT = Topic(
    nom="referentiel.etablissement.v1",
    proprietaire="ingest",
    classe=Classe.PUBLIQUE,
    par_eleve=False,
    rang=21,
    contrats=_contrats(EtablissementReference=m.EtablissementReference),
)
CALENDRIER = Topic(
    nom="referentiel.calendrier.v1",
    proprietaire="ingest",
    classe=Classe.PUBLIQUE,
    par_eleve=False,
    rang=22,
    contrats=_contrats(
        CalendrierModifie=m.CalendrierModifie,
        EtapeAtteinte=m.EtapeAtteinte,
        SessionModifiee=m.SessionModifiee,
    ),
)
STATUT = Topic(
    nom="eleves.statut.v1",
    proprietaire="eleves",
    classe=Classe.PSEUDONYME,
    rang=8,
    contrats=_contrats(StatutModifie=m.StatutModifie),
)
STRUCTURE = Topic(
    nom="scolarite.structure.v1",
    proprietaire="ingest",
    classe=Classe.PSEUDONYME,
    retention=Retention.COMPACTEE,
    par_eleve=False,
    rang=23,
    contrats=_contrats(StructureRemontee=m.StructureRemontee, LyceeDecrit=m.LyceeDecrit),
)
BOURSE = Topic(
    nom="eleves.bourse.v1",
    proprietaire="eleves",
    classe=Classe.PSEUDONYME,
    rang=11,
    contrats=_contrats(BourseCertifiee=m.BourseCertifiee),
)
CORDEES = Topic(
    nom="eleves.cordees.v1",
    proprietaire="eleves",
    classe=Classe.PSEUDONYME,
    rang=12,
    contrats=_contrats(CordeesSaisies=m.CordeesSaisies),
)
SUIVI = Topic(
    nom="eleves.suivi.v1",
    proprietaire="eleves",
    classe=Classe.NOMINATIVE,
    retention=Retention.COMPACTEE,
    rang=17,
    contrats=_contrats(SuiviModifie=m.SuiviModifie),
)
INDICATEUR = Topic(
    nom="indicateurs.serie.v1",
    proprietaire="indicators",
    classe=Classe.PSEUDONYME,
    par_eleve=False,
    rang=30,
    contrats=_contrats(MargeModifiee=m.MargeModifiee, IndicateurModifie=m.IndicateurModifie),
)
AVIS = Topic(
    nom="avenir.avis.v1",
    proprietaire="avenir",
    classe=Classe.NOMINATIVE,
    retention=Retention.COMPACTEE,
    rang=9,
    contrats=_contrats(AvisRendu=m.AvisRendu),
)
FICHE = Topic(
    nom="avenir.fiche.v1",
    proprietaire="avenir",
    classe=Classe.PSEUDONYME,
    rang=10,
    contrats=_contrats(FicheAvancee=m.FicheAvancee),
)
INTENTION = Topic(
    nom="orientation.intention.v1",
    proprietaire="avenir",
    classe=Classe.PSEUDONYME,
    rang=14,
    contrats=_contrats(IntentionsDeclarees=m.IntentionsDeclarees),
)
EXPORT = Topic(
    nom="exports.export.v1",
    proprietaire="exports",
    classe=Classe.PSEUDONYME,
    par_eleve=False,
    rang=31,
    contrats=_contrats(ExportPret=m.ExportPret),
)
AUDIT = Topic(
    nom="audit.acces.v1",
    proprietaire="gateway",
    classe=Classe.PSEUDONYME,
    par_eleve=False,
    rang=32,
    contrats=_contrats(AccesAudite=m.AccesAudite),
)


def _a_venir(nom: str, proprietaire: str, classe: Classe, rang: int, *, par_eleve: bool = True) -> Topic:
    """A topic of the architecture that is provisioned now and gets its contract with its producer."""
    compactes = ("orientation.dialogue.v1",)
    retention = Retention.COMPACTEE if nom in compactes else Retention.ENTIERE
    return Topic(
        nom=nom,
        proprietaire=proprietaire,
        classe=classe,
        retention=retention,
        par_eleve=par_eleve,
        rang=rang,
        contrats=_contrats(),
    )


CATALOGUE: tuple[Topic, ...] = (
    IDENTITE,
    ELEVE,
    BULLETIN,
    DOSSIER,
    VOEU,
    PROPOSITION,
    REPONSE,
    ACCUSE,
    FORMATION,
    ETABLISSEMENT,
    CALENDRIER,
    STATUT,
    STRUCTURE,
    ENSEIGNANT,
    BOURSE,
    CORDEES,
    SUIVI,
    INDICATEUR,
    AVIS,
    FICHE,
    _a_venir("orientation.dialogue.v1", "avenir", Classe.NOMINATIVE, 13),
    INTENTION,
    _a_venir("orientation.presence.v1", "avenir", Classe.PSEUDONYME, 15),
    _a_venir("orientation.temps_echange.v1", "avenir", Classe.PSEUDONYME, 16),
    EXPORT,
    AUDIT,
)
FAITS_ELEVE: tuple[Topic, ...] = (ELEVE, DOSSIER, VOEU, PROPOSITION, REPONSE)
"""The pseudonymous pupil topics that every projection of a pupil folds."""
LECTEURS: Mapping[str, tuple[str, ...]] = {
    "referentiel.calendrier.v1": ("eleves",),
    "referentiel.etablissement.v1": ("eleves",),
    "scolarite.structure.v1": ("eleves",),
    "scolarite.enseignant.v1": ("eleves",),
    "siecle.identite.v1": ("eleves", "exports"),
    "siecle.eleve.v1": ("eleves", "indicators", "avenir", "exports"),
    "candidature.dossier.v1": ("ingest", "eleves", "indicators", "avenir", "exports"),
    "candidature.voeu.v1": ("ingest", "eleves", "indicators", "avenir", "exports"),
    "admission.proposition.v1": ("ingest", "eleves", "indicators", "exports"),
    "admission.reponse.v1": ("ingest", "eleves", "indicators", "exports"),
    "scolarite.bulletin.v1": ("eleves", "exports"),
    "candidature.accuse.v1": ("ingest", "eleves"),
    "eleves.bourse.v1": ("ingest", "indicators", "exports"),
    "eleves.cordees.v1": ("ingest", "indicators", "exports"),
    "eleves.suivi.v1": ("exports",),
    "orientation.intention.v1": ("indicators",),
    "avenir.fiche.v1": ("ingest", "eleves", "exports"),
}
"""Services of ours that read each topic today; a test holds this to their projections."""
