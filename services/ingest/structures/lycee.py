"""What a lycée says of itself in Communs, as an event: its coordinates, the periods of its year. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from services.ingest.structures.brut import Entree, Liste
from shared.events.modeles import LyceeDecrit, PeriodeScolaire

_TEXTE_MAX = 300
_CODE_POSTAL = re.compile(r"[0-9]{5}")
_LIGNES = ("LIGNE1_ADRESSE", "LIGNE2_ADRESSE", "LIGNE3_ADRESSE", "LIGNE4_ADRESSE")


def decrire(session: int, uai: str, version: int, entrees: Iterable[Entree]) -> LyceeDecrit:
    """The UAJ of that code, or the only one; what cannot be read is left out."""
    connues = list(entrees)
    lycees = [entree for entree in connues if entree.liste is Liste.LYCEE]
    lycee = next((entree for entree in lycees if entree.code == uai), lycees[0] if len(lycees) == 1 else None)
    detail: Mapping[str, str] = lycee.detail if lycee else {}
    code_postal = detail.get("CODE_POSTAL", "").strip()
    return LyceeDecrit(
        session=session,
        version=version,
        uai=uai,
        nom=_texte(lycee.libelle if lycee else ""),
        adresse=_texte(", ".join(filter(None, (detail.get(nom, "").strip() for nom in _LIGNES)))),
        code_postal=code_postal if _CODE_POSTAL.fullmatch(code_postal) else None,
        commune=_texte(detail.get("LIBELLE_POSTAL") or detail.get("LL_COMMUNE_INSEE", "")),
        telephone=_texte(detail.get("TELEPHONE", "")),
        courriel=_texte(detail.get("MEL_1") or detail.get("MEL", "")),
        periodes=tuple(_periode(entree) for entree in connues if entree.liste is Liste.PERIODE),
    )


def _periode(entree: Entree) -> PeriodeScolaire:
    return PeriodeScolaire(
        code=entree.code,
        libelle=_texte(entree.libelle),
        debut=_jour(entree.detail.get("DATE_DEBUT", "")),
        fin=_jour(entree.detail.get("DATE_FIN", "")),
    )


def _texte(texte: str) -> str | None:
    return " ".join(texte.split())[:_TEXTE_MAX] or None


def _jour(texte: str) -> date | None:
    """SIECLE writes dd/mm/yyyy."""
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(texte.strip(), forme).date()  # noqa: DTZ007 - a date without hour
        except ValueError:
            continue
    return None
