"""What an indicator is, and the words that several definitions share."""

from dataclasses import dataclass
from enum import StrEnum

from services.indicators.mesures import Parametres


class Moment(StrEnum):
    """AVANT, APRES: before or after the first answers of the formations."""

    AVANT = "AVANT"
    APRES = "APRES"


class Base(StrEnum):
    """Measures that rates are taken on."""

    VIVIER_INITIAL = "vivier_initial"
    VIVIER = "vivier"
    INSCRITS = "inscrits"
    CONFIRMES = "confirmes"

    @property
    def libelle(self) -> str:
        return _BASES[self]


_BASES = {
    Base.VIVIER_INITIAL: "élèves du vivier initial",
    Base.VIVIER: "élèves de terminale présents aujourd’hui",
    Base.INSCRITS: "élèves inscrits sur Parcoursup",
    Base.CONFIRMES: "candidats ayant confirmé au moins un vœu",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicateur:
    """A rate. ``variante_de``: the indicator that this one declines on another base or on confirmed vœux."""

    code: str
    libelle: str
    definition: str
    numerateur: str
    base: Base
    moment: Moment
    variante_de: str | None = None


def l1(p: Parametres) -> str:
    las = "L.AS comprises" if p.las else "hors L.AS"
    doubles = "doubles licences sélectives comprises" if p.licences_selectives else "hors licences sélectives"
    return f"en licence ({las}, {doubles}) ou en PASS, en statut étudiant"


def un_voeu(p: Parametres) -> str:
    return "en statut étudiant ou en apprentissage" if p.apprentissage else "en statut étudiant"


def seul(p: Parametres) -> str:
    return " Un vœu en apprentissage suffit à en sortir." if p.apprentissage else ""
