"""The last words of a start: where to go, who to be, what to look at first."""

from deploy.local.settings import DemoSettings


def welcome(settings: DemoSettings) -> str:
    """Rich text."""
    raise NotImplementedError
