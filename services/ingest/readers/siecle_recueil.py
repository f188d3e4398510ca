"""Where the pupils of a BEE_ELEVES file are gathered, whoever takes it apart: who is kept, how his blocks join."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from lxml import etree

from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut

ELEVES_MAX = 20_000
"""Of one file: the largest lycées have 4,000."""
_MEFS = 256
Garder = Callable[[str | None], bool]
"""Whether the pupils of a CODE_MEF may be terminales."""
_CHAMPS = (
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
)


class TropDElevesError(FichierRefuse):
    """More than ``ELEVES_MAX``."""


class Recueil:
    """ELEVES come first; what is said of a pupil who was not kept is let go. ``lus``: all ELEVE."""

    def __init__(self, garder: Garder) -> None:
        self.lus = 0
        self.eleves: list[EleveBrut] = []
        self._garder = lru_cache(_MEFS)(garder)
        self._par_id: dict[str, list[EleveBrut]] = {}

    def eleve(
        self, identifiant: str, elenoet: str | None, lus: Mapping[str, str | None], mef: str | None
    ) -> EleveBrut | None:
        """The next ELEVE: texts of his children by tag, and his CODE_MEF wherever it is. None: not kept."""
        self.lus += 1
        mef = (mef or "").strip() or None
        if not self._garder(mef):
            return None
        champs = {nom: texte.strip() for nom in _CHAMPS if (texte := lus.get(nom))}
        if mef:
            champs["CODE_MEF"] = mef
        if "ELENOET" not in champs:
            champs["ELENOET"] = (elenoet or "").strip()
        return self._ajouter(EleveBrut(self.lus, identifiant, champs))

    def _ajouter(self, eleve: EleveBrut) -> EleveBrut:
        if len(self.eleves) >= ELEVES_MAX:
            raise TropDElevesError(
                "TROP_D_ELEVES",
                f"Le fichier contient plus de {ELEVES_MAX} élèves : ce n’est pas celui d’un lycée.",
            )
        self.eleves.append(eleve)
        if eleve.eleve_id:
            self._par_id.setdefault(eleve.eleve_id, []).append(eleve)
        return eleve

    def de(self, identifiant: str) -> Sequence[EleveBrut]:
        """Those kept under this ELEVE_ID; when they are several, all are refused later."""
        return self._par_id.get(identifiant, ())

    def options(self, identifiant: str, matieres: Iterable[str]) -> None:
        """``matieres``: codes as written."""
        eleves = self.de(identifiant)
        codes = [code for matiere in matieres if (code := matiere.strip())] if eleves else []
        for eleve in eleves:
            eleve.matieres += codes

    def structures(self, identifiant: str, structures: Iterable[tuple[str, str]]) -> None:
        """``structures``: CODE_STRUCTURE and TYPE_STRUCTURE as written."""
        eleves = self.de(identifiant)
        for ecrit, type_ in structures if eleves else ():
            if code := ecrit.strip():
                for eleve in eleves:
                    (eleve.divisions if type_.strip() == "D" else eleve.groupes).append(code)

    def element_eleve(self, element: "etree._Element") -> EleveBrut | None:
        lus: dict[str, str | None] = {str(enfant.tag): enfant.text for enfant in element}
        mef = lus.get("CODE_MEF") or element.findtext("SCOLARITE_ACTIVE/CODE_MEF")
        return self.eleve(identifiant(element), element.get("ELENOET"), lus, mef)

    def element_options(self, element: "etree._Element") -> None:
        self.options(identifiant(element), textes(element, "CODE_MATIERE"))

    def element_structures(self, element: "etree._Element") -> None:
        lues = ({enfant.tag: enfant.text for enfant in structure} for structure in element)
        self.structures(
            identifiant(element),
            ((lue.get("CODE_STRUCTURE") or "", lue.get("TYPE_STRUCTURE") or "") for lue in lues),
        )


def textes(element: "etree._Element", tag: str) -> list[str]:
    """Of all descendants of a tag, empty ones left out."""
    return [texte for lu in element.iter(tag) if (texte := (lu.text or "").strip())]


def identifiant(element: "etree._Element") -> str:
    """ELEVE_ID, an attribute or a child; empty when there is none."""
    return (element.get("ELEVE_ID") or element.findtext("ELEVE_ID") or "").strip()
