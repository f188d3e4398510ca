"""The one exception whose text is shown as it is to the person at the terminal."""


class LauncherError(Exception):
    """A sentence that says what is wrong and what to do; never followed by a traceback."""
