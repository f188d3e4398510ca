"""``If-Match``: a change says the version that it was made from, so that nobody's work is lost."""

from typing import Annotated

from fastapi import Header, Response

from shared.http.errors import Refus

IfMatch = Annotated[str | None, Header(max_length=40)]


def poser(response: Response, version: int) -> None:
    """Say the version that is shown: what ``If-Match`` sends back."""
    response.headers["ETag"] = f'"{version}"'


def exiger_version(if_match: str | None, version: int, *, quoi: str, **details: object) -> None:
    """``version`` 0: nothing yet, then none is asked for. ``quoi``: what is changed, such as « cette fiche ».

    Raises:
        Refus: 428 the version is not said, 412 it is not the last; with ``details``, theirs and mine.
    """
    if if_match is None:
        if version:
            raise Refus(428, "version_attendue", f"Relisez {quoi} avant toute modification.", **details)
        return
    attendue = if_match.strip().removeprefix("W/")
    if attendue != f'"{version}"' and not (attendue == "*" and version):
        phrase = "Cette saisie a été modifiée entre-temps : comparez les deux versions et choisissez."
        raise Refus(412, "modifie_entre_temps", phrase, **details)
