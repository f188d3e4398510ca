"""The calendar of conseils de classe as a table pasted from a spreadsheet, or a CSV. Pure."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.eleves.etablissement.champs import Cadre, Objet
from services.eleves.etablissement.domain import Cle, refus_de_cle, valider

LIGNES_MAX = 500
COLONNES = ("classe", "periode", "date", "heure", "lieu")
"""Of a table without a first line of titles, in this order."""
_TITRES = {
    "classe": "classe",
    "division": "classe",
    "periode": "periode",
    "trimestre": "periode",
    "semestre": "periode",
    "date": "date",
    "jour": "date",
    "heure": "heure",
    "horaire": "heure",
    "lieu": "lieu",
    "salle": "lieu",
}
_PERIODE = re.compile(
    r"[TS]?\s*([1-3])(?:ER|E|EME)?(?:\s*(?:TRIMESTRE|SEMESTRE))?|(?:TRIMESTRE|SEMESTRE)\s*([1-3])"
)


@dataclass(frozen=True, slots=True)
class LigneLue:
    """``numero``: from 1, in the text. ``cle`` None: the line is not taken, ``phrase`` says why."""

    numero: int
    cle: Cle | None
    valeurs: Mapping[str, str | None] = field(default_factory=dict)
    phrase: str = ""


def lire_tableau(texte: str, cadre: Cadre) -> list[LigneLue]:
    """Every line that is not empty, read or refused; a conseil twice: the second line is refused."""
    lues: list[LigneLue] = []
    colonnes: Sequence[str] = COLONNES
    vues: set[Cle] = set()
    for numero, cellules in _cellules(texte):
        if not lues and (titres := _titres(cellules)):
            colonnes = titres
            continue
        if len(lues) >= LIGNES_MAX:
            lues.append(
                LigneLue(numero, None, phrase=f"{LIGNES_MAX} lignes au plus : le reste n’est pas lu.")
            )
            break
        lue = _lire(numero, dict(zip(colonnes, cellules, strict=False)), cadre)
        if lue.cle is not None and lue.cle in vues:
            lue = LigneLue(numero, None, phrase="Ce conseil est déjà plus haut dans le tableau.")
        elif lue.cle is not None:
            vues.add(lue.cle)
        lues.append(lue)
    return lues


def _cellules(texte: str) -> Iterable[tuple[int, list[str]]]:
    lignes = texte.replace("\ufeff", "").replace("\x00", "").splitlines()
    premiere = next((ligne for ligne in lignes if ligne.strip()), "")
    separateur = max("\t;,", key=premiere.count)
    for numero, ligne in enumerate(lignes, 1):
        if ligne.strip(" \t;,"):
            yield numero, [" ".join(c.split()) for c in next(csv.reader([ligne], delimiter=separateur))]


def _titres(cellules: Sequence[str]) -> list[str] | None:
    connus = [_TITRES.get(_plat(cellule), "") for cellule in cellules]
    return connus if "classe" in connus and "date" in connus else None


def _lire(numero: int, champs: Mapping[str, str], cadre: Cadre) -> LigneLue:
    trouvee = _PERIODE.fullmatch(_plat(champs.get("periode", "")).upper())
    if trouvee is None:
        return LigneLue(numero, None, phrase="La période se dit 1, 2 ou 3 (trimestre ou semestre).")
    cle = Cle(Objet.CONSEIL, champs.get("classe", ""), trouvee[1] or trouvee[2])
    if phrase := refus_de_cle(cle, cadre):
        return LigneLue(numero, None, phrase=phrase)
    valeurs, erreurs = valider(
        Objet.CONSEIL, {champ: champs[champ] for champ in ("date", "heure", "lieu") if champ in champs}, cadre
    )
    if erreurs:
        return LigneLue(numero, None, phrase=" ".join(erreurs.values()))
    if not valeurs.get("date"):
        return LigneLue(numero, None, phrase="La date du conseil manque.")
    return LigneLue(numero, cle, valeurs)


def _plat(texte: str) -> str:
    sans = unicodedata.normalize("NFKD", texte.strip().casefold())
    return "".join(c for c in sans if not unicodedata.combining(c))
