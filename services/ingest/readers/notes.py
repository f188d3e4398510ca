"""Streaming reader of the notes file that gradebooks write, ``{UAI}_E{n}.xml`` (siecle_reference §4.1).

Elements are swept away once read. What is kept is bounded: ``NOTES_MAX`` marks, ``LISTE_MAX`` of each list.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, cast

from lxml import etree

from services.ingest.bulletins.brut import EnteteBrut, FichierBrut
from services.ingest.readers.encodage import PAR_DEFAUT, PROLOGUE_MAX, Prologue, lire_prologue
from services.ingest.readers.notes_elements import LISTE_MAX, PRENEURS, anormal, attribut, eleve
from services.ingest.refus import FichierRefuse

RACINE = "fichier"
NOTES_MAX = 400_000
"""A lycée of 2,000 terminales × 14 matières × 6 périodes has 168,000."""
_MORCEAU = 1 << 16
_DECLARE = re.compile(rb"<\?xml[^>]*encoding")
_ENFANTS_MAX = 2_000
_ENTETE_AVANT = 1 << 20
_ELEMENT_MAX = 8 << 20
_LISTES = {
    "classe": "classes",
    "service-notation": "services-notations",
    "matiere": "matieres",
    "langue-vivante": "langues-vivantes",
    "enseignant": "enseignants",
    "eleve": "eleves",
}
_TAGS = ("etablissement", *_LISTES)


class Flux(Protocol):
    """Anything that gives bytes by chunks."""

    def read(self, taille: int, /) -> bytes: ...


def lire(flux: Flux, controler: Callable[[EnteteBrut], None]) -> FichierBrut:
    """Read a whole file; ``controler`` judges its header as soon as it is read.

    Raises:
        FichierRefuse: not this XML, truncated, too big, or refused by ``controler``.
    """
    debut = _debut(flux)
    prologue = _prologue(debut)
    if prologue.racine != RACINE:
        raise FichierRefuse(
            "RACINE",
            "Ce fichier XML n’est pas l’export des notes du logiciel de notes (fichier) : vérifiez le fichier.",
        )
    lecteur = _Lecteur(_parser(prologue), controler)
    try:
        lecteur.prendre(debut[prologue.saut :])
        while morceau := flux.read(_MORCEAU):
            lecteur.prendre(morceau)
        return lecteur.finir()
    except etree.XMLSyntaxError as erreur:
        raise FichierRefuse(
            "XML",
            f"Le fichier XML est abîmé ou coupé (ligne {erreur.lineno or '?'}) : refaites l’export et le dépôt.",
        ) from erreur


def _debut(flux: Flux) -> bytes:
    debut = b""
    while len(debut) < PROLOGUE_MAX and (morceau := flux.read(PROLOGUE_MAX - len(debut))):
        debut += morceau
    if not debut.strip():
        raise FichierRefuse("VIDE", "Le fichier est vide : refaites l’export.")
    return debut


def _prologue(debut: bytes) -> Prologue:
    """A gradebook that declares no encoding writes UTF-8, as XML has it; else ISO-8859-15 as SIECLE does."""
    prologue = lire_prologue(debut)
    if prologue.encodage != PAR_DEFAUT or _DECLARE.search(debut[:1024]):
        return prologue
    try:
        codecs.getincrementaldecoder("utf-8")().decode(debut)
    except UnicodeDecodeError:
        return prologue
    return replace(prologue, encodage="utf-8")


def _parser(prologue: Prologue) -> "etree.XMLPullParser":
    try:
        return etree.XMLPullParser(
            events=("start", "end"),
            tag=_TAGS,
            encoding=prologue.encodage,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    except LookupError as erreur:
        raise FichierRefuse(
            "ENCODAGE", f"L’encodage « {prologue.encodage} » n’est pas lu : refaites l’export."
        ) from erreur


class _Lecteur:
    def __init__(self, parser: "etree.XMLPullParser", controler: Callable[[EnteteBrut], None]) -> None:
        self._parser = parser
        self._controler = controler
        self._fichier: FichierBrut | None = None
        self._racine: etree._Element | None = None
        self._octets = 0
        self._ouvert: etree._Element | None = None
        self._ouvert_a = 0
        self._notes = 0

    def prendre(self, morceau: bytes) -> None:
        self._parser.feed(morceau)
        self._octets += len(morceau)
        self._evenements()
        self._balayer()

    def finir(self) -> FichierBrut:
        self._parser.close()
        self._evenements()
        if self._fichier is None:
            raise _sans_etablissement()
        return self._fichier

    def _evenements(self) -> None:
        for quand, lu in self._parser.read_events():
            element = cast("etree._Element", lu)  # noqa: SLF001 - the type's only name
            if element.tag == "etablissement":
                self._prendre_etablissement(quand, element)
            elif quand == "end" and _est_d_une_liste(element):
                if self._fichier is None:
                    raise _sans_etablissement()
                self._prendre(self._fichier, element)
        if self._fichier is None and self._octets > _ENTETE_AVANT:
            raise _sans_etablissement()

    def _prendre_etablissement(self, quand: str, element: "etree._Element") -> None:
        racine = element.getparent()
        if quand != "start" or racine is None or racine.getparent() is not None:
            return
        if self._fichier is not None:
            raise FichierRefuse(
                "PLUSIEURS_UAI", "Le fichier contient plusieurs établissements : faites un export par lycée."
            )
        self._racine = racine
        entete = EnteteBrut(
            attribut(racine, "logiciel"),
            attribut(racine, "version"),
            attribut(racine, "date-creation"),
            attribut(element, "rne"),
        )
        self._controler(entete)
        self._fichier = FichierBrut(entete)

    def _balayer(self) -> None:
        """Forget every element that is complete: memory is that of what is kept."""
        noeud, profondeur = self._racine, 0
        while noeud is not None and len(noeud):
            if profondeur < 3:  # noqa: PLR2004 - fichier, etablissement, list
                del noeud[:-1]
            elif len(noeud) > _ENFANTS_MAX:
                raise anormal()
            noeud, profondeur = noeud[-1], profondeur + 1
            if profondeur == 3:  # noqa: PLR2004 - same
                self._surveiller(noeud)

    def _surveiller(self, element: "etree._Element") -> None:
        """One element of a list that never ends would fill the memory."""
        if element is not self._ouvert:
            self._ouvert, self._ouvert_a = element, self._octets
        elif self._octets - self._ouvert_a > _ELEMENT_MAX:
            raise anormal()

    def _prendre(self, fichier: FichierBrut, element: "etree._Element") -> None:
        if element.tag != "eleve":
            PRENEURS[element.tag](fichier, element)
            return
        lu = eleve(element, len(fichier.eleves) + 1)
        self._notes += sum(len(bulletin.notes) for annee in lu.annees for bulletin in annee.bulletins)
        if self._notes > NOTES_MAX or lu.rang > LISTE_MAX:
            raise anormal()
        fichier.eleves.append(lu)


def _est_d_une_liste(element: "etree._Element") -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == _LISTES[element.tag]


def _sans_etablissement() -> FichierRefuse:
    return FichierRefuse(
        "RNE",
        "Le fichier ne dit pas de quel établissement il vient (etablissement, rne) : refaites l’export.",
    )
