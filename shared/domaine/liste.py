"""What an entry of the catalogue of lists is; the entries are in ``catalogue_avant``, ``_pendant`` and ``_apres``."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domaine.colonnes import COLONNES, COMMUNES, Colonne
from shared.domaine.etapes import Etape
from shared.domaine.predicats import Contexte, Et, Predicat, type_de, vrai

ONGLET_MAX = 31
"""Characters that Excel takes in the name of a sheet."""
_INTERDITS = frozenset('\\/:*?"<>|[]')
"""In the name of a sheet or of a file."""


class Fenetre(StrEnum):
    """When a list is useful."""

    TOUJOURS = "TOUJOURS"
    AVANT = "AVANT"
    PENDANT = "PENDANT"
    APRES = "APRES"

    @property
    def libelle(self) -> str:
        return _FENETRES[self]


_FENETRES = {
    Fenetre.TOUJOURS: "Toute l’année",
    Fenetre.AVANT: "Avant l’admission",
    Fenetre.PENDANT: "Pendant l’admission",
    Fenetre.APRES: "Après l’admission",
}


def fenetre_du_moment(contexte: Contexte) -> Fenetre | None:
    """The window that the session is in; None when its calendar has not the admission yet."""
    calendrier, moment = contexte.calendrier, contexte.a_la_date
    if calendrier is None or not {Etape.ADMISSION_OUVERTURE, Etape.ADMISSION_FIN} <= calendrier.dates.keys():
        return None
    if calendrier.passee(Etape.ADMISSION_FIN, moment):
        return Fenetre.APRES
    return Fenetre.PENDANT if calendrier.passee(Etape.ADMISSION_OUVERTURE, moment) else Fenetre.AVANT


@dataclass(frozen=True, slots=True)
class TriListe:
    """Field of the row that a list is first shown in the order of; those alike follow by classe then name."""

    champ: str = "classe_tri"
    descendant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Liste:
    """One nominative list. ``definition``: who is in it; ``pourquoi``: why it matters; both for the principal.

    ``predicat``: over the pupils present; who left the lycée is in no list. ``colonnes``: what it prints after
    the common columns. ``tri``: most urgent first. ``onglet``: a title short enough for a sheet, where ``titre``
    is not. ``attend``: what the list waits for to hold anybody, when that is not published yet. ``reservee``: to
    the chef and his adjoints.
    """

    code: str
    titre: str
    fenetre: Fenetre
    definition: str
    pourquoi: str
    predicat: Predicat
    colonnes: tuple[str, ...] = ()
    tri: TriListe = TriListe()
    onglet: str = ""
    attend: str | None = None
    reservee: bool = False

    def __post_init__(self) -> None:
        type_de(self.tri.champ)
        inconnues = [colonne for colonne in self.colonnes if colonne not in COLONNES]
        if inconnues or len(self.nom_d_onglet) > ONGLET_MAX or _INTERDITS & {*self.titre, *self.onglet}:
            raise ValueError(self.code)

    @property
    def condition(self) -> Et:
        """Who is in the list, of a lycée's pupils."""
        return Et((vrai("present"), self.predicat))

    def imprime(self, *, direction: bool = True) -> tuple[Colonne, ...]:
        """The columns, common ones first; those that only the ``direction`` reads left out for others."""
        codes = dict.fromkeys((*COMMUNES, *self.colonnes))
        return tuple(COLONNES[code] for code in codes if direction or not COLONNES[code].reservee)

    @property
    def nom_d_onglet(self) -> str:
        return self.onglet or self.titre
