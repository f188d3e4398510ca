"""Writing of a workbook with XlsxWriter, row by row: memory does not grow with the list."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from services.exports.domain import Classeur
from shared.domaine.colonnes import Colonne
from shared.domaine.tableur import OPTIONS, neutraliser

_A4 = 9
_WIDTH_MIN, _WIDTH_MAX = 9, 40
_FILTER_ARROW = 4
_NOTICE_WIDTHS = (34, 92)
_FOOTER_MAX = 200


def ecrire(classeur: Classeur) -> bytes:
    """The .xlsx file. Runs in a thread: it is computation only."""
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie, dict(OPTIONS)) as workbook:
        workbook.set_properties({"title": classeur.titres[0], "subject": classeur.titres[-1]})
        formats = _formats(workbook)
        _liste(workbook.add_worksheet(classeur.onglet), classeur, formats)
        _notice(workbook.add_worksheet("Lisez-moi"), classeur, formats)
    return sortie.getvalue()


def _formats(workbook: Any) -> dict[str, Any]:
    cellule = {"border": 1, "border_color": "#A6A6A6", "valign": "top"}
    centre = {**cellule, "align": "center"}
    return {
        "titre": workbook.add_format({"bold": True, "font_size": 14}),
        "sous_titre": workbook.add_format({"font_size": 11}),
        "entete": workbook.add_format(
            {**centre, "bold": True, "bg_color": "#D9D9D9", "text_wrap": True, "valign": "vcenter"}
        ),
        "texte": workbook.add_format({**cellule, "num_format": "@"}),
        "texte_centre": workbook.add_format({**centre, "num_format": "@"}),
        "nombre": workbook.add_format({**centre, "num_format": "0"}),
        "date": workbook.add_format({**centre, "num_format": "dd/mm/yyyy"}),
        "instant": workbook.add_format({**centre, "num_format": "dd/mm/yyyy hh:mm"}),
        "rubrique": workbook.add_format({"bold": True, "valign": "top", "text_wrap": True}),
        "notice": workbook.add_format({"valign": "top", "text_wrap": True}),
    }


def _liste(sheet: Any, classeur: Classeur, formats: dict[str, Any]) -> None:
    entete = len(classeur.titres) + 1
    derniere_colonne = len(classeur.colonnes) - 1
    _mise_en_page(sheet, classeur.pied)
    sheet.repeat_rows(entete)
    sheet.freeze_panes(entete + 1, 0)
    for j, colonne in enumerate(classeur.colonnes):
        sheet.set_column(j, j, _largeur(classeur, colonne))
    for i, titre in enumerate(classeur.titres):
        sheet.write_string(i, 0, titre, formats["sous_titre" if i else "titre"])
    sheet.set_row(entete, 32)
    for j, colonne in enumerate(classeur.colonnes):
        sheet.write_string(entete, j, colonne.titre, formats["entete"])
    for i, eleve in enumerate(classeur.eleves, start=entete + 1):
        for j, colonne in enumerate(classeur.colonnes):
            _cellule(sheet, (i, j), colonne, colonne.valeur(eleve), formats)
    sheet.autofilter(entete, 0, entete + len(classeur.eleves), derniere_colonne)


def _cellule(
    sheet: Any, place: tuple[int, int], colonne: Colonne, valeur: Any, formats: dict[str, Any]
) -> None:
    if valeur is None:
        sheet.write_blank(*place, None, formats["texte"])
    elif isinstance(valeur, datetime):
        sheet.write_datetime(*place, valeur, formats["instant"])
    elif isinstance(valeur, date):
        sheet.write_datetime(*place, valeur, formats["date"])
    elif isinstance(valeur, int):
        sheet.write_number(*place, valeur, formats["nombre"])
    else:
        style = formats["texte_centre" if colonne.centree else "texte"]
        sheet.write_string(*place, neutraliser(valeur), style)


def _largeur(classeur: Classeur, colonne: Colonne) -> int:
    """Characters, wide enough for the longest value; a header of several words may wrap."""
    entete = max(map(len, colonne.titre.split())) + _FILTER_ARROW
    contenus = (len(_texte(colonne.valeur(eleve))) for eleve in classeur.eleves)
    return min(max(_WIDTH_MIN, entete, max(contenus, default=0) + 2), _WIDTH_MAX)


def _texte(valeur: Any) -> str:
    return "" if valeur is None else str(valeur)


def _mise_en_page(sheet: Any, pied: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    propre = pied[:_FOOTER_MAX].replace("&", "&&")
    sheet.set_footer(f"&L&8{propre}&R&8Page &P sur &N")


def _notice(sheet: Any, classeur: Classeur, formats: dict[str, Any]) -> None:
    _mise_en_page(sheet, classeur.pied)
    for j, largeur in enumerate(_NOTICE_WIDTHS):
        sheet.set_column(j, j, largeur)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, classeur.titres[0], formats["titre"])
    for i, (rubrique, phrase) in enumerate(classeur.notice, start=2):
        sheet.set_row(i, 16 * (len(phrase) // _NOTICE_WIDTHS[1] + 1))
        sheet.write_string(i, 0, rubrique, formats["rubrique"])
        sheet.write_string(i, 1, phrase, formats["notice"])
