"""``pilotage``: run a service, open a session, load files, watch, replay, rebuild."""

import typer

from services.cli import (
    clients,
    database,
    envoyer,
    ingest,
    operations,
    referentiels,
    rejets,
    retour,
    session,
    simulate,
    status,
)

app = typer.Typer(
    name="pilotage",
    help="Operate the services of Pilotage. Settings come from the environment.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(ingest.app, name="ingest")
ingest.app.command("envoyer")(envoyer.envoyer)
ingest.app.add_typer(retour.app, name="retour")
ingest.app.add_typer(referentiels.app, name="referentiel")
app.add_typer(clients.app, name="clients")
app.add_typer(session.app, name="session")
app.add_typer(rejets.app, name="rejets")
app.add_typer(simulate.app, name="simulate")
app.command("run")(operations.run)
app.command("migrate")(database.migrate)
app.command("status")(status.status)
app.command("rebuild")(operations.rebuild)
app.command("verify")(operations.verify)

if __name__ == "__main__":
    app()
