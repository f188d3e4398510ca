"""Bourses and Cordées, as the gateway reads them from eleves and answers them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.gateway.contrats import Lecture, Saisie
from shared.domaine.bourse import MotifRefus
from shared.events.modeles import Dispositif, EtatCordees

LOT_MAX = 1_000
Texte = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Motif = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Echelon = Annotated[
    int | None, Field(ge=-32_768, le=32_767, description="De 1 à 6, écrit sur la notification")
]


class Accuse(Lecture):
    """What the platform acknowledged. ``pris``: it took it; ``a_jour``: it answered on what stands now."""

    version: int
    resultat: str
    pris: bool
    a_jour: bool
    acte: str | None = None
    echelon: int | None = None
    acte_le: datetime | None = None


class ActeBourse(Lecture):
    """``evenement``: version of eleves.bourse.v1 that said it."""

    acte: str
    evenement: int | None = None
    version: int
    etat: str | None = None
    echelon: int | None = None
    motif: str | None = None
    motif_libelle: str | None = None
    texte: str | None = None
    auteur: str
    role: str
    le: datetime


class Bourse(Lecture):
    """``etat``: SIECLE, SIGNALEE, CERTIFIEE, REFUSEE, AUCUNE. ``siecle``, ``echelon_siecle``: what the file says.

    ``a_traiter``: a signal waits for the chef. ``contradiction``: ECHELON, RETIREE, REFUS; the decision stands.
    """

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    serie: str | None = None
    etat: str
    echelon: int | None = None
    motif: str | None = None
    motif_libelle: str | None = None
    texte: str | None = None
    depuis: datetime | None = None
    signalee_le: datetime | None = None
    age_jours: int | None = None
    siecle: bool = False
    echelon_siecle: int | None = None
    a_traiter: bool = False
    nouveau_signal: bool = False
    confirmee: bool = False
    contradiction: str | None = None
    piece_vue: bool | None = None
    version: int = 0
    auteur: str | None = None
    accuse: Accuse | None = None


class Cadre(Lecture):
    """The window of decisions: ``fenetre`` AVANT, PENDANT, APRES, or null for a session without a calendar."""

    fenetre: str | None = None
    ouverture: datetime | None = None
    echeance: datetime | None = None
    jours_restants: int | None = None
    peut_decider: bool = False


class BourseDetaillee(Bourse, Cadre):
    historique: tuple[ActeBourse, ...] = ()


class Bourses(Cadre):
    uai: str
    eleves: tuple[Bourse, ...]


class EleveVise(Saisie):
    """``version``: the one that the caller saw; absent when there was nothing yet."""

    eleve_id: UUID
    version: int | None = Field(default=None, ge=0)
    echelon: Echelon = None


class LotBourses(Saisie):
    eleves: tuple[EleveVise, ...] = Field(min_length=1, max_length=LOT_MAX)
    piece_vue: bool = Field(default=False, description="La notification de chacun a été vue")
    motif: MotifRefus | None = None
    texte: Texte | None = Field(default=None, description="Reste dans le lycée")


class DecisionSaisie(Saisie):
    decision: Literal["CERTIFIER", "REFUSER"]
    echelon: Echelon = None
    piece_vue: bool = False
    motif: MotifRefus | None = None
    texte: Texte | None = None


class AnnulationSaisie(Saisie):
    texte: Texte | None = None


class ResultatBourse(Lecture):
    """``code`` and ``phrase``: why it was not done; ``actuel``: what stands."""

    eleve_id: UUID
    fait: bool
    code: str | None = None
    phrase: str | None = None
    actuel: Bourse | None = None


class RapportBourses(Lecture):
    faits: int
    refuses: int
    resultats: tuple[ResultatBourse, ...]


class Delegation(Lecture):
    id: UUID
    adjoint: str
    nom: str | None = None
    debut: date
    fin: date | None = None
    donnee_par: str
    donnee_le: datetime
    retiree_par: str | None = None
    retiree_le: datetime | None = None
    en_vigueur: bool


class Delegations(Lecture):
    delegations: tuple[Delegation, ...]


class DelegationSaisie(Saisie):
    """``adjoint``: his id at the identity provider; ``fin`` absent: to the end of the session."""

    adjoint: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    nom: Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")] | None = None
    debut: date | None = None
    fin: date | None = None


class ActeCordees(Lecture):
    acte: str
    evenement: int | None = None
    version: int
    etat: str | None = None
    dispositif: str | None = None
    dispositif_libelle: str | None = None
    motif: str | None = None
    auteur: str
    role: str
    le: datetime


class Cordees(Lecture):
    """``participe``, ``dispositif``, ``source``: what counts. ``siecle``, ``local``: each source, null when silent."""

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    serie: str | None = None
    participe: bool
    dispositif: str | None = None
    dispositif_libelle: str | None = None
    source: str
    siecle: str | None = None
    siecle_libelle: str | None = None
    local: str | None = None
    a_reporter: bool = False
    report: str | None = None
    report_libelle: str | None = None
    version: int = 0
    auteur: str | None = None
    le: datetime | None = None


class CordeesDetaillees(Cordees):
    peut_saisir: bool = False
    historique: tuple[ActeCordees, ...] = ()


class ClasseCordees(Lecture):
    classe: str
    eleves: int
    participants: int


class CordeesDuLycee(Lecture):
    uai: str
    classe: str | None = None
    classes: tuple[ClasseCordees, ...]
    peut_saisir: bool
    eleves: tuple[Cordees, ...]


class EleveVu(Saisie):
    eleve_id: UUID
    version: int | None = Field(default=None, ge=0)


class LotCordees(Saisie):
    eleves: tuple[EleveVu, ...] = Field(min_length=1, max_length=LOT_MAX)
    etat: EtatCordees
    dispositif: Dispositif | None = None


class LotRetraits(Saisie):
    eleves: tuple[EleveVu, ...] = Field(min_length=1, max_length=LOT_MAX)
    motif: Motif


class CordeesSaisie(Saisie):
    etat: EtatCordees
    dispositif: Dispositif | None = None


class RetraitSaisie(Saisie):
    motif: Motif


class ResultatCordees(Lecture):
    eleve_id: UUID
    fait: bool
    code: str | None = None
    phrase: str | None = None
    actuel: Cordees | None = None


class RapportCordees(Lecture):
    faits: int
    refuses: int
    resultats: tuple[ResultatCordees, ...]
