"""Identity: a random id per pupil and session, minted once; aliases as keyed, versioned HMAC.

INE, (UAI, ELEVE_ID) and numéro de dossier never stand in the table. Set-based: two queries a batch.
"""

import base64
import binascii
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import litteraux

_MIN_KEY_BYTES = 16
_BLOC = 64
"""Of SHA-256, in bytes."""
_MEMOIRE = 50_000
"""An import asks for the same name several times within a batch."""


class Nature(StrEnum):
    INE = "I"
    SIECLE = "E"
    DOSSIER = "D"
    PERSONNE = "P"
    """Name, first name and birth date: proposes, is never an alias."""


class Nom(NamedTuple):
    """An alias in clear, in memory only."""

    nature: Nature
    valeur: str


class CleInvalideError(Exception):
    """HMAC_KEYS cannot be used."""


class AliasPrisError(Exception):
    """Another import has just given one of the names to a pupil: look again, and decide with it."""


class Cles:
    """The keys, newest first: the first signs, all are looked up."""

    def __init__(self, brut: str, session: int) -> None:
        cles = sorted(lire_cles(brut).items(), reverse=True)
        self._blocs = [_blocs(cle) for _, cle in cles]
        self._session = session
        self._connues: dict[Nom, list[bytes]] = {}
        self.courante = cles[0][0]

    def empreintes(self, nom: Nom) -> list[bytes]:
        """One per key, newest first."""
        connues = self._connues.get(nom)
        if connues is None:
            if len(self._connues) >= _MEMOIRE:
                self._connues.clear()
            message = f"{self._session}|{nom.nature}|{nom.valeur}".encode()
            connues = self._connues[nom] = [
                sha256(dehors + sha256(dedans + message).digest()).digest() for dedans, dehors in self._blocs
            ]
        return connues

    def empreinte(self, nom: Nom) -> bytes:
        return self.empreintes(nom)[0]


def _blocs(cle: bytes) -> tuple[bytes, bytes]:
    """Inner and outer blocks of HMAC-SHA256 (RFC 2104): with them, four times as fast as ``hmac``'s own."""
    bloc = (sha256(cle).digest() if len(cle) > _BLOC else cle).ljust(_BLOC, b"\0")
    return bytes(octet ^ 0x36 for octet in bloc), bytes(octet ^ 0x5C for octet in bloc)


def lire_cles(brut: str) -> dict[int, bytes]:
    """The keys of HMAC_KEYS by version. Raises CleInvalideError when they cannot be used."""
    cles: dict[int, bytes] = {}
    for morceau in filter(None, (part.strip() for part in brut.split(","))):
        version, _, valeur = morceau.partition(":")
        try:
            cles[int(version)] = base64.b64decode(valeur, validate=True)
        except (ValueError, binascii.Error) as erreur:
            raise CleInvalideError('HMAC_KEYS must be "1:<base64>,2:<base64>"') from erreur
    if not cles or min(map(len, cles.values())) < _MIN_KEY_BYTES:
        raise CleInvalideError(f"HMAC_KEYS needs at least one key of {_MIN_KEY_BYTES} bytes")
    return cles


@dataclass(slots=True)
class Resolution:
    """Answer for one pupil. ``eleve_id`` None: his aliases point to several pupils (``conflit``), or are erased."""

    eleve_id: str | None
    nouveau: bool = False
    efface: bool = False
    conflit: tuple[str, ...] = ()


@dataclass(slots=True)
class Connus:
    """What the table knows of a set of names. ``effaces``: erased, never to be minted anew."""

    ids: dict[Nom, str] = field(default_factory=dict)
    effaces: set[Nom] = field(default_factory=set)
    a_signer: dict[Nom, str] = field(default_factory=dict)


_FIND = text(
    """
    SELECT e AS empreinte, a.eleve_id::text AS eleve_id FROM unnest(CAST(CAST(:empreintes AS text) AS bytea[])) AS e
     CROSS JOIN LATERAL (
           SELECT eleve_id FROM registre.alias WHERE session = :session AND empreinte = e OFFSET 0) AS a
    """
)
"""The fence keeps to the primary key: on a table that grows, ``= ANY`` of a generic plan reads it whole."""
_ADD = text(
    """
    INSERT INTO registre.alias (session, empreinte, cle, nature, eleve_id)
    SELECT :session, e, :cle, n, i
      FROM unnest(CAST(CAST(:empreintes AS text) AS bytea[]), CAST(CAST(:natures AS text) AS text[]),
                  CAST(CAST(:ids AS text) AS uuid[])) AS t(e, n, i)
     ORDER BY 2
    ON CONFLICT DO NOTHING
    """
)


async def chercher(tx: AsyncConnection, cles: Cles, session: int, noms: Collection[Nom]) -> Connus:
    """Ids of ``noms``, under any key. ``a_signer``: found under an old key only."""
    connus = Connus()
    par_empreinte = {empreinte: nom for nom in noms for empreinte in cles.empreintes(nom)}
    if not par_empreinte:
        return connus
    empreintes = litteraux.octets(par_empreinte)
    lues = (await tx.execute(_FIND, {"session": session, "empreintes": empreintes})).all()
    trouves = [
        (cles.empreinte(par_empreinte[lue]) == lue, par_empreinte[lue], eleve_id) for lue, eleve_id in lues
    ]
    for neuve, nom, eleve_id in sorted(trouves, key=lambda trouve: not trouve[0]):
        _retenir(connus, nom, eleve_id, neuve=neuve)
    return connus


def _retenir(connus: Connus, nom: Nom, eleve_id: str | None, *, neuve: bool) -> None:
    if nom in connus.ids or nom in connus.effaces:
        return
    if eleve_id is None:
        connus.effaces.add(nom)
        return
    connus.ids[nom] = eleve_id
    if not neuve:
        connus.a_signer[nom] = eleve_id


async def ajouter(tx: AsyncConnection, cles: Cles, session: int, alias: Mapping[Nom, str]) -> int:
    """Sign with the newest key; what exists stays as it is. Returns how many are new."""
    if not alias:
        return 0
    valeurs = {
        "session": session,
        "cle": cles.courante,
        "empreintes": litteraux.octets([cles.empreinte(nom) for nom in alias]),
        "natures": litteraux.bruts([nom.nature.value for nom in alias]),
        "ids": litteraux.bruts(alias.values()),
    }
    return (await tx.execute(_ADD, valeurs)).rowcount


async def resoudre(
    tx: AsyncConnection, cles: Cles, session: int, demandes: Sequence[Sequence[Nom]]
) -> list[Resolution]:
    """An id for each pupil of ``demandes`` (his names), minted when none is known.

    Aliases that point to two pupils are left as they are: nothing is merged.

    Raises:
        AliasPrisError: an import that runs beside this one has just given one of the names.
    """
    connus = await chercher(tx, cles, session, {nom for noms in demandes for nom in noms})
    resolutions = [_decider(noms, connus) for noms in demandes]
    neufs = dict(connus.a_signer)
    for noms, resolution in zip(demandes, resolutions, strict=True):
        if resolution.eleve_id:
            neufs.update({nom: resolution.eleve_id for nom in noms if nom not in connus.ids})
    if await ajouter(tx, cles, session, neufs) != len(neufs):
        raise AliasPrisError
    return resolutions


def _decider(noms: Collection[Nom], connus: Connus) -> Resolution:
    if connus.effaces and any(nom in connus.effaces for nom in noms):
        return Resolution(None, efface=True)
    ids = {connus.ids[nom] for nom in noms if nom in connus.ids}
    if len(ids) > 1:
        return Resolution(None, conflit=tuple(sorted(ids)))
    return Resolution(ids.pop()) if ids else Resolution(nouvel_id(), nouveau=True)


def nouvel_id() -> str:
    """A UUID of version 4 (RFC 9562), written out because ``uuid4`` takes four times as long."""
    h = os.urandom(16).hex()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{_VARIANTES[h[16]]}{h[17:20]}-{h[20:]}"


_VARIANTES = {chiffre: "89ab"[int(chiffre, 16) % 4] for chiffre in "0123456789abcdef"}
