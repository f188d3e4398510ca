"""All that stands under ``pilotage ingest``: what comes in, and the way back."""

from services.cli import envoyer, fusions, imports, imports_rejets, ingest, referentiels, retour, scolarite

app = ingest.app
app.command("envoyer")(envoyer.envoyer)
app.add_typer(imports.app, name="imports")
app.add_typer(imports_rejets.app, name="rejets")
app.add_typer(scolarite.taches_app, name="taches")
app.add_typer(fusions.app, name="fusions")
app.add_typer(scolarite.remontee_app, name="remontee")
app.add_typer(retour.app, name="retour")
app.add_typer(referentiels.app, name="referentiel")
