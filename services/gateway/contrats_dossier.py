"""The dossier of a pupil, as the gateway reads it from eleves and answers it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.gateway.contrats import Lecture
from services.gateway.contrats_bourses import BourseDetaillee, CordeesDetaillees
from services.gateway.contrats_reunions import DoubleSaisie


class Voeu(Lecture):
    """A vœu, or a sous-vœu when ``sous_voeu_id`` is there.

    ``a_repondre``: a proposition that waits for an answer, before ``date_limite`` when it has one.
    ``maintenu``: kept while another proposition was accepted.
    """

    cle: str
    voeu_id: str
    sous_voeu_id: str | None = None
    formation_id: str
    formation: str
    etablissement: str | None = None
    famille: str
    selective: bool = False
    academie: str | None = None
    voie: str
    phase: str = "PRINCIPALE"
    etat: str
    internat: bool = False
    projet_motive: bool = False
    rang: int | None = None
    proposition: str | None = None
    rang_attente: int | None = None
    date_limite: datetime | None = None
    a_repondre: bool = False
    reponse: str | None = None
    maintenu: bool = False


class Matiere(Lecture):
    """``etat``: S noté, A absent, D dispensé, N non noté. Rank and the averages: of the group taught together."""

    matiere: str
    langue: str | None = None
    etat: str
    moyenne: float | None = None
    rang: int | None = None
    effectif: int | None = None
    coefficient: float | None = None
    moyenne_classe: float | None = None
    moyenne_haute: float | None = None
    moyenne_basse: float | None = None
    appreciation: str | None = None
    enseignants: tuple[str, ...] = ()


class Bulletin(Lecture):
    """``code``: T1 to T3, S1, S2. ``etat``: REMONTE, VIDE, SAISI, MANQUANT. ``uai``: when of another lycée."""

    annee: int = Field(description="fin de l’année scolaire")
    code: str
    etat: str
    raison: str | None = None
    uai: str | None = None
    classe: str | None = None
    matieres: tuple[Matiere, ...] = ()


class ProgresFiche(Lecture):
    """``transmise_le`` None: not transmitted to the platform."""

    avis_rendus: int
    cibles: int
    transmise_le: datetime | None = None


class VivierInitial(Lecture):
    uai: str
    serie: str
    le: date | None = None


class Moment(Lecture):
    """A line of the timeline. ``survenu``: when it happened; ``enregistre``: when Pilotage knew.

    ``genre``: scolarite, inscription, voeux, admission, bulletins, fiche, bourse, cordees, accompagnement.
    ``origine``: siecle, plateforme, lycee, calendrier, eleve, pilotage.
    """

    survenu: datetime
    enregistre: datetime
    tardif: bool = False
    genre: str
    origine: str
    phrase: str
    auteur: str | None = None


class ActionDuDossier(Lecture):
    """An action that follows the pupil, alone or with others (``eleves``)."""

    id: UUID
    titre: str
    genre_libelle: str
    etat: str
    etat_libelle: str
    assigne_libelle: str
    echeance: date
    en_retard: bool
    issue_libelle: str | None = None
    precision: str | None = None
    eleves: int = 1


class Dossier(Lecture):
    """Everything known of a pupil, newest facts first in ``chronologie``. Not received yet: ``null``.

    ``eleve_id`` is that of the survivor when the one asked for turned out to be another person's double.
    ``propositions_sans_voeu``: answers of formations to vœux that the platform has not told yet.
    """

    eleve_id: UUID
    nom: str | None
    prenom: str | None
    nom_usage: str | None = None
    autres_prenoms: tuple[str, ...] | None = None
    naissance: date | None = None
    sexe: str | None = None
    ine_masque: str | None = Field(default=None, description="INE, sauf la fin")
    uai: str | None
    academie: str | None = None
    classe: str | None = None
    serie: str | None = None
    mef: str | None = None
    specialites: tuple[str, ...] | None = None
    libelles_specialites: tuple[str, ...] | None = None
    regime: str | None = None
    libelle_regime: str | None = None
    statut_scolaire: str | None = None
    boursier: bool | None = None
    entre_le: date | None = None
    sorti_le: date | None = None
    vivier_initial: VivierInitial | None = None
    inscription: str | None = None
    pieces_manquantes: tuple[str, ...] = ()
    caes: str | None = None
    statut: str
    voeux: tuple[Voeu, ...]
    propositions_sans_voeu: int = 0
    fiche: ProgresFiche | None = None
    dialogue: None = Field(default=None, description="fiche de dialogue : pas encore publiée")
    bulletins: tuple[Bulletin, ...] = ()
    chronologie: tuple[Moment, ...] = ()
    bourse: BourseDetaillee | None = Field(default=None, description="pour la direction seulement")
    cordees: CordeesDetaillees | None = None
    accompagnement: tuple[ActionDuDossier, ...] = ()
    reunions: tuple[DoubleSaisie, ...] = Field(
        default=(), description="saisies différentes d’un autre dossier du même élève"
    )
