"""``pilotage ingest retour``: what the platform has not acknowledged, and the keys of its numbers."""

from typing import Any

import typer
from rich.table import Table

from services.cli.imports_commun import SessionOption, console, run
from services.ingest.imports import Imports
from services.ingest.retour import store
from services.ingest.retour.numeros import Coffre, rechiffrer
from shared.db.engine import reading

app = typer.Typer(help="The way back to the platform.", no_args_is_help=True)
_JOUR = 86_400


@app.command("status")
def status(*, session: SessionOption = None, limit: int = 20) -> None:
    """How far the platform is, and the oldest objects that it has not taken."""

    async def read(imports: Imports) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        asked = imports.settings.session
        async with reading(imports.engine) as tx:
            return await store.resume(tx, asked), await store.non_acquittes(tx, asked, None, limit, 0)

    resume, owed = run(session, read)
    table = Table("object", "to send", "taken", "refused", "waiting", "oldest")
    for line in resume:
        counts = (str(line[name]) for name in ("total", "acquittes", "refuses", "en_attente"))
        table.add_row(line["objet"], *counts, _age(line["age_s"]))
    console.print(table if resume else "Nothing goes back to the platform yet.")
    if owed:
        details = Table("pupil", "object", "version", "age", "answer")
        for line in owed:
            answer = f"{line['resultat']} (version {line['accuse_version']})" if line["resultat"] else "none"
            details.add_row(
                line["eleve_id"], line["objet"], str(line["version"]), _age(line["age_s"]), answer
            )
        console.print(details)


@app.command("rekey")
def rekey(*, session: SessionOption = None) -> None:
    """Encrypt every numéro de dossier with the newest key; an older key can go afterwards."""

    async def work(imports: Imports) -> int:
        coffre = Coffre(imports.settings.hmac_keys.get_secret_value(), imports.settings.session)
        done = 0
        while True:
            async with imports.engine.begin() as tx:
                lot = await rechiffrer(tx, coffre, imports.settings.session)
            done += lot
            if not lot:
                return done

    console.print(f"{run(session, work)} numbers encrypted anew")


def _age(seconds: int | None) -> str:
    if seconds is None:
        return ""
    days, rest = divmod(int(seconds), _JOUR)
    return f"{days} d {rest // 3600} h" if days else f"{rest // 3600} h {rest % 3600 // 60} min"
