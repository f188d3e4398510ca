"""Streaming reader of ``BEE_ELEVES`` (1.8, 2.1, 3.0), in constant memory but for the pupils kept.

Blocks are joined by ELEVE_ID: ELEVES come first, only those that may be terminales are kept, as
compact records. Unknown tags are ignored (siecle_reference §1.3 and §5).
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from services.ingest.readers.xml import Controle, Flux, LecteurXml, Preneur, sans_parametres
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut

RACINE = "BEE_ELEVES"
ELEVES_MAX = 20_000
"""Of one file: the largest lycées have 4,000."""
_CHAMPS = frozenset(
    {
        "ID_NATIONAL",
        "INE_BEA",
        "INE_RNIE",
        "ELENOET",
        "NOM",
        "NOM_DE_FAMILLE",
        "NOM_USAGE",
        "PRENOM",
        "PRENOM2",
        "PRENOM3",
        "DATE_NAISS",
        "CODE_SEXE",
        "CODE_REGIME",
        "DATE_ENTREE",
        "DATE_SORTIE",
        "CODE_MOTIF_SORTIE",
        "CODE_STATUT",
        "CODE_MEF",
    }
)


@dataclass(slots=True)
class Lecture:
    """What a file holds. ``lus``: all ELEVE; ``eleves``: those that ``garder`` kept, in file order."""

    parametres: dict[str, str]
    lus: int
    eleves: list[EleveBrut]


def lire(flux: Flux, controler: Controle, garder: Callable[[str | None], bool]) -> Lecture:
    """Read a whole file. ``controler`` judges PARAMETRES as soon as read; ``garder`` a CODE_MEF.

    Raises:
        FichierRefuse: not this XML, truncated, or refused by ``controler``.
    """
    lecteur = _Lecteur(controler, garder)
    lecteur.lire(flux)
    return Lecture(lecteur.parametres or {}, lecteur.lus, lecteur.eleves)


class _Lecteur(LecteurXml):
    def __init__(self, controler: Controle, garder: Callable[[str | None], bool]) -> None:
        super().__init__((RACINE,), controler, "l’export des élèves de SIECLE (BEE_ELEVES)")
        self._garder = garder
        self.lus = 0
        self.eleves: list[EleveBrut] = []
        self._par_id: dict[str, list[EleveBrut]] = {}
        self._porteur = False
        """The ELEVE under way holds a bourse or a DPP."""

    def preneurs(self) -> dict[str, Preneur]:
        return {
            "ELEVE": self._prendre_eleve,
            "OPTION": self._prendre_options,
            "STRUCTURES_ELEVE": self._prendre_structures,
            "CODE_BOURSE": self._prendre_bourse,
            "CODE_DPP": self._prendre_dpp,
        }

    def _prendre_eleve(self, element: "etree._Element") -> None:
        if self.parametres is None:
            raise sans_parametres()
        self.lus += 1
        porteur, self._porteur = self._porteur, False
        lus = {enfant.tag: enfant.text for enfant in element}
        mef = (lus.get("CODE_MEF") or element.findtext("SCOLARITE_ACTIVE/CODE_MEF") or "").strip() or None
        if not self._garder(mef):
            return
        champs = {str(tag): texte.strip() for tag, texte in lus.items() if texte and tag in _CHAMPS}
        if mef:
            champs["CODE_MEF"] = mef
        champs.setdefault("ELENOET", (element.get("ELENOET") or "").strip())
        self._ajouter(EleveBrut(self.lus, _identifiant(element), champs), element, porteur=porteur)

    def _ajouter(self, eleve: EleveBrut, element: "etree._Element", *, porteur: bool) -> None:
        if len(self.eleves) >= ELEVES_MAX:
            raise FichierRefuse(
                "TROP_D_ELEVES",
                f"Le fichier contient plus de {ELEVES_MAX} élèves : ce n’est pas celui d’un lycée.",
            )
        if porteur:
            eleve.bourses += _textes(element, "CODE_BOURSE")
            eleve.dpps += _textes(element, "CODE_DPP")
        self.eleves.append(eleve)
        if eleve.eleve_id:
            self._par_id.setdefault(eleve.eleve_id, []).append(eleve)

    def _prendre_options(self, element: "etree._Element") -> None:
        if eleves := self._par_id.get(_identifiant(element)):
            matieres = _textes(element, "CODE_MATIERE")
            for eleve in eleves:
                eleve.matieres += matieres

    def _prendre_structures(self, element: "etree._Element") -> None:
        eleves = self._par_id.get(_identifiant(element))
        if not eleves:
            return
        for structure in element:
            lus = {enfant.tag: enfant.text for enfant in structure}
            if code := (lus.get("CODE_STRUCTURE") or "").strip():
                division = (lus.get("TYPE_STRUCTURE") or "").strip() == "D"
                for eleve in eleves:
                    (eleve.divisions if division else eleve.groupes).append(code)

    def _prendre_bourse(self, element: "etree._Element") -> None:
        for eleve in self._porteurs(element):
            eleve.bourses.append((element.text or "").strip())

    def _prendre_dpp(self, element: "etree._Element") -> None:
        for eleve in self._porteurs(element):
            eleve.dpps.append((element.text or "").strip())

    def _porteurs(self, element: "etree._Element") -> list[EleveBrut]:
        """The nesting is not certain: the ELEVE_ID is that of the nearest element that has one."""
        parent = element.getparent() if (element.text or "").strip() else None
        while parent is not None and parent.tag != "DONNEES":
            if parent.tag == "ELEVE":
                self._porteur = True
                break
            if identifiant := _identifiant(parent):
                return self._par_id.get(identifiant, [])
            parent = parent.getparent()
        return []


def _textes(element: "etree._Element", tag: str) -> list[str]:
    return [texte for lu in element.iter(tag) if (texte := (lu.text or "").strip())]


def _identifiant(element: "etree._Element") -> str:
    return (element.get("ELEVE_ID") or element.findtext("ELEVE_ID") or "").strip()
