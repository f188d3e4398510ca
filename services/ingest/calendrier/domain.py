"""Pure rules of a session's life, and of its calendar as a document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.domaine.calendrier import PARIS, Calendrier, DateImpossibleError, a_paris
from shared.domaine.calendrier_verifie import verifier
from shared.domaine.etapes import Etape


class EtatSession(StrEnum):
    """PURGEE: its topics and rows are gone; only its history is left."""

    OUVERTE = "OUVERTE"
    GELEE = "GELEE"
    CLOSE = "CLOSE"
    ARCHIVEE = "ARCHIVEE"
    PURGEE = "PURGEE"


S = EtatSession
TRANSITIONS: Mapping[EtatSession | None, frozenset[EtatSession]] = {
    None: frozenset({S.OUVERTE, S.GELEE, S.CLOSE}),
    S.OUVERTE: frozenset({S.GELEE, S.CLOSE}),
    S.GELEE: frozenset({S.OUVERTE, S.CLOSE}),
    S.CLOSE: frozenset({S.OUVERTE, S.ARCHIVEE}),
    S.ARCHIVEE: frozenset({S.PURGEE}),
    S.PURGEE: frozenset({S.OUVERTE}),
}
"""None: a session opened before its life was kept. A close may be taken back, an archive may not."""
REFUS: Mapping[EtatSession, str] = {
    S.GELEE: "La session {session} est gelée : aucun dépôt ni aucune saisie n’est accepté pour le moment. Réessayez plus tard.",
    S.CLOSE: "La session {session} est close : plus aucun dépôt ni aucune saisie n’est accepté.",
    S.ARCHIVEE: "La session {session} est archivée : elle se consulte, elle ne se modifie plus.",
    S.PURGEE: "La session {session} a été purgée : ses données n’existent plus.",
}


def permise(avant: EtatSession | None, apres: EtatSession) -> bool:
    return apres in TRANSITIONS[avant]


class CalendrierRefuse(Exception):  # noqa: N818 - the field's own word
    """``phrases``: everything that is wrong, in French."""

    def __init__(self, phrases: list[str]) -> None:
        super().__init__(phrases[0])
        self.phrases = phrases


def lire_document(document: Any, session: int) -> Calendrier:
    """A calendar from ``{"session": 2026, "etapes": {"VOEUX_LIMITE": "2026-03-12T23:59", …}, "valeurs": {…}}``.

    A date without offset is a wall clock of Paris.

    Raises:
        CalendrierRefuse: unreadable, unknown steps, impossible dates, steps out of order.
    """
    if not isinstance(document, dict) or not isinstance(document.get("etapes"), dict):
        raise CalendrierRefuse(["Le calendrier est un objet JSON avec une clé « etapes »."])
    if document.get("session", session) != session:
        raise CalendrierRefuse(
            [f"Ce calendrier est celui de la session {document['session']}, pas de {session}."]
        )
    phrases: list[str] = []
    dates = dict(_dates(document["etapes"], phrases))
    valeurs = dict(_valeurs(document.get("valeurs") or {}, phrases))
    calendrier = Calendrier(session, dates, valeurs)
    phrases += verifier(calendrier)
    if phrases:
        raise CalendrierRefuse(phrases)
    return calendrier


def _dates(etapes: Mapping[str, Any], phrases: list[str]) -> Iterator[tuple[Etape, datetime]]:
    for code, texte in etapes.items():
        etape = _etape(code, phrases)
        if etape is None:
            continue
        try:
            yield etape, a_paris(datetime.fromisoformat(texte))
        except DateImpossibleError:
            phrases.append(
                f"{code} : cette heure n’existe pas, ou existe deux fois, ce jour-là à Paris (changement d’heure)."
            )
        except (ValueError, TypeError, OverflowError):
            phrases.append(f"{code} : la date n’est pas lisible, écrivez-la comme 2026-03-12T23:59.")


def _valeurs(valeurs: Mapping[str, Any], phrases: list[str]) -> Iterator[tuple[Etape, int]]:
    for code, valeur in valeurs.items():
        etape = _etape(code, phrases)
        if etape is not None and (isinstance(valeur, bool) or not isinstance(valeur, int)):
            phrases.append(f"{code} : la valeur est un nombre entier.")
        elif etape is not None:
            yield etape, valeur


def _etape(code: object, phrases: list[str]) -> Etape | None:
    try:
        return Etape(str(code))
    except ValueError:
        phrases.append("Une étape n’est pas connue : " + str(code)[:40])
        return None


def ecrire_document(calendrier: Calendrier) -> dict[str, Any]:
    """The same document, with offsets and the words of each step."""
    ordre = sorted(calendrier.dates, key=lambda etape: (calendrier.dates[etape], list(Etape).index(etape)))
    return {
        "session": calendrier.session,
        "version": calendrier.version,
        "fuseau": "Europe/Paris",
        "etapes": {e.value: calendrier.dates[e].astimezone(PARIS).isoformat() for e in ordre},
        "valeurs": {e.value: calendrier.valeurs[e] for e in ordre if e in calendrier.valeurs},
        "libelles": {e.value: e.libelle for e in ordre},
    }


def situer(calendrier: Calendrier, a_la_date: datetime) -> dict[str, Any]:
    """Where a moment falls: phase and windows."""
    return {
        "a_la_date": a_la_date.astimezone(PARIS).isoformat(),
        "phase": calendrier.phase(a_la_date).value,
        "fenetres": [
            {
                "nom": f.nom,
                "debut": f.debut.astimezone(PARIS).isoformat(),
                "fin": f.fin.astimezone(PARIS).isoformat(),
                "position": f.position.value,
            }
            for f in calendrier.fenetres(a_la_date)
        ],
    }
