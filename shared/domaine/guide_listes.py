"""The tables of docs/guide-principal.md: every list, and the weights of the queue. ``python -m`` writes them."""

import sys
from pathlib import Path

from shared.domaine.catalogue import de_la_fenetre
from shared.domaine.liste import Fenetre
from shared.domaine.priorites import MOTIFS

DEBUT, FIN = "<!-- {0} -->", "<!-- fin {0} -->"


def listes() -> str:
    """One table per window."""
    return "\n\n".join(
        "\n".join((f"**{fenetre.libelle}**", "", "| liste | qui y est |", "|---|---|", *_lignes(fenetre)))
        for fenetre in Fenetre
    )


def _lignes(fenetre: Fenetre) -> list[str]:
    return [f"| {liste.titre} | {liste.definition} |" for liste in de_la_fenetre(fenetre)]


def poids() -> str:
    lignes = [f"| {motif.regle} | {motif.poids} |" for motif in MOTIFS]
    return "\n".join(("| raison | poids |", "|---|---|", *lignes))


TABLES = {"listes": listes, "poids": poids}


def inscrire(guide: str) -> str:
    """The guide with both tables as the code says, between their marks."""
    for nom, table in TABLES.items():
        avant, _, reste = guide.partition(DEBUT.format(nom))
        _, _, apres = reste.partition(FIN.format(nom))
        guide = f"{avant}{DEBUT.format(nom)}\n{table()}\n{FIN.format(nom)}{apres}"
    return guide


if __name__ == "__main__":
    chemin = Path(sys.argv[1])
    chemin.write_text(inscrire(chemin.read_text(encoding="utf-8")), encoding="utf-8")
