"""Reader of ``BEE_ELEVES`` (1.8, 2.1, 3.0), in constant memory but for the pupils kept.

Blocks are joined by ELEVE_ID: ELEVES come first, only those that may be terminales are kept, as
compact records. Unknown tags are ignored (siecle_reference §1.3 and §5). A small file that SIECLE wrote
goes by a faster way (``siecle_net``); any other is streamed, element by element.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from services.ingest.readers import siecle_net as net
from services.ingest.readers.encodage import PROLOGUE_MAX, lire_prologue
from services.ingest.readers.siecle_recueil import Garder, Recueil, TropDElevesError, identifiant, textes
from services.ingest.readers.xml import Controle, Flux, LecteurXml, Preneur, champs_de, sans_parametres
from services.ingest.siecle.brut import EleveBrut

RACINE = "BEE_ELEVES"
_MORCEAU = 1 << 16


@dataclass(slots=True)
class Lecture:
    """What a file holds. ``lus``: all ELEVE; ``eleves``: those that ``garder`` kept, in file order."""

    parametres: dict[str, str]
    lus: int
    eleves: list[EleveBrut]


def lire(flux: Flux, controler: Controle, garder: Garder) -> Lecture:
    """Read a whole file. ``controler`` judges PARAMETRES as soon as read; ``garder`` a CODE_MEF.

    Raises:
        FichierRefuse: not this XML, truncated, or refused by ``controler``.
    """
    debut = _Debut(flux, net.TAILLE_MAX)
    if debut.entier is not None:
        try:
            return _lire_net(debut.entier, controler, garder)
        except (net.AutreFormeError, TropDElevesError):
            pass
    return lire_par_elements(debut, controler, garder)


def lire_par_elements(flux: Flux, controler: Controle, garder: Garder) -> Lecture:
    """Same, streamed, whatever the shape of the file."""
    lecteur = _Lecteur(controler, garder)
    lecteur.lire(flux)
    return Lecture(lecteur.parametres or {}, lecteur.recueil.lus, lecteur.recueil.eleves)


def _lire_net(contenu: bytes, controler: Controle, garder: Garder) -> Lecture:
    texte = net.lire_texte(contenu, lire_prologue(contenu[:PROLOGUE_MAX]).encodage)
    element, place = net.lire_tete(texte)
    parametres = champs_de(element)
    recueil = Recueil(garder)
    net.recueillir(texte, place, recueil)
    controler(parametres)
    return Lecture(parametres, recueil.lus, recueil.eleves)


class _Debut:
    """A stream whose first bytes were read: ``entier``, all of it when it is no larger than ``maximum``.

    What reading them raised is raised when they have been read again.
    """

    def __init__(self, flux: Flux, maximum: int) -> None:
        self._flux = flux
        self._erreur: Exception | None = None
        morceaux, octets, fini = list[bytes](), 0, False
        try:
            while octets <= maximum and not fini:
                morceaux.append(flux.read(_MORCEAU))
                octets += len(morceaux[-1])
                fini = not morceaux[-1]
        except Exception as erreur:  # noqa: BLE001 - raised again in its place
            self._erreur = erreur
        self.entier = b"".join(morceaux) if fini else None
        self._reste = morceaux[::-1]

    def read(self, taille: int, /) -> bytes:
        if not self._reste:
            if self._erreur is not None:
                raise self._erreur
            return self._flux.read(taille)
        morceau = self._reste.pop()
        if len(morceau) > taille:
            self._reste.append(morceau[taille:])
        return morceau[:taille]


class _Lecteur(LecteurXml):
    def __init__(self, controler: Controle, garder: Garder) -> None:
        super().__init__((RACINE,), controler, "l’export des élèves de SIECLE (BEE_ELEVES)")
        self.recueil = Recueil(garder)
        self._porteur = False
        """The ELEVE under way holds a bourse or a DPP."""

    def preneurs(self) -> dict[str, Preneur]:
        return {
            "ELEVE": self._prendre_eleve,
            "OPTION": self.recueil.element_options,
            "STRUCTURES_ELEVE": self.recueil.element_structures,
            "CODE_BOURSE": self._prendre_bourse,
            "CODE_DPP": self._prendre_dpp,
        }

    def _prendre_eleve(self, element: "etree._Element") -> None:
        if self.parametres is None:
            raise sans_parametres()
        porteur, self._porteur = self._porteur, False
        eleve = self.recueil.element_eleve(element)
        if eleve is not None and porteur:
            eleve.bourses += textes(element, "CODE_BOURSE")
            eleve.dpps += textes(element, "CODE_DPP")

    def _prendre_bourse(self, element: "etree._Element") -> None:
        for eleve in self._porteurs(element):
            eleve.bourses.append((element.text or "").strip())

    def _prendre_dpp(self, element: "etree._Element") -> None:
        for eleve in self._porteurs(element):
            eleve.dpps.append((element.text or "").strip())

    def _porteurs(self, element: "etree._Element") -> Sequence[EleveBrut]:
        """The nesting is not certain: the ELEVE_ID is that of the nearest element that has one."""
        parent = element.getparent() if (element.text or "").strip() else None
        while parent is not None and parent.tag != "DONNEES":
            if parent.tag == "ELEVE":
                self._porteur = True
                break
            if trouve := identifiant(parent):
                return self.recueil.de(trouve)
            parent = parent.getparent()
        return []
