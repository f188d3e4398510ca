"""The session's dates as a page and as a calendar file: Paris time, days left, what each freezes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.gateway import contrats_session as cs
from shared.domaine.calendrier import jour_de
from shared.domaine.etapes import Etape

E = Etape
EFFETS: Mapping[Etape, str] = {
    E.INSCRIPTION_OUVERTURE: "Les élèves s’inscrivent et formulent leurs vœux.",
    E.VOEUX_LIMITE: "Plus aucun vœu ne s’ajoute ensuite en phase principale : suivez d’ici là les inscrits sans vœu.",
    E.CONSEILS_OUVERTURE: "Les avis de la fiche Avenir se saisissent.",
    E.CONSEILS_LIMITE: "Les fiches Avenir sont figées : un avis manquant ne part pas.",
    E.CONFIRMATION_LIMITE: "Un vœu non confirmé est perdu ; les certifications de bourse et les Cordées sont figées.",
    E.ADMISSION_OUVERTURE: "Les propositions arrivent ; leurs délais de réponse courent.",
    E.REPONSE_PREMIERE_LIMITE: "Une proposition des premiers jours laissée sans réponse est perdue.",
    E.CLASSEMENT_OUVERTURE: "Les candidats qui gardent des vœux en attente les classent.",
    E.CLASSEMENT_LIMITE: "Les vœux en attente non classés sont perdus.",
    E.COMPLEMENTAIRE_OUVERTURE: "De nouveaux vœux sont possibles pour qui est sans proposition.",
    E.ADMISSION_FIN: "Il n’y a plus de propositions de la phase principale.",
    E.COMPLEMENTAIRE_VOEUX_LIMITE: "Plus aucun vœu ne s’ajoute ensuite en phase complémentaire.",
    E.SESSION_FIN: "La session s’achève : les indicateurs ne bougent plus.",
}
"""What a principal should know of a step. Source: parcoursup_reference §2.3."""
PHASES: Mapping[str, str] = {
    "PREPARATION": "Préparation",
    "VOEUX": "Inscription et formulation des vœux",
    "CONFIRMATION": "Compléments de dossier et confirmation des vœux",
    "EXAMEN": "Examen des vœux par les formations",
    "ADMISSION": "Phase principale d’admission",
    "COMPLEMENTAIRE": "Phase complémentaire",
    "TERMINEE": "Session terminée",
}
_LARGEUR = 74


@dataclass(frozen=True, slots=True)
class Date:
    """``jours``: until it, 0 today, negative once past. ``valeur``: the figure of a step that carries one."""

    code: str
    libelle: str
    quand: datetime
    jours: int
    effet: str
    valeur: int | None = None

    @property
    def passee(self) -> bool:
        return self.jours < 0

    @property
    def compte(self) -> str:
        if self.jours == 0:
            return "aujourd’hui"
        return f"J−{self.jours}" if self.jours > 0 else "passé"


def dates(calendrier: cs.Calendrier, maintenant: datetime) -> list[Date]:
    """In the order of time."""
    aujourd_hui = jour_de(maintenant)
    trouvees = [
        Date(
            code,
            calendrier.libelles.get(code) or (Etape(code).libelle if code in Etape.__members__ else code),
            quand,
            (jour_de(quand) - aujourd_hui).days,
            EFFETS.get(Etape(code), "") if code in Etape.__members__ else "",
            calendrier.valeurs.get(code),
        )
        for code, quand in calendrier.etapes.items()
    ]
    return sorted(trouvees, key=lambda date: date.quand)


def icalendar(calendrier: cs.Calendrier, maintenant: datetime, hote: str) -> str:
    """RFC 5545: one event by step, at its instant in UTC; the same uid at every download."""
    lignes = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Pilotage//Calendrier//FR", "CALSCALE:GREGORIAN"]
    for date in dates(calendrier, maintenant):
        if date.valeur is not None:
            continue
        lignes += [
            "BEGIN:VEVENT",
            f"UID:{calendrier.session}-{date.code.lower()}@{hote}",
            f"SEQUENCE:{calendrier.version}",
            f"DTSTAMP:{_instant(maintenant)}",
            f"DTSTART:{_instant(date.quand)}",
            f"SUMMARY:{_texte(date.libelle)}",
            *([f"DESCRIPTION:{_texte(date.effet)}"] if date.effet else []),
            "END:VEVENT",
        ]
    return "".join(f"{_plier(ligne)}\r\n" for ligne in [*lignes, "END:VCALENDAR"])


def _instant(quand: datetime) -> str:
    return quand.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _texte(texte: str) -> str:
    for signe in ("\\", ";", ","):
        texte = texte.replace(signe, f"\\{signe}")
    return texte.replace("\n", "\\n")


def _plier(ligne: str) -> str:
    """Lines of 75 octets at most, never cut inside a character."""
    morceaux, courant = [], ""
    for lettre in ligne:
        if len((courant + lettre).encode()) > _LARGEUR:
            morceaux.append(courant)
            courant = ""
        courant += lettre
    return "\r\n ".join([*morceaux, courant])
