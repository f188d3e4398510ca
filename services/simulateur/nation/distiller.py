"""``python -m services.simulateur.nation.distiller OPENDATA``: the two national tables, from the open data.

OPENDATA holds ``lycees_terminale_rentree2022.csv`` and ``formations_parcoursup_2025.csv`` (columns and
licence: README of ``donnees``). Run once; what it writes is kept in the project.
"""

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from shared.nomenclatures.academies import academie_de_uai, academies
from shared.nomenclatures.formations import formations as deja_connues

SERIES = {
    "GENERALE": "term_g",
    "STMG": "term_stmg",
    "STI2D": "term_sti2d",
    "STL": "term_stl",
    "ST2S": "term_st2s",
    "STD2A": "term_std2a",
    "STHR": "term_sthr",
    "S2TMD": "term_tmd",
    "AUTRE": "term_bt",
    "PROFESSIONNELLE": "term_pro",
}
FAMILLES = {
    "Licence": "LICENCE",
    "Licence_Las": "LAS",
    "PASS": "PASS",
    "BUT": "BUT",
    "BTS": "BTS",
    "CPGE": "CPGE",
    "Ecole d’Ingénieur": "INGENIEUR",
    "Ecole de Commerce": "COMMERCE",
    "IFSI": "IFSI",
    "EFTS": "EFTS",
    "Autre formation": "AUTRE",
}
ILE_DE_FRANCE = frozenset({"01", "24", "25"})
A_L_ETRANGER = "00"
IPS_MOYEN = "103.5"
_INGENIEURS = (
    (re.compile("INSA ", re.IGNORECASE), "Groupe INSA"),
    (re.compile("Maths en Terminale", re.IGNORECASE), "Concours Avenir"),
    (re.compile("Bacs généraux|Bacs technologiques"), "Concours Puissance Alpha"),
    (re.compile("Cycle Préparatoire Intégré"), "Concours Advance"),
    (re.compile("Bac général|Bac Série générale|bac STI2D|Série générale", re.IGNORECASE), "Geipi Polytech"),
)


def lycees(source: Path) -> Iterator[list[str]]:
    yield ["uai", "nom", "commune", "academie", "secteur", "ips", *SERIES]
    for ligne in sorted(_lire(source), key=lambda x: x["uai"]):
        academie = academie_de_uai(ligne["uai"])
        yield [
            ligne["uai"],
            ligne["nom"],
            ligne["commune"].title(),
            academie.code if academie else "",
            ligne["secteur"],
            ligne["ips"] or IPS_MOYEN,
            *(ligne[colonne] or "0" for colonne in SERIES.values()),
        ]


def formations(source: Path) -> Iterator[list[str]]:
    """One row per formation; those of the reduced table keep their id and their vœu multiple."""
    yield [
        "formation_id",
        "uai",
        "etablissement",
        "libelle",
        "famille",
        "groupe",
        "selective",
        "academie",
        "capacite",
        "candidats",
        "part_boursiers",
        "taux_acces",
    ]
    codes = {_simple(academie.nom): academie.code for academie in academies().values()}
    connues = {(f.uai, f.libelle, f.etablissement, f.candidats): f for f in deja_connues().values()}
    pris = set(deja_connues())
    for ligne in sorted(
        _lire(source), key=lambda x: (x["uai"], x["formation"], x["etablissement"], x["candidats_2phases"])
    ):
        candidats = round(float(ligne["candidats_2phases"] or 0))
        code = codes.get(_simple(ligne["academie"]), A_L_ETRANGER)
        famille = FAMILLES[ligne["famille"]]
        connue = connues.pop((ligne["uai"], ligne["formation"], ligne["etablissement"], candidats), None)
        identifiant = connue.formation_id if connue else _identifiant(ligne["uai"] + ligne["formation"], pris)
        groupe = connue.groupe if connue and connue.groupe else _groupe(ligne, famille, code)
        yield [
            identifiant,
            ligne["uai"],
            ligne["etablissement"],
            ligne["formation"],
            famille,
            groupe,
            str(int(ligne["selectivite"] == "formation sélective")),
            code,
            str(round(float(ligne["capacite"] or 0))),
            str(candidats),
            ligne["pct_boursiers_candidats_neobac"],
            ligne["taux_acces"],
        ]


def _groupe(ligne: dict[str, str], famille: str, academie: str) -> str:
    libelle = ligne["formation"]
    if famille in ("BTS", "BUT"):
        return (
            f"{famille} "
            + re.sub(r"^(BTSA?|BUT) - ((Services|Production|Agricole) - )?| - [Oo]ption.*$", "", libelle)[:80]
        )
    texte = f"{ligne['etablissement']} {libelle}"
    return {
        "CPGE": libelle[:84],
        "EFTS": libelle[:84],
        "IFSI": f"IFSI académie {academie}",
        "PASS": "PASS Île-de-France" if academie in ILE_DE_FRANCE else f"PASS académie {academie}",
        "COMMERCE": f"{'Bachelors' if 'Bac + 3' in libelle else 'Concours'} des écoles de commerce",
        "INGENIEUR": next((groupe for motif, groupe in _INGENIEURS if motif.search(texte)), ""),
    }.get(famille, "")


def _identifiant(texte: str, pris: set[str]) -> str:
    for rang in range(1000):
        empreinte = int.from_bytes(sha256(f"{texte}/{rang}".encode()).digest()[:8], "big")
        identifiant = f"F{10_000_000 + empreinte % 90_000_000}"
        if identifiant not in pris:
            pris.add(identifiant)
            return identifiant
    raise ValueError("no identifier left")


def _simple(nom: str) -> str:
    return nom.upper().translate(str.maketrans("ÉÈÎÔÇ’", "EEIOC'"))


def _lire(source: Path) -> list[dict[str, str]]:
    texte = source.read_text(encoding="utf-8").replace("'", "’")
    return [
        {cle: valeur or "" for cle, valeur in ligne.items()} for ligne in csv.DictReader(io.StringIO(texte))
    ]


def ecrire(chemin: Path, lignes: Iterable[list[str]]) -> None:
    """Compressed without a date: the same tables give the same bytes."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\n").writerows(lignes)
    chemin.write_bytes(gzip.compress(texte.getvalue().encode(), 9, mtime=0))


def main(opendata: Path, sortie: Path) -> None:
    ecrire(sortie / "lycees.csv.gz", lycees(opendata / "lycees_terminale_rentree2022.csv"))
    ecrire(sortie / "formations.csv.gz", formations(opendata / "formations_parcoursup_2025.csv"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent / "donnees")
