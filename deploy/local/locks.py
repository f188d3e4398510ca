"""One launcher per folder: a lock of the operating system, which dies with its holder and so is never stale."""

import fcntl
import os
from pathlib import Path
from typing import TextIO


def claim(folder: Path) -> TextIO | None:
    """The held lock (keep it open; closing releases it), or None when another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = (folder / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def owner(folder: Path) -> str:
    """Pid written by the holder, `?` when it cannot be read."""
    try:
        return (folder / "lock").read_text().strip() or "?"
    except OSError:
        return "?"
