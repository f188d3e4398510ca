"""What the gateway reads from the services and answers: fields not named here go no further."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from shared.domaine.catalogue import CodeListe
from shared.domaine.filtres import Filtres
from shared.events.modeles import Capacite
from shared.http.perimetre import Delegation, Role

Session = Annotated[int, Path(ge=2018, le=2100, description="Millésime de la session")]
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$", description="UAI du lycée")]
CodeAcademie = Annotated[str, Path(pattern=r"^[0-9]{1,2}$", description="Code de l’académie")]
Cible = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9_.:\-]{1,40}(/[A-Za-z0-9_.:\-]{1,40})?$", description="Clé du vœu ou du sous-vœu"
    ),
]


class Lecture(BaseModel):
    """Answer of a service: unknown fields are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Saisie(BaseModel):
    """Body of a command: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Moi(Lecture):
    acteur: str
    nom: str
    role: Role
    lycees: tuple[str, ...]
    classes: tuple[str, ...] | None = Field(
        default=None, description="Les seules classes vues (UAI/classe) ; null : des lycées entiers"
    )
    academies: tuple[str, ...]
    nation: bool
    delegations: tuple[Delegation, ...] = ()


class EleveListe(Lecture):
    eleve_id: UUID
    nom: str | None
    prenom: str | None
    classe: str | None = None
    serie: str | None = None
    statut: str | None = None
    voeux: int | None = None
    voeux_confirmes: int | None = None
    boursier: bool | None = None
    nouveau: bool = False
    cellules: dict[str, str | int | None] = {}


class ColonneListe(Lecture):
    """``tri``: what to order by for that column; None where it has no order."""

    code: str
    titre: str
    centree: bool = True
    tri: str | None = None


class PageEleves(Lecture):
    """``total``: length of the filtered list; ``suivant``: cursor of the next page.

    ``nouveaux``: of them, those who were not in the list at the caller's last visit. ``colonnes``: what this
    list shows, by code in ``cellules``.
    """

    total: int
    nouveaux: int = 0
    colonnes: tuple[ColonneListe, ...] = ()
    eleves: tuple[EleveListe, ...]
    suivant: str | None = None


class Raison(Lecture):
    code: str
    poids: int
    phrase: str


class Prioritaire(Lecture):
    """A pupil of the queue, the heaviest reason first. ``score``: their sum."""

    eleve_id: UUID
    nom: str | None
    prenom: str | None
    classe: str | None = None
    serie: str | None = None
    statut: str | None = None
    score: int
    raisons: tuple[Raison, ...]
    suivi_par: str | None = None
    suivi_actions: int | None = None


class Assigne(Lecture):
    """Who follows how many pupils of the queue; ``nom`` None: nobody does."""

    nom: str | None
    eleves: int


class FileDuJour(Lecture):
    """A page of « À accompagner aujourd’hui ». ``total``: of the queue with its filters; ``assignes``: of it all."""

    total: int
    a_la_date: datetime | None = None
    eleves: tuple[Prioritaire, ...]
    suivant: str | None = None
    assignes: tuple[Assigne, ...] = ()


class Avis(Lecture):
    """``capacite`` None: erased. ``orphelin``: the vœu was withdrawn since, the avis is kept.

    ``autre_avis``: what another dossier of the same pupil said, until the chef decides anew.
    """

    cible: str
    formation_id: str | None = None
    capacite: Capacite | None
    version: int
    auteur: str
    modifie_le: datetime
    orphelin: bool = False
    autre_avis: Capacite | None = None


class FicheAvis(Lecture):
    avis: tuple[Avis, ...]


class SaisieAvis(Saisie):
    """``null`` erases the avis."""

    capacite: Capacite | None


class DemandeExport(Saisie):
    liste: CodeListe
    filtres: Filtres = Filtres()


class Export(Lecture):
    """``etat``: EN_COURS, PRET or ECHEC."""

    id: UUID
    etat: str
    liste: str | None = None
    lignes: int | None = None
    nom: str | None = None
    taille: int | None = None
    cree_le: datetime | None = None
    pret_le: datetime | None = None
    expire_le: datetime | None = None


class DepotRecu(Lecture):
    import_id: UUID
    etat: str


class Question(Lecture):
    """What the import asks before it writes anything."""

    code: str
    phrase: str
    chiffres: dict[str, int | str] = {}


class Avancement(Lecture):
    """``part``: 0 to 1. ``unite``: of ``fait``, ``total`` and ``par_seconde``: octets or faits."""

    phase: str
    part: float | None = None
    fait: int = 0
    total: int | None = None
    unite: str
    par_seconde: float | None = None
    reste_s: int | None = None


class Remontee(Lecture):
    """``etat``: DEPOSE, ANALYSE, PUBLICATION, TERMINE, REFUSE, ESSAI, A_CONFIRMER, ANNULE or EXPIRE.

    ``checkpoint`` of ``total`` facts sent; of a dry run, ``total`` facts would be. ESSAI and A_CONFIRMER
    wait for an answer until ``expire_le``. ``conseil``: where refused lines are corrected.
    """

    id: UUID
    etat: str
    nature: str | None = None
    uai: str | None = None
    nom_fichier: str | None = None
    octets: int | None = None
    essai: bool = False
    questions: tuple[Question, ...] = ()
    avancement: Avancement | None = None
    total: int | None = None
    checkpoint: int = 0
    depose_le: datetime | None = None
    expire_le: datetime | None = None
    compte_rendu: "CompteRendu | None" = None
    conseil: str | None = None


class Anomalie(Lecture):
    """``type``: REJ, PAR, ABS, MOD, AVE or IGN."""

    type: str
    gravite: str
    code: str
    phrase: str
    champs: tuple[str, ...] = Field(default=(), description="champs modifiés")


class LigneSignalee(Lecture):
    """One pupil (or line) with all that is said of him; the first fields are those of what matters most."""

    rang: int = Field(description="dans le fichier ; 0 : l’élève n’y est pas")
    type: str | None = None
    gravite: str
    code: str
    phrase: str
    ine: str | None = Field(default=None, description="masqué, sauf la fin")
    eleve_siecle: str | None = Field(default=None, description="ELEVE_ID")
    eleve_id: UUID | None = None
    anomalies: tuple[Anomalie, ...] = ()


class MotifRefus(Lecture):
    code: str
    phrase: str


class CompteRendu(Lecture):
    compteurs: dict[str, int] = {}
    ignores: dict[str, int] = {}
    lignes: tuple[LigneSignalee, ...] = ()
    lignes_en_plus: int = 0
    refus: MotifRefus | None = None
