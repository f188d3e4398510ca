"""What every workbook of ours has in common: how it is opened for writing, and text that is never a formula."""

from collections.abc import Mapping

OPTIONS: Mapping[str, object] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}
"""Of ``xlsxwriter.Workbook``: row by row, text as text."""
_DANGEREUX = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutraliser(texte: str) -> str:
    """Text that no spreadsheet takes for a formula, whatever it is copied or saved to."""
    return f"'{texte}" if texte.startswith(_DANGEREUX) else texte
