"""The demonstration session, loaded once through the front door."""

from typing import TYPE_CHECKING

from deploy.local.state import State
from deploy.local.supervisor import Supervisor

if TYPE_CHECKING:
    from deploy.local.demo import Demo


def load(demo: "Demo", supervisor: Supervisor, state: State) -> None:
    raise NotImplementedError
