"""What a session's own référentiels say beside the built-in tables, for the code that runs in its context.

The built-in tables are the default: whoever has no référentiel, or runs outside of ``avec``, sees them alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.nomenclatures.formations import Formation
    from shared.nomenclatures.mef import Mef


@dataclass(frozen=True, slots=True)
class Complement:
    """``academies``: code by UAI. ``mefs``: by ten digits, None for a level that is no terminale."""

    formations: "Mapping[str, Formation]" = field(default_factory=lambda: MappingProxyType({}))
    academies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mefs: "Mapping[str, Mef | None]" = field(default_factory=lambda: MappingProxyType({}))


AUCUN = Complement()
_COURANT: ContextVar[Complement] = ContextVar("complement", default=AUCUN)


def courant() -> Complement:
    return _COURANT.get()


@contextmanager
def avec(complement: Complement) -> Iterator[None]:
    """Inside, look-ups know the session's référentiels; threads started with the context too."""
    jeton = _COURANT.set(complement)
    try:
        yield
    finally:
        _COURANT.reset(jeton)
