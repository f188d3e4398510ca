"""Référentiel files of the nation, in the columns of the open data: without them a feed names formations that nobody knows."""

import csv
from collections.abc import Iterable
from pathlib import Path

from services.simulateur.nation.tables import formations, lycees
from shared.nomenclatures.academies import academies

FORMATIONS, ETABLISSEMENTS = "formations.csv", "etablissements.csv"
A_L_ETRANGER = "Etranger"


def ecrire_referentiels(dossier: Path, rangs: Iterable[int]) -> list[Path]:
    """Every formation, and the lycées of ``rangs``."""
    dossier.mkdir(parents=True, exist_ok=True)
    noms = {code: academie.nom for code, academie in academies().items()}
    return [
        _ecrire(
            dossier / FORMATIONS,
            (
                "formation_id", "uai", "etablissement", "formation", "famille", "selectivite", "academie",
                "capacite", "groupe",
            ),
            (
                (
                    f.formation_id, f.uai, f.etablissement, f.libelle, f.famille.value,
                    "formation sélective" if f.selective else "formation non sélective",
                    noms.get(f.academie, A_L_ETRANGER), f.capacite, f.groupe or "",
                )
                for f in formations()
            ),
        ),
        _ecrire(
            dossier / ETABLISSEMENTS,
            ("uai", "nom", "commune", "code_departement", "code_academie", "secteur"),
            (
                (x.uai, x.nom, x.commune, x.departement, x.academie, x.secteur)
                for x in (lycees()[rang] for rang in rangs)
            ),
        ),
    ]  # fmt: skip


def _ecrire(chemin: Path, titres: tuple[str, ...], lignes: Iterable[tuple[object, ...]]) -> Path:
    with chemin.open("w", encoding="utf-8", newline="") as sortie:
        table = csv.writer(sortie, delimiter=";", lineterminator="\n")
        table.writerow(titres)
        table.writerows(lignes)
    return chemin
