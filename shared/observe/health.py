"""Readiness: a set of reasons, each a sentence; none means ready."""

from collections.abc import Mapping


class Health:
    """Components say what is wrong and when it no longer is."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def red(self, component: str, sentence: str) -> None:
        self._reasons[component] = sentence

    def green(self, component: str) -> None:
        self._reasons.pop(component, None)

    @property
    def ready(self) -> bool:
        return not self._reasons

    @property
    def reasons(self) -> Mapping[str, str]:
        return dict(self._reasons)
