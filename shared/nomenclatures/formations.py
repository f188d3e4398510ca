"""A reduced catalogue of real formations, enough for a demonstration over a few académies."""

from dataclasses import dataclass
from functools import lru_cache

from shared.nomenclatures.complement import courant
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.tables import lire


@dataclass(frozen=True, slots=True)
class Formation:
    """``groupe``: the vœu multiple it belongs to, None when it is asked for alone.

    ``candidats``: candidates of the session 2025, the weight of a draw. ``part_boursiers``: percent
    of boursiers among its néo-bachelier candidates. ``taux_acces``: 0 to 1. None: not published.
    ``revision``: 0 in this catalogue, the version of the row in a session's référentiel.
    """

    formation_id: str
    uai: str
    etablissement: str
    libelle: str
    famille: Famille
    groupe: str | None
    selective: bool
    academie: str
    capacite: int
    candidats: int
    part_boursiers: float | None
    taux_acces: float | None
    revision: int = 0


def _decimal(texte: str) -> float | None:
    return float(texte) if texte else None


@lru_cache(maxsize=1)
def formations() -> dict[str, Formation]:
    """By formation_id, sorted by académie, famille and decreasing demand."""
    return {
        ligne["formation_id"]: Formation(
            ligne["formation_id"],
            ligne["uai"],
            ligne["etablissement"],
            ligne["libelle"],
            Famille(ligne["famille"]),
            ligne["groupe"] or None,
            ligne["selective"] == "1",
            ligne["academie"],
            int(ligne["capacite"]),
            int(ligne["candidats"]),
            _decimal(ligne["part_boursiers"]),
            _decimal(ligne["taux_acces"]),
        )
        for ligne in lire("formations")
    }


def formation(formation_id: str) -> Formation | None:
    """As the session's référentiel says, else as this catalogue does."""
    return courant().formations.get(formation_id) or formations().get(formation_id)
