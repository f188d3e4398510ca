"""The indicators, as data: a numerator and a base among the measures, and the words that go with the figure.

Source: parcoursup_reference §3.4 and the defaults of its §7. Adding one is an entry here (and a measure in
``services.indicators.mesures`` when none says it yet), then ``pilotage rebuild indicators``: no migration.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from services.indicators.mesures import MESURES, PAR_DEFAUT, RANGS, Mesure, Parametres, mesures

__all__ = [
    "INDICATEURS",
    "MESURES",
    "RANGS",
    "Base",
    "Indicateur",
    "Mesure",
    "Moment",
    "Parametres",
    "indicateurs",
    "mesures",
]


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


def _l1(p: Parametres) -> str:
    las = "L.AS comprises" if p.las else "hors L.AS"
    doubles = "doubles licences sélectives comprises" if p.licences_selectives else "hors licences sélectives"
    return f"en licence ({las}, {doubles}) ou en PASS, en statut étudiant"


def _voeu(p: Parametres) -> str:
    return "en statut étudiant ou en apprentissage" if p.apprentissage else "en statut étudiant"


def _seul(p: Parametres) -> str:
    return " Un vœu en apprentissage suffit à en sortir." if p.apprentissage else ""


_GEL = " Un vœu formulé puis non confirmé à la date limite compte encore ; un vœu supprimé ne compte plus."


def _avant(p: Parametres) -> tuple[Indicateur, ...]:
    formules = (
        (
            "sans_voeu",
            "Aucun vœu formulé",
            f"Élèves inscrits qui n’ont formulé aucun vœu, {_voeu(p)}, parmi les inscrits.{_GEL}",
        ),
        (
            "l1_pass",
            "Au moins un vœu en L1 ou PASS",
            f"Élèves inscrits ayant au moins un vœu {_l1(p)}, parmi les inscrits.{_GEL}",
        ),
        (
            "que_l1_pass",
            "Uniquement des vœux en L1 ou PASS",
            f"Élèves inscrits dont tous les vœux sont {_l1(p)}, parmi les inscrits.{_seul(p)}{_GEL}",
        ),
    )
    return (
        Indicateur(
            code="participation",
            libelle="Taux de participation",
            definition="Élèves du vivier initial inscrits sur Parcoursup, parmi les élèves du vivier initial : les élèves "
            "de terminale du lycée le jour où sa remontée a été close. Un départ ou une arrivée depuis n’y change rien.",
            numerateur="participants_initiaux",
            base=Base.VIVIER_INITIAL,
            moment=Moment.AVANT,
        ),
        Indicateur(
            code="participation_actuelle",
            libelle="Taux de participation, vivier actuel",
            definition="Élèves inscrits sur Parcoursup, parmi les élèves de terminale présents aujourd’hui : les départs "
            "en sont sortis, les arrivées y sont entrées.",
            numerateur="inscrits",
            base=Base.VIVIER,
            moment=Moment.AVANT,
            variante_de="participation",
        ),
        *(
            Indicateur(
                code=code,
                libelle=libelle,
                definition=definition,
                numerateur=code,
                base=Base.INSCRITS,
                moment=Moment.AVANT,
            )
            for code, libelle, definition in formules
        ),
        *_confirmes(p),
    )


def _confirmes(p: Parametres) -> tuple[Indicateur, ...]:
    dits = (
        (
            "sans_voeu_confirme",
            "sans_voeu",
            "Aucun vœu confirmé",
            "Élèves inscrits qui n’ont aucun vœu confirmé, parmi les inscrits.",
        ),
        (
            "confirmes_l1_pass",
            "l1_pass",
            "Au moins un vœu confirmé en L1 ou PASS",
            f"Élèves inscrits ayant au moins un vœu confirmé {_l1(p)}, parmi les inscrits.",
        ),
        (
            "confirmes_que_l1_pass",
            "que_l1_pass",
            "Uniquement des vœux confirmés en L1 ou PASS",
            f"Élèves inscrits dont tous les vœux confirmés sont {_l1(p)}, parmi les inscrits.{_seul(p)}",
        ),
    )
    return tuple(
        Indicateur(
            code=code,
            libelle=libelle,
            definition=definition,
            numerateur=code,
            base=Base.INSCRITS,
            moment=Moment.AVANT,
            variante_de=variante,
        )
        for code, variante, libelle, definition in dits
    )


def _apres(p: Parametres) -> tuple[Indicateur, ...]:
    proposition = "une proposition d’admission (oui, oui-si ou retenu sous réserve de contrat)"
    acceptation = "accepté une proposition, définitivement ou en maintenant d’autres vœux, et n’ayant pas quitté la procédure"
    declines = (
        ("admis", "Taux d’admission", f"ayant reçu au moins {proposition}, quelle qu’ait été leur réponse"),
        ("admis_l1_pass", "Admission en L1 ou PASS", f"ayant reçu au moins une proposition {_l1(p)}"),
        (
            "admis_que_l1_pass",
            "Admission uniquement en L1 ou PASS",
            f"dont toutes les propositions reçues sont {_l1(p)}",
        ),
        ("acceptes", "Taux d’acceptation", f"ayant {acceptation}"),
        (
            "acceptes_l1_pass",
            "Acceptation en L1 ou PASS",
            f"ayant {acceptation} : la dernière acceptée est {_l1(p)}",
        ),
        (
            "acceptes_que_l1_pass",
            "Acceptation uniquement en L1 ou PASS",
            (
                f"dont la proposition acceptée est {_l1(p)} ; une seule étant acceptée à la fois, le chiffre est celui de "
                "l’acceptation en L1 ou PASS"
            ),
        ),
    )
    return (
        *(
            Indicateur(
                code=code,
                libelle=libelle,
                definition=f"Élèves inscrits {quoi}, parmi les inscrits.",
                numerateur=code,
                base=Base.INSCRITS,
                moment=Moment.APRES,
            )
            for code, libelle, quoi in declines
        ),
        *(
            Indicateur(
                code=f"confirmes_{code}",
                libelle=f"{libelle}, sur les candidats ayant confirmé un vœu",
                definition=f"Candidats ayant confirmé au moins un vœu et {quoi}, parmi ceux qui en ont confirmé un.",
                numerateur=f"confirmes_{code}",
                base=Base.CONFIRMES,
                moment=Moment.APRES,
                variante_de=code,
            )
            for code, libelle, quoi in declines
        ),
        *_suivi(),
    )


def _suivi() -> tuple[Indicateur, ...]:
    dits = (
        (
            "a_repondre",
            "Propositions sans réponse",
            (
                "Élèves qui ont au moins une proposition à laquelle ils n’ont pas encore répondu et dont le délai court "
                "encore, parmi les inscrits."
            ),
        ),
        (
            "acceptes_en_maintenant",
            "Acceptation en maintenant des vœux",
            "Élèves dont la dernière proposition acceptée l’est en maintenant des vœux en attente, parmi les inscrits.",
        ),
        (
            "expirees",
            "Propositions expirées",
            "Élèves qui ont perdu au moins une proposition faute de réponse dans le délai, parmi les inscrits.",
        ),
        (
            "sans_proposition",
            "Sans proposition",
            (
                "Élèves à qui des formations ont répondu, sans aucune proposition, et qui n’ont pas quitté la procédure, "
                "parmi les inscrits."
            ),
        ),
        (
            "que_attente",
            "Uniquement en attente",
            "Élèves sans proposition dont toutes les réponses sont « en attente », parmi les inscrits.",
        ),
        (
            "que_refus",
            "Uniquement des refus",
            (
                "Élèves sans proposition et sans aucun vœu encore en attente : refus, ou attentes abandonnées, parmi les "
                "inscrits."
            ),
        ),
        ("demissions", "Démissions", "Élèves qui ont quitté la procédure, parmi les inscrits."),
        (
            "complementaire",
            "Phase complémentaire",
            "Élèves ayant au moins un vœu en phase complémentaire, parmi les inscrits.",
        ),
        (
            "complementaire_admis",
            "Admission en phase complémentaire",
            "Élèves ayant reçu au moins une proposition en phase complémentaire, parmi les inscrits.",
        ),
        (
            "caes",
            "Commission d’accès (CAES)",
            "Élèves qui ont saisi la commission d’accès à l’enseignement supérieur, parmi les inscrits.",
        ),
        (
            "caes_propositions",
            "Proposition de la CAES",
            "Élèves à qui la commission a fait une proposition, acceptée ou non, parmi les inscrits.",
        ),
    )
    return tuple(
        Indicateur(
            code=code,
            libelle=libelle,
            definition=definition,
            numerateur=code,
            base=Base.INSCRITS,
            moment=Moment.APRES,
        )
        for code, libelle, definition in dits
    )


@cache
def indicateurs(parametres: Parametres = PAR_DEFAUT) -> tuple[Indicateur, ...]:
    """All of them, in the order in which they are shown, with definitions that say the choices of the session."""
    return (*_avant(parametres), *_apres(parametres))


INDICATEURS: tuple[Indicateur, ...] = indicateurs()
"""With the default choices."""
