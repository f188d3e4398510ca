"""Where the launcher keeps things: all of it in one folder, inside the clone unless PILOTAGE_HOME says otherwise."""

import os
from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder of everything generated: `.pilotage` in the clone, or PILOTAGE_HOME."""
    return Path(os.environ.get("PILOTAGE_HOME") or CLONE / ".pilotage").absolute()


def cache() -> Path:
    """Downloads that any set of servers can share; safe to delete."""
    return home() / "cache"


@dataclass(frozen=True)
class Layout:
    """The folders of one set of servers (the demonstration, a test run, a development set)."""

    folder: Path

    @property
    def pids(self) -> Path:
        """One small JSON file per running process."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.folder / "logs"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, mode 0600 in a 0700 folder."""
        return self.folder / "secrets"

    def create(self) -> None:
        """Make the folders; the one of secrets closed to other users."""
        for path in (self.folder, self.pids, self.logs, self.secrets):
            path.mkdir(parents=True, exist_ok=True)
        self.secrets.chmod(0o700)
