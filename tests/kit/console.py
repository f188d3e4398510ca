"""``pilotage`` run inside the process of the tests: the same commands without a new interpreter for each."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from typer.testing import CliRunner

from services.cli.main import app


@dataclass(frozen=True)
class Console:
    """The command line with the settings of one world; ``debut``: words that every command begins with."""

    env: Mapping[str, str]
    debut: tuple[str, ...] = ()

    async def __call__(self, *mots: str, **reglages: str) -> tuple[int, str]:
        """Exit code and everything printed; ``reglages`` replace settings for this command."""
        env = {**self.env, **reglages}
        fait = await asyncio.to_thread(CliRunner().invoke, app, [*self.debut, *mots], env=env)
        if fait.exception is not None and not isinstance(fait.exception, SystemExit):
            raise fait.exception
        return fait.exit_code, fait.output
