"""How far the demonstration got, in one file written atomically."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

from deploy.local.errors import LauncherError

VERSION = 1
Loading = Literal["absent", "started", "done"]


@dataclass(frozen=True)
class State:
    """How far the start and the first load got.

    `cluster` ties the databases' offsets to the log they count; `prepared` is the fingerprint of the code that made
    schemas and topics. `session`: the one of the first start, kept for the others.
    """

    version: int = VERSION
    cluster: str = ""
    prepared: str = ""
    loading: Loading = "absent"
    session: int = 0

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The saved state, or a fresh one; LauncherError when it cannot be understood."""
        path = folder / "state.json"
        if not path.exists():
            return cls()
        try:
            state = cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            message = f"{path} is damaged: run `make demo-clean` and start again."
            raise LauncherError(message) from error
        if state.version != VERSION:
            message = (
                f"The data in {folder} was written by another version: run `make demo-clean` and start again."
            )
            raise LauncherError(message)
        return state

    def save(self, folder: Path) -> Self:
        """Replace the file in one step; returns itself."""
        temporary = folder / "state.json.new"
        temporary.write_text(json.dumps(asdict(self)))
        temporary.replace(folder / "state.json")
        return self

    def with_loading(self, loading: Loading, folder: Path) -> Self:
        """Save and return the state with another stage of the load."""
        return replace(self, loading=loading).save(folder)

    def with_prepared(self, fingerprint: str, folder: Path) -> Self:
        """Save and return the state with schemas and topics made."""
        return replace(self, prepared=fingerprint).save(folder)

    def with_session(self, session: int, folder: Path) -> Self:
        """Save and return the state with the session that is served."""
        return replace(self, session=session).save(folder)

    def with_cluster(self, cluster: str, folder: Path) -> Self:
        """Save and return the state tied to this Kafka log."""
        return replace(self, cluster=cluster).save(folder)


def check_belonging(state: State, cluster: str, folder: Path) -> None:
    """Databases that count another log's offsets would skip or repeat: refuse them."""
    if state.cluster not in {"", cluster}:
        message = (
            f"The databases in {folder} and the Kafka log there do not belong together "
            "(one of them was deleted or replaced): run `make demo-clean` and start again."
        )
        raise LauncherError(message)
