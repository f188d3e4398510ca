"""A file refused as a whole."""


class FichierRefuse(Exception):  # noqa: N818 - the field's own word
    """Nothing of the file is published. ``phrase``: French, says what is wrong and what to do."""

    def __init__(self, code: str, phrase: str) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
