"""``python -m services.simulateur.nation.calage [MARGES]``: how long the lists must be drawn for the totals to come out.

The composition wanted by voie and famille is the one nearest to the published shares (iterative
proportional fitting) that gives both the totals by famille of 2025 and the mean lists by voie. Limits of
the platform and small académies cut lists short; the lengths drawn are raised until the mean is met.
"""

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from services.simulateur.nation.paniers import Lieu, Menu, longueurs
from services.simulateur.nation.population import (
    EN_PHASE_COMPLEMENTAIRE,
    PART_PERDUE,
    PROXIMITE,
    SEDENTAIRES,
    liste_des_autres,
    listes_attendues,
)
from services.simulateur.nation.reference import serie, valeur
from services.simulateur.nation.tables import lycees
from shared.nomenclatures.familles import Famille

VOIES = ("G", "T", "P", "A")
TOURS = (*[(20_000, 0)] * 8, *[(120_000, 1)] * 2)  # lists drawn, seed
_IPF = 200


def totaux_par_voie() -> dict[str, float]:
    """Formulated lines: lists of the mean length, plus what is dropped; A takes what is left of the nation."""
    lignes = {v: listes_attendues(v) * valeur("lignes", v) / (1 - PART_PERDUE) for v in "GTP"}
    nation = valeur("candidatures") * (1 - EN_PHASE_COMPLEMENTAIRE)
    return lignes | {"A": nation - sum(lignes.values())}


def matrice() -> dict[tuple[str, Famille], float]:
    """Lines by voie and famille with the totals wanted on both sides."""
    lignes, reste = totaux_par_voie(), 1 - EN_PHASE_COMPLEMENTAIRE
    colonnes = {Famille(f): x * reste for f, x in serie("famille").items()}
    cases = {(v, f): serie("germe", f"{v}/")[f.value] * listes_attendues(v) for v in VOIES for f in colonnes}
    for _ in range(_IPF):
        for v in VOIES:
            facteur = lignes[v] / sum(cases[v, f] for f in colonnes)
            cases |= {(v, f): cases[v, f] * facteur for f in colonnes}
        for f, total in colonnes.items():
            facteur = total / sum(cases[v, f] for v in VOIES)
            cases |= {(v, f): cases[v, f] * facteur for v in VOIES}
    return cases


def _observer(
    voie: str, tailles: dict[tuple[str, Famille], float], eleves: int, graine: int
) -> tuple[dict[Famille, float], dict[Famille, float]]:
    """Mean lines per list by famille, and the share of the lists that ask for it."""
    alea, modele = Random(f"calage/{voie}/{graine}"), Menu(voie, tailles)
    table = lycees()
    poids = [sum(n for s, n in x.effectifs.items() if voie in ("A", s.voie)) for x in table]
    sommes: dict[Famille, float] = dict.fromkeys(Famille, 0.0)
    demandes: dict[Famille, float] = dict.fromkeys(Famille, 0.0)
    for lycee in alea.choices(table, poids, k=eleves):
        proximite = 1.0 if alea.random() < SEDENTAIRES else PROXIMITE
        panier = modele.tirer(Lieu(lycee.academie, proximite), alea)
        familles = [modele.catalogue.familles[rang] for membres in panier.values() for rang in membres]
        for famille in familles:
            sommes[famille] += 1
        for famille in set(familles):
            demandes[famille] += 1
    return {f: x / eleves for f, x in sommes.items()}, {f: x / eleves for f, x in demandes.items()}


def caler(voie: str) -> dict[tuple[str, Famille], float]:
    par_liste = liste_des_autres(voie) / listes_attendues(voie)
    visees = {f: x * par_liste for (v, f), x in matrice().items() if v == voie}
    parts = {Famille(f): x for f, x in serie("au_moins_un", f"{voie}/").items()}
    tailles = {(voie, f): visees[f] / parts[f] for f in visees}
    for eleves, graine in TOURS:
        lignes, demandes = _observer(voie, tailles, eleves, graine)
        for f, visee in visees.items():
            tailles[voie, f] = max(
                1.0, tailles[voie, f] + 0.8 * (visee - lignes[f]) / max(demandes[f], 0.002)
            )
    pire = max(visees, key=lambda f: abs(lignes[f] - visees[f]))
    print(
        f"{voie}: {sum(lignes.values()):.2f} lines for {sum(visees.values()):.2f}; {pire}: {lignes[pire]:.2f} for {visees[pire]:.2f}"
    )
    return tailles


def corriger(
    tailles: Mapping[tuple[str, Famille], float], comptes: Mapping[str, int]
) -> dict[tuple[str, Famille], float]:
    """A last step on the largest sample there is: ``comptes`` of a nation drawn with ``tailles``."""
    corrigees = {}
    for (voie, famille), total in matrice().items():
        visee = total / (1 - EN_PHASE_COMPLEMENTAIRE)
        demandes = max(1, comptes[f"au_moins_un/{voie}/{famille}"])
        ecart = visee - comptes[f"famille/{famille}/{voie}"]
        corrigees[voie, famille] = max(1.0, tailles[voie, famille] + ecart / demandes)
    return corrigees


def main(marges: Path | None = None) -> None:
    """``marges``: the counts of a nation, to correct what is tabulated; none: start again."""
    if marges is None:
        tailles = {cle: x for voie in VOIES for cle, x in caler(voie).items()}
    else:
        tailles = corriger(longueurs(), json.loads(marges.read_text(encoding="utf-8")))
    chemin = Path(__file__).parent / "donnees" / "reglages.csv"
    with chemin.open("w", encoding="utf-8", newline="") as sortie:
        table = csv.writer(sortie, delimiter=";", lineterminator="\n")
        table.writerow(("voie", "famille", "longueur"))
        table.writerows((voie, famille.value, round(x, 4)) for (voie, famille), x in tailles.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
