"""Readiness: a set of reasons, each a sentence; none means ready."""

from collections.abc import Mapping


class Health:
    """Components say what is wrong and when it no longer is."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._prefixe = ""

    def part(self, nom: str) -> "Health":
        """The same readiness, for a part whose components are its own; itself when ``nom`` is empty."""
        if not nom:
            return self
        part = Health()
        part._reasons, part._prefixe = self._reasons, f"{nom}."
        return part

    def red(self, component: str, sentence: str) -> None:
        self._reasons[self._prefixe + component] = sentence

    def green(self, component: str) -> None:
        self._reasons.pop(self._prefixe + component, None)

    @property
    def ready(self) -> bool:
        return not self._reasons

    @property
    def reasons(self) -> Mapping[str, str]:
        return dict(self._reasons)
