"""The last words of a start: where to go, who to be, what to look at first."""

from deploy.local.settings import DemoSettings


def welcome(settings: DemoSettings) -> str:
    """Rich text for the terminal."""
    folder = settings.layout.folder
    return f"""
[bold]Pilotage runs at {settings.url("gateway")}[/]

Look first at: your page as the proviseur (indicators and the list of those without a wish), its download as a
workbook, and an avis on one of a pupil's wishes; then the other lycée, whose pupils you cannot see.

Engineers: `. {folder}/env && .venv/bin/pilotage status`; API at {settings.url("gateway")}/api/v1; logs in {folder}/logs.
Ctrl-C stops everything; the data stays for the next `make demo`.
"""
