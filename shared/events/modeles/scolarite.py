"""Contracts of what lycées send: identity, scolarité, structures, bulletins."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.modeles.base import Code, Contrat, ContratEleve, Entier, Millesime, Texte, Uai, Version
from shared.nomenclatures.series import Serie


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


class Dispositif(StrEnum):
    """Cordées de la réussite, and the Parcours d’excellence that they replaced."""

    CORDEES = "CORDEES"
    PARCOURS_EXCELLENCE = "PARCOURS_EXCELLENCE"


class VivierInitial(BaseModel):
    """Stamped when the remontée of a lycée is closed: the frozen base of the participation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    uai: Uai
    serie: Serie
    date: date


class OrigineScolarite(StrEnum):
    """Who made a version of a scolarité. LYCEE: typed by the lycée; PILOTAGE: a référentiel, a closing, a merge."""

    SIECLE = "SIECLE"
    LYCEE = "LYCEE"
    PILOTAGE = "PILOTAGE"


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
    echelon_bourse: Annotated[int, Field(ge=1, le=6)] | None = None
    dispositif: Dispositif | None = None
    origine: Annotated[
        OrigineScolarite | None, Field(description="who made this version; absent: a file of SIECLE")
    ] = None


class DivisionRemontee(BaseModel):
    """A class of the lycée; several ``mefs`` when it gathers several formations."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Texte
    libelle: Texte | None = None
    contrat: Code | None = None
    mefs: tuple[Code, ...] = ()


class GroupeRemonte(DivisionRemontee):
    """A groupe, and the divisions that its pupils come from."""

    divisions: tuple[Texte, ...] = ()


class StructureRemontee(Contrat):
    """All divisions and groupes of a lycée, as its last file says. Key: the UAI."""

    version: Version
    uai: Uai
    divisions: tuple[DivisionRemontee, ...] = ()
    groupes: tuple[GroupeRemonte, ...] = ()


class PeriodeScolaire(BaseModel):
    """A trimestre or a semestre of the lycée's year."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Code
    libelle: Texte | None = None
    debut: date | None = None
    fin: date | None = None


class LyceeDecrit(Contrat):
    """What a lycée says of itself in SIECLE (Communs). Key: the UAI and ``lycee``; empty fields are absent."""

    version: Version
    uai: Uai
    nom: Texte | None = None
    adresse: Texte | None = None
    code_postal: Code | None = None
    commune: Texte | None = None
    telephone: Texte | None = None
    courriel: Texte | None = None
    periodes: tuple[PeriodeScolaire, ...] = ()


class OrigineBulletin(StrEnum):
    """REMONTE: sent by the lycée. SAISI: typed by the pupil because nothing was sent."""

    REMONTE = "REMONTE"
    SAISI = "SAISI"


class IdentiteFusionnee(ContratEleve):
    """``eleve_id`` and ``survivant`` are one person: nothing more is said of ``eleve_id``, whatever comes late.

    What was said of his candidature and admission is said again under ``survivant``, at the same versions.
    """

    survivant: UUID


class BulletinRemonte(ContratEleve):
    """One period of marks, whole. Subject: (pupil, ``annee``, ``periode``); ``annee``: the year's end.

    ``decoupage``: 2 semestres or 3 trimestres. ``uai``, ``classe``: where the marks were given, which
    may not be where the pupil is now. ``saisi_par_eleve``: older form of ``origine`` SAISI, kept equal.
    """

    annee: Millesime
    periode: Annotated[int, Field(ge=1, le=3)]
    decoupage: Annotated[int, Field(ge=2, le=3)]
    saisi_par_eleve: bool = False
    notes: tuple["NoteRemontee", ...] = ()
    origine: OrigineBulletin = OrigineBulletin.REMONTE
    uai: Uai | None = None
    classe: Texte | None = None


Moyenne = Annotated[float, Field(ge=0, le=20)]


class NoteRemontee(BaseModel):
    """One matière of a bulletin. ``etat``: S noté, A absent, D dispensé, N non noté.

    ``matiere``: code of SIECLE. ``effectif`` and the three class averages are those of the service
    (the group that was taught together); ``langue``: LV1, LV2 or LV3.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    matiere: Code
    etat: Annotated[str, Field(pattern=r"^[SADN]$")]
    moyenne: Moyenne | None = None
    rang: Entier | None = None
    effectif: Entier | None = None
    appreciation: Annotated[str, Field(max_length=2000)] | None = None
    libelle: Texte | None = None
    coefficient: Annotated[float, Field(ge=0, le=1000)] | None = None
    moyenne_classe: Moyenne | None = None
    moyenne_haute: Moyenne | None = None
    moyenne_basse: Moyenne | None = None
    langue: Annotated[str, Field(pattern=r"^LV[1-3]$")] | None = None
    groupe: Texte | None = None
    enseignants: tuple[Texte, ...] = ()


class ServiceEnseigne(BaseModel):
    """What a teacher teaches: one matière to one group, over some periods of the year."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    matiere: Code
    libelle: Texte | None = None
    groupe: Texte | None = None
    classes: tuple[Texte, ...] = ()
    periodes: tuple[Entier, ...] = ()


class EnseignantRemonte(BaseModel):
    """``code``: the gradebook's own, stable within one lycée."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Texte
    nom: Texte
    prenom: Texte | None = None
    services: tuple[ServiceEnseigne, ...] = ()


class EnseignantsRemontes(Contrat):
    """Nominative. The teachers of a lycée's terminales this year and their services, whole."""

    version: Version
    uai: Uai
    enseignants: tuple[EnseignantRemonte, ...] = ()
