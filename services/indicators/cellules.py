"""The cells where a pupil counts."""

from functools import lru_cache
from typing import NamedTuple

from services.indicators.etat import place
from shared.nomenclatures.academies import academie_du_departement, departement_de_uai


class Cle(NamedTuple):
    """A cell: a lycée × série."""

    session: int
    uai: str
    serie: str
    academie: str


@lru_cache(maxsize=100_000)
def cles(session: int, texte: str) -> tuple[Cle | None, Cle | None]:
    """Where he is today, None when he left; where he was at the closing, None when not stamped."""
    lue = place(texte)
    courante = Cle(session, lue.uai, lue.serie, lue.academie) if lue.present else None
    if not lue.uai_initial:
        return courante, None
    academie = lue.academie if lue.uai_initial == lue.uai else academie_de(lue.uai_initial, lue.academie)
    return courante, Cle(session, lue.uai_initial, lue.serie_initiale, academie)


@lru_cache(maxsize=20_000)
def academie_de(uai: str, defaut: str) -> str:
    """Of the lycée that a pupil has left: its number says its département."""
    departement = departement_de_uai(uai)
    trouvee = academie_du_departement(departement) if departement else None
    return trouvee.code if trouvee else defaut
