"""The browsable page of the contracts."""

from collections.abc import Mapping
from typing import Any


def page(document: Mapping[str, Any], dores: Mapping[str, Any]) -> str:
    del document, dores
    return ""
