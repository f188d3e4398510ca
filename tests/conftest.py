"""Every module of tests/kit offers fixtures to every test."""

from pathlib import Path

import pytest

_KIT = Path(__file__).parent / "kit"

pytest_plugins = [
    f"tests.kit.{path.stem}" for path in sorted(_KIT.glob("*.py")) if not path.stem.startswith("_")
]
pytest.register_assert_rewrite(*pytest_plugins)
