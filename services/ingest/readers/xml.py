"""What the readers of SIECLE's XML share: a pull parser without entities, fed by chunks, in constant memory."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol, cast

from lxml import etree

from services.ingest.readers.encodage import PROLOGUE_MAX, Prologue, lire_prologue
from services.ingest.refus import FichierRefuse

_MORCEAU = 1 << 15
_ENFANTS_MAX = 5_000
_PARAMETRES_AVANT = 1 << 20
Preneur = Callable[["etree._Element"], None]  # noqa: SLF001 - the type's only name
Controle = Callable[[dict[str, str]], None]


class Flux(Protocol):
    """Anything that gives bytes by chunks."""

    def read(self, taille: int, /) -> bytes: ...


class LecteurXml:
    """Base of the readers: ``preneurs`` are called on the end of each element of their tag.

    ``PARAMETRES`` is read first and given to ``controler``; blocks of DONNEES are swept away once read.
    """

    def __init__(self, racines: Collection[str], controler: Controle, nom: str) -> None:
        self.racine: etree._Element | None = None
        self.parametres: dict[str, str] | None = None
        self._racines = racines
        self._controler = controler
        self._nom = nom
        self._octets = 0
        self._preneurs: Mapping[str, Preneur] = {}

    def preneurs(self) -> dict[str, Preneur]:
        """By tag; each is given a complete element."""
        raise NotImplementedError

    def lire(self, flux: Flux) -> None:
        """Read a whole file.

        Raises:
            FichierRefuse: not this XML, truncated, too odd, or refused by ``controler``.
        """
        debut = debut_de(flux)
        prologue = lire_prologue(debut)
        if prologue.racine not in self._racines:
            raise FichierRefuse("RACINE", f"Ce fichier XML n’est pas {self._nom} : vérifiez le fichier.")
        self._preneurs = {"PARAMETRES": self._prendre_parametres, **self.preneurs()}
        parser = _parser(prologue, tuple(self._preneurs))
        try:
            self._suivre(parser, debut[prologue.saut :])
            while morceau := flux.read(_MORCEAU):
                self._suivre(parser, morceau)
            parser.close()
            self._evenements(parser)
        except etree.XMLSyntaxError as erreur:
            raise _abime(erreur) from erreur
        finally:
            self._lacher()
        if self.parametres is None:
            raise sans_parametres()

    def _lacher(self) -> None:
        """Let go of the file: reader and parser are in cycles, which the collector is long to find."""
        self._preneurs = {}
        if self.racine is not None:
            self.racine.clear()
            self.racine = None

    def _suivre(self, parser: "etree.XMLPullParser", morceau: bytes) -> None:
        parser.feed(morceau)
        self._octets += len(morceau)
        self._evenements(parser)
        self._balayer()

    def _evenements(self, parser: "etree.XMLPullParser") -> None:
        for _, lu in parser.read_events():
            element = cast("etree._Element", lu)  # noqa: SLF001 - the type's only name
            if self.racine is None:
                self.racine = element.getroottree().getroot()
            self._preneurs[element.tag](element)
        if self.parametres is None and self._octets > _PARAMETRES_AVANT:
            raise sans_parametres()

    def _balayer(self) -> None:
        """Forget every element that is complete: memory does not grow with the file."""
        noeud = self.racine
        while noeud is not None and len(noeud):
            if self._est_un_bloc(noeud):
                del noeud[:-1]
            elif len(noeud) > _ENFANTS_MAX:
                raise FichierRefuse("XML", "La structure du fichier XML est anormale : refaites l’export.")
            noeud = noeud[-1]

    def _est_un_bloc(self, noeud: "etree._Element") -> bool:
        parent = noeud.getparent()
        return parent is None or noeud.tag == "DONNEES" or parent.tag == "DONNEES"

    def _prendre_parametres(self, element: "etree._Element") -> None:
        if self.parametres is not None or element.getparent() is not self.racine:
            return
        parametres = champs_de(element)
        self._controler(parametres)
        self.parametres = parametres


def champs_de(element: "etree._Element") -> dict[str, str]:
    """Text of the children that have no child, by tag; the last of a name wins."""
    return {str(enfant.tag): (enfant.text or "").strip() for enfant in element if not len(enfant)}


def textes_de(element: "etree._Element", tag: str) -> list[str]:
    """Texts of all descendants of a tag, empty ones left out, each once, in order."""
    lus = ((trouve.text or "").strip() for trouve in element.iter(tag))
    return list(dict.fromkeys(texte for texte in lus if texte))


def debut_de(flux: Flux) -> bytes:
    """The first bytes, enough to tell the format.

    Raises:
        FichierRefuse: nothing but blanks.
    """
    debut = b""
    while len(debut) < PROLOGUE_MAX and (morceau := flux.read(PROLOGUE_MAX - len(debut))):
        debut += morceau
    if not debut.strip():
        raise FichierRefuse("VIDE", "Le fichier est vide : refaites l’export.")
    return debut


def _parser(prologue: Prologue, tags: tuple[str, ...]) -> "etree.XMLPullParser":
    try:
        return etree.XMLPullParser(
            events=("end",),
            tag=tags,
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


def _abime(erreur: etree.XMLSyntaxError) -> FichierRefuse:
    return FichierRefuse(
        "XML",
        f"Le fichier XML est abîmé ou coupé (ligne {erreur.lineno or '?'}) : refaites l’export et le dépôt.",
    )


def sans_parametres() -> FichierRefuse:
    return FichierRefuse(
        "PARAMETRES",
        "Le fichier ne dit pas de quel établissement il vient (PARAMETRES, UAJ) : refaites l’export.",
    )
