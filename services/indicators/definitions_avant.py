"""The indicators before the first answers of the formations."""

from services.indicators.indicateur import Base, Indicateur, Moment, l1, seul, un_voeu
from services.indicators.mesures import Parametres

_GEL = " Un vœu formulé puis non confirmé à la date limite compte encore ; un vœu supprimé ne compte plus."


def avant(p: Parametres) -> tuple[Indicateur, ...]:
    formules = (
        (
            "sans_voeu",
            "Aucun vœu formulé",
            f"Élèves inscrits qui n’ont formulé aucun vœu, {un_voeu(p)}, parmi les inscrits.{_GEL}",
        ),
        (
            "l1_pass",
            "Au moins un vœu en L1 ou PASS",
            f"Élèves inscrits ayant au moins un vœu {l1(p)}, parmi les inscrits.{_GEL}",
        ),
        (
            "que_l1_pass",
            "Uniquement des vœux en L1 ou PASS",
            f"Élèves inscrits dont tous les vœux sont {l1(p)}, parmi les inscrits.{seul(p)}{_GEL}",
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
            f"Élèves inscrits ayant au moins un vœu confirmé {l1(p)}, parmi les inscrits.",
        ),
        (
            "confirmes_que_l1_pass",
            "que_l1_pass",
            "Uniquement des vœux confirmés en L1 ou PASS",
            f"Élèves inscrits dont tous les vœux confirmés sont {l1(p)}, parmi les inscrits.{seul(p)}",
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
