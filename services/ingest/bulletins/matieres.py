"""Codes matière of SIECLE that are known without the lycée's own Nomenclature (siecle_reference §1.7). Pure."""

import re

from shared.nomenclatures import specialite_de_la_matiere

CODE = re.compile(r"[0-9A-Z]{6}")
_LANGUE = re.compile(r"03[0-9A-Z]{2}0[1-8]")
_COMMUNES = frozenset(
    {
        "010300",  # philosophie
        "020700",  # français
        "043700",  # histoire-géographie
        "043800",  # enseignement moral et civique
        "061300",  # mathématiques
        "062300",  # physique-chimie
        "062900",  # SVT
        "067300",  # sciences de l’ingénieur
        "071100",  # enseignement professionnel
        "100100",  # EPS
    }
)


def matiere_nationale(code: str) -> bool:
    """Tronc commun, spécialités, languages by rank. The full table is each lycée's Nomenclature.xml."""
    return code in _COMMUNES or bool(_LANGUE.fullmatch(code)) or specialite_de_la_matiere(code) is not None
