"""What the first bytes of an XML file say: encoding, root, and that there is no DOCTYPE.

Rule (siecle_reference §5): a BOM, else the declaration, else ISO-8859-15.
"""

import codecs
import re
from dataclasses import dataclass

from services.ingest.refus import FichierRefuse

PAR_DEFAUT = "iso-8859-15"
PROLOGUE_MAX = 65_536
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"))
_DECLARATION = re.compile(r"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']{1,64})["']""", re.IGNORECASE)
_NOM = re.compile(r"[A-Za-z][A-Za-z0-9._\-]*")
_RACINE = re.compile(r"<([A-Za-z_][\w.\-:]*)")
_COMMENTAIRES = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prologue:
    """``saut``: bytes of the BOM, not to be given to the parser."""

    encodage: str
    racine: str
    saut: int


def lire_prologue(debut: bytes) -> Prologue:
    """``debut``: the first ``PROLOGUE_MAX`` bytes, or the whole file when shorter.

    Raises:
        FichierRefuse: no XML, an unknown encoding (named), a DOCTYPE.
    """
    bom = next(((marque, nom) for marque, nom in _BOMS if debut.startswith(marque)), None)
    saut = len(bom[0]) if bom else 0
    declare = _DECLARATION.match(debut[saut:1024].decode("latin-1") if not _large(bom) else "")
    encodage = bom[1] if bom else (declare.group(1) if declare else PAR_DEFAUT)
    try:
        texte = debut[saut:].decode(_connu(encodage), errors="replace")
    except ValueError as erreur:  # Python's own codecs (idna, undefined…) know no replacement
        raise _inconnu(encodage) from erreur
    return Prologue(encodage, _racine(texte), saut)


def _large(bom: tuple[bytes, str] | None) -> bool:
    return bom is not None and bom[1] != "utf-8"


def _connu(encodage: str) -> str:
    if not _NOM.fullmatch(encodage):
        raise _inconnu(encodage)
    try:
        codec = codecs.lookup(encodage)
        "é".encode(codec.name, errors="replace")
    except (LookupError, ValueError) as erreur:
        raise _inconnu(encodage) from erreur
    return codec.name


def _inconnu(encodage: str) -> FichierRefuse:
    montre = re.sub(r"[^\w.\-]", "?", encodage, flags=re.ASCII)
    return FichierRefuse(
        "ENCODAGE",
        f"L’encodage « {montre} » n’est pas connu : refaites l’export (SIECLE écrit en ISO-8859-15).",
    )


def _racine(texte: str) -> str:
    nu = _COMMENTAIRES.sub("", texte).lstrip()
    if not nu.startswith("<"):
        raise FichierRefuse(
            "PAS_XML", "Ce fichier n’est pas du XML : déposez l’export XML des élèves de SIECLE."
        )
    racine = _RACINE.search(nu)
    avant = nu[: racine.start()] if racine else nu
    if "<!" in avant:
        raise FichierRefuse(
            "DOCTYPE", "Ce fichier contient un DOCTYPE, que SIECLE n’écrit jamais : il est refusé."
        )
    if racine is None:
        raise FichierRefuse(
            "PAS_XML", "Ce fichier n’est pas du XML : déposez l’export XML des élèves de SIECLE."
        )
    return racine.group(1)
