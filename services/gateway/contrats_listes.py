"""What the gateway reads from eleves about lists, filters, views and visits."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.gateway.contrats import Lecture, Saisie
from services.gateway.demandes import Colonne
from shared.domaine.catalogue import CodeListe
from shared.domaine.filtres import Filtres


class ListeComptee(Lecture):
    """``fenetre``: TOUJOURS, AVANT, PENDANT or APRES the admission. ``attend``: what is missing to fill the list.

    ``nouveaux``: since ``depuis``, the caller's last visit; both null when he never opened the list.
    """

    code: str
    titre: str
    fenetre: str
    pourquoi: str = ""
    definition: str = ""
    attend: str | None = None
    eleves: int
    nouveaux: int | None = None
    depuis: datetime | None = None


class Catalogue(Lecture):
    """``fenetre``: where the session is, None without a calendar."""

    a_la_date: datetime
    fenetre: str | None = None
    listes: tuple[ListeComptee, ...]


class Choix(Lecture):
    code: str
    eleves: int


class Facettes(Lecture):
    """What each filter offers in the lycée."""

    classe: tuple[Choix, ...] = ()
    serie: tuple[Choix, ...] = ()
    specialite: tuple[Choix, ...] = ()
    famille: tuple[Choix, ...] = ()


class SaisieVue(Saisie):
    """``tri`` null: by urgency. A name that was looked for is never kept."""

    nom: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
    ]
    liste: CodeListe
    filtres: Filtres = Field(default_factory=Filtres)
    tri: Colonne | None = None
    descendant: bool = False


class Vue(Lecture):
    id: UUID
    nom: str
    liste: str
    filtres: Filtres = Field(default_factory=Filtres)
    tri: str | None = None
    descendant: bool = False
    version: int
    cree_le: datetime
    modifie_le: datetime


class Vues(Lecture):
    vues: tuple[Vue, ...]
    maximum: int


class SaisieVisite(Saisie):
    """``tout_vu``: everybody of the list is known from now on."""

    tout_vu: bool = False


class Visite(Lecture):
    """``depuis``: when the list that this one is compared with was seen."""

    liste: str
    depuis: datetime
    eleves: int
    nouveaux: int
