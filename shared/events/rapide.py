"""Fast twins of the contracts read on the hot path: msgspec Structs, tested equal to the models.

A twin lists what the projections fold; unknown and unread fields are skipped by the decoder.
Patterns end strictly: Python's ``$`` would let a trailing newline in, which the models refuse.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any, Protocol, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shared.events import topics as t
from shared.events.modeles import (
    Certitude,
    Decision,
    Dispositif,
    EtatBourse,
    EtatCaes,
    EtatCordees,
    EtatDossier,
    EtatVoeu,
    ObjetAccuse,
    OrigineBulletin,
    OrigineScolarite,
    Phase,
    Profil,
    Reponse,
    SourceCordees,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

Texte = Annotated[str, Meta(max_length=300)]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:\-]+\Z")]
CodeLu = Annotated[str, Meta(min_length=1, max_length=40)]
"""A code whose pattern is looked at after decoding, by :class:`_Codes`: for the twins that come by millions."""
Uai = Annotated[str, Meta(pattern=r"^[0-9]{7}[A-Z]\Z")]
Entier = Annotated[int, Meta(ge=0, le=2_147_483_647)]
Version = Annotated[int, Meta(ge=0, le=9_223_372_036_854_775_807)]
Millesime = Annotated[int, Meta(ge=2018, le=2100)]
Instant = Annotated[datetime, Meta(tz=True)]
Moyenne = Annotated[float, Meta(ge=0, le=20)]
Sexe = Annotated[str, Meta(pattern=r"^[MF]\Z")]


class Fait(Struct, frozen=True, gc=False, kw_only=True):
    session: Millesime
    eleve_id: str
    version: Version


class Identite(Fait, frozen=True, gc=False, kw_only=True):
    ine: Texte | None = None
    nom: Texte
    nom_usage: Texte | None = None
    prenom: Texte
    prenom2: Texte | None = None
    prenom3: Texte | None = None
    naissance: date
    sexe: Sexe


class VivierInitial(Struct, frozen=True, gc=False, kw_only=True):
    uai: Uai
    serie: Serie
    date: date


class Eleve(Fait, frozen=True, gc=False, kw_only=True):
    uai: Uai
    academie: Code
    departement: Code
    classe: Texte | None = None
    serie: Serie
    mef: Code
    regime: Code | None = None
    statut_scolaire: Code | None = None
    specialites: tuple[Code, ...] = ()
    sexe: Sexe | None = None
    codes_bourse: tuple[Code, ...] = ()
    cordees: bool = False
    date_entree: date | None = None
    date_sortie: date | None = None
    vivier_initial: VivierInitial | None = None
    echelon_bourse: Annotated[int, Meta(ge=1, le=6)] | None = None
    dispositif: Dispositif | None = None
    origine: OrigineScolarite | None = None


class Fusion(Fait, frozen=True, gc=False, kw_only=True):
    survivant: UUID


class Note(Struct, frozen=True, gc=False, kw_only=True):
    matiere: Code
    etat: Annotated[str, Meta(pattern=r"^[SADN]\Z")]
    moyenne: Moyenne | None = None
    rang: Entier | None = None
    effectif: Entier | None = None
    appreciation: Annotated[str, Meta(max_length=2000)] | None = None
    libelle: Texte | None = None
    coefficient: Annotated[float, Meta(ge=0, le=1000)] | None = None
    moyenne_classe: Moyenne | None = None
    moyenne_haute: Moyenne | None = None
    moyenne_basse: Moyenne | None = None
    langue: Annotated[str, Meta(pattern=r"^LV[1-3]\Z")] | None = None
    groupe: Texte | None = None
    enseignants: tuple[Texte, ...] = ()


class Bulletin(Fait, frozen=True, gc=False, kw_only=True):
    annee: Millesime
    periode: Annotated[int, Meta(ge=1, le=3)]
    decoupage: Annotated[int, Meta(ge=2, le=3)]
    saisi_par_eleve: bool = False
    notes: tuple[Note, ...] = ()
    origine: OrigineBulletin = OrigineBulletin.REMONTE
    uai: Uai | None = None
    classe: Texte | None = None


class Dossier(Fait, frozen=True, gc=False, kw_only=True):
    profil: Profil
    etat: EtatDossier
    bulletins_saisis: tuple[Code, ...] = ()
    pieces_manquantes: tuple[Code, ...] = ()


class Bourse(Fait, frozen=True, gc=False, kw_only=True):
    signalee_le: Instant


class Caes(Fait, frozen=True, gc=False, kw_only=True):
    etat: EtatCaes


class Voeu(Fait, frozen=True, gc=False, kw_only=True):
    voeu_id: CodeLu
    sous_voeu_id: CodeLu | None = None
    formation_id: CodeLu
    famille: Famille
    selective: bool
    academie_formation: CodeLu
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    internat: bool = False
    projet_motive: bool = False
    rang: Entier | None = None
    revision: Entier = 0


class VoeuNonConfirme(Fait, frozen=True, gc=False, kw_only=True):
    voeu_id: CodeLu
    sous_voeu_id: CodeLu | None = None
    date_limite: Instant
    annule: bool = False
    revision: Entier = 0


class Proposition(Fait, frozen=True, gc=False, kw_only=True):
    voeu_id: CodeLu
    sous_voeu_id: CodeLu | None = None
    decision: Decision
    rang_attente: Entier | None = None
    date_limite: Instant | None = None


class PropositionExpiree(Fait, frozen=True, gc=False, kw_only=True):
    voeu_id: CodeLu
    sous_voeu_id: CodeLu | None = None
    date_limite: Instant
    annule: bool = False
    revision: Entier = 0


class ReponseDonnee(Fait, frozen=True, gc=False, kw_only=True):
    voeu_id: CodeLu
    sous_voeu_id: CodeLu | None = None
    reponse: Reponse
    voeux_maintenus: tuple[Code, ...] = ()


class Accuse(Fait, frozen=True, gc=False, kw_only=True):
    objet: ObjetAccuse
    version_objet: Version
    resultat: Code


class BourseCertifiee(Fait, frozen=True, gc=False, kw_only=True):
    etat: EtatBourse
    echelon: Annotated[int, Meta(ge=1, le=6)] | None = None
    motif: Code | None = None
    depuis: Instant | None = None


class Cordees(Fait, frozen=True, gc=False, kw_only=True):
    etat: EtatCordees
    dispositif: Dispositif | None = None
    source: SourceCordees
    depuis: Instant | None = None


class Suivi(Fait, frozen=True, gc=False, kw_only=True):
    actions: Entier
    assigne: Texte | None = None
    echeance: Instant | None = None
    lycee: Uai | None = None


class Fiche(Fait, frozen=True, gc=False, kw_only=True):
    avis_rendus: Entier
    cibles: Entier
    transmise_le: Instant | None = None


class Intention(Struct, frozen=True, gc=False, kw_only=True):
    rang: Annotated[int, Meta(ge=1, le=20)]
    famille: Famille | None = None
    domaine: Code | None = None
    certitude: Certitude | None = None


class Intentions(Fait, frozen=True, gc=False, kw_only=True):
    periode: Annotated[int, Meta(ge=1, le=3)]
    intentions: tuple[Intention, ...] = ()


class Reference(Struct, frozen=True, gc=False, kw_only=True):
    """Of a topic that is not by pupil."""

    session: Millesime
    version: Version


class DateDuCalendrier(Reference, frozen=True, gc=False, kw_only=True):
    etape: Code
    date: Instant
    libelle: Texte | None = None
    valeur: Entier | None = None
    retiree: bool = False


class EtapeAtteinte(Reference, frozen=True, gc=False, kw_only=True):
    etape: Code
    date: Instant
    libelle: Texte | None = None


class VieDeSession(Reference, frozen=True, gc=False, kw_only=True):
    etat: Annotated[str, Meta(pattern=r"^(OUVERTE|GELEE|CLOSE|ARCHIVEE)\Z")]
    motif: Texte | None = None


class Lycee(Reference, frozen=True, gc=False, kw_only=True):
    uai: Uai
    nom: Texte
    commune: Texte
    departement: Code
    academie: Code
    secteur: Annotated[str, Meta(pattern=r"^(PUBLIC|PRIVE)\Z")]


class Division(Struct, frozen=True, gc=False, kw_only=True):
    code: Texte
    libelle: Texte | None = None
    contrat: Code | None = None
    mefs: tuple[Code, ...] = ()


class Groupe(Division, frozen=True, gc=False, kw_only=True):
    divisions: tuple[Texte, ...] = ()


class Structures(Reference, frozen=True, gc=False, kw_only=True):
    uai: Uai
    divisions: tuple[Division, ...] = ()
    groupes: tuple[Groupe, ...] = ()


class Periode(Struct, frozen=True, gc=False, kw_only=True):
    code: Code
    libelle: Texte | None = None
    debut: date | None = None
    fin: date | None = None


class LyceeDecrit(Reference, frozen=True, gc=False, kw_only=True):
    uai: Uai
    nom: Texte | None = None
    adresse: Texte | None = None
    code_postal: Code | None = None
    commune: Texte | None = None
    telephone: Texte | None = None
    courriel: Texte | None = None
    periodes: tuple[Periode, ...] = ()


class Enseignement(Struct, frozen=True, gc=False, kw_only=True):
    matiere: Code
    libelle: Texte | None = None
    groupe: Texte | None = None
    classes: tuple[Texte, ...] = ()
    periodes: tuple[Entier, ...] = ()


class Enseignant(Struct, frozen=True, gc=False, kw_only=True):
    code: Texte
    nom: Texte
    prenom: Texte | None = None
    services: tuple[Enseignement, ...] = ()


class Enseignants(Reference, frozen=True, gc=False, kw_only=True):
    uai: Uai
    enseignants: tuple[Enseignant, ...] = ()


JUMEAUX: Mapping[str, Mapping[str, type[Fait | Reference]]] = {
    t.IDENTITE.nom: {"IdentiteRemontee": Identite},
    t.ELEVE.nom: {"EleveRemonte": Eleve, "EleveSorti": Eleve, "IdentiteFusionnee": Fusion},
    t.BULLETIN.nom: {"BulletinRemonte": Bulletin},
    t.DOSSIER.nom: {"DossierModifie": Dossier, "BourseSignalee": Bourse, "CaesModifiee": Caes},
    t.VOEU.nom: {"VoeuModifie": Voeu, "VoeuNonConfirme": VoeuNonConfirme},
    t.PROPOSITION.nom: {"PropositionRecue": Proposition, "PropositionExpiree": PropositionExpiree},
    t.REPONSE.nom: {"ReponseEnregistree": ReponseDonnee},
    t.ACCUSE.nom: {"AccuseRecu": Accuse},
    t.BOURSE.nom: {"BourseCertifiee": BourseCertifiee},
    t.CORDEES.nom: {"CordeesSaisies": Cordees},
    t.SUIVI.nom: {"SuiviModifie": Suivi},
    t.FICHE.nom: {"FicheAvancee": Fiche},
    t.INTENTION.nom: {"IntentionsDeclarees": Intentions},
    t.CALENDRIER.nom: {
        "CalendrierModifie": DateDuCalendrier,
        "EtapeAtteinte": EtapeAtteinte,
        "SessionModifiee": VieDeSession,
    },
    t.ETABLISSEMENT.nom: {"EtablissementReference": Lycee},
    t.STRUCTURE.nom: {"StructureRemontee": Structures, "LyceeDecrit": LyceeDecrit},
    t.ENSEIGNANT.nom: {"EnseignantsRemontes": Enseignants},
}


class Decodeur(Protocol):
    """Raises msgspec.DecodeError for what the contract refuses."""

    def decode(self, brut: bytes, /) -> Any: ...


class _Codes:
    """The decoder of a twin, then the pattern of its codes, all at once.

    msgspec calls Python for each pattern: half of what decoding a fact of a vœu cost. A code that is absent
    reads None, which the pattern takes.
    """

    def __init__(self, jumeau: type[Struct], champs: Sequence[str]) -> None:
        self._lire = msgspec.json.Decoder(jumeau).decode
        self._codes = attrgetter(*champs)
        self._ensemble = "%s" * len(champs)

    def decode(self, brut: bytes) -> Any:
        fait = self._lire(brut)
        codes = self._ensemble % self._codes(fait)
        if not (codes.isalnum() and codes.isascii()) and not _CODE(codes):
            raise msgspec.ValidationError("Expected codes matching the pattern of codes")
        return fait


_LIBRES = (CodeLu, CodeLu | None)
_CODE = re.compile(r"[A-Za-z0-9_.:\-]+").fullmatch


Legers = Mapping[type[Fait | Reference], type[Struct]]
"""What a service reads instead of a twin: fewer fields, of which it makes the same use."""


def decodeurs(topic: t.Topic, legers: Legers = MappingProxyType({})) -> dict[bytes, Decodeur]:
    """``ce_type`` header → decoder of the twin.

    Raises:
        KeyError: the topic has no fast twin, so no projection may read it yet.
    """
    return {
        f"fr.pilotage.{nom}.v1".encode(): decodeur(legers.get(jumeau, jumeau))
        for nom, jumeau in JUMEAUX[topic.nom].items()
    }


def decodeur(jumeau: type[Struct]) -> Decodeur:
    """Of one twin."""
    champs = [
        champ for champ, annonce in get_type_hints(jumeau, include_extras=True).items() if annonce in _LIBRES
    ]
    return _Codes(jumeau, champs) if champs else msgspec.json.Decoder(jumeau)
