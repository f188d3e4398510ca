"""What every engine counts by lycée × série, in the order in which the peers write it."""

from collections.abc import Mapping

MESURES = (
    "vivier",
    "inscrits",
    "sans_voeu",
    "l1_pass",
    "que_l1_pass",
    "confirmes",
    "confirmes_l1_pass",
    "confirmes_que_l1_pass",
    "sans_voeu_confirme",
    "admis",
    "admis_l1_pass",
    "admis_que_l1_pass",
    "acceptes",
    "acceptes_l1_pass",
    "acceptes_que_l1_pass",
    "confirmes_admis",
    "confirmes_admis_l1_pass",
    "confirmes_admis_que_l1_pass",
    "confirmes_acceptes",
    "confirmes_acceptes_l1_pass",
    "confirmes_acceptes_que_l1_pass",
    "acceptes_en_maintenant",
    "a_repondre",
    "repondus",
    "expirees",
    "sans_proposition",
    "que_attente",
    "que_refus",
    "demissions",
    "complementaire",
    "complementaire_admis",
    "caes",
    "caes_propositions",
)
Totaux = Mapping[tuple[str, str], Mapping[str, int]]
"""(UAI, série) → measure → pupils."""


def ecarts(un: Totaux, autre: Totaux) -> list[str]:
    """The first differences, in words; empty when every total is equal."""
    trouves = []
    for cellule in sorted({*un, *autre}):
        a, b = un.get(cellule, {}), autre.get(cellule, {})
        trouves += [
            f"{cellule} {mesure}: {a.get(mesure, 0)} and {b.get(mesure, 0)}"
            for mesure in MESURES
            if a.get(mesure, 0) != b.get(mesure, 0)
        ]
    return trouves[:10]
