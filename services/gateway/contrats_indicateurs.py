"""What the gateway reads of the indicators and answers; a pair is [numerator, base], null where withheld."""

from datetime import date, datetime

from pydantic import Field

from services.gateway.contrats import Lecture, Saisie

Paire = tuple[int | None, int | None]


class Objectif(Lecture):
    """``cible``: rate aimed at, 0 to 1; null: taken back. ``continuum``: −3 to 3, what is wanted of the figure."""

    indicateur: str = ""
    serie: str = ""
    version: int
    cible: float | None = None
    continuum: int | None = None
    note: str = ""
    auteur: str = ""
    modifie_le: datetime | None = None


class Definition(Lecture):
    """``moment``: AVANT or APRES admission. ``variante_de``: the indicator that this one declines."""

    code: str
    libelle: str
    definition: str
    moment: str
    base: str
    base_libelle: str
    variante_de: str | None = None


class Indicateur(Lecture):
    """``None`` where a small number is withheld. ``quartiles``: low, median, high, over how many lycées.

    ``place``: rank from the highest rate, among how many comparable lycées. ``precedente``: last session's.
    """

    code: str
    libelle: str = ""
    definition: str = ""
    numerateur: int | None
    denominateur: int | None
    taux: float | None = None
    academie: Paire | None = None
    nation: Paire | None = None
    quartiles_academie: tuple[float, float, float, int] | None = None
    quartiles_nation: tuple[float, float, float, int] | None = None
    place: tuple[int, int] | None = None
    precedente: Paire | None = None
    objectif: Objectif | None = None


class Modalite(Lecture):
    modalite: str
    vivier: int
    figures: dict[str, Paire]


class Declinaison(Lecture):
    """``dimension``: classe, specialites, sexe, boursier or cordees."""

    dimension: str
    modalites: tuple[Modalite, ...]


class Bloc(Lecture):
    """Indicators of one série, or of all together."""

    serie: str
    libelle: str
    vivier_initial: int | None = None
    vivier: int | None = None
    indicateurs: tuple[Indicateur, ...]
    declinaisons: tuple[Declinaison, ...] = ()


class _Situee(Lecture):
    """``jour`` null: now, ``situation_au`` the last fact counted, of ``faits``."""

    jour: date | None = None
    situation_au: datetime | None = None
    faits: int = 0
    indicateurs: tuple[Definition, ...] = ()
    series: tuple[Bloc, ...] = ()
    ensemble: Bloc


class IndicateursLycee(_Situee):
    """``jour_precedent``: of last session, the same number of days from the same step."""

    uai: str
    academie: str | None = None
    jour_precedent: date | None = None
    comparaisons_au: datetime | None = None


class LigneIntention(Lecture):
    """Pupils who intended the famille; of whom, with a vœu, a proposition, an accepted one in it.

    ``voeu_seul``, ``acceptation_seule``: pupils with one in it who did not intend it. ``famille`` ENSEMBLE: all.
    """

    serie: str
    periode: int
    famille: str
    intention: int
    voeu: int
    proposition: int
    acceptation: int
    voeu_seul: int
    acceptation_seule: int


class Intentions(Lecture):
    uai: str
    lignes: tuple[LigneIntention, ...] = ()


class Point(Lecture):
    jour: date
    figures: dict[str, Paire]


class CourbeSerie(Lecture):
    serie: str
    libelle: str
    points: tuple[Point, ...]


class Courbe(Lecture):
    """A point for each day that changed something."""

    uai: str
    series: tuple[CourbeSerie, ...] = ()


class LyceeCompare(Lecture):
    uai: str
    series: tuple[Bloc, ...] = ()
    ensemble: Bloc | None = None


class Lieu(Lecture):
    """A place larger than a lycée; over all séries, of those that are shown there."""

    lieu: str = ""
    series: tuple[Bloc, ...] = ()
    ensemble: Bloc


class IndicateursAcademie(_Situee):
    academie: str = ""
    lycees: tuple[LyceeCompare, ...]
    departements: tuple[Lieu, ...] = ()
    region: Lieu | None = None
    nation: Lieu | None = None
    objectifs: tuple[Objectif, ...] = ()


class IndicateursNation(_Situee):
    academies: tuple[Lieu, ...] = ()
    regions: tuple[Lieu, ...] = ()


class Objectifs(Lecture):
    objectifs: tuple[Objectif, ...]


class HistoireObjectif(Lecture):
    versions: tuple[Objectif, ...]


class SaisieObjectif(Saisie):
    """``cible`` null takes the target back."""

    cible: float | None = Field(default=None, ge=0, le=1)
    continuum: int | None = Field(default=None, ge=-3, le=3)
    note: str = Field(default="", max_length=1_000)
