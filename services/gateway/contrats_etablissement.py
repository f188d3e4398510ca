"""A lycée's own settings: fiches, the value in force of each field, what others say of it, what was typed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.gateway.contrats import Lecture, Saisie

Code = Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f]*$")]
Valeur = Annotated[str, Field(max_length=2_000)]


class Objet(StrEnum):
    """``detail``: matière of an ENSEIGNEMENT, number of the period of a CONSEIL, id of a CONTACT."""

    COORDONNEES = "COORDONNEES"
    CLASSE = "CLASSE"
    ENSEIGNEMENT = "ENSEIGNEMENT"
    CONSEIL = "CONSEIL"
    CONTACT = "CONTACT"


class FicheSaisie(Saisie):
    """Fields not given stay as they are; null takes the value of SIECLE again."""

    objet: Objet
    classe: Code = ""
    detail: Code = ""
    champs: dict[Code, Valeur | None] = Field(min_length=1, max_length=20)
    motif: Annotated[str, Field(max_length=300)] | None = None


class TableauSaisi(Saisie):
    """A table pasted from a spreadsheet: classe, période, date, heure, lieu. ``essai`` writes nothing."""

    texte: Annotated[str, Field(max_length=60_000)]
    essai: bool = True


class Locale(Lecture):
    valeur: str
    par: str
    le: datetime
    motif: str | None = None


class ChampFiche(Lecture):
    """``siecle``: what is said elsewhere, by ``origine``. ``local``: typed here, it outweighs the other."""

    champ: str
    libelle: str
    valeur: str
    siecle: str | None = None
    origine: str | None = None
    local: Locale | None = None


class Fiche(Lecture):
    """``version`` is what ``If-Match`` expects, 0 when nothing was ever typed."""

    objet: Objet
    classe: str
    detail: str
    version: int
    alerte: str | None = None
    champs: tuple[ChampFiche, ...]

    @property
    def par_code(self) -> dict[str, ChampFiche]:
        return {champ.champ: champ for champ in self.champs}


class FicheClasse(Fiche):
    effectif: int = 0


class Periode(Lecture):
    numero: int
    libelle: str


class Sources(Lecture):
    """Which files were received: structures and communs of SIECLE, the notes file."""

    structures: bool
    communs: bool
    notes: bool


class Etablissement(Lecture):
    uai: str
    session: int
    periodes: tuple[Periode, ...]
    sources: Sources
    coordonnees: Fiche
    classes: tuple[FicheClasse, ...]
    enseignements: tuple[Fiche, ...]
    conseils: tuple[Fiche, ...]
    contacts: tuple[Fiche, ...]


class LigneTableau(Lecture):
    """``etat``: PRIS, INCHANGE or REFUSE with its ``phrase``."""

    numero: int
    etat: str
    phrase: str | None = None
    classe: str | None = None
    periode: int | None = None
    date: str | None = None
    heure: str | None = None
    lieu: str | None = None


class CompteRenduTableau(Lecture):
    essai: bool
    pris: int
    inchanges: int
    refuses: int
    lignes: tuple[LigneTableau, ...]


class ChampModifie(Lecture):
    """None: the value of SIECLE."""

    libelle: str
    avant: str | None = None
    apres: str | None = None


class ActeFiche(Lecture):
    objet: Objet
    classe: str
    detail: str
    par: str
    le: datetime
    champs: tuple[ChampModifie, ...]


class HistoriqueEtablissement(Lecture):
    actes: tuple[ActeFiche, ...]
