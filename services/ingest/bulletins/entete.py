"""The header of a notes file: which lycée, which gradebook, created when. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.ingest.bulletins.brut import EnteteBrut
from services.ingest.bulletins.nombres import TEXTE_MAX
from services.ingest.refus import FichierRefuse
from shared.nomenclatures import uai_valide

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Entete:
    """``creation``: day on which the gradebook wrote the file; None when it does not say."""

    session: int
    uai: str
    logiciel: str
    creation: date | None

    @property
    def version(self) -> int | None:
        """Order of the files of one lycée, µs: midnight in Paris of the day of creation."""
        if self.creation is None:
            return None
        minuit = datetime(self.creation.year, self.creation.month, self.creation.day, tzinfo=PARIS)
        return int(minuit.timestamp()) * 1_000_000


def lire_entete(brut: EnteteBrut, session: int, uai_attendu: str | None) -> Entete:
    """Judge the header.

    Raises:
        FichierRefuse: no valid UAI, or that of another lycée.
    """
    uai = brut.rne.upper()
    if not uai_valide(uai):
        quoi = "n’est pas un UAI valide" if uai else "manque"
        raise FichierRefuse(
            "RNE",
            f"Le code de l’établissement (etablissement, rne) {quoi} : corrigez-le dans le logiciel de notes.",
        )
    if uai_attendu and uai != uai_attendu:
        raise FichierRefuse(
            "AUTRE_UAI",
            f"Ce fichier est celui de l’établissement {uai}, pas de {uai_attendu} : vérifiez le fichier.",
        )
    return Entete(session, uai, brut.logiciel[:TEXTE_MAX], _jour(brut.date_creation))


def _jour(texte: str) -> date | None:
    try:
        return date.fromisoformat(texte[:10])
    except ValueError:
        return None
