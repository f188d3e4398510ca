"""``/contrats``: the published event contracts, as they lie in ``docs/contracts``; there is no pupil in them."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = "guide-subscriber.md"


def installer_contrats(app: FastAPI, docs: Path = DOCS) -> None:
    """Serve them where the documentation is installed beside the code; the page links to the guide."""
    if not (docs / "contracts").is_dir():
        return
    app.mount("/contrats", StaticFiles(directory=docs / "contracts", html=True))

    @app.get(f"/{GUIDE}", include_in_schema=False)
    async def guide() -> FileResponse:
        return FileResponse(docs / GUIDE, media_type="text/plain; charset=utf-8")
