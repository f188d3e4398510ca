"""A file refused as a whole, or about which somebody must be asked."""

from collections.abc import Mapping, Sequence

from services.ingest.compte_rendu import Ligne


class FichierRefuse(Exception):  # noqa: N818 - the field's own word
    """Nothing of the file is published. ``phrase``: French, says what is wrong and what to do.

    ``lignes``: those that explain it, shown in the compte rendu.
    """

    def __init__(self, code: str, phrase: str, lignes: Sequence[Ligne] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
        self.lignes = lignes


class AConfirmer(Exception):  # noqa: N818 - the field's own word
    """A question that stops an import: nothing is written before somebody says yes.

    Hand it to ``Analyse.demander`` to go on with the analysis, or raise it to stop at once when
    ``Analyse.est_confirme(code)`` is false. ``chiffres``: what the question is about, shown with it.
    """

    def __init__(self, code: str, phrase: str, chiffres: Mapping[str, int | str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
        self.chiffres = dict(chiffres or {})

    def montrer(self) -> dict[str, object]:
        return {"code": self.code, "phrase": self.phrase, "chiffres": self.chiffres}
