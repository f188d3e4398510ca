"""The state of a pupil as one compact row.

Structs are arrays on disk: a field is only ever added at the end, with a default, so that rows
written before it still read.
"""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from shared.events.modeles import (
    Decision,
    Dispositif,
    EtatBourse,
    EtatCaes,
    EtatCordees,
    EtatDossier,
    EtatVoeu,
    OrigineBulletin,
    Phase,
    Reponse,
    SourceCordees,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie


class Identite(Struct, array_like=True, frozen=True, gc=False):
    version: int
    nom: str
    prenom: str
    naissance: date
    sexe: str
    ine: str | None
    nom_usage: str | None
    prenom2: str | None = None
    prenom3: str | None = None


class Vivier(Struct, array_like=True, frozen=True, gc=False):
    """The vivier initial that the pupil was stamped with. ``le``: day of the closing."""

    uai: str
    serie: Serie
    le: date | None = None


class Scolarite(Struct, array_like=True, frozen=True, gc=False):
    version: int
    uai: str
    academie: str
    departement: str
    serie: Serie
    mef: str
    classe: str | None
    specialites: tuple[str, ...]
    sexe: str | None
    boursier: bool
    cordees: bool
    date_sortie: date | None
    vivier_initial: Vivier | None
    regime: str | None = None
    statut_scolaire: str | None = None
    date_entree: date | None = None
    echelon_bourse: int | None = None
    dispositif: Dispositif | None = None


class Inscription(Struct, array_like=True, frozen=True, gc=False):
    version: int
    etat: EtatDossier
    bulletins_saisis: tuple[str, ...]
    pieces_manquantes: tuple[str, ...]


class Voeu(Struct, array_like=True, frozen=True, gc=False):
    version: int
    formation_id: str
    famille: Famille
    selective: bool
    academie: str
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    revision: int = 0
    internat: bool = False
    projet_motive: bool = False
    rang: int | None = None


class Proposition(Struct, array_like=True, frozen=True, gc=False):
    version: int
    decision: Decision
    rang_attente: int | None
    date_limite: datetime | None


class ReponseDonnee(Struct, array_like=True, frozen=True, gc=False):
    version: int
    """``maintenus``: keys of the vœux en attente that he keeps."""

    reponse: Reponse
    maintenus: tuple[str, ...] = ()


class Echeance(Struct, array_like=True, frozen=True, gc=False):
    """A deadline that ingest says has passed, for the vœu or proposition of that version; or taken back."""

    version: int
    revision: int
    date_limite: datetime
    annule: bool = False


class Bulletin(Struct, array_like=True, frozen=True, gc=False):
    """One période without its marks: how many matières have a mark, and why the others have none.

    ``uai``, ``classe``: where it was given, when the file said so. Marks and appréciations are in a
    table of their own (services.eleves.bulletins).
    """

    version: int
    origine: OrigineBulletin
    decoupage: int
    notees: int
    absentes: int
    dispensees: int
    non_notees: int
    uai: str | None = None
    classe: str | None = None


class Fiche(Struct, array_like=True, frozen=True, gc=False):
    """Progress of the fiche Avenir: avis written, of how many, and when it was transmitted."""

    version: int
    avis_rendus: int
    cibles: int
    transmise_le: datetime | None = None


class Accuse(Struct, array_like=True, frozen=True, gc=False):
    """What the platform answered to ``version_objet`` of what we sent it."""

    version: int
    version_objet: int
    resultat: str


class BourseDite(Struct, array_like=True, frozen=True, gc=False):
    """What eleves published of the bourse, for the services that have no registre."""

    version: int
    etat: EtatBourse
    echelon: int | None
    motif: str | None
    depuis: datetime | None


class CordeesDites(Struct, array_like=True, frozen=True, gc=False):
    """What eleves published of the Cordées."""

    version: int
    etat: EtatCordees
    dispositif: Dispositif | None
    source: SourceCordees
    depuis: datetime | None


class SuiviDit(Struct, array_like=True, frozen=True, gc=False):
    """What eleves published of the actions d’accompagnement that are open."""

    version: int
    actions: int
    assigne: str | None
    echeance: datetime | None
    lycee: str | None


class EtatEleve(Struct, array_like=True, frozen=True):
    """Everything folded of one pupil.

    Vœux, propositions, réponses and échéances by ``voeu[/sous-voeu]``; bulletins by ``année-période``;
    accusés by what they acknowledge.

    ``expirations`` and ``non_confirmes`` are what ingest derived from time; what the platform says of the
    same vœu always wins: read them by ``reponse_de`` and ``etat_du_voeu`` only. ``fusionne``: the pupil that he
    turned out to be; nothing else is kept then, he is in no list and counts nowhere (``fusion_version``: of that fact; a merge
    that was taken back names another survivor in a higher one). ``bourse_siecle_vue``: the
    highest version of a scolarité in which SIECLE gave a bourse. ``bourse_dite``, ``cordees_dites``, ``suivi_dit``: for the services that
    read what eleves publishes; eleves itself has its registre.
    """

    session: int
    identite: Identite | None = None
    scolarite: Scolarite | None = None
    inscription: Inscription | None = None
    bourse_signalee: int | None = None
    caes: tuple[int, EtatCaes] | None = None
    voeux: dict[str, Voeu] = {}
    propositions: dict[str, Proposition] = {}
    reponses: dict[str, ReponseDonnee] = {}
    expirations: dict[str, Echeance] = {}
    non_confirmes: dict[str, Echeance] = {}
    fusionne: str | None = None
    bourse_signalee_le: datetime | None = None
    bulletins: dict[str, Bulletin] = {}
    fiche: Fiche | None = None
    accuses: dict[str, Accuse] = {}
    bourse_siecle_vue: int | None = None
    bourse_dite: BourseDite | None = None
    cordees_dites: CordeesDites | None = None
    suivi_dit: SuiviDit | None = None
    fusion_version: int = 1

    @property
    def present(self) -> bool:
        """In the current vivier: a terminale of a lycée who has not left it."""
        return self.scolarite is not None and self.scolarite.date_sortie is None

    @property
    def inscrit(self) -> bool:
        return self.inscription is not None


_encodeur = msgspec.msgpack.Encoder(order="deterministic")
_decodeur = msgspec.msgpack.Decoder(EtatEleve)


def encoder(etat: EtatEleve) -> bytes:
    return _encodeur.encode(etat)


def decoder(brut: bytes) -> EtatEleve:
    return _decodeur.decode(brut)
