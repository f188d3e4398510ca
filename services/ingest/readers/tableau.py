"""Tables with a line of titles: CSV with semicolons, or the rows of a workbook. Columns go by their name."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.ingest.readers.genre import normaliser
from services.ingest.readers.xml import Flux
from services.ingest.refus import FichierRefuse

OCTETS_MAX = 16 << 20
_CHAMP_MAX = 1 << 17
_ENCODAGES = ("utf-8", "cp1252")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Colonne:
    """``titre`` as the export writes it; ``autres``: other spellings. ``champ``: tag of BEE_ELEVES, or ours."""

    champ: str
    titre: str
    obligatoire: bool = False
    autres: tuple[str, ...] = ()


class Tableau:
    """Lines by field. ``titres``: field → title as it stands in the file."""

    def __init__(self, lignes: Iterator[tuple[int, list[str]]], colonnes: Sequence[Colonne]) -> None:
        """Find the columns in the first line that is not empty.

        Raises:
            FichierRefuse: a required column is missing (named), or stands twice.
        """
        self._lignes = lignes
        presentes = _places(next((ligne for _, ligne in lignes if any(ligne)), []))
        self._places: dict[str, int] = {}
        self.titres: dict[str, str] = {}
        for colonne in colonnes:
            self._placer(colonne, presentes)

    def _placer(self, colonne: Colonne, presentes: Mapping[str, tuple[int, str]]) -> None:
        trouve = next(
            (presentes[n] for n in map(normaliser, (colonne.titre, *colonne.autres)) if n in presentes), None
        )
        if trouve is not None:
            self._places[colonne.champ], self.titres[colonne.champ] = trouve
        elif colonne.obligatoire:
            raise FichierRefuse(
                "COLONNE",
                f"La colonne « {colonne.titre} » manque dans le fichier : refaites l’export sans rien y changer.",
            )

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Number of the line in the file, and its fields; lines without anything are left out."""
        for numero, ligne in self._lignes:
            if any(ligne):
                yield (
                    numero,
                    {
                        champ: ligne[place].strip() if place < len(ligne) else ""
                        for champ, place in self._places.items()
                    },
                )


def _places(titres: Sequence[str]) -> dict[str, tuple[int, str]]:
    places: dict[str, tuple[int, str]] = {}
    for place, titre in enumerate(titres):
        nom = normaliser(titre)
        if nom and nom in places:
            raise FichierRefuse(
                "COLONNE", f"La colonne « {titre.strip()[:60]} » est écrite deux fois : refaites l’export."
            )
        places[nom] = (place, titre.strip().rstrip("*").strip().removeprefix("\ufeff").strip('"'))
    return places


def lignes_csv(flux: Flux) -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV with ``;``, numbered from 1 as an editor shows them.

    Raises:
        FichierRefuse: too large, an unknown encoding, NUL bytes, quotes that never close.
    """
    texte = _decoder(_tout(flux))
    if "\x00" in texte:
        raise FichierRefuse("CSV", "Le fichier contient des octets nuls : ce n’est pas un export CSV.")
    csv.field_size_limit(_CHAMP_MAX)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=";", strict=True)
    numero = 1
    while True:
        try:
            ligne = next(lecteur, None)
        except csv.Error as erreur:
            raise FichierRefuse(
                "CSV", f"Ligne {numero} : le CSV est mal formé (guillemets) : refaites l’export."
            ) from erreur
        if ligne is None:
            return
        yield numero, ligne
        numero = lecteur.line_num + 1


def _tout(flux: Flux) -> bytes:
    morceaux, octets = [], 0
    while morceau := flux.read(1 << 20):
        octets += len(morceau)
        if octets > OCTETS_MAX:
            raise FichierRefuse(
                "TROP_GROS", f"Le fichier dépasse {OCTETS_MAX >> 20} Mo : ce n’est pas celui d’un lycée."
            )
        morceaux.append(morceau)
    return b"".join(morceaux)


def _decoder(brut: bytes) -> str:
    bom = next((nom for marque, nom in _BOMS if brut.startswith(marque)), None)
    for encodage in (bom,) if bom else _ENCODAGES:
        try:
            return brut.decode(encodage)
        except UnicodeDecodeError:
            continue
    raise FichierRefuse(
        "ENCODAGE", "L’encodage du fichier n’est pas reconnu : enregistrez-le en UTF-8 ou refaites l’export."
    )
