"""What the person at the terminal sees: one line per step, with its duration."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Steps, remarks and errors on a rich console; plain lines when it is not a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """A spinner while it lasts, a tick and its seconds afterwards; call what it yields to say how far it is."""
        begun = time.monotonic()
        with self.console.status(f"{title} …") as status:
            yield lambda detail: status.update(f"{title} … {detail}")
        self.console.print(f"[green]✔[/] {title} [dim]{time.monotonic() - begun:.1f} s[/]", soft_wrap=True)

    def remark(self, text: str) -> None:
        """Something worth knowing that is no failure."""
        self.console.print(f"[yellow]•[/] {text}", soft_wrap=True)

    def show(self, text: str) -> None:
        """Plain text, markup allowed."""
        self.console.print(text, soft_wrap=True)


def show_error(error: Exception) -> None:
    """A sentence on the error output, without markup surprises from paths and logs."""
    console = Console(stderr=True, highlight=False)
    console.print("✘ ", style="bold red", end="")
    console.print(str(error), markup=False, soft_wrap=True)
