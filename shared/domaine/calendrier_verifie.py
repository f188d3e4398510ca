"""What is wrong with a calendar, in sentences for who edits it."""

import itertools
from collections.abc import Iterable
from datetime import datetime

from shared.domaine.calendrier import PARIS, Calendrier, dire
from shared.domaine.etapes import CHAINES, OBLIGATOIRES, PAIRES, VALEURS, Etape

_SEPTEMBRE = 9


def verifier(calendrier: Calendrier) -> list[str]:
    """What is wrong, in French; nothing when the calendar holds together."""
    return [
        *_manquantes(calendrier),
        *_hors_session(calendrier),
        *_desordres(calendrier),
        *_chiffres(calendrier),
    ]


def _manquantes(calendrier: Calendrier) -> Iterable[str]:
    for etape in OBLIGATOIRES:
        if etape not in calendrier.dates:
            yield f"Il manque l’étape {etape} ({etape.libelle})."
    for debut, fin in PAIRES:
        if (debut in calendrier.dates) != (fin in calendrier.dates):
            yield f"Les étapes {debut} et {fin} vont ensemble : il en manque une."


def _hors_session(calendrier: Calendrier) -> Iterable[str]:
    debut = datetime(calendrier.session - 1, _SEPTEMBRE, 1, tzinfo=PARIS)
    fin = datetime(calendrier.session + 1, 1, 1, tzinfo=PARIS)
    for etape, instant in calendrier.dates.items():
        if not debut <= instant < fin:
            yield (
                f"{etape} est au {dire(instant)} : une date de la session {calendrier.session} tombe entre"
                f" septembre {calendrier.session - 1} et décembre {calendrier.session}."
            )


def _desordres(calendrier: Calendrier) -> Iterable[str]:
    vus: set[tuple[Etape, Etape]] = set()
    for chaine in CHAINES:
        presentes = [etape for etape in chaine if etape in calendrier.dates]
        for avant, apres in itertools.pairwise(presentes):
            if calendrier.dates[avant] > calendrier.dates[apres] and (avant, apres) not in vus:
                vus.add((avant, apres))
                dits = dire(calendrier.dates[avant]), dire(calendrier.dates[apres])
                yield f"{avant} ({dits[0]}) ne peut pas être après {apres} ({dits[1]})."


def _chiffres(calendrier: Calendrier) -> Iterable[str]:
    for etape, (bas, haut) in VALEURS.items():
        if etape in calendrier.dates and not bas <= calendrier.valeurs.get(etape, bas - 1) <= haut:
            yield f"{etape} demande une valeur entre {bas} et {haut}."
    for etape in calendrier.valeurs:
        if etape not in VALEURS or etape not in calendrier.dates:
            yield f"{etape} ne prend pas de valeur sans date, ou n’en prend pas."
