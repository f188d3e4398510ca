"""Calendars proposed for a session, each with where its dates come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domaine.calendrier import Calendrier, a_paris
from shared.domaine.etapes import Etape

E = Etape


@dataclass(frozen=True, slots=True)
class ParDefaut:
    calendrier: Calendrier
    source: str


def par_defaut(session: int) -> ParDefaut | None:
    """The calendar proposed for a session, with where its dates come from; None when none is known."""
    if session not in _DEFAUTS:
        return None
    source, dates = _DEFAUTS[session]
    instants = {etape: a_paris(datetime.fromisoformat(texte)) for etape, texte in dates.items()}
    valeurs = {E.REPONSE_DELAI_JOURS: 1, E.MISE_A_JOUR_HEURE: 7}
    instants |= dict.fromkeys(valeurs, instants[E.ADMISSION_OUVERTURE])
    return ParDefaut(Calendrier(session, instants, valeurs), source)


_DEFAUTS: Mapping[int, tuple[str, Mapping[Etape, str]]] = {
    2025: (
        (
            "dates publiées (arrêté du 24/01/2025 et presse), recueillies dans parcoursup_reference §2.4 ; heures"
            " non publiées, bornes des conseils de classe et heure de mise à jour : hypothèses ; la suspension de la voie professionnelle vaut ici pour tous"
        ),
        {
            E.SITE_OUVERTURE: "2024-12-18T00:00",
            E.INSCRIPTION_OUVERTURE: "2025-01-15T14:00",
            E.VOEUX_LIMITE: "2025-03-13T23:59",
            E.CONSEILS_OUVERTURE: "2025-03-03T00:00",
            E.CONSEILS_LIMITE: "2025-04-02T23:59",
            E.CONFIRMATION_LIMITE: "2025-04-02T23:59",
            E.ADMISSION_OUVERTURE: "2025-06-02T19:00",
            E.REPONSE_PREMIERS_JOURS: "2025-06-04T23:59",
            E.REPONSE_PREMIERE_LIMITE: "2025-06-05T23:59",
            E.CLASSEMENT_OUVERTURE: "2025-06-06T00:00",
            E.CLASSEMENT_LIMITE: "2025-06-10T23:59",
            E.COMPLEMENTAIRE_OUVERTURE: "2025-06-11T00:00",
            E.SUSPENSION_1_DEBUT: "2025-06-13T00:00",
            E.SUSPENSION_1_FIN: "2025-06-20T23:59",
            E.SUSPENSION_2_DEBUT: "2025-06-24T00:00",
            E.SUSPENSION_2_FIN: "2025-06-27T23:59",
            E.RESULTATS_BAC: "2025-07-04T00:00",
            E.ADMISSION_FIN: "2025-07-10T23:59",
            E.COMPLEMENTAIRE_VOEUX_LIMITE: "2025-09-09T23:59",
            E.COMPLEMENTAIRE_FIN: "2025-09-11T23:59",
            E.SESSION_FIN: "2025-09-30T23:59",
        },
    ),
    2026: (
        (
            "hypothèse : les étapes de 2025 (parcoursup_reference §2.4) aux dates de la simulation de 2026 ; à"
            " corriger d’après l’arrêté de la session"
        ),
        {
            E.SITE_OUVERTURE: "2025-12-17T00:00",
            E.INSCRIPTION_OUVERTURE: "2026-01-19T14:00",
            E.VOEUX_LIMITE: "2026-03-12T23:59",
            E.CONSEILS_OUVERTURE: "2026-03-02T00:00",
            E.CONSEILS_LIMITE: "2026-04-01T23:59",
            E.CONFIRMATION_LIMITE: "2026-04-01T23:59",
            E.ADMISSION_OUVERTURE: "2026-06-02T19:00",
            E.REPONSE_PREMIERS_JOURS: "2026-06-04T23:59",
            E.REPONSE_PREMIERE_LIMITE: "2026-06-05T23:59",
            E.CLASSEMENT_OUVERTURE: "2026-06-08T00:00",
            E.CLASSEMENT_LIMITE: "2026-06-10T23:59",
            E.COMPLEMENTAIRE_OUVERTURE: "2026-06-11T00:00",
            E.SUSPENSION_1_DEBUT: "2026-06-12T00:00",
            E.SUSPENSION_1_FIN: "2026-06-19T23:59",
            E.SUSPENSION_2_DEBUT: "2026-06-23T00:00",
            E.SUSPENSION_2_FIN: "2026-06-26T23:59",
            E.RESULTATS_BAC: "2026-07-03T00:00",
            E.ADMISSION_FIN: "2026-07-10T23:59",
            E.COMPLEMENTAIRE_VOEUX_LIMITE: "2026-09-08T23:59",
            E.COMPLEMENTAIRE_FIN: "2026-09-10T23:59",
            E.SESSION_FIN: "2026-09-30T23:59",
        },
    ),
}
