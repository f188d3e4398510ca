"""Who may send what in pieces."""

from shared.http.perimetre import Perimetre, Role

NATIONALES = frozenset({"FAITS", "BOURSES"})
DES_LYCEES = frozenset({"SIECLE", "BULLETINS"})
"""Natures of what one lycée sends."""
DES_LOGICIELS = frozenset({"SIECLE", "BULLETINS"})


def peut_envoyer(appelant: Perimetre, nature: str, uai: str | None) -> bool:
    """A lycée and its software send their own files; the platform those of no lycée; the operator all."""
    match appelant.role:
        case Role.OPERATEUR:
            return (nature in NATIONALES) is (uai is None)
        case Role.PLATEFORME:
            return nature in NATIONALES and uai is None
        case Role.CHEF | Role.ADJOINT:
            return nature in DES_LYCEES and uai is not None and appelant.voit_lycee(uai)
        case Role.LOGICIEL:
            return nature in DES_LOGICIELS and uai is not None and appelant.voit_lycee(uai)
        case _:
            return False
