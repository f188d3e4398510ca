"""Keys of text: what lists are ordered by and searched in, without accents, case or punctuation."""

import re
import unicodedata

_CHIFFRES = re.compile("[0-9]+")
_LARGEUR = 10
_ASCII = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code) == " ")}


def cle_de_tri(*textes: str) -> str:
    """Alphabetical key without accents, case or punctuation: « de l’Œuvre » sorts under deloeuvre."""
    joints = " ".join(textes).casefold()
    if joints.isascii():
        return joints.translate(_ASCII)
    decompose = unicodedata.normalize("NFKD", joints)
    return "".join(
        lettre
        for lettre in decompose.replace("œ", "oe").replace("æ", "ae")
        if lettre.isalnum() or lettre == " "
    )


def cle_de_classe(classe: str) -> str:
    """Text key in which T2 comes before T10: every group of digits gets the same width."""
    return _CHIFFRES.sub(lambda groupe: groupe.group().zfill(_LARGEUR), classe.casefold())
