"""Cursor of a list: where a page ended, encrypted because it holds the name of a pupil and travels in URLs."""

import hmac
import json

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.eleves.ordre import Ordre, Position

_ENTETE = {"alg": "dir", "enc": "A256GCM"}
_USAGE = b"pilotage.eleves.curseur"


class CurseurInvalideError(ValueError):
    """Not one of ours, altered, or of another order."""


def ecrire(position: Position, ordre: Ordre, secret: str) -> str:
    """Compact JWE, safe in a URL. ``secret``: the key of the service tokens, never used as it is."""
    clair = [ordre.tri, ordre.descendant, position.cle, position.nom, position.eleve_id]
    return jwe.encrypt_compact(_ENTETE, json.dumps(clair, ensure_ascii=False).encode(), _cle(secret))


def lire(curseur: str, ordre: Ordre, secret: str) -> Position:
    """Where the previous page of the same order ended.

    Raises:
        CurseurInvalideError: whatever is wrong with it.
    """
    try:
        clair = jwe.decrypt_compact(curseur, _cle(secret), algorithms=list(_ENTETE.values())).plaintext
        tri, descendant, cle, nom, eleve_id = json.loads(clair or b"")
    except (JoseError, ValueError, TypeError) as erreur:
        raise CurseurInvalideError from erreur
    if (tri, descendant) != (ordre.tri, ordre.descendant):
        raise CurseurInvalideError
    return Position(cle, nom, eleve_id)


def _cle(secret: str) -> OctKey:
    return OctKey.import_key(hmac.digest(secret.encode(), _USAGE, "sha256"))
