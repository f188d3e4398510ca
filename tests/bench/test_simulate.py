"""How fast the simulator of the nation writes, and whether its memory depends on how much it writes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MO_DE_PLUS_AU_PLUS = 60
FAITS_PAR_SECONDE = 20_000
_CODE = """
import json, sys
from pathlib import Path
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.ecriture import ecrire
from services.simulateur.nation.tables import echantillon

if __name__ == "__main__":
    n, sortie = int(sys.argv[1]), Path(sys.argv[2])
    bilan = ecrire(Commande(sortie, echantillon(n), quoi=frozenset({"siecle", "feed"})), ouvriers=2)
    octets = sum(x.stat().st_size for x in sortie.rglob("*") if x.is_file())
    print(json.dumps({"faits": bilan.faits, "s": bilan.secondes, "rss_mo": bilan.rss_mo, "octets": octets}))
"""


@pytest.mark.bench
def test_memory_does_not_grow_with_the_number_of_lycees(tmp_path: Path) -> None:
    mesures = {n: _mesurer(n, tmp_path) for n in (1, 20, 200)}
    print()
    for n, mesure in mesures.items():
        debit = mesure["faits"] / mesure["s"]
        print(
            f"{n:>5} lycées {mesure['faits']:>10,} facts {mesure['s']:>7.1f} s {debit:>9,.0f}/s"
            f" {mesure['octets'] / 1e6:>7.1f} MB, highest RSS of a process {mesure['rss_mo']:.0f} MB"
        )
    print(f"nation, extrapolated: {mesures[200]['s'] * 3640 / 200:,.0f} s")
    assert mesures[200]["rss_mo"] < mesures[20]["rss_mo"] + MO_DE_PLUS_AU_PLUS
    assert mesures[200]["faits"] / mesures[200]["s"] > FAITS_PAR_SECONDE


def _mesurer(lycees: int, dossier: Path) -> dict[str, Any]:
    programme = dossier / "mesure.py"
    programme.write_text(_CODE)
    commande = [sys.executable, str(programme), str(lycees), str(dossier / str(lycees))]
    fini = subprocess.run(commande, check=True, capture_output=True, env={"PYTHONPATH": str(Path.cwd())})
    mesure: dict[str, Any] = json.loads(fini.stdout)
    return mesure
