"""Familles de formations, the national grouping by which vœux are counted."""

from enum import StrEnum


class Famille(StrEnum):
    LICENCE = "LICENCE"
    LAS = "LAS"
    PASS = "PASS"  # noqa: S105 - a famille, not a password
    BUT = "BUT"
    BTS = "BTS"
    CPGE = "CPGE"
    INGENIEUR = "INGENIEUR"
    COMMERCE = "COMMERCE"
    IFSI = "IFSI"
    EFTS = "EFTS"
    AUTRE = "AUTRE"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]


_LIBELLES = {
    Famille.LICENCE: "Licence",
    Famille.LAS: "Licence accès santé (L.AS)",
    Famille.PASS: "Parcours accès santé (PASS)",
    Famille.BUT: "BUT",
    Famille.BTS: "BTS",
    Famille.CPGE: "Classe préparatoire (CPGE)",
    Famille.INGENIEUR: "École d’ingénieurs",
    Famille.COMMERCE: "École de commerce",
    Famille.IFSI: "Soins infirmiers (IFSI)",
    Famille.EFTS: "Travail social (EFTS)",
    Famille.AUTRE: "Autre formation",
}
