import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from deploy.local.processes import Child, Command, leftovers, stop_leftovers

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)
PARENT = """
import sys, time
from pathlib import Path
from deploy.local.processes import Child, Command
folder = Path(sys.argv[1])
for name in ("kafka", "eleves"):
    Child.start(Command(name, [sys.executable, "-c", "import time; time.sleep(60)"], folder / "log", folder), folder)
print("started", flush=True)
time.sleep(60)
"""


def sleeper(folder: Path, name: str = "sleeper", argv: tuple[str, ...] = SLEEP) -> Child:
    return Child.start(Command(name, argv, folder / f"{name}.log", folder), folder)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_stopped_child_leaves_neither_process_nor_pid_file(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    assert (tmp_path / "sleeper.json").exists()
    child.stop()
    assert gone(child.pid)
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "sleeper.json").exists()


def test_a_child_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    child = sleeper(tmp_path, "deaf", DEAF)
    while "deaf" not in child.last_lines():
        time.sleep(0.02)
    child.stop(grace=0.2)
    assert child.exit_code() == -signal.SIGKILL


def test_what_a_killed_launcher_left_behind_is_found_and_stopped_services_first(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
    pids = {record.name: record.pid for record in leftovers(tmp_path)}
    assert set(pids) == {"kafka", "eleves"}
    assert stop_leftovers(tmp_path, ("kafka",)) == ["eleves", "kafka"]
    assert all(gone(pid) for pid in pids.values())
    assert leftovers(tmp_path) == []


def test_a_pid_that_now_belongs_to_another_program_is_left_alone(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    record = json.loads((tmp_path / "sleeper.json").read_text())
    (tmp_path / "old.json").write_text(
        json.dumps({**record, "name": "old", "started": record["started"] - 3600})
    )
    assert [found.name for found in leftovers(tmp_path)] == ["sleeper"]
    assert not (tmp_path / "old.json").exists()
    assert child.exit_code() is None
    child.stop()


def test_a_pid_file_cut_short_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text('{"name": "cut", "pi')
    assert stop_leftovers(tmp_path) == []
    assert not (tmp_path / "cut.json").exists()
