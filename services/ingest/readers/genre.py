"""Which of the files that a lycée may deposit this one is: by its content, never by its name."""

import unicodedata
from enum import StrEnum

from services.ingest.readers.encodage import lire_prologue
from services.ingest.readers.xml import Flux, debut_de
from services.ingest.refus import FichierRefuse


class Genre(StrEnum):
    """ELEVES to COMMUNS: XML of SIECLE. CLASSEUR: its Excel export. FREGATA, DISPOSITIFS: CSV."""

    ELEVES = "ELEVES"
    STRUCTURES = "STRUCTURES"
    NOMENCLATURE = "NOMENCLATURE"
    ETABLISSEMENTS = "ETABLISSEMENTS"
    COMMUNS = "COMMUNS"
    CLASSEUR = "CLASSEUR"
    FREGATA = "FREGATA"
    SYGNE = "SYGNE"
    DISPOSITIFS = "DISPOSITIFS"


RACINES = {
    Genre.ELEVES: ("BEE_ELEVES",),
    Genre.STRUCTURES: ("BEE_STRUCTURES", "BEE_STRUCTURE"),
    Genre.NOMENCLATURE: ("BEE_NOMENCLATURES", "BEE_NOMENCLATURE"),
    Genre.ETABLISSEMENTS: ("BEE_ETABLISSEMENTS", "BEE_ETABLISSEMENT"),
    Genre.COMMUNS: ("BEE_COMMUNS", "BEE_COMMUN"),
}
_GENRES = {racine: genre for genre, racines in RACINES.items() for racine in racines}
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_BOMS_LARGES = (b"\xff\xfe", b"\xfe\xff")
_ENTETE_MAX = 8_192


class Relu:
    """A stream whose beginning was looked at, as if it had not been."""

    def __init__(self, debut: bytes, suite: Flux) -> None:
        self._debut = debut
        self._suite = suite

    def read(self, taille: int, /) -> bytes:
        if not self._debut:
            return self._suite.read(taille)
        rendu, self._debut = self._debut[:taille], self._debut[taille:]
        return rendu


def reconnaitre(flux: Flux) -> tuple[Genre, Relu]:
    """The kind of a file, and the file to read.

    Raises:
        FichierRefuse: none of those that are read.
    """
    debut = debut_de(flux)
    return _genre(debut), Relu(debut, flux)


def _genre(debut: bytes) -> Genre:
    if debut.startswith((_OLE, _ZIP)):
        return Genre.CLASSEUR
    nu = debut.removeprefix(b"\xef\xbb\xbf").lstrip()
    if nu[:1] in (b"[", b"{"):
        return Genre.SYGNE
    if nu[:1] != b"<" and (tableau := _tableau(debut)):
        return tableau
    racine = lire_prologue(debut).racine
    if racine not in _GENRES:
        raise FichierRefuse(
            "RACINE",
            "Ce fichier XML n’est pas l’un des exports de SIECLE qui se lisent ici (élèves, structures, "
            "nomenclature, établissements des élèves, communs) : vérifiez le fichier.",
        )
    return _GENRES[racine]


def _tableau(debut: bytes) -> Genre | None:
    """By the titles of the first line."""
    brut = debut[:_ENTETE_MAX]
    texte = brut.decode("utf-16" if brut.startswith(_BOMS_LARGES) else "latin-1", errors="replace")
    titres = {normaliser(titre) for titre in texte.splitlines()[0].split(";")} if texte.strip() else set()
    if "identifiant unique" in titres:
        return Genre.FREGATA
    return Genre.DISPOSITIFS if "dispositif" in titres else None


def normaliser(titre: str) -> str:
    """A column's title without case, accents, quotes, stars and double blanks."""
    plat = unicodedata.normalize("NFD", titre.removeprefix("\ufeff").removeprefix("ï»¿"))
    sans = "".join(lettre for lettre in plat if not unicodedata.combining(lettre))
    return " ".join(sans.replace("’", "'").replace("*", "").replace('"', "").casefold().split())
