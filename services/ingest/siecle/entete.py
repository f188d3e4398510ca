"""The header of a SIECLE file (PARAMETRES): which lycée, which year, which version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from services.ingest.refus import AConfirmer, FichierRefuse
from shared.nomenclatures import uai_valide

PARIS = ZoneInfo("Europe/Paris")
_ANNEES_AVANT = 2


@dataclass(frozen=True, slots=True)
class Entete:
    """PARAMETRES, judged. ``horodatage_us``: the version of all that the file says."""

    uai: str
    annee_scolaire: int
    horodatage_us: int

    @property
    def session(self) -> int:
        return self.annee_scolaire + 1

    @property
    def instant(self) -> datetime:
        return datetime.fromtimestamp(self.horodatage_us // 1_000_000, UTC)

    @property
    def jour(self) -> date:
        """The day of the export in Paris: what a date de sortie is compared with."""
        return self.instant.astimezone(PARIS).date()


def lire_entete(parametres: Mapping[str, str], session: int, uai_attendu: str | None) -> Entete:
    """Judge PARAMETRES.

    Raises:
        FichierRefuse: another lycée, another year, or unreadable.
    """
    uai = parametres.get("UAJ", "").upper()
    if not uai:
        raise FichierRefuse(
            "UAJ", "Le fichier ne dit pas de quel établissement il vient (UAJ) : refaites l’export."
        )
    if not uai_valide(uai):
        raise FichierRefuse("UAJ", "Le code de l’établissement (UAJ) du fichier n’est pas un UAI valide.")
    if uai_attendu and uai != uai_attendu:
        raise FichierRefuse(
            "AUTRE_UAI",
            f"Ce fichier est celui de l’établissement {uai}, pas de {uai_attendu} : vérifiez le fichier.",
        )
    annee = parametres.get("ANNEE_SCOLAIRE", "")
    if annee != str(session - 1):
        raise FichierRefuse(
            "ANNEE",
            f"Le fichier n’est pas celui de l’année scolaire {session - 1}-{session} : "
            "exportez la base de l’année en cours.",
        )
    return Entete(uai, session - 1, _horodatage(parametres, session))


def _horodatage(parametres: Mapping[str, str], session: int) -> int:
    try:
        local = datetime.strptime(parametres.get("HORODATAGE", ""), "%d/%m/%Y %H:%M:%S").replace(tzinfo=PARIS)
    except ValueError as erreur:
        raise FichierRefuse(
            "HORODATAGE", "Le fichier ne dit pas quand il a été exporté (HORODATAGE) : refaites l’export."
        ) from erreur
    if not session - _ANNEES_AVANT <= local.year <= session + 1:
        raise FichierRefuse(
            "HORODATAGE",
            "La date de l’export (HORODATAGE) est impossible : vérifiez l’horloge, refaites l’export.",
        )
    return int(local.timestamp()) * 1_000_000


def plus_ancien(entete: Entete, dernier_us: int | None) -> AConfirmer | None:
    """An older file than the last accepted one would undo what is known since; it must be confirmed."""
    if dernier_us is None or entete.horodatage_us >= dernier_us:
        return None
    recu = datetime.fromtimestamp(dernier_us // 1_000_000, PARIS)
    de_celui_ci = entete.instant.astimezone(PARIS)
    return AConfirmer(
        "PLUS_ANCIEN",
        f"Un export plus récent, du {recu:%d/%m/%Y à %H:%M}, a déjà été intégré ; celui-ci est du "
        f"{de_celui_ci:%d/%m/%Y à %H:%M} : déposez le dernier export, ou confirmez que celui-ci doit le remplacer.",
        {"dernier": f"{recu:%d/%m/%Y %H:%M}", "celui_ci": f"{de_celui_ci:%d/%m/%Y %H:%M}"},
    )
