"""Where the bourse de lycée of a pupil stands: SIECLE's word, his own signal and the chef's decision, side by side.

| SIECLE | signal | decision that stands | état | to be dealt with | contradiction |
|---|---|---|---|---|---|
| no | no | none | AUCUNE | no | – |
| no | yes | none | SIGNALEE | yes | – |
| yes | any | none | SIECLE | no: SIECLE closes the task | – |
| no | any | certified n | CERTIFIEE n | no | RETIREE when SIECLE knew it once |
| yes, n or unsaid | any | certified n | CERTIFIEE n | no: ``confirmee`` | – |
| yes, m ≠ n | any | certified n | CERTIFIEE n | no | ECHELON |
| no | not since the refusal | refused | REFUSEE | no | – |
| no | since the refusal | refused | REFUSEE | yes, ``nouveau_signal`` | – |
| yes | any | refused | REFUSEE | no | REFUS |

The decision always stands; a file never undoes it. A pupil who left or who was found to be another has nothing to be
dealt with. Source: parcoursup_reference §0 (I.2).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from shared.domaine.calendrier import Calendrier, Position, dire
from shared.domaine.complements import DecisionBourse
from shared.domaine.etapes import Etape
from shared.domaine.etat import EtatEleve
from shared.events.modeles import EtatBourse

FENETRE = "confirmation"
"""Bourses are certified, refused and undone from the opening of the inscriptions to the last day to confirm the vœux."""
OUVERTURE, ECHEANCE = Etape.INSCRIPTION_OUVERTURE, Etape.CONFIRMATION_LIMITE
ECHELONS = range(1, 7)


class Contradiction(StrEnum):
    """What SIECLE says against the decision, which stands."""

    ECHELON = "ECHELON"
    RETIREE = "RETIREE"
    REFUS = "REFUS"


class Bourse(Struct, frozen=True, gc=False, kw_only=True):
    """``echelon``: of the decision, or of SIECLE when it is the source. ``depuis``: of the signal or the decision.

    ``siecle``, ``echelon_siecle``: what the file says whatever the état. ``a_traiter``: a task of the chef.
    """

    etat: EtatBourse
    echelon: int | None = None
    motif: str | None = None
    depuis: datetime | None = None
    siecle: bool = False
    echelon_siecle: int | None = None
    signalee_le: datetime | None = None
    a_traiter: bool = False
    nouveau_signal: bool = False
    confirmee: bool = False
    contradiction: Contradiction | None = None

    @property
    def boursier(self) -> bool:
        """Counts as boursier in lists and figures."""
        return self.etat in {EtatBourse.SIECLE, EtatBourse.CERTIFIEE}


def bourse(etat: EtatEleve, decision: DecisionBourse | None) -> Bourse:
    """The whole of the table above."""
    scolarite = etat.scolarite
    dite = Bourse(
        etat=EtatBourse.AUCUNE,
        siecle=scolarite is not None and scolarite.boursier,
        echelon_siecle=scolarite.echelon_bourse if scolarite else None,
        signalee_le=etat.bourse_signalee_le,
    )
    if decision is not None:
        return _decidee(etat, dite, decision)
    if dite.siecle:
        return replace(dite, etat=EtatBourse.SIECLE, echelon=dite.echelon_siecle)
    if etat.bourse_signalee is None:
        return dite
    return replace(dite, etat=EtatBourse.SIGNALEE, depuis=dite.signalee_le, a_traiter=etat.present)


def _decidee(etat: EtatEleve, dite: Bourse, decision: DecisionBourse) -> Bourse:
    base = replace(
        dite, etat=decision.etat, echelon=decision.echelon, motif=decision.motif, depuis=decision.le
    )
    if decision.etat is EtatBourse.CERTIFIEE:
        contraire = _contraire(etat, base)
        return replace(base, contradiction=contraire, confirmee=base.siecle and contraire is None)
    nouveau = not base.siecle and base.signalee_le is not None and base.signalee_le > decision.le
    contraire = Contradiction.REFUS if base.siecle else None
    return replace(base, contradiction=contraire, nouveau_signal=nouveau, a_traiter=nouveau and etat.present)


def _contraire(etat: EtatEleve, certifiee: Bourse) -> Contradiction | None:
    if not certifiee.siecle:
        return Contradiction.RETIREE if etat.bourse_siecle_vue is not None else None
    autre = certifiee.echelon_siecle not in {None, certifiee.echelon}
    return Contradiction.ECHELON if autre else None


class MotifRefus(StrEnum):
    """Why a chef refuses: the only words of a refusal that leave the lycée."""

    PIECE_ABSENTE = "PIECE_ABSENTE"
    PIECE_NON_VALIDE = "PIECE_NON_VALIDE"
    ANNEE_PRECEDENTE = "ANNEE_PRECEDENTE"
    AUTRE_ELEVE = "AUTRE_ELEVE"
    NON_BOURSIER = "NON_BOURSIER"
    AUTRE = "AUTRE"

    @property
    def libelle(self) -> str:
        return _MOTIFS[self]


_MOTIFS = {
    MotifRefus.PIECE_ABSENTE: "Aucune notification de bourse n’a été présentée",
    MotifRefus.PIECE_NON_VALIDE: "La pièce présentée n’est pas une notification de bourse de lycée",
    MotifRefus.ANNEE_PRECEDENTE: "La notification porte sur une autre année scolaire",
    MotifRefus.AUTRE_ELEVE: "La notification est celle d’un autre élève",
    MotifRefus.NON_BOURSIER: "L’élève dit lui-même ne pas être boursier de lycée",
    MotifRefus.AUTRE: "Autre motif, précisé dans l’établissement",
}


class Acte(StrEnum):
    CERTIFIER = "CERTIFIER"
    REFUSER = "REFUSER"
    ANNULER = "ANNULER"


class RefusBourse(StrEnum):
    """Why an act on a bourse is not done; ``phrase`` says what to do instead."""

    ELEVE_FUSIONNE = "eleve_fusionne"
    ELEVE_SORTI = "eleve_sorti"
    ECHELON_ABSENT = "echelon_absent"
    ECHELON_INVALIDE = "echelon_invalide"
    PIECE_NON_VUE = "piece_non_vue"
    MOTIF_ABSENT = "motif_absent"
    DEJA_SIECLE = "deja_siecle"
    DEJA_CERTIFIEE = "deja_certifiee"
    DEJA_REFUSEE = "deja_refusee"
    CERTIFIEE = "bourse_certifiee"
    RIEN_A_REFUSER = "rien_a_refuser"
    RIEN_A_ANNULER = "rien_a_annuler"
    TROP_TOT = "certification_pas_ouverte"
    TROP_TARD = "certification_close"

    @property
    def phrase(self) -> str:
        return _PHRASES[self]


_R = RefusBourse
_PHRASES = {
    _R.ELEVE_FUSIONNE: "Ce dossier a été réuni avec un autre dossier du même élève : décidez sur le dossier qui reste.",
    _R.ELEVE_SORTI: "L’élève a quitté l’établissement : c’est à son nouveau lycée de se prononcer. S’il est revenu, "
    "annulez d’abord sa sortie.",
    _R.ECHELON_ABSENT: "Choisissez l’échelon de la bourse, de 1 à 6 : il est écrit sur la notification.",
    _R.ECHELON_INVALIDE: "Un échelon de bourse de lycée va de 1 à 6 : reprenez celui de la notification.",
    _R.PIECE_NON_VUE: "Certifier demande d’avoir vu la notification de bourse : cochez la case quand c’est fait, "
    "ou refusez avec le motif « aucune notification présentée ».",
    _R.MOTIF_ABSENT: "Choisissez le motif du refus dans la liste.",
    _R.DEJA_SIECLE: "SIECLE connaît déjà cette bourse et la plateforme aussi : il n’y a rien à certifier ni à refuser. "
    "Si SIECLE se trompe, faites-le corriger dans SIECLE.",
    _R.DEJA_CERTIFIEE: "Cette bourse est déjà certifiée. Pour changer l’échelon, annulez la certification puis "
    "certifiez de nouveau.",
    _R.DEJA_REFUSEE: "Cette bourse est déjà refusée. Pour changer le motif, annulez le refus puis refusez de nouveau.",
    _R.CERTIFIEE: "Cette bourse est certifiée : annulez d’abord la certification si vous devez la refuser.",
    _R.RIEN_A_REFUSER: "L’élève n’a rien signalé : il n’y a rien à refuser.",
    _R.RIEN_A_ANNULER: "Aucune décision n’est en vigueur pour cet élève : il n’y a rien à annuler.",
    _R.TROP_TOT: "La certification des bourses n’est pas encore ouverte : elle ouvre avec les inscriptions.",
    _R.TROP_TARD: "La certification des bourses est close depuis la date limite de confirmation des vœux : "
    "adressez-vous au service académique (SAIO).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """What the chef asks for one pupil. ``piece_vue``: he saw the notification."""

    acte: Acte
    echelon: int | None = None
    piece_vue: bool = False
    motif: MotifRefus | None = None


def refus_de_la_date(calendrier: Calendrier | None, le: datetime) -> RefusBourse | None:
    """None inside the window, and for a session without a calendar, which does not age."""
    match calendrier.fenetre(FENETRE, le) if calendrier else None:
        case Position.AVANT:
            return RefusBourse.TROP_TOT
        case Position.APRES:
            return RefusBourse.TROP_TARD
        case _:
            return None


def phrase_de_la_date(refus: RefusBourse, calendrier: Calendrier | None) -> str:
    """The sentence of a refusal for its date, with the date."""
    etape = {RefusBourse.TROP_TOT: OUVERTURE, RefusBourse.TROP_TARD: ECHEANCE}.get(refus)
    if etape is None or calendrier is None or etape not in calendrier.dates:
        return refus.phrase
    verbe = "Elle ouvre" if etape is OUVERTURE else "Elle a pris fin"
    return f"{refus.phrase} {verbe} le {dire(calendrier.dates[etape])}."


def refus(etat: EtatEleve, decision: DecisionBourse | None, demande: Demande) -> RefusBourse | None:
    """Why the act may not be done, or None; the date is judged by ``refus_de_la_date``."""
    if etat.fusionne is not None:
        return RefusBourse.ELEVE_FUSIONNE
    if not etat.present:
        return RefusBourse.ELEVE_SORTI
    return _CONTROLES[demande.acte](bourse(etat, decision), demande)


def _certifier(dite: Bourse, demande: Demande) -> RefusBourse | None:
    if dite.etat is EtatBourse.CERTIFIEE:
        return RefusBourse.DEJA_CERTIFIEE
    if dite.siecle:
        return RefusBourse.DEJA_SIECLE
    if demande.echelon is None:
        return RefusBourse.ECHELON_ABSENT
    if demande.echelon not in ECHELONS:
        return RefusBourse.ECHELON_INVALIDE
    return None if demande.piece_vue else RefusBourse.PIECE_NON_VUE


def _refuser(dite: Bourse, demande: Demande) -> RefusBourse | None:
    deja = {
        EtatBourse.SIECLE: RefusBourse.DEJA_SIECLE,
        EtatBourse.CERTIFIEE: RefusBourse.CERTIFIEE,
        EtatBourse.AUCUNE: RefusBourse.RIEN_A_REFUSER,
    }
    if dite.etat is EtatBourse.REFUSEE and not dite.nouveau_signal:
        return RefusBourse.DEJA_REFUSEE
    if dite.etat in deja:
        return deja[dite.etat]
    return RefusBourse.MOTIF_ABSENT if demande.motif is None else None


def _annuler(dite: Bourse, demande: Demande) -> RefusBourse | None:
    del demande
    decidee = dite.etat in {EtatBourse.CERTIFIEE, EtatBourse.REFUSEE}
    return None if decidee else RefusBourse.RIEN_A_ANNULER


_CONTROLES = {Acte.CERTIFIER: _certifier, Acte.REFUSER: _refuser, Acte.ANNULER: _annuler}
