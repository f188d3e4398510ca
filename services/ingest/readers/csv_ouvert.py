"""Open data as CSV: columns by their name, ``;``, ``,`` or tab, BOM or not, UTF-8 or Latin-1."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.refus import FichierRefuse

CHAMP_MAX = 1 << 20
_SEPARATEURS = ";,\t"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MOT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Colonne:
    """``titres``: every spelling that is known, the API's identifier and the words of the CSV."""

    champ: str
    titres: tuple[str, ...]
    obligatoire: bool = True


def plat(texte: str) -> str:
    """Without accents, case or punctuation: « Code UAI de l’établissement » and CODE_UAI_DE_L_ETABLISSEMENT alike."""
    decompose = unicodedata.normalize("NFKD", texte.replace("’", " ")).casefold()
    return _MOT.sub(" ", "".join(c for c in decompose if not unicodedata.combining(c))).strip()


def lire(
    chemin: Path, colonnes: Sequence[Colonne], octets_max: int
) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """Number of the line, its fields (empty when the column is not there), and the line itself.

    Raises:
        FichierRefuse: unreadable, or a column missing, which is named.
    """
    with ouvrir(chemin, Limites(octets_max)) as flux:
        morceaux = iter(lambda: flux.read(1 << 20), b"")
        texte = _decoder(b"".join(morceaux))
    if "\x00" in texte:
        raise FichierRefuse("CSV", "Le fichier contient des octets nuls : ce n’est pas un CSV.")
    premiere = texte.split("\n", 1)[0]
    separateur = max(_SEPARATEURS, key=premiere.count)
    yield from _lignes(texte, separateur, colonnes)


def _lignes(
    texte: str, separateur: str, colonnes: Sequence[Colonne]
) -> Iterator[tuple[int, dict[str, str], bytes]]:
    csv.field_size_limit(CHAMP_MAX)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    numero = 0
    places: Mapping[str, int] | None = None
    try:
        for ligne in lecteur:
            numero = lecteur.line_num
            if not any(cellule.strip() for cellule in ligne):
                continue
            if places is None:
                places = _places(ligne, colonnes)
                continue
            champs = {
                c.champ: ligne[places[c.champ]].strip()
                if c.champ in places and places[c.champ] < len(ligne)
                else ""
                for c in colonnes
            }
            yield numero, champs, separateur.join(ligne).encode()
    except csv.Error as erreur:
        raise FichierRefuse(
            "CSV", f"Ligne {numero + 1} : le CSV est mal formé (guillemets ou cellule trop longue)."
        ) from erreur
    if places is None:
        raise FichierRefuse("VIDE", "Le fichier ne contient aucune ligne.")


def _places(titres: Sequence[str], colonnes: Sequence[Colonne]) -> dict[str, int]:
    connus: dict[str, int] = {}
    for place, titre in enumerate(titres):
        connus.setdefault(plat(titre), place)
    places: dict[str, int] = {}
    for colonne in colonnes:
        trouve = next((connus[t] for t in map(plat, colonne.titres) if t in connus), None)
        if trouve is not None:
            places[colonne.champ] = trouve
        elif colonne.obligatoire:
            noms = " ou ".join(f"« {titre} »" for titre in colonne.titres)
            raise FichierRefuse("COLONNE", f"Il manque la colonne {noms} dans le fichier.")
    return places


def _decoder(brut: bytes) -> str:
    bom = next((nom for marque, nom in _BOMS if brut.startswith(marque)), None)
    try:
        return brut.decode(bom or "utf-8")
    except UnicodeDecodeError as erreur:
        if bom:
            raise FichierRefuse(
                "ENCODAGE", "L’encodage annoncé par le fichier n’est pas le sien : enregistrez-le en UTF-8."
            ) from erreur
        return brut.decode("latin-1")
