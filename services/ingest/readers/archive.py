"""Opening what a lycée deposits: the file itself or a zip that holds it, within limits, never extracted to disk."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.ingest.refus import FichierRefuse

_ZIP = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_DIRECTORY_MAX = 1 << 20
_ENCRYPTED = 0x1


_LISIBLES = (".xml", ".xls", ".xlsx", ".csv", ".json")
_CLASSEUR = "xl/workbook.xml"
_ERREURS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, RuntimeError, OverflowError, KeyError),
)
"""What zipfile raises on a damaged archive: a seek before the beginning is an OSError, and so on."""
_ABIMEE = "L’archive zip est abîmée : refaites l’export."


@dataclass(frozen=True, slots=True)
class Limites:
    """``octets``: of the file. ``ratio``: file over its compressed size. ``entrees``: of the archive."""

    octets: int = 512 << 20
    ratio: int = 100
    entrees: int = 100


class FluxLimite:
    """A reader that refuses to give more than ``maximum`` bytes."""

    def __init__(self, flux: IO[bytes], maximum: int) -> None:
        self._flux = flux
        self._reste = maximum

    def read(self, taille: int) -> bytes:
        try:
            morceau = self._flux.read(taille)
        except _ERREURS as erreur:
            raise FichierRefuse("ARCHIVE", _ABIMEE) from erreur
        self._reste -= len(morceau)
        if self._reste < 0:
            raise _trop_gros()
        return morceau


@contextmanager
def ouvrir(chemin: Path, limites: Limites) -> Iterator[FluxLimite]:
    """The file that was deposited, out of its zip if it came in one; a workbook (.xlsx) is no such zip.

    Raises:
        FichierRefuse: a zip without exactly one file to read, or beyond the limits.
    """
    with chemin.open("rb") as fichier:
        debut = fichier.read(len(_ZIP))
        fichier.seek(0)
        if debut == _ZIP:
            with _dans_le_zip(fichier, limites) as flux:
                yield flux
        elif debut[:2] == b"PK":
            raise FichierRefuse("ARCHIVE", "L’archive zip est vide ou abîmée : refaites l’export.")
        else:
            yield FluxLimite(fichier, limites.octets)


@contextmanager
def _dans_le_zip(fichier: IO[bytes], limites: Limites) -> Iterator[FluxLimite]:
    _verifier_repertoire(fichier, limites)
    with ExitStack() as pile:
        try:
            archive = pile.enter_context(zipfile.ZipFile(fichier))
            flux = None if _CLASSEUR in archive.namelist() else _entree_ouverte(archive, limites, pile)
        except _ERREURS as erreur:
            raise FichierRefuse("ARCHIVE", _ABIMEE) from erreur
        if flux is None:
            fichier.seek(0)
        yield flux or FluxLimite(fichier, limites.octets)


def _entree_ouverte(archive: zipfile.ZipFile, limites: Limites, pile: ExitStack) -> FluxLimite:
    entree = _entree(archive, limites)
    return FluxLimite(pile.enter_context(archive.open(entree)), _maximum(entree, limites))


def verifier_classeur(classeur: IO[bytes], limites: Limites) -> None:
    """A workbook is a zip whose entries are all read: their announced sizes together are held to the limits.

    Raises:
        FichierRefuse: beyond them, or damaged.
    """
    _verifier_repertoire(classeur, limites)
    try:
        with zipfile.ZipFile(classeur) as archive:
            infos = archive.infolist()
            if len(infos) > limites.entrees:
                raise _trop_d_entrees()
            for info in infos:
                _verifiee(info, limites)
            if sum(info.file_size for info in infos) > limites.octets:
                raise _trop_gros()
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        struct.error,
        UnicodeDecodeError,
        OverflowError,
    ) as erreur:
        raise FichierRefuse("ARCHIVE", "Le classeur est abîmé : refaites l’export.") from erreur


def _verifier_repertoire(fichier: IO[bytes], limites: Limites) -> None:
    """The central directory is judged by its announced size before it is read into memory."""
    taille = fichier.seek(0, 2)
    fichier.seek(max(0, taille - (1 << 16) - _END.size))
    fin = fichier.read()
    place = fin.rfind(_END_SIGNATURE)
    if place < 0 or len(fin) - place < _END.size:
        raise FichierRefuse("ARCHIVE", "L’archive zip est coupée : refaites l’export ou le dépôt.")
    _, _, _, _, entrees, octets, _, _ = _END.unpack_from(fin, place)
    if entrees > limites.entrees or octets > _DIRECTORY_MAX:
        raise _trop_d_entrees()
    fichier.seek(0)


def _trop_d_entrees() -> FichierRefuse:
    return FichierRefuse(
        "ARCHIVE", "L’archive zip contient trop de fichiers : déposez l’export de SIECLE tel quel."
    )


def _entree(archive: zipfile.ZipFile, limites: Limites) -> zipfile.ZipInfo:
    infos = archive.infolist()
    if len(infos) > limites.entrees:
        raise _trop_d_entrees()
    candidats = [info for info in infos if _est_a_lire(info.filename)]
    if not candidats:
        raise FichierRefuse("SANS_XML", _sans_fichier(infos))
    if len(candidats) > 1:
        raise FichierRefuse(
            "PLUSIEURS_XML", "L’archive zip contient plusieurs fichiers à lire : déposez-en un seul."
        )
    return _verifiee(candidats[0], limites)


def _sans_fichier(infos: Iterable[zipfile.ZipInfo]) -> str:
    noms = [info.filename.lower() for info in infos]
    if any(nom.endswith(".zip") for nom in noms):
        return "L’archive zip contient une autre archive : déposez celle que SIECLE a produite, telle quelle."
    if any(nom.endswith(_LISIBLES) and "__macosx" not in nom for nom in noms):
        return (
            "Dans l’archive zip, le fichier est rangé dans un dossier : déposez l’export de SIECLE tel quel."
        )
    return "L’archive zip ne contient pas de fichier XML : déposez l’export XML de SIECLE."


def _est_a_lire(nom: str) -> bool:
    """Neither in a folder (``__MACOSX/``, ``../``) nor hidden (``._Eleves.xml``)."""
    if "/" in nom or "\\" in nom or nom.startswith("."):
        return False
    return nom.lower().endswith(_LISIBLES)


def _verifiee(entree: zipfile.ZipInfo, limites: Limites) -> zipfile.ZipInfo:
    if entree.flag_bits & _ENCRYPTED:
        raise FichierRefuse("ARCHIVE", "L’archive zip est protégée par un mot de passe : déposez-la sans.")
    if entree.file_size > _maximum(entree, limites):
        raise _trop_gros()
    return entree


def _maximum(entree: zipfile.ZipInfo, limites: Limites) -> int:
    """Small files compress at any ratio; the first MB is always allowed."""
    return min(limites.octets, max(1 << 20, entree.compress_size * limites.ratio))


def _trop_gros() -> FichierRefuse:
    return FichierRefuse(
        "TROP_GROS", "Le fichier est anormalement gros une fois ouvert : déposez l’export de SIECLE tel quel."
    )
