"""The same seed gives the same bytes, whoever does the work and however it is cut."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.simulateur.nation import passages
from services.simulateur.nation.fichiers import Feed, ecrire_tout
from services.simulateur.nation.tables import echantillon, lycees
from tests.simulateur._nation import ecrite, empreintes, lignes


def _faits(sortie: Path) -> dict[str, str]:
    return {nom: somme for nom, somme in empreintes(sortie).items() if nom.startswith("faits-")}


def test_one_worker_and_two_write_the_same_files(tmp_path: Path) -> None:
    ecrite(tmp_path / "1", 5, par_bloc=2)
    ecrite(tmp_path / "2", 5, par_bloc=2, ouvriers=2)
    assert empreintes(tmp_path / "1") == empreintes(tmp_path / "2")
    assert len(_faits(tmp_path / "1")) > 100


def test_how_the_work_is_cut_changes_no_byte_of_a_feed_by_time(tmp_path: Path) -> None:
    ecrite(tmp_path / "1", 5, par_bloc=1)
    ecrite(tmp_path / "2", 5, par_bloc=4)
    assert empreintes(tmp_path / "1") == empreintes(tmp_path / "2")


def test_an_hour_merged_line_by_line_is_the_same_as_one_sorted_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecrite(tmp_path / "1", 3, par_bloc=1)
    monkeypatch.setattr(passages, "HEURE_EN_MEMOIRE", 0)
    ecrite(tmp_path / "2", 3, par_bloc=1)
    assert empreintes(tmp_path / "1") == empreintes(tmp_path / "2")


def test_the_hash_seed_of_python_changes_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.simulateur._nation import ecrite;"
        "ecrite(Path(sys.argv[1]), 1)"
    )
    for graine in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": graine}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / graine)], check=True, env=environ)
    assert empreintes(tmp_path / "1") == empreintes(tmp_path / "2")


def test_another_seed_and_another_session_give_other_pupils(tmp_path: Path) -> None:
    ecrite(tmp_path / "1", 1)
    ecrite(tmp_path / "2", 1, graine=2)
    ecrite(tmp_path / "3", 1, session=2025)
    trois = [{x for x in lignes(tmp_path / n) if b'"dossier"' in x} for n in "123"]
    assert not trois[0] & trois[1]
    assert not trois[0] & trois[2]


def test_a_lycee_is_the_same_alone_and_among_others(tmp_path: Path) -> None:
    ecrite(tmp_path / "1", 3, quoi=frozenset({"siecle"}))
    ecrite(tmp_path / "2", 9, quoi=frozenset({"siecle"}))
    seul, parmi = empreintes(tmp_path / "1"), empreintes(tmp_path / "2")
    communs = [nom for nom in seul if nom.startswith("siecle/") and nom in parmi]
    assert len(communs) == len(set(echantillon(3)) & set(echantillon(9))) == 3
    assert all(seul[nom] == parmi[nom] for nom in communs)


def test_the_sample_is_spread_over_the_whole_table() -> None:
    rangs = echantillon(200)
    assert len({lycees()[rang].academie for rang in rangs}) >= 28
    assert echantillon(len(lycees())) == tuple(range(len(lycees())))


def test_a_feed_is_cut_after_so_many_lines_wherever_the_lots_end(tmp_path: Path) -> None:
    toutes = [b"%d\n" % n for n in range(25)]
    noms = []
    for nom, lots in (("a", [toutes]), ("b", [toutes[:3], toutes[3:17], [], toutes[17:]])):
        with Feed(tmp_path, nom, 1, maximum=10) as feed:
            for lot in lots:
                feed.ecrire(lot)
        noms.append([lignes for _, lignes in feed.fichiers])
        assert [fichier for fichier, _ in feed.fichiers][1] == f"{nom}-02.ndjson.gz"
    assert noms == [[10, 10, 5]] * 2
    sommes = [
        hashlib.sha256((tmp_path / f"{nom}-02.ndjson.gz").read_bytes()).hexdigest() for nom in ("a", "b")
    ]
    assert sommes[0] == sommes[1]
    assert ecrire_tout(tmp_path, "vide", 1, []) == []
