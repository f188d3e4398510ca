"""The national tables: every lycée with terminales, every formation (README of ``donnees``)."""

import csv
import gzip
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from shared.nomenclatures.academies import departement_de_uai
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.formations import Formation
from shared.nomenclatures.lycees import Lycee
from shared.nomenclatures.series import Serie


def _lignes(nom: str) -> Iterator[dict[str, str]]:
    brut = files(__package__).joinpath("donnees", f"{nom}.csv.gz").read_bytes()
    return csv.DictReader(gzip.decompress(brut).decode().splitlines(), delimiter=";")


@lru_cache(maxsize=1)
def lycees() -> tuple[Lycee, ...]:
    """In the order of their UAI; the rank of a lycée numbers its pupils."""
    return tuple(
        Lycee(
            ligne["uai"],
            ligne["nom"],
            ligne["commune"],
            ligne["academie"],
            departement_de_uai(ligne["uai"]) or "",
            ligne["secteur"],
            float(ligne["ips"]),
            {serie: int(ligne[serie]) for serie in Serie if ligne.get(serie, "0") != "0"},
        )
        for ligne in _lignes("lycees")
    )


def echantillon(nombre: int) -> tuple[int, ...]:
    """Ranks of ``nombre`` lycées spread evenly over the table, hence over the départements."""
    total = len(lycees())
    if not 1 <= nombre <= total:
        raise ValueError(f"between 1 and {total} lycées")
    return tuple((2 * rang + 1) * total // (2 * nombre) for rang in range(nombre))


@lru_cache(maxsize=1)
def formations() -> tuple[Formation, ...]:
    return tuple(
        Formation(
            ligne["formation_id"],
            ligne["uai"],
            ligne["etablissement"],
            ligne["libelle"],
            Famille(ligne["famille"]),
            ligne["groupe"] or None,
            ligne["selective"] == "1",
            ligne["academie"],
            int(ligne["capacite"]),
            int(ligne["candidats"]),
            float(ligne["part_boursiers"]) if ligne["part_boursiers"] else None,
            float(ligne["taux_acces"]) if ligne["taux_acces"] else None,
        )
        for ligne in _lignes("formations")
    )
