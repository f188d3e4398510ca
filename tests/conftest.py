"""Every module of tests/kit offers fixtures to every test."""

import os
from pathlib import Path

import pytest

os.environ["COLUMNS"] = "200"  # what a command prints does not depend on who looks

_KIT = Path(__file__).parent / "kit"

pytest_plugins = [
    f"tests.kit.{path.stem}" for path in sorted(_KIT.glob("*.py")) if not path.stem.startswith("_")
]
pytest.register_assert_rewrite(*pytest_plugins)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes are named by their place: neither they nor their length may be in a name, since archives and
    workbooks hold a clock, and the two processes of a run must collect the same names."""
    del config
    return argname if isinstance(val, bytes) else None
