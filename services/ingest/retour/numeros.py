"""The numéro de dossier behind an alias, encrypted: the platform must be answered by it.

AES-256-GCM, the key derived (HKDF-SHA256) from that of the aliases of the same version; the session
and the alias are authenticated with it, so that a number cannot be moved to another pupil. The newest
key encrypts; a number encrypted with an older one is encrypted again when its dossier is seen.
"""

import os
from collections.abc import Collection

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.identity import Cles, Nature, Nom, lire_cles

_INFO = b"pilotage/numero_dossier/v1"
_NONCE = 12
_LOT = 5_000


class CleAbsenteError(Exception):
    """A number was encrypted with a key that HMAC_KEYS no longer has, or is not the alias's own."""


class Coffre:
    """Encrypts and decrypts the numbers of one session."""

    def __init__(self, hmac_keys: str, session: int) -> None:
        self._cles = {version: AESGCM(_deriver(cle)) for version, cle in lire_cles(hmac_keys).items()}
        self._session = session
        self.courante = max(self._cles)

    def chiffrer(self, empreinte: bytes, numero: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cles[self.courante].encrypt(nonce, numero.encode(), self._contexte(empreinte))

    def dechiffrer(self, cle: int, empreinte: bytes, chiffre: bytes) -> str:
        """Raises CleAbsenteError."""
        if cle not in self._cles:
            raise CleAbsenteError(f"HMAC_KEYS no longer has key {cle}")
        try:
            clair = self._cles[cle].decrypt(chiffre[:_NONCE], chiffre[_NONCE:], self._contexte(empreinte))
        except InvalidTag as erreur:
            raise CleAbsenteError("a number does not belong to its alias, or key") from erreur
        return clair.decode()

    def _contexte(self, empreinte: bytes) -> bytes:
        return f"{self._session}|".encode() + empreinte


_RETENIR = text(
    """
    INSERT INTO registre.numero_dossier AS n (session, empreinte, cle, chiffre)
    SELECT :session, e, :cle, c
      FROM unnest(CAST(:empreintes AS bytea[]), CAST(:chiffres AS bytea[])) AS t(e, c) ORDER BY 2
    ON CONFLICT (session, empreinte)
    DO UPDATE SET cle = excluded.cle, chiffre = excluded.chiffre WHERE n.cle < excluded.cle
    """
)
_ANCIENS = text(
    """
    SELECT empreinte, cle, chiffre FROM registre.numero_dossier
     WHERE session = :session AND cle < :cle ORDER BY empreinte LIMIT :lot FOR UPDATE SKIP LOCKED
    """
)


async def retenir(
    tx: AsyncConnection, cles: Cles, coffre: Coffre, session: int, numeros: Collection[str]
) -> None:
    """Keep the numbers of dossiers of the scope."""
    if not numeros:
        return
    empreintes = {cles.empreinte(Nom(Nature.DOSSIER, numero)): numero for numero in numeros}
    await _ecrire(tx, coffre, session, empreintes)


async def rechiffrer(tx: AsyncConnection, coffre: Coffre, session: int) -> int:
    """Encrypt a lot of those that an older key encrypted with the newest; how many there were."""
    valeurs = {"session": session, "cle": coffre.courante, "lot": _LOT}
    anciens = (await tx.execute(_ANCIENS, valeurs)).all()
    clairs = {a.empreinte: coffre.dechiffrer(a.cle, a.empreinte, a.chiffre) for a in anciens}
    if clairs:
        await _ecrire(tx, coffre, session, clairs)
    return len(clairs)


async def _ecrire(tx: AsyncConnection, coffre: Coffre, session: int, numeros: dict[bytes, str]) -> None:
    await tx.execute(
        _RETENIR,
        {
            "session": session,
            "cle": coffre.courante,
            "empreintes": list(numeros),
            "chiffres": [coffre.chiffrer(empreinte, numero) for empreinte, numero in numeros.items()],
        },
    )


def _deriver(cle: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(cle)
