"""The sheet « Lisez-moi » of a workbook: what the list is, what its columns mean, how to handle it."""

from collections.abc import Iterable

from shared.domaine.colonnes import Colonne
from shared.domaine.liste import Liste


def notice(
    liste: Liste, colonnes: Iterable[Colonne], moment: str, filtres: str
) -> tuple[tuple[str, str], ...]:
    """(heading, text) pairs."""
    return (
        (f"La liste « {liste.titre} »", liste.definition),
        ("À quoi elle sert", liste.pourquoi),
        *(
            (("Filtres", f"Seuls y sont les élèves qui répondent à ces filtres : {filtres}."),)
            if filtres
            else ()
        ),
        (
            "Situation",
            (
                f"La liste montre ce qui était connu le {moment} (heure de Paris). Elle ne se met pas à jour "
                "d’elle-même : demandez-la de nouveau pour la situation du moment."
            ),
        ),
        ("Colonnes", _colonnes(colonnes)),
        *_CONSIGNES,
    )


def _colonnes(colonnes: Iterable[Colonne]) -> str:
    notes = (colonne.note for colonne in colonnes if colonne.note)
    return " ".join(("Classe, identité et INE viennent de SIECLE.", *notes))


_CONSIGNES = (
    (
        "Identité non reçue",
        "Un élève dont la scolarité est remontée avant l’identité figure sans nom ; il ne manque jamais.",
    ),
    (
        "Apostrophe en tête d’une cellule",
        (
            "Un texte qui commence par =, +, - ou @ est précédé d’une apostrophe, pour qu’aucun tableur ne "
            "l’exécute comme une formule."
        ),
    ),
    (
        "Données personnelles",
        (
            "Ce document est nominatif : ne le diffusez pas hors de l’équipe qui en a besoin et supprimez-le après "
            "usage."
        ),
    ),
)
