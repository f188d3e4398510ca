"""BEE_ELEVES as SIECLE itself writes it, taken apart by patterns: twice as fast as by elements.

The blocks are followed from the first character to the last and every tag is accounted for, so that nothing is
guessed and nothing that is not well formed goes through: a record of another shape is given to lxml, a file of
another shape is not read here at all. Tested equal to the streaming reader, which also says why a file is refused.
"""

import re
from collections.abc import Callable, Mapping

from lxml import etree

from services.ingest.readers.siecle_recueil import Recueil

TAILLE_MAX = 4 << 20
"""A file is held whole here: several times the terminales of the largest lycée."""
_TETE = re.compile(
    r"""(?:<\?xml version=["']1\.0["'] encoding=["'][A-Za-z0-9-]+["'](?: standalone=["'](?:yes|no)["'])?\s*\?>)?\s*"""
    r"""<BEE_ELEVES(?: VERSION="[^"<>&]*")?(?: xmlns:xsi="http://www\.w3\.org/2001/XMLSchema-instance\""""
    r"""(?: xsi:noNamespaceSchemaLocation="[^"<>&]*")?)?>\s*(<PARAMETRES>.*?</PARAMETRES>)\s*<DONNEES>""",
    re.DOTALL | re.ASCII,
)
_PIED = re.compile(r"\s*</DONNEES>\s*</BEE_ELEVES>\s*", re.ASCII)
_BLOC = re.compile(r"\s*<([A-Z_]+)(>| ?/>)", re.ASCII)
_ATTRIBUT_ADRESSE = re.compile(r'ADRESSE_ID="[^"<>&\s]*">')
_ATTRIBUTS = re.compile(r'ELEVE_ID="([^"<>&\s]+)"(?: ELENOET="([^"<>&\s]*)")?>')
_FEUILLE = re.compile(r"<([A-Z_][A-Z0-9_]*)>([^<]*)</\1>")
_OPTION = re.compile(
    r"<OPTIONS_ELEVE>\s*<NUM_OPTION>[^<]*</NUM_OPTION>\s*<CODE_MODALITE_ELECT>[^<]*</CODE_MODALITE_ELECT>\s*"
    r"<CODE_MATIERE>([^<]*)</CODE_MATIERE>\s*</OPTIONS_ELEVE>"
)
_STRUCTURE = re.compile(
    r"<STRUCTURE>\s*<CODE_STRUCTURE>([^<]*)</CODE_STRUCTURE>\s*"
    r"<TYPE_STRUCTURE>([^<]*)</TYPE_STRUCTURE>\s*</STRUCTURE>"
)
_TAGS_FEUILLE, _TAGS_OPTION, _TAGS_STRUCTURE = 2, 8, 6
"""Tags, of beginning and end, in one of each."""
_TAGS_MAX, _CORPS_MAX = 400, 20_000
_A_LIRE = re.compile(r"<(?:ELEVE|OPTION|STRUCTURES_ELEVE|CODE_BOURSE|CODE_DPP|DONNEES)[\s/>]")
"""What must not stand where it is not looked for."""
_AN_DERNIER, _FIN_AN_DERNIER = "<SCOLARITE_AN_DERNIER>", "</SCOLARITE_AN_DERNIER>"
_ENCODAGES = frozenset({"utf-8", "iso-8859-1", "iso-8859-15"})
_MARQUES = ((b"!", b"<!"), (b"?", b"<?"), (b"]", b"]]>"))
"""Each after a sign of it, which is rare, and looked for much faster."""
_INTERDITS = bytes(set(range(32)) - set(b"\t\n\r"))
"""By XML, whichever of these encodings; two more are looked for in the text."""


class AutreFormeError(Exception):
    """The file, well formed or not, must be read by elements."""


def lire_texte(contenu: bytes, encodage: str) -> str:
    """The text of a file without comment, CDATA, DOCTYPE, instruction, forbidden character. Raises AutreFormeError."""
    debut = contenu.find(b"?>") + 2 if contenu.startswith(b"<?xml") else 0
    if encodage.lower() not in _ENCODAGES or any(
        contenu.find(signe, debut) >= 0 and contenu.find(marque, debut) >= 0 for signe, marque in _MARQUES
    ):
        raise AutreFormeError
    if len(contenu.translate(None, _INTERDITS)) != len(contenu):
        raise AutreFormeError
    try:
        texte = contenu.decode(encodage)
    except ValueError as erreur:
        raise AutreFormeError from erreur
    if "\ufffe" in texte or "\uffff" in texte:
        raise AutreFormeError
    return texte.replace("\r\n", "\n").replace("\r", "\n") if "\r" in texte else texte


def lire_tete(texte: str) -> tuple["etree._Element", int]:
    """PARAMETRES, and where the blocks begin. Raises AutreFormeError."""
    tete = _TETE.match(texte)
    if tete is None or "<PARAMETRES" in tete[1][1:] or _A_LIRE.search(tete[1]):
        raise AutreFormeError
    return _element(tete[1]), tete.end()


def recueillir(texte: str, place: int, recueil: Recueil) -> None:
    """All pupils and their blocks, from ``place`` on. Raises AutreFormeError: ``recueil`` is then of no use."""
    while bloc := _BLOC.match(texte, place):
        nom, place = bloc[1], bloc.end()
        if _A_LIRE.match(texte, bloc.start(1) - 1):
            raise AutreFormeError
        if bloc[2] == ">":
            fin = texte.find(f"</{nom}>", place)
            if fin < 0:
                raise AutreFormeError
            _lire(nom, texte[place:fin], recueil)
            place = fin + len(f"</{nom}>")
    if not _PIED.fullmatch(texte, place):
        raise AutreFormeError


def _lire(bloc: str, texte: str, recueil: Recueil) -> None:
    """A block without its own tags: records, and nothing between them."""
    if bloc not in _ENREGISTREMENTS:
        _autre(f"<{bloc}>{texte}</{bloc}>")
        return
    tag, prendre = _ENREGISTREMENTS[bloc]
    fin = f"</{tag}>"
    avant, *lus = texte.split(f"<{tag} ")
    for lu in lus:
        corps, trouve, apres = lu.partition(fin)
        if not trouve or len(corps) > _CORPS_MAX or apres.strip():
            raise AutreFormeError
        prendre(corps, recueil)
    if avant.strip():
        raise AutreFormeError


def _eleve(lu: str, recueil: Recueil) -> None:
    attributs = _ATTRIBUTS.match(lu)
    corps = _sans_an_dernier(lu[attributs.end() :]) if attributs else ""
    feuilles = _FEUILLE.findall(corps)
    if attributs is None or corps.count("<") != _TAGS_FEUILLE * len(feuilles) or "&" in corps:
        recueil.element_eleve(_autre(f"<ELEVE {lu}</ELEVE>"))
        return
    lus = dict(feuilles)
    if "CODE_BOURSE" in lus or "CODE_DPP" in lus:
        raise AutreFormeError
    recueil.eleve(attributs[1], attributs[2], lus, lus.get("CODE_MEF"))


def _sans_an_dernier(corps: str) -> str:
    """Without the only element that SIECLE nests in an ELEVE: it says what he was last year."""
    debut = corps.find(_AN_DERNIER)
    fin = corps.find(_FIN_AN_DERNIER, debut) if debut >= 0 else -1
    dedans = corps[debut + len(_AN_DERNIER) : fin]
    if fin < 0 or "&" in dedans or not _que_des_feuilles(dedans) or _A_LIRE.search(dedans):
        return corps
    return corps[:debut] + corps[fin + len(_FIN_AN_DERNIER) :]


def _options(lu: str, recueil: Recueil) -> None:
    attributs = _ATTRIBUTS.match(lu)
    matieres = _OPTION.findall(lu)
    if attributs is None or lu.count("<") != _TAGS_OPTION * len(matieres) or "&" in lu:
        recueil.element_options(_autre(f"<OPTION {lu}</OPTION>"))
    else:
        recueil.options(attributs[1], matieres)


def _structures(lu: str, recueil: Recueil) -> None:
    attributs = _ATTRIBUTS.match(lu)
    structures = _STRUCTURE.findall(lu)
    if attributs is None or lu.count("<") != _TAGS_STRUCTURE * len(structures) or "&" in lu:
        recueil.element_structures(_autre(f"<STRUCTURES_ELEVE {lu}</STRUCTURES_ELEVE>"))
    else:
        recueil.structures(attributs[1], structures)


def _bourses(lu: str, recueil: Recueil) -> None:
    attributs = _ATTRIBUTS.match(lu)
    feuilles = _FEUILLE.findall(lu)
    if attributs is None or lu.count("<") != _TAGS_FEUILLE * len(feuilles) or "&" in lu:
        raise AutreFormeError
    for eleve in recueil.de(attributs[1]):
        eleve.bourses += _textes("CODE_BOURSE", feuilles)
        eleve.dpps += _textes("CODE_DPP", feuilles)


def _textes(tag: str, feuilles: list[tuple[str, str]]) -> list[str]:
    return [texte for nom, lu in feuilles if nom == tag and (texte := lu.strip())]


def _adresse(lu: str, recueil: Recueil) -> None:
    """Nothing is taken of it; it must be well formed, and hold nothing that is looked for elsewhere."""
    del recueil
    if not _ATTRIBUT_ADRESSE.match(lu) or "&" in lu or not _que_des_feuilles(lu) or _A_LIRE.search(lu):
        _autre(f"<ADRESSE {lu}</ADRESSE>")


def _que_des_feuilles(corps: str) -> bool:
    """Every tag is that of an element without attributes that holds text only."""
    return corps.count("<") == _TAGS_FEUILLE * len(_FEUILLE.findall(corps))


_ENREGISTREMENTS: Mapping[str, tuple[str, Callable[[str, Recueil], None]]] = {
    "ELEVES": ("ELEVE", _eleve),
    "OPTIONS": ("OPTION", _options),
    "STRUCTURES": ("STRUCTURES_ELEVE", _structures),
    "BOURSES": ("BOURSE", _bourses),
    "ADRESSES": ("ADRESSE", _adresse),
}
"""By block, the tag of its records and what takes one, from its attributes to before its end."""


def _autre(brut: str) -> "etree._Element":
    """A record of another shape: so small that no limit of the streaming reader is met.

    Raises:
        AutreFormeError: larger, not well formed, or it holds what is looked for elsewhere.
    """
    if brut.count("<") > _TAGS_MAX or "xmlns" in brut or _A_LIRE.search(brut, 1):
        raise AutreFormeError
    return _element(brut)


def _element(brut: str) -> "etree._Element":
    """Raises AutreFormeError: it holds what is only said outside of it, or too much."""
    try:
        return etree.fromstring(
            brut, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        )
    except (etree.XMLSyntaxError, ValueError) as erreur:
        raise AutreFormeError from erreur
