"""Cordées de la réussite and Parcours d’excellence: which of their carriers says so. Pure.

How Cordées reach the BEE is not published (siecle_reference §2): DPP codes, groupe codes and a CSV are
all taken, each by its configuration.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.ingest.compte_rendu import Ligne
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.ine import INE
from shared.events.modeles import Dispositif

ECHELON_MAX = 6


class Complement(NamedTuple):
    """What other files say of a pupil. ``dispositif`` None: they say nothing of it."""

    echelon_bourse: int | None = None
    dispositif: str | None = None


@dataclass(frozen=True, slots=True)
class Porteurs:
    """Configured codes. ``groupes``: a code, or its beginning followed by ``*``; case does not count."""

    dpp: Mapping[str, Dispositif] = field(default_factory=dict)
    groupes: Mapping[str, Dispositif] = field(default_factory=dict)

    def dispositif(self, dpps: Iterable[str], groupes: Iterable[str]) -> Dispositif | None:
        """Of a pupil by his DPP, else by his groupes; Cordées before what they replaced."""
        if not (self.dpp or self.groupes):
            return None
        return _premier(self._par_dpp(dpps)) or _premier(self._par_groupe(groupes))

    def _par_dpp(self, dpps: Iterable[str]) -> set[Dispositif]:
        connus = {code.upper(): dispositif for code, dispositif in self.dpp.items()}
        return {connus[code.upper()] for code in dpps if code.upper() in connus}

    def _par_groupe(self, groupes: Iterable[str]) -> set[Dispositif]:
        return {
            dispositif
            for motif, dispositif in self.groupes.items()
            for code in groupes
            if _correspond(motif.upper(), code.upper())
        }


def _correspond(motif: str, code: str) -> bool:
    return code.startswith(motif[:-1]) if motif.endswith("*") else code == motif


def _premier(trouves: set[Dispositif]) -> Dispositif | None:
    return next((dispositif for dispositif in Dispositif if dispositif in trouves), None)


@dataclass(frozen=True, slots=True)
class LigneDispositif:
    """One line of the CSV: who, by INE or ELEVE_ID, and what."""

    rang: int
    ine: str | None
    eleve_siecle: str | None
    dispositif: Dispositif


@dataclass(slots=True)
class TriDispositifs:
    prises: list[LigneDispositif] = field(default_factory=list)
    lignes: list[Ligne] = field(default_factory=list)
    lus: int = 0


_NOMS = {
    "cordees": Dispositif.CORDEES,
    "cordees de la reussite": Dispositif.CORDEES,
    "cordee": Dispositif.CORDEES,
    "parcours excellence": Dispositif.PARCOURS_EXCELLENCE,
    "parcours d excellence": Dispositif.PARCOURS_EXCELLENCE,
    "parcours d'excellence": Dispositif.PARCOURS_EXCELLENCE,
}
_ELEVE_ID = re.compile(r"[0-9]{1,20}")


def trier_dispositifs(lues: Iterable[tuple[int, Mapping[str, str]]]) -> TriDispositifs:
    """Lines of the CSV; a pupil told twice differently is refused twice.

    Raises:
        FichierRefuse: not one line can be taken.
    """
    tri = TriDispositifs()
    for rang, champs in lues:
        tri.lus += 1
        _prendre(tri, rang, champs)
    _refuser_doubles(tri)
    if not tri.prises:
        premiere = f" {tri.lignes[0].phrase}" if tri.lignes else ""
        raise FichierRefuse("SANS_LIGNE", f"Aucune ligne du fichier ne peut être prise.{premiere}")
    return tri


def _prendre(tri: TriDispositifs, rang: int, champs: Mapping[str, str]) -> None:
    ine, eleve = champs.get("ID_NATIONAL", "").upper(), champs.get("ELEVE_ID", "")
    dispositif = _NOMS.get(_plat(champs.get("DISPOSITIF", "")))
    if dispositif is None:
        phrase = (
            f"Ligne {rang}, colonne « Dispositif » : écrivez CORDEES ou PARCOURS_EXCELLENCE, rien d’autre."
        )
        tri.lignes.append(Ligne(rang, "DISPOSITIF", phrase))
    elif not (INE.fullmatch(ine) or _ELEVE_ID.fullmatch(eleve)):
        phrase = f"Ligne {rang} : ni l’INE ni l’identifiant SIECLE (ELEVE_ID) de l’élève n’est lisible."
        tri.lignes.append(Ligne(rang, "IDNAT", phrase))
    else:
        tri.prises.append(
            LigneDispositif(
                rang,
                ine if INE.fullmatch(ine) else None,
                eleve if _ELEVE_ID.fullmatch(eleve) else None,
                dispositif,
            )
        )


def _refuser_doubles(tri: TriDispositifs) -> None:
    dits: dict[str, set[Dispositif]] = {}
    for prise in tri.prises:
        dits.setdefault(_cle(prise), set()).add(prise.dispositif)
    gardees = []
    for prise in tri.prises:
        if len(dits[_cle(prise)]) > 1:
            phrase = f"Ligne {prise.rang} : le même élève est dans deux dispositifs ; gardez-en un."
            tri.lignes.append(Ligne(prise.rang, "DOUBLE", phrase, ine=prise.ine))
        else:
            gardees.append(prise)
    tri.prises = gardees


def _cle(prise: LigneDispositif) -> str:
    return prise.ine or f"E{prise.eleve_siecle}"


def _plat(texte: str) -> str:
    plat = unicodedata.normalize("NFD", texte.replace("’", "'").replace("_", " "))
    return " ".join(
        "".join(lettre for lettre in plat if not unicodedata.combining(lettre)).casefold().split()
    )


@dataclass(frozen=True, slots=True)
class Statut:
    """One line of the statut-boursier feed, judged. ``echelon``: 1 to 6, None when not known."""

    rang: int
    ine: str
    est_boursier: bool
    echelon: int | None


def juger_statut(rang: int, ine: str, echelon: int | None, *, est_boursier: bool) -> Statut | Ligne:
    if not INE.fullmatch(ine.upper()):
        return Ligne(rang, "IDNAT", f"Ligne {rang} : l’INE n’a pas onze chiffres et lettres.")
    if est_boursier and echelon is not None and not 1 <= echelon <= ECHELON_MAX:
        phrase = f"Ligne {rang}, champ « echelon_bourse » : un échelon de lycée va de 1 à {ECHELON_MAX}."
        return Ligne(rang, "BOURS", phrase, ine=ine.upper())
    return Statut(rang, ine.upper(), est_boursier, echelon if est_boursier else None)


def derniers(statuts: Sequence[Statut]) -> dict[str, Statut]:
    """The last line of each INE stands."""
    return {statut.ine: statut for statut in statuts}
