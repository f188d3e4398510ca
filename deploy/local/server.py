"""What the three embedded servers share: a child process that is started, awaited, stopped and killed."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from deploy.local.errors import LauncherError
from deploy.local.layout import Layout
from deploy.local.ports import free_port
from deploy.local.processes import Child, Command, describe_exit
from deploy.local.waiting import wait_until


class EmbeddedServer(ABC):
    """One server on the loopback interface; its data, settings and logs lie in the layout's folder."""

    name: str
    title: str
    start_timeout = 60.0
    stop_grace = 60.0

    def __init__(self, layout: Layout, port: int = 0) -> None:
        """Listen on `port`; 0 takes a free one, kept over restarts of this object."""
        self._layout = layout
        self._port = port or free_port()
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> None:
        """Return once it serves; LauncherError otherwise."""

    @property
    def child(self) -> Child:
        """The running process; RuntimeError before start."""
        if self._child is None:
            message = f"{self.title} is not started"
            raise RuntimeError(message)
        return self._child

    def stop(self) -> None:
        """Ask it to stop and wait for the process, never only for the port; harmless when it does not run."""
        if self._child is not None:
            self._child.stop(self.stop_grace)
            self._child = None

    def kill(self) -> None:
        """SIGKILL, for fault tests; `start` brings it back on the same port with the same data."""
        self.child.kill()
        self._child = None

    def check_alive(self) -> None:
        """LauncherError with the end of its log when it died by itself."""
        code = self.child.exit_code()
        if code is not None:
            message = f"{self.title} stopped by itself ({describe_exit(code)}); the end of its log:\n{self._last_lines()}"
            raise LauncherError(message)

    def _launch(self, command: Command, serves: Callable[[], bool]) -> None:
        child = self._child = Child.start(command, self._layout.pids)
        settled = wait_until(lambda: child.exit_code() is not None or serves(), self.start_timeout)
        if settled and child.exit_code() is None:
            return
        child.stop()
        self._child = None
        why = "" if settled else f" within {self.start_timeout:.0f} s"
        message = f"{self.title} did not start{why}; the end of its log:\n{child.last_lines()}\n{self._last_lines()}"
        raise LauncherError(message)

    def _last_lines(self) -> str:
        return self.child.last_lines() if self._child is not None else ""
