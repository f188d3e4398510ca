"""Reader of the candidate feed: NDJSON, UTF-8, gzip allowed; each line judged on its own."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from services.ingest.candidats.feed import Recu, decodeur
from services.ingest.compte_rendu import Ligne
from services.ingest.refus import FichierRefuse

LIGNE_MAX = 1 << 20
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_MORCEAU = 1 << 20
_CHAMP = re.compile(r"`\$\.([a-z_]{1,40})")
_MANQUE = re.compile(r"missing required field `([a-z_]{1,40})`")


@dataclass(slots=True)
class Lot:
    """Facts with the number of their line, and the lines that are none."""

    faits: list[tuple[int, Recu]] = field(default_factory=list)
    lignes: list[Ligne] = field(default_factory=list)
    lus: int = 0


def lire_lots(
    chemin: Path, session: int, taille: int, octets_max: int, *, exiger_un_fait: bool = True
) -> Iterator[Lot]:
    """Lots of ``taille`` lines.

    Raises:
        FichierRefuse: not the expected file, or a gzip cut in the middle.
    """
    lot, lus, faits = Lot(), 0, 0
    with chemin.open("rb") as fichier, _ouvrir(fichier) as flux:
        lignes = _lignes(flux, octets_max)
        try:
            for numero, brute in enumerate(lignes, 1):
                lus = numero
                _prendre(lot, numero, brute, session)
                if lot.lus >= taille:
                    faits += len(lot.faits)
                    yield lot
                    lot = Lot()
        except (EOFError, zlib.error, gzip.BadGzipFile) as erreur:
            raise FichierRefuse(
                "GZIP",
                f"Le fichier gzip est coupé ou abîmé après {lus} lignes : rien n’est publié, renvoyez-le en entier.",
            ) from erreur
    if exiger_un_fait:
        _refuser_sans_fait(faits + len(lot.faits), lot)
    if lot.lus:
        yield lot


def _refuser_sans_fait(faits: int, dernier: Lot) -> None:
    if faits:
        return
    if dernier.lignes:
        raise FichierRefuse(
            "SANS_FAIT", f"Aucune ligne du fichier n’est un fait : {dernier.lignes[0].phrase}"
        )
    raise FichierRefuse("VIDE", "Le fichier ne contient aucun fait.")


def _ouvrir(fichier: IO[bytes]) -> IO[bytes]:
    debut = fichier.read(4)
    fichier.seek(0)
    if debut[:2] == b"PK":
        raise FichierRefuse(
            "FORMAT", "Ce fichier est un zip : envoyez le NDJSON tel quel, ou compressé par gzip."
        )
    if debut[:2] == _GZIP:
        return gzip.open(fichier, "rb")  # type: ignore[return-value]
    return fichier


def _lignes(flux: IO[bytes], octets_max: int) -> Iterator[bytes | None]:
    """Lines without their end; None for one longer than LIGNE_MAX."""
    reste, trop_longue, octets = b"", False, 0
    while morceau := flux.read(_MORCEAU):
        octets += len(morceau)
        if octets > octets_max:
            raise FichierRefuse("TROP_GROS", "Le fichier dépasse la taille permise une fois ouvert.")
        if octets == len(morceau) and morceau.startswith(_BOM):
            morceau = morceau[len(_BOM) :]
        *entieres, reste = (reste + morceau).split(b"\n")
        if entieres and trop_longue:
            entieres[0], trop_longue = None, False  # type: ignore[call-overload]
        yield from entieres
        if len(reste) > LIGNE_MAX:
            reste, trop_longue = b"", True
    if reste or trop_longue:
        yield None if trop_longue else reste


def _prendre(lot: Lot, numero: int, brute: bytes | None, session: int) -> None:
    if brute is not None and not brute.strip():
        return
    lot.lus += 1
    if brute is None or len(brute) > LIGNE_MAX:
        lot.lignes.append(
            Ligne(numero, "LONGUEUR", "La ligne dépasse 1 Mo : un fait tient en moins d’un kilo-octet.")
        )
        return
    try:
        fait = decodeur.decode(brute)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as erreur:
        lot.lignes.append(Ligne(numero, *_expliquer(erreur), brut=brute))
        return
    if fait.session != session:
        phrase = f"Le fait est de la session {fait.session}, pas de {session} : envoyez-le dans sa session."
        lot.lignes.append(Ligne(numero, "SESSION", phrase, brut=brute))
        return
    lot.faits.append((numero, fait))


def _expliquer(erreur: Exception) -> tuple[str, str]:
    """Code and sentence; never a value of the line, which may be personal."""
    if not isinstance(erreur, msgspec.ValidationError):
        return (
            "JSON",
            "La ligne n’est pas un objet JSON complet en UTF-8 : un fait par ligne, sans retour à la ligne.",
        )
    message = str(erreur)
    if manque := _MANQUE.search(message):
        return "CHAMP_MANQUANT", f"Le champ « {manque[1]} » est obligatoire et manque : ajoutez-le."
    champ = _CHAMP.search(message)
    if champ and champ[1] == "type":
        return "TYPE", "Le type du fait n’est pas connu : voyez les types dans fait.schema.json."
    if champ:
        return (
            "CHAMP_INVALIDE",
            f"Le champ « {champ[1]} » n’a pas une valeur permise : voyez ses règles dans fait.schema.json.",
        )
    return "FAIT", "La ligne n’est pas un fait connu : voyez fait.schema.json."
