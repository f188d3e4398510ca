"""Actions d’accompagnement, notes d’entretien, proposals of a SAIO."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.gateway.contrats import Lecture, Saisie

ELEVES_MAX = 200
Ligne = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Court = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")
]
Libre = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$"
    ),
]
TexteNote = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=4_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$"
    ),
]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Z_]+$")]
CodeListe = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9_]+$")]
UnUai = Annotated[str, StringConstraints(pattern=r"^[0-9]{7}[A-Z]$")]
Eleves = Annotated[tuple[UUID, ...], Field(max_length=ELEVES_MAX)]


class EtatAction(StrEnum):
    OUVERTE = "OUVERTE"
    FAITE = "FAITE"
    ABANDONNEE = "ABANDONNEE"


class FiltreActions(Saisie):
    """``assigne``: the ``cle`` of a person of the board. Nothing that names a pupil: it may be in a URL."""

    etat: EtatAction | None = None
    assigne: Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Z_]+(-[0-9a-f]{12})?$")] | None = (
        None
    )
    classe: Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00-\x1f]+$")] | None = None
    limite: int = Field(default=100, ge=1, le=200)
    curseur: (
        Annotated[str, StringConstraints(max_length=60), Field(description="« suivant » de la page d’avant")]
        | None
    ) = None


class SaisieAction(Saisie):
    """``assigne``: a person's name; without one, whoever has the ``fonction``."""

    titre: Ligne
    genre: Code
    consigne: Libre | None = None
    fonction: Code
    assigne: Ligne | None = None
    echeance: date


class ActionNouvelle(SaisieAction):
    """``proposition_id``: the SAIO's proposal that it accepts."""

    eleves: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=ELEVES_MAX)]
    proposition_id: UUID | None = None


class DemandeApercu(Saisie):
    eleves: Eleves
    genre: Code = "ENTRETIEN"


class ChangementEleves(Saisie):
    ajouter: Eleves = ()
    retirer: Eleves = ()


class IssueSaisie(Saisie):
    """``issue`` null takes it back."""

    eleve_id: UUID
    issue: Code | None
    precision: Court | None = None


class IssuesSaisies(Saisie):
    issues: Annotated[tuple[IssueSaisie, ...], Field(min_length=1, max_length=ELEVES_MAX)]


class ClotureSaisie(Saisie):
    """FAITE, or ABANDONNEE with a ``motif``."""

    etat: EtatAction
    motif: Court | None = None
    issues: Annotated[tuple[IssueSaisie, ...], Field(max_length=ELEVES_MAX)] = ()


class CommentaireSaisi(Saisie):
    texte: Libre


class NoteSaisie(Saisie):
    """``visibilite``: EQUIPE, DIRECTION_PSYEN or PSYEN (a psyEN's choice only)."""

    jour: date
    texte: TexteNote
    visibilite: Code


class PropositionSaisie(Saisie):
    """No pupil is named: a list of the catalogue, or what the sentence says."""

    lycees: Annotated[tuple[UnUai, ...], Field(min_length=1, max_length=400)]
    liste: CodeListe | None = None
    genre: Code = "ENTRETIEN"
    phrase: Libre
    echeance: date


class ReponseProposition(Saisie):
    """REPONDUE: decides nothing yet; DECLINEE: no. Accepting is starting an action with ``proposition_id``."""

    etat: Code
    phrase: Libre


class Choix(Lecture):
    code: str
    libelle: str


class Suggestion(Lecture):
    nom: str
    classe: str
    fonction: str


class EleveSuivi(Lecture):
    """``ici`` false: he is in another lycée now, and not named. ``present`` false: he left."""

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    ici: bool
    present: bool
    issue: str | None = None
    issue_libelle: str | None = None
    precision: str | None = None


class ActionSuivie(Lecture):
    """``autres``: pupils of classes that the caller does not see; he then cannot change the action itself."""

    id: UUID
    uai: str
    titre: str
    genre: str
    genre_libelle: str
    consigne: str | None = None
    fonction: str
    assigne: str | None = None
    assigne_cle: str
    assigne_libelle: str
    echeance: date
    etat: EtatAction
    etat_libelle: str
    motif: str | None = None
    version: int
    en_retard: bool
    cette_semaine: bool
    du_saio: bool
    auteur_nom: str
    cree_le: datetime
    modifie_le: datetime
    close_le: datetime | None = None
    eleves: tuple[EleveSuivi, ...]
    autres: int = 0
    modifiable: bool = True


class Comptes(Lecture):
    ouvertes: int = 0
    en_retard: int = 0
    cette_semaine: int = 0
    faites: int = 0
    abandonnees: int = 0


class Personne(Comptes):
    """``cle``: what the filter ``assigne`` takes."""

    cle: str
    libelle: str


class Vocabulaire(Lecture):
    genres: tuple[Choix, ...] = ()
    fonctions: tuple[Choix, ...] = ()
    issues: tuple[Choix, ...] = ()


class Tableau(Vocabulaire):
    """Actions of a lycée, the most overdue first; the counts are those of all of them."""

    jour: date
    actions: tuple[ActionSuivie, ...]
    suivant: str | None = None
    comptes: Comptes
    personnes: tuple[Personne, ...]
    classes: tuple[str, ...]


class SortEleve(Lecture):
    """What became of one pupil: ajoute, deja_suivi, deja, sorti, retire, introuvable."""

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    resultat: str
    retenu: bool
    phrase: str


class Apercu(Vocabulaire):
    rapport: tuple[SortEleve, ...]
    equipe: tuple[Suggestion, ...] = ()


class ActionChangee(Lecture):
    action: ActionSuivie
    rapport: tuple[SortEleve, ...] = ()


class Commentaire(Lecture):
    id: UUID
    texte: str
    auteur_nom: str
    auteur_role: str
    le: datetime


class CommentaireRecu(Lecture):
    id: UUID
    le: datetime


class ActeAction(Lecture):
    """``changes``: fields that moved; ``eleves``: number of pupils touched."""

    version: int
    acte: str
    auteur_nom: str
    le: datetime
    changes: tuple[str, ...] = ()
    eleves: int = 0


class DetailAction(ActionSuivie, Vocabulaire):
    commentaires: tuple[Commentaire, ...]
    historique: tuple[ActeAction, ...]
    equipe: tuple[Suggestion, ...] = ()


class Note(Lecture):
    """``sienne``: the caller wrote it; he alone changes it."""

    id: UUID
    eleve_id: UUID
    jour: date
    texte: str
    visibilite: str
    visibilite_libelle: str
    version: int
    auteur_nom: str
    auteur_role: str
    cree_le: datetime
    modifie_le: datetime
    sienne: bool


class Notes(Lecture):
    """``visibilites``: whom the caller may let read a note of his."""

    notes: tuple[Note, ...]
    visibilites: tuple[Choix, ...]


class EtatNote(Lecture):
    version: int
    jour: date
    texte: str | None
    visibilite: str
    le: datetime


class HistoriqueNote(Lecture):
    historique: tuple[EtatNote, ...]


class Proposition(Lecture):
    """``etat``: PROPOSEE, REPONDUE, ACCEPTEE, DECLINEE, RETIREE. Counts are of the actions that came of it."""

    id: UUID
    uai: str
    academie: str
    liste: str | None = None
    genre: str
    genre_libelle: str
    phrase: str
    echeance: date
    etat: str
    etat_libelle: str
    reponse: str | None = None
    repondu_par: str | None = None
    repondu_le: datetime | None = None
    version: int
    auteur_nom: str
    cree_le: datetime
    actions: int = 0
    faites: int = 0
    eleves: int = 0
    regles: int = 0


class EleveVise(Lecture):
    """``suivi_actions``: how many actions follow him already."""

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    suivi_actions: int | None = None


class DetailProposition(Proposition):
    """``vises``: pupils of its list today, 200 at most of ``total``."""

    vises: tuple[EleveVise, ...] = ()
    total: int = 0


class Propositions(Lecture):
    propositions: tuple[Proposition, ...]
    genres: tuple[Choix, ...] = ()


class SortLycee(Lecture):
    uai: str
    id: UUID | None
    phrase: str


class PropositionsEnvoyees(Lecture):
    rapport: tuple[SortLycee, ...]
