"""Opening a deposited SIECLE file: plain XML or a zip, within limits, never extracted to disk."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.ingest.refus import FichierRefuse

_ZIP = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_DIRECTORY_MAX = 1 << 20
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Limites:
    """``octets``: of the XML. ``ratio``: XML over its compressed size. ``entrees``: of the archive."""

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
        except (zipfile.BadZipFile, zlib.error, EOFError) as erreur:
            raise FichierRefuse("ARCHIVE", "L’archive zip est abîmée : refaites l’export.") from erreur
        self._reste -= len(morceau)
        if self._reste < 0:
            raise _trop_gros()
        return morceau


@contextmanager
def ouvrir_xml(chemin: Path, limites: Limites) -> Iterator[FluxLimite]:
    """The XML of a deposited file.

    Raises:
        FichierRefuse: not a zip with one XML, or beyond the limits.
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
    try:
        with zipfile.ZipFile(fichier) as archive:
            entree = _entree_xml(archive, limites)
            with archive.open(entree) as flux:
                yield FluxLimite(flux, _maximum(entree, limites))
    except (zipfile.BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError) as erreur:
        raise FichierRefuse("ARCHIVE", "L’archive zip est abîmée : refaites l’export.") from erreur


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
        raise FichierRefuse(
            "ARCHIVE", "L’archive zip contient trop de fichiers : déposez l’export de SIECLE tel quel."
        )
    fichier.seek(0)


def _entree_xml(archive: zipfile.ZipFile, limites: Limites) -> zipfile.ZipInfo:
    infos = archive.infolist()
    if len(infos) > limites.entrees:
        raise FichierRefuse("ARCHIVE", "L’archive zip contient trop de fichiers.")
    candidats = [info for info in infos if _est_a_lire(info.filename)]
    if not candidats:
        raise FichierRefuse(
            "SANS_XML",
            "L’archive zip ne contient pas de fichier XML : déposez l’export XML des élèves de SIECLE.",
        )
    if len(candidats) > 1:
        raise FichierRefuse(
            "PLUSIEURS_XML", "L’archive zip contient plusieurs fichiers XML : déposez-en un seul."
        )
    return _verifiee(candidats[0], limites)


def _est_a_lire(nom: str) -> bool:
    if "/" in nom or "\\" in nom or nom.startswith("."):
        return False
    return nom.lower().endswith(".xml")


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
