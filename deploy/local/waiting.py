"""Waiting that Ctrl-C can end, at points where nothing is half-done.

The signal handler only raises a flag; the waits of a start look at it. Stopping never does, so that a second Ctrl-C
cannot leave processes behind.
"""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

_asked_to_stop = threading.Event()


class Interrupted(Exception):  # noqa: N818 - not an error: somebody asked to stop
    """SIGINT, SIGTERM or SIGHUP came in."""


def listen_to_signals() -> None:
    """From now on a signal ends the interruptible waits."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        _asked_to_stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)


def check_interrupted() -> None:
    """Raise Interrupted when a signal came in."""
    if _asked_to_stop.is_set():
        raise Interrupted


def wait_until(
    condition: Callable[[], bool], timeout: float, pause: float = 0.05, *, interruptible: bool = True
) -> bool:
    """Poll a condition; False when the time (seconds) is over."""
    deadline = time.monotonic() + timeout
    while not condition():
        if interruptible:
            check_interrupted()
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
