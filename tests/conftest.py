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
