"""What any command says when the environment lacks its settings."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "command", ["session status 2026", "verify indicators", "run avenir", "ingest imports list"]
)
def test_missing_settings_are_named_without_a_traceback(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.cli.main", *command.split()],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (2, False), (
        done.stdout + done.stderr
    )
    assert "DATABASE_URL" in done.stdout
