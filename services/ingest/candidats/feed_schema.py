"""``python -m services.ingest.candidats.feed_schema``: the JSON Schema of one line of the candidate feed.

With ``--check FILE`` the exit code says whether FILE is what would be written.
"""

import json
import sys
from pathlib import Path
from typing import Any

from services.ingest.candidats.feed_modeles import adaptateur

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:pilotage:feed:fait:v1"
DEFAULT = Path(__file__).parents[3] / "docs" / "contracts" / "feed" / "fait.schema.json"


def schema() -> dict[str, Any]:
    """The schema, in the project's order of keys."""
    entete = {"$schema": DIALECT, "$id": SCHEMA_ID, "title": "Fait", "description": "One line of the feed."}
    return entete | adaptateur.json_schema()


def render() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """0 when written or equal, 1 when ``--check`` finds a difference."""
    if arguments[:1] != ["--check"]:
        sys.stdout.write(render())
        return 0
    path = Path(arguments[1]) if len(arguments) > 1 else DEFAULT
    if path.is_file() and path.read_text(encoding="utf-8") == render():
        return 0
    sys.stderr.write(f"{path} is not up to date: python -m services.ingest.candidats.feed_schema > {path}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
