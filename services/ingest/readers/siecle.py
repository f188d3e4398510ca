"""Streaming reader of ``BEE_ELEVES`` (2.1, 3.0; NOM of older ones accepted), in constant memory.

Blocks are joined by ELEVE_ID: ELEVES come first, only terminales are kept, as compact records.
Unknown tags are ignored and swept away after each chunk (siecle_reference §1.3 and §5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from lxml import etree

from services.ingest.readers.encodage import PROLOGUE_MAX, Prologue, lire_prologue
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut

_MORCEAU = 1 << 16
_ENFANTS_MAX = 5_000
_PARAMETRES_AVANT = 1 << 20
_TAGS = ("PARAMETRES", "ELEVE", "OPTION", "STRUCTURES_ELEVE", "CODE_BOURSE")
RACINE = "BEE_ELEVES"


class Flux(Protocol):
    """Anything that gives bytes by chunks."""

    def read(self, taille: int, /) -> bytes: ...


@dataclass(slots=True)
class Lecture:
    """What a file holds. ``lus``: all ELEVE; ``eleves``: those that ``garder`` kept, in file order."""

    parametres: dict[str, str]
    lus: int
    eleves: list[EleveBrut]


def lire(
    flux: Flux, controler: Callable[[dict[str, str]], None], garder: Callable[[str | None], bool]
) -> Lecture:
    """Read a whole file. ``controler`` judges PARAMETRES as soon as read; ``garder`` a CODE_MEF.

    Raises:
        FichierRefuse: not this XML, truncated, or refused by ``controler``.
    """
    debut = _debut(flux)
    prologue = lire_prologue(debut)
    if prologue.racine != RACINE:
        raise FichierRefuse(
            "RACINE",
            "Ce fichier XML n’est pas l’export des élèves de SIECLE (BEE_ELEVES) : vérifiez le fichier.",
        )
    lecteur = _Lecteur(_parser(prologue), controler, garder)
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


def _parser(prologue: Prologue) -> "etree.XMLPullParser":
    try:
        return etree.XMLPullParser(
            events=("end",),
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
    def __init__(
        self,
        parser: "etree.XMLPullParser",
        controler: Callable[[dict[str, str]], None],
        garder: Callable[[str | None], bool],
    ) -> None:
        self._parser = parser
        self._controler = controler
        self._garder = garder
        self._racine: etree._Element | None = None
        self._parametres: dict[str, str] | None = None
        self._octets = 0
        self._lus = 0
        self._eleves: list[EleveBrut] = []
        self._par_id: dict[str, list[EleveBrut]] = {}
        self._preneurs: dict[str, Callable[[etree._Element], None]] = {
            "PARAMETRES": self._prendre_parametres,
            "ELEVE": self._prendre_eleve,
            "OPTION": self._prendre_options,
            "STRUCTURES_ELEVE": self._prendre_structures,
            "CODE_BOURSE": self._prendre_bourse,
        }

    def prendre(self, morceau: bytes) -> None:
        self._parser.feed(morceau)
        self._octets += len(morceau)
        self._evenements()
        self._balayer()

    def finir(self) -> Lecture:
        self._parser.close()
        self._evenements()
        if self._parametres is None:
            raise _sans_parametres()
        return Lecture(self._parametres, self._lus, self._eleves)

    def _evenements(self) -> None:
        for _, lu in self._parser.read_events():
            element = cast("etree._Element", lu)  # noqa: SLF001 - the type's only name
            if self._racine is None:
                self._racine = element.getroottree().getroot()
            self._preneurs[element.tag](element)
        if self._parametres is None and self._octets > _PARAMETRES_AVANT:
            raise _sans_parametres()

    def _balayer(self) -> None:
        """Forget every element that is complete: memory does not grow with the file."""
        if self._racine is None:
            return
        noeud = self._racine
        while len(noeud):
            if noeud is self._racine or noeud.tag == "DONNEES" or noeud.getparent().tag == "DONNEES":  # type: ignore[union-attr]
                del noeud[:-1]
            elif len(noeud) > _ENFANTS_MAX:
                raise FichierRefuse("XML", "La structure du fichier XML est anormale : refaites l’export.")
            noeud = noeud[-1]

    def _prendre_parametres(self, element: "etree._Element") -> None:
        if self._parametres is not None or element.getparent() is not self._racine:
            return
        parametres = {str(enfant.tag): (enfant.text or "").strip() for enfant in element}
        self._controler(parametres)
        self._parametres = parametres

    def _prendre_eleve(self, element: "etree._Element") -> None:
        if self._parametres is None:
            raise _sans_parametres()
        self._lus += 1
        mef = element.findtext("CODE_MEF")
        if not self._garder(mef.strip() if mef else None):
            return
        champs = {str(enfant.tag): (enfant.text or "").strip() for enfant in element if not len(enfant)}
        eleve = EleveBrut(self._lus, _identifiant(element), champs)
        champs.setdefault("ELENOET", (element.get("ELENOET") or "").strip())
        self._eleves.append(eleve)
        if eleve.eleve_id:
            self._par_id.setdefault(eleve.eleve_id, []).append(eleve)

    def _prendre_options(self, element: "etree._Element") -> None:
        for eleve in self._par_id.get(_identifiant(element), ()):
            eleve.matieres += [
                m.strip() for m in (x.text for x in element.iter("CODE_MATIERE")) if m and m.strip()
            ]

    def _prendre_structures(self, element: "etree._Element") -> None:
        for eleve in self._par_id.get(_identifiant(element), ()):
            for structure in element:
                code = (structure.findtext("CODE_STRUCTURE") or "").strip()
                genre = (structure.findtext("TYPE_STRUCTURE") or "").strip()
                if code:
                    (eleve.divisions if genre == "D" else eleve.groupes).append(code)

    def _prendre_bourse(self, element: "etree._Element") -> None:
        """The nesting is not certain: the ELEVE_ID is that of the nearest element that has one."""
        code = (element.text or "").strip()
        parent = element.getparent()
        while parent is not None and code and parent.tag != "DONNEES":
            if identifiant := _identifiant(parent):
                for eleve in self._par_id.get(identifiant, ()):
                    eleve.bourses.append(code)
                return
            parent = parent.getparent()


def _identifiant(element: "etree._Element") -> str:
    return (element.get("ELEVE_ID") or element.findtext("ELEVE_ID") or "").strip()


def _sans_parametres() -> FichierRefuse:
    return FichierRefuse(
        "PARAMETRES",
        "Le fichier ne dit pas de quel établissement il vient (PARAMETRES, UAJ) : refaites l’export.",
    )
