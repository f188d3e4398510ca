"""What lycées enter of their pupils, the questions they are asked, the closing of the remontée."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.gateway.contrats import Lecture, Saisie
from shared.nomenclatures.series import Serie

Texte = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:\-]+$")]
Mef = Annotated[str, Field(pattern=r"^[0-9A-Z]{10,11}$", description="Code MEF de SIECLE")]
Uai = Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")]


class Choix(StrEnum):
    CHEZ_NOUS = "CHEZ_NOUS"
    PAS_CHEZ_NOUS = "PAS_CHEZ_NOUS"
    FUSIONNER = "FUSIONNER"
    DISTINCTS = "DISTINCTS"


class Champs(Saisie):
    """Fields of a scolarité; those not given stay as they are. A MEF tells its série."""

    classe: Texte | None = None
    mef: Mef | None = None
    serie: Serie | None = None
    specialites: Annotated[tuple[Code, ...], Field(max_length=6)] | None = None
    regime: Code | None = None
    statut_scolaire: Code | None = None
    date_entree: date | None = None


class Motivee(Saisie):
    motif: Texte


class Correction(Motivee):
    champs: Champs


class Retrait(Motivee):
    """SIECLE's value counts again for these fields."""

    champs: tuple[Code, ...] = Field(min_length=1, max_length=20)


class Sortie(Motivee):
    date: date


class EleveAjoute(Motivee):
    """``eleve_id``: the pupil meant, among the ``candidats`` of a 409; ``nouveau``: none of them."""

    nom: Texte
    prenom: Texte
    nom_usage: Texte | None = None
    naissance: date
    sexe: Annotated[str, Field(pattern=r"^[MF]$")]
    ine: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{11}$")] | None = None
    classe: Texte | None = None
    mef: Mef
    serie: Serie | None = None
    specialites: Annotated[tuple[Code, ...], Field(max_length=6)] | None = None
    regime: Code | None = None
    statut_scolaire: Code | None = None
    date_entree: date
    eleve_id: UUID | None = None
    nouveau: bool = False


class Reponse(Saisie):
    choix: Choix


class Resolution(Saisie):
    """``uai``: the lycée that keeps the pupil; ``survivant``: the id that stays in a merge."""

    choix: Choix
    uai: Uai | None = None
    survivant: UUID | None = None


class Cloture(Saisie):
    """``presents``: the number that the preview showed; ``confirme`` false shows and freezes nothing."""

    confirme: bool
    presents: int = Field(ge=0)


class ChampCompare(Lecture):
    """SIECLE's value, the lycée's own, the one in force. ``a_reporter``: SIECLE does not say it yet."""

    champ: str
    libelle: str
    siecle: Any = None
    local: Any = None
    effectif: Any = None
    a_reporter: bool = False


class SortieSaisie(Lecture):
    date: date
    motif: str


class VivierInitial(Lecture):
    uai: str
    serie: str
    date: date


class Acte(Lecture):
    version: int
    acte: str
    motif: str
    auteur: str
    le: datetime


class Scolarite(Lecture):
    """``version`` is what ``If-Match`` expects. ``ici``: the scolarité in force is this lycée's."""

    eleve_id: UUID
    uai: str
    version: int
    ici: bool
    connu_de_siecle: bool
    ajoute: bool
    renonce: bool
    sortie: SortieSaisie | None = None
    vivier_initial: VivierInitial | None = None
    champs: tuple[ChampCompare, ...]
    historique: tuple[Acte, ...] = ()


class Nomme(Lecture):
    eleve_id: UUID
    nom: str
    prenom: str | None = None
    classe: str | None = None


class Noms(Lecture):
    eleves: tuple[Nomme, ...]


class SaisieLocale(Lecture):
    eleve_id: UUID
    version: int
    auteur: str
    modifie_le: datetime
    ajoute: bool
    connu_de_siecle: bool
    sorti_le: date | None = None
    renonce: bool = False
    champs: dict[str, Any]
    a_reporter: tuple[ChampCompare, ...]


class SaisiesLocales(Lecture):
    """``a_reporter``: number of pupils whose SIECLE file should be corrected."""

    saisies: tuple[SaisieLocale, ...]
    a_reporter: int


class ChoixPropose(Lecture):
    code: Choix
    libelle: str


class LyceeInterroge(Lecture):
    uai: str
    reponse: Choix | None = None


class ScolariteDite(Lecture):
    uai: str
    classe: str | None = None
    serie: str | None = None
    date_entree: date | None = None


class EleveConcerne(Lecture):
    eleve_id: UUID
    scolarites: tuple[ScolariteDite, ...] = ()


class Resolue(Lecture):
    choix: Choix | None = None
    uai: str | None = None
    le: datetime | None = None


class Tache(Lecture):
    """``etat``: OUVERTE, ESCALADEE (the operator decides), RESOLUE or CADUQUE."""

    id: UUID
    genre: str
    question: str
    choix: tuple[ChoixPropose, ...]
    etat: str
    version: int
    ouverte_le: datetime
    age_jours: int
    motif: str | None = None
    ine: str | None = Field(default=None, description="masqué, sauf la fin")
    lycees: tuple[LyceeInterroge, ...]
    eleves: tuple[EleveConcerne, ...]
    resolution: Resolue | None = None


class Taches(Lecture):
    taches: tuple[Tache, ...]


class BilanFige(Lecture):
    presents: int
    par_serie: dict[str, int]
    absents: int
    lignes_rejetees: int
    taches_ouvertes: int


class Bilan(BilanFige):
    """What closing now would freeze; ``fige``: what was, when it is closed."""

    uai: str
    close: bool
    version: int
    close_le: datetime | None = None
    dernier_fichier_le: datetime | None = None
    fige: BilanFige | None = None


class Ecart(Lecture):
    """``applique`` false: listed only. ``quoi``: codes_bourse, cordees, dispositif, arrivee or depart."""

    eleve_id: UUID
    quoi: str
    a_la_cloture: Any = None
    dans_siecle: Any = None
    applique: bool
    fichier_du: datetime | None = None
    phrase: str


class Ecarts(Lecture):
    uai: str
    close: bool
    close_le: datetime | None = None
    ecarts: tuple[Ecart, ...]
