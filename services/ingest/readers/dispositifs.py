"""Readers of what the pupil file does not say: the CSV of dispositifs, the statut-boursier feed (NDJSON)."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import msgspec

from services.ingest.compte_rendu import Ligne
from services.ingest.dispositifs.domain import Statut, juger_statut
from services.ingest.readers.tableau import Colonne, Tableau, lignes_csv
from services.ingest.readers.xml import Flux
from services.ingest.refus import FichierRefuse

LIGNE_MAX = 1 << 16
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
COLONNES = (
    Colonne("ID_NATIONAL", "INE", autres=("Id National", "Identifiant unique")),
    Colonne("ELEVE_ID", "ELEVE_ID", autres=("Identifiant SIECLE",)),
    Colonne("DISPOSITIF", "Dispositif", obligatoire=True),
)


def lire_dispositifs(flux: Flux) -> Tableau:
    """Lines of the CSV: INE or ELEVE_ID, and the dispositif.

    Raises:
        FichierRefuse: a column is missing (named), or no CSV.
    """
    tableau = Tableau(lignes_csv(flux), COLONNES)
    if not {"ID_NATIONAL", "ELEVE_ID"} & set(tableau.titres):
        raise FichierRefuse("COLONNE", "La colonne « INE » ou « ELEVE_ID » manque dans le fichier.")
    return tableau


class _Identite(msgspec.Struct, gc=False):
    ine: str = ""


class _Ligne(msgspec.Struct, gc=False):
    """Shape of API Particulier (siecle_reference §2), with the INE that its answer was asked by."""

    est_boursier: bool
    ine: str = ""
    identite: _Identite = msgspec.field(default_factory=_Identite)
    echelon_bourse: int | None = None
    annee_scolaire: str | int | None = None


_DECODEUR = msgspec.json.Decoder(_Ligne)


@dataclass(slots=True)
class LotDeStatuts:
    statuts: list[Statut] = field(default_factory=list)
    lignes: list[Ligne] = field(default_factory=list)
    lus: int = 0


def lire_statuts(chemin: Path, session: int, taille: int, octets_max: int) -> Iterator[LotDeStatuts]:
    """Lots of ``taille`` lines; the file may be compressed by gzip.

    Raises:
        FichierRefuse: not one line is a statut, or a gzip cut in the middle, or too large.
    """
    lot, pris, premiere = LotDeStatuts(), 0, ""
    try:
        with chemin.open("rb") as fichier, _ouvrir(fichier) as flux:
            for rang, brute in _lignes(flux, octets_max):
                _prendre(lot, rang, brute, session)
                if lot.lus >= taille:
                    pris += len(lot.statuts)
                    premiere = premiere or _phrase(lot)
                    yield lot
                    lot = LotDeStatuts()
    except (EOFError, zlib.error, gzip.BadGzipFile) as erreur:
        raise FichierRefuse("GZIP", "Le fichier gzip est coupé ou abîmé : renvoyez-le en entier.") from erreur
    if not pris + len(lot.statuts):
        detail = premiere or _phrase(lot)
        raise FichierRefuse(
            "SANS_LIGNE", f"Aucune ligne du fichier n’est un statut de boursier. {detail}".strip()
        )
    if lot.lus:
        yield lot


def _phrase(lot: LotDeStatuts) -> str:
    return lot.lignes[0].phrase if lot.lignes else ""


def _ouvrir(fichier: IO[bytes]) -> IO[bytes]:
    debut = fichier.read(2)
    fichier.seek(0)
    return gzip.open(fichier, "rb") if debut == _GZIP else fichier  # type: ignore[return-value]


def _lignes(flux: IO[bytes], octets_max: int) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, with their number; None for one longer than LIGNE_MAX, which is skipped."""
    octets = rang = 0
    while brute := flux.readline(LIGNE_MAX + 1):
        rang += 1
        trop_longue = len(brute) > LIGNE_MAX
        octets += len(brute)
        while len(brute) > LIGNE_MAX and not brute.endswith(b"\n"):
            brute = flux.readline(LIGNE_MAX + 1)
            octets += len(brute)
            if octets > octets_max:
                raise _trop_gros()
        if octets > octets_max:
            raise _trop_gros()
        if trop_longue:
            yield rang, None
        elif propre := brute.removeprefix(_BOM).strip():
            yield rang, propre


def _trop_gros() -> FichierRefuse:
    return FichierRefuse("TROP_GROS", "Le fichier dépasse la taille permise une fois ouvert.")


def _prendre(lot: LotDeStatuts, rang: int, brute: bytes | None, session: int) -> None:
    lot.lus += 1
    jugee = _juger(rang, brute, session)
    if isinstance(jugee, Statut):
        lot.statuts.append(jugee)
    else:
        lot.lignes.append(replace(jugee, brut=brute))


def _juger(rang: int, brute: bytes | None, session: int) -> Statut | Ligne:
    if brute is None:
        return Ligne(rang, "TROP_LONGUE", f"Ligne {rang} : elle est trop longue pour un statut de boursier.")
    try:
        lue = _DECODEUR.decode(brute)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Ligne(rang, "JSON", f"Ligne {rang} : ce n’est pas un statut de boursier (est_boursier, ine).")
    if lue.annee_scolaire is not None and str(lue.annee_scolaire)[:4] != str(session - 1):
        phrase = f"Ligne {rang}, champ « annee_scolaire » : ce n’est pas l’année {session - 1}-{session}."
        return Ligne(rang, "ANNEE", phrase)
    return juger_statut(rang, lue.ine or lue.identite.ine, lue.echelon_bourse, est_boursier=lue.est_boursier)
