"""Spécialités de la terminale générale, from the code matière of SIECLE."""

from dataclasses import dataclass
from functools import lru_cache

from shared.nomenclatures.tables import lire


@dataclass(frozen=True, slots=True)
class Specialite:
    """``prefixe``: the first four characters of its codes matière."""

    prefixe: str
    cle: str
    libelle: str

    @property
    def code_matiere(self) -> str:
        return f"{self.prefixe}00"


@lru_cache(maxsize=1)
def specialites() -> dict[str, Specialite]:
    """By key: ``MATHS``, ``PC``, ``HGGSP`` and so on."""
    return {
        ligne["cle"]: Specialite(ligne["matiere"], ligne["cle"], ligne["libelle"])
        for ligne in lire("matieres")
    }


@lru_cache(maxsize=1)
def _par_prefixe() -> dict[str, Specialite]:
    return {specialite.prefixe: specialite for specialite in specialites().values()}


def specialite_de_la_matiere(code_matiere: str) -> Specialite | None:
    """None for what is no spécialité (languages, tronc commun, unknown codes)."""
    return _par_prefixe().get(code_matiere[:4])


@lru_cache(maxsize=1)
def _cles_de_gestion() -> dict[str, str]:
    return {ligne["cle_gestion"]: ligne["specialite"] for ligne in lire("cles_gestion")}


def specialite_de_la_cle_de_gestion(cle_gestion: str) -> str | None:
    """Key of the spécialité that SIECLE's short key (``PH-CH``) names; None for what is none."""
    return _cles_de_gestion().get(cle_gestion.strip().upper())
