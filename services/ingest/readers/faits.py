"""Reader of the candidate feed: NDJSON, UTF-8, gzip allowed; each line judged on its own."""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from services.ingest.candidats.feed import Recu, codes_lisibles, decodeur, decodeur_nu
from services.ingest.compte_rendu import Ligne
from services.ingest.refus import FichierRefuse

LIGNE_MAX = 1 << 20
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_MORCEAU = 1 << 20
_ILLISIBLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Brute = tuple[bytes | None, int]
"""A line as it stands, None when it is too long, and its number."""
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
    faits, rejetee, rangs = 0, None, count(1)
    with chemin.open("rb") as fichier, _ouvrir(fichier) as flux:
        lignes = zip(_lignes(flux, octets_max), rangs, strict=False)
        try:
            while brutes := list(islice(lignes, taille)):
                lot = _lot(brutes, session)
                faits += len(lot.faits)
                rejetee = rejetee or next(iter(lot.lignes), None)
                if lot.lus:
                    yield lot
        except (EOFError, zlib.error, gzip.BadGzipFile) as erreur:
            raise FichierRefuse(
                "GZIP",
                f"Le fichier gzip est coupé ou abîmé après {next(rangs) - 1} lignes : rien n’est publié,"
                " renvoyez-le en entier.",
            ) from erreur
    if exiger_un_fait and not faits:
        _refuser_sans_fait(rejetee)


def _refuser_sans_fait(rejetee: Ligne | None) -> NoReturn:
    if rejetee:
        raise FichierRefuse("SANS_FAIT", f"Aucune ligne du fichier n’est un fait : {rejetee.phrase}")
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


def _lot(brutes: Sequence[Brute], session: int) -> Lot:
    faits = _tous(brutes, session)
    if faits is not None:
        return Lot(faits, lus=len(brutes))
    lot = Lot()
    for brute, numero in brutes:
        _prendre(lot, numero, brute, session)
    return lot


def _tous(brutes: Sequence[Brute], session: int) -> list[tuple[int, Recu]] | None:
    """The facts of a lot that holds nothing else; None when its lines must be judged one by one."""
    decoder = decodeur_nu.decode
    try:
        faits = [decoder(brute) for brute, _ in brutes]  # type: ignore[arg-type]
    except (*_ILLISIBLE, TypeError):
        return None
    if {fait.session for fait in faits} != {session} or not codes_lisibles(faits):
        return None
    if max([len(brute or b"") for brute, _ in brutes]) > LIGNE_MAX:
        return None
    return [(numero, fait) for (_, numero), fait in zip(brutes, faits, strict=True)]


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
    except _ILLISIBLE as erreur:
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
