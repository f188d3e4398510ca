"""The indicators since the first answers of the formations."""

from services.indicators.indicateur import Base, Indicateur, Moment, l1
from services.indicators.mesures import Parametres


def apres(p: Parametres) -> tuple[Indicateur, ...]:
    proposition = "une proposition d’admission (oui, oui-si ou retenu sous réserve de contrat)"
    acceptation = "accepté une proposition, définitivement ou en maintenant d’autres vœux, et n’ayant pas quitté la procédure"
    declines = (
        ("admis", "Taux d’admission", f"ayant reçu au moins {proposition}, quelle qu’ait été leur réponse"),
        ("admis_l1_pass", "Admission en L1 ou PASS", f"ayant reçu au moins une proposition {l1(p)}"),
        (
            "admis_que_l1_pass",
            "Admission uniquement en L1 ou PASS",
            f"dont toutes les propositions reçues sont {l1(p)}",
        ),
        ("acceptes", "Taux d’acceptation", f"ayant {acceptation}"),
        (
            "acceptes_l1_pass",
            "Acceptation en L1 ou PASS",
            f"ayant {acceptation} : la dernière acceptée est {l1(p)}",
        ),
        (
            "acceptes_que_l1_pass",
            "Acceptation uniquement en L1 ou PASS",
            (
                f"dont la proposition acceptée est {l1(p)} ; une seule étant acceptée à la fois, le chiffre est celui de "
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
