"""Stable codes of the steps of a session's calendar, their words, and the order they must keep.

Source: parcoursup_reference §2.3 and §2.4.
"""

from collections.abc import Mapping
from enum import StrEnum

SUSPENSIONS = 3


class Etape(StrEnum):
    """Stable codes of the steps. ``*_DELAI_JOURS`` and ``*_HEURE`` carry a figure, and apply from their date."""

    SITE_OUVERTURE = "SITE_OUVERTURE"
    INSCRIPTION_OUVERTURE = "INSCRIPTION_OUVERTURE"
    VOEUX_LIMITE = "VOEUX_LIMITE"
    CONSEILS_OUVERTURE = "CONSEILS_OUVERTURE"
    CONSEILS_LIMITE = "CONSEILS_LIMITE"
    CONFIRMATION_LIMITE = "CONFIRMATION_LIMITE"
    ADMISSION_OUVERTURE = "ADMISSION_OUVERTURE"
    MISE_A_JOUR_HEURE = "MISE_A_JOUR_HEURE"
    REPONSE_PREMIERS_JOURS = "REPONSE_PREMIERS_JOURS"
    REPONSE_PREMIERE_LIMITE = "REPONSE_PREMIERE_LIMITE"
    REPONSE_DELAI_JOURS = "REPONSE_DELAI_JOURS"
    CLASSEMENT_OUVERTURE = "CLASSEMENT_OUVERTURE"
    CLASSEMENT_LIMITE = "CLASSEMENT_LIMITE"
    COMPLEMENTAIRE_OUVERTURE = "COMPLEMENTAIRE_OUVERTURE"
    SUSPENSION_1_DEBUT = "SUSPENSION_1_DEBUT"
    SUSPENSION_1_FIN = "SUSPENSION_1_FIN"
    SUSPENSION_2_DEBUT = "SUSPENSION_2_DEBUT"
    SUSPENSION_2_FIN = "SUSPENSION_2_FIN"
    SUSPENSION_3_DEBUT = "SUSPENSION_3_DEBUT"
    SUSPENSION_3_FIN = "SUSPENSION_3_FIN"
    RESULTATS_BAC = "RESULTATS_BAC"
    ADMISSION_FIN = "ADMISSION_FIN"
    COMPLEMENTAIRE_VOEUX_LIMITE = "COMPLEMENTAIRE_VOEUX_LIMITE"
    COMPLEMENTAIRE_FIN = "COMPLEMENTAIRE_FIN"
    SESSION_FIN = "SESSION_FIN"

    @property
    def libelle(self) -> str:
        return LIBELLES[self]

    @property
    def chiffree(self) -> bool:
        """A step that carries a figure."""
        return self in VALEURS


E = Etape
LIBELLES: Mapping[Etape, str] = {
    E.SITE_OUVERTURE: "Ouverture du site d’information",
    E.INSCRIPTION_OUVERTURE: "Ouverture des inscriptions et des vœux",
    E.VOEUX_LIMITE: "Dernier jour pour formuler les vœux",
    E.CONSEILS_OUVERTURE: "Premiers conseils de classe du 2e trimestre",
    E.CONSEILS_LIMITE: "Derniers avis des conseils de classe",
    E.CONFIRMATION_LIMITE: "Dernier jour pour compléter le dossier et confirmer les vœux",
    E.ADMISSION_OUVERTURE: "Début de la phase principale d’admission",
    E.MISE_A_JOUR_HEURE: "Heure de la mise à jour quotidienne",
    E.REPONSE_PREMIERS_JOURS: "Fin des premiers jours, à délai de réponse fixe",
    E.REPONSE_PREMIERE_LIMITE: "Date limite de réponse aux propositions des premiers jours",
    E.REPONSE_DELAI_JOURS: "Délai de réponse aux propositions suivantes, en jours",
    E.CLASSEMENT_OUVERTURE: "Ouverture du classement des vœux en attente",
    E.CLASSEMENT_LIMITE: "Fin du classement des vœux en attente",
    E.COMPLEMENTAIRE_OUVERTURE: "Ouverture de la phase complémentaire",
    **{
        E(f"SUSPENSION_{n}_{bord}"): f"{dit} de la suspension {n} des délais de réponse"
        for n in range(1, SUSPENSIONS + 1)
        for bord, dit in (("DEBUT", "Début"), ("FIN", "Fin"))
    },
    E.RESULTATS_BAC: "Résultats du baccalauréat",
    E.ADMISSION_FIN: "Fin de la phase principale",
    E.COMPLEMENTAIRE_VOEUX_LIMITE: "Derniers vœux de la phase complémentaire",
    E.COMPLEMENTAIRE_FIN: "Fin de la phase complémentaire",
    E.SESSION_FIN: "Fin de la session",
}
VALEURS: Mapping[Etape, tuple[int, int]] = {E.MISE_A_JOUR_HEURE: (0, 23), E.REPONSE_DELAI_JOURS: (1, 30)}
"""Bounds of the figures."""
OBLIGATOIRES = (
    E.INSCRIPTION_OUVERTURE,
    E.VOEUX_LIMITE,
    E.CONFIRMATION_LIMITE,
    E.ADMISSION_OUVERTURE,
    E.ADMISSION_FIN,
    E.SESSION_FIN,
)
CHAINES: tuple[tuple[Etape, ...], ...] = (
    (
        E.SITE_OUVERTURE,
        E.INSCRIPTION_OUVERTURE,
        E.VOEUX_LIMITE,
        E.CONFIRMATION_LIMITE,
        E.ADMISSION_OUVERTURE,
        E.REPONSE_PREMIERS_JOURS,
        E.REPONSE_PREMIERE_LIMITE,
        E.ADMISSION_FIN,
        E.SESSION_FIN,
    ),
    (E.INSCRIPTION_OUVERTURE, E.CONSEILS_OUVERTURE, E.CONSEILS_LIMITE, E.ADMISSION_OUVERTURE),
    (E.ADMISSION_OUVERTURE, E.CLASSEMENT_OUVERTURE, E.CLASSEMENT_LIMITE, E.ADMISSION_FIN),
    (
        E.ADMISSION_OUVERTURE,
        E.COMPLEMENTAIRE_OUVERTURE,
        E.COMPLEMENTAIRE_VOEUX_LIMITE,
        E.COMPLEMENTAIRE_FIN,
        E.SESSION_FIN,
    ),
    (E.ADMISSION_OUVERTURE, E.RESULTATS_BAC, E.SESSION_FIN),
    *(
        (E.ADMISSION_OUVERTURE, E(f"SUSPENSION_{n}_DEBUT"), E(f"SUSPENSION_{n}_FIN"), E.SESSION_FIN)
        for n in range(1, SUSPENSIONS + 1)
    ),
)
"""Steps that follow each other; those that a calendar has not are skipped."""
PAIRES = (
    (E.REPONSE_PREMIERS_JOURS, E.REPONSE_PREMIERE_LIMITE),
    *((E(f"SUSPENSION_{n}_DEBUT"), E(f"SUSPENSION_{n}_FIN")) for n in range(1, SUSPENSIONS + 1)),
)
