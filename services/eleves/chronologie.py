"""The facts of a pupil in order of time, as one compact column that a window adds to.

The column is a msgpack array of entries, in the order of their bytes and each once: a set, so that it
is the same whatever the order, the repetition and the windows that the facts came in. An entry is a
msgpack array: kind, subject, version, revision, when it happened and when it was recorded (seconds since
the epoch), and what its sentence needs. What was published again under the same version (a merge) is in
the set twice with its two times, and read once.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from shared.domaine.etat import cle_bulletin
from shared.events import rapide as r
from shared.kafka.records import Lu

LIMITE = 400
"""Entries kept of one pupil: the latest. A candidate of 2026 has 17 on average, 120 at most."""


class Sorte(IntEnum):
    """Kind of an entry: numbers are on disk, none is ever given another meaning."""

    IDENTITE = 1
    SCOLARITE = 2
    FUSION = 3
    DOSSIER = 4
    BOURSE_SIGNALEE = 5
    CAES = 6
    VOEU = 7
    PROPOSITION = 8
    REPONSE = 9
    VOEU_NON_CONFIRME = 10
    PROPOSITION_EXPIREE = 11
    BULLETIN = 12
    FICHE = 13
    ACCUSE = 14


class Entree(NamedTuple):
    """One fact. ``details``: what its sentence needs, by :class:`Sorte`."""

    sorte: Sorte
    sujet: str
    version: int
    revision: int
    survenu: datetime
    enregistre: datetime
    details: tuple[Any, ...]


_encoder = msgspec.msgpack.Encoder().encode
_entrees = msgspec.msgpack.Decoder(list[bytes]).decode
_champs = msgspec.msgpack.Decoder(list[Any]).decode
VIDE = _encoder([])
_SURVENU = 4


def ajouter(brut: bytes | None, lus: Iterable[Lu]) -> bytes | None:
    """The column with the facts of a window; ``brut`` itself when they are all in it."""
    connues = _entrees(brut) if brut else []
    gardees = {*connues, *filter(None, map(_ecrire, lus))}
    if len(gardees) == len(connues):
        return brut
    return _encoder(sorted(gardees if len(gardees) <= LIMITE else _dernieres(gardees)))


def lire(brut: bytes | None) -> list[Entree]:
    """Every entry once, the earliest of those alike, in no order of time."""
    lues = sorted(map(_lire, _entrees(brut)), key=lambda e: (e.survenu, e.enregistre)) if brut else []
    par_cle: dict[tuple[Sorte, str, int, int], Entree] = {}
    for entree in lues:
        par_cle.setdefault((entree.sorte, entree.sujet, entree.version, entree.revision), entree)
    return list(par_cle.values())


def _dernieres(entrees: Iterable[bytes]) -> list[bytes]:
    """The latest by when they happened, then by their bytes: a rank that no other entry changes."""
    return sorted(entrees, key=lambda entree: (_champs(entree)[_SURVENU], entree))[-LIMITE:]


def _lire(brut: bytes) -> Entree:
    sorte, sujet, version, revision, survenu, enregistre, *details = _champs(brut)
    return Entree(
        Sorte(sorte), sujet, version, revision, _instant(survenu), _instant(enregistre), tuple(details)
    )


def _instant(secondes: int) -> datetime:
    return datetime.fromtimestamp(secondes, UTC)


@lru_cache(maxsize=65_536)
def _secondes(instant: str) -> int:
    """Of an RFC 3339 instant in UTC, cut to the second: the facts of a window share theirs."""
    return int(datetime.fromisoformat(instant + "Z").timestamp())


def _ecrire(lu: Lu) -> bytes | None:
    fait = lu.fait
    decrire = _DESCRIPTIONS.get(type(fait))
    if decrire is None:
        return None
    dit = decrire(fait, _secondes(lu.time[:19]), _secondes(lu.recordedtime[:19]))
    return None if dit is None else _encoder(dit)


Dit = tuple[Any, ...]
"""What is written: kind, subject, version, revision, when it happened, when it was recorded, details."""
Decrire = Callable[[Any, int, int], Dit | None]


def _simple(sorte: Sorte, *champs: str) -> Decrire:
    """A subject of the pupil, with fields as they are."""
    code = int(sorte)

    def decrire(f: Any, survenu: int, enregistre: int) -> Dit:
        return code, "", f.version, 0, survenu, enregistre, *[getattr(f, champ) for champ in champs]

    return decrire


def _sujet(f: Any) -> str:
    return f"{f.voeu_id}/{f.sous_voeu_id}" if f.sous_voeu_id else f.voeu_id


def _derivee(sorte: Sorte) -> Decrire:
    """What ingest derived of one vœu from time."""
    code = int(sorte)

    def decrire(f: Any, survenu: int, enregistre: int) -> Dit:
        return code, _sujet(f), f.version, f.revision, survenu, enregistre, f.annule

    return decrire


def _voeu(f: r.Voeu, survenu: int, enregistre: int) -> Dit:
    ordre = f.version, f.revision, survenu, enregistre
    return _VOEU, _sujet(f), *ordre, f.formation_id, f.etat, f.phase, f.rang


def _reponse(f: r.ReponseDonnee, survenu: int, enregistre: int) -> Dit:
    return _REPONSE, _sujet(f), f.version, 0, survenu, enregistre, f.reponse


def _scolarite(f: r.Eleve, survenu: int, enregistre: int) -> Dit:
    sortie = f.date_sortie and f.date_sortie.isoformat()
    bourse = f.echelon_bourse or bool(f.codes_bourse)
    dites = f.uai, f.classe, f.serie, sortie, bourse, f.cordees, f.origine
    return _SCOLARITE, "", f.version, 0, survenu, enregistre, *dites


def _dossier(f: r.Dossier, survenu: int, enregistre: int) -> Dit:
    dits = f.etat, len(f.pieces_manquantes), len(f.bulletins_saisis)
    return _DOSSIER, "", f.version, 0, survenu, enregistre, *dits


def _proposition(f: r.Proposition, survenu: int, enregistre: int) -> Dit:
    limite = int(f.date_limite.timestamp()) if f.date_limite else None
    return _PROPOSITION, _sujet(f), f.version, 0, survenu, enregistre, f.decision, f.rang_attente, limite


def _bulletin(f: r.Bulletin, survenu: int, enregistre: int) -> Dit:
    dits = f.decoupage, f.origine, len(f.notes)
    return _BULLETIN, cle_bulletin(f.annee, f.periode), f.version, 0, survenu, enregistre, *dits


def _accuse(f: r.Accuse, survenu: int, enregistre: int) -> Dit:
    return _ACCUSE, f.objet.value, f.version, 0, survenu, enregistre, f.version_objet, f.resultat


def _fiche(f: r.Fiche, survenu: int, enregistre: int) -> Dit | None:
    """A fiche that moves is no news; one that is complete or transmitted is."""
    complete = 0 < f.cibles <= f.avis_rendus
    if not complete and f.transmise_le is None:
        return None
    dits = f.avis_rendus, f.cibles, f.transmise_le is not None
    return _FICHE, "", f.version, 0, survenu, enregistre, *dits


_SCOLARITE, _DOSSIER, _VOEU = map(int, (Sorte.SCOLARITE, Sorte.DOSSIER, Sorte.VOEU))
_PROPOSITION, _REPONSE, _BULLETIN = map(int, (Sorte.PROPOSITION, Sorte.REPONSE, Sorte.BULLETIN))
_FICHE, _ACCUSE = int(Sorte.FICHE), int(Sorte.ACCUSE)
_DESCRIPTIONS: Mapping[type[r.Fait] | type[None], Decrire] = {
    r.Identite: _simple(Sorte.IDENTITE),
    r.Eleve: _scolarite,
    r.Fusion: _simple(Sorte.FUSION),
    r.Dossier: _dossier,
    r.Bourse: _simple(Sorte.BOURSE_SIGNALEE),
    r.Caes: _simple(Sorte.CAES, "etat"),
    r.Voeu: _voeu,
    r.Proposition: _proposition,
    r.ReponseDonnee: _reponse,
    r.VoeuNonConfirme: _derivee(Sorte.VOEU_NON_CONFIRME),
    r.PropositionExpiree: _derivee(Sorte.PROPOSITION_EXPIREE),
    r.Bulletin: _bulletin,
    r.Fiche: _fiche,
    r.Accuse: _accuse,
}
