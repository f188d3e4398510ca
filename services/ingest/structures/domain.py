"""Rules of what a lycée says of itself, and what its pupils' file needs of it. Pure.

Sources: siecle_reference §1.4, §1.6, §3.3 (an academic MEF follows its MEF de rattachement), §5.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut
from services.ingest.structures.brut import Entree, Liste, StructureBrute
from shared.events.modeles import DivisionRemontee, GroupeRemonte
from shared.nomenclatures import est_terminale, specialite_de_la_cle_de_gestion, specialite_de_la_matiere

_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")
_TEXTE_MAX = 300
_CODE_STRUCTURE_MAX = 40
_MATIERE_NATIONALE = re.compile(r"[0-9]{2}[0-9A-Z]{4}")
_INACTIFS = "INACTIFS"
_MEFS = 256


@dataclass(slots=True)
class StructuresTriees:
    divisions: list[DivisionRemontee] = field(default_factory=list)
    groupes: list[GroupeRemonte] = field(default_factory=list)
    lignes: list[Ligne] = field(default_factory=list)


def trier_structures(brutes: Sequence[StructureBrute]) -> StructuresTriees:
    """Divisions and groupes by code; a line for each that is refused or doubtful.

    Raises:
        FichierRefuse: no division (SIECLE never writes such a file).
    """
    tri = StructuresTriees()
    vus: set[tuple[str, str]] = set()
    for brute in brutes:
        if refus := _refus(brute, vus):
            tri.lignes.append(Ligne(brute.rang, "STRUCTURE", refus))
            continue
        vus.add((brute.genre, brute.code))
        _ranger(brute, tri)
    if not tri.divisions:
        raise FichierRefuse(
            "SANS_DIVISION", "Le fichier ne contient aucune division : refaites l’export des structures."
        )
    tri.divisions.sort(key=lambda division: division.code)
    tri.groupes.sort(key=lambda groupe: groupe.code)
    tri.lignes += _rattachements_inconnus(brutes, {division.code for division in tri.divisions})
    return tri


def _refus(brute: StructureBrute, vus: set[tuple[str, str]]) -> str | None:
    quoi = "La division" if brute.genre == "D" else "Le groupe"
    if not brute.code or len(brute.code) > _CODE_STRUCTURE_MAX:
        return f"{quoi} n’a pas de code lisible : vérifiez les structures dans SIECLE."
    if (brute.genre, brute.code) in vus:
        return f"{quoi} « {brute.code} » est écrit deux fois : seule la première ligne est prise."
    return None


def _ranger(brute: StructureBrute, tri: StructuresTriees) -> None:
    lisibles = tuple(code for code in brute.mefs if _CODE.fullmatch(code))
    libelle = brute.libelle[:_TEXTE_MAX] or None
    contrat = brute.contrat if _CODE.fullmatch(brute.contrat) else None
    if brute.genre == "D":
        tri.divisions.append(
            DivisionRemontee(code=brute.code, libelle=libelle, contrat=contrat, mefs=lisibles)
        )
    else:
        divisions = tuple(code[:_TEXTE_MAX] for code in brute.divisions)
        tri.groupes.append(
            GroupeRemonte(
                code=brute.code, libelle=libelle, contrat=contrat, mefs=lisibles, divisions=divisions
            )
        )


def _rattachements_inconnus(brutes: Iterable[StructureBrute], divisions: set[str]) -> Iterable[Ligne]:
    for brute in brutes:
        if brute.genre == "G" and any(code not in divisions for code in brute.divisions):
            phrase = "Le groupe est rattaché à une division qui n’est pas dans le fichier : vérifiez-le dans SIECLE."
            yield Ligne(brute.rang, "ACDIV", phrase, Gravite.AVERTISSEMENT)


@dataclass(slots=True)
class TablesTriees:
    entrees: list[Entree] = field(default_factory=list)
    lignes: list[Ligne] = field(default_factory=list)


def trier_tables(entrees: Sequence[Entree]) -> TablesTriees:
    """Rows with a readable code, each once by table.

    Raises:
        FichierRefuse: no row at all.
    """
    tri, vues = TablesTriees(), set[tuple[Liste, str]]()
    for entree in entrees:
        if not _CODE.fullmatch(entree.code):
            phrase = f"Une ligne de la table {entree.liste} n’a pas de code lisible : elle n’est pas prise."
            tri.lignes.append(Ligne(entree.rang, "CODE", phrase))
        elif (entree.liste, entree.code) not in vues:
            vues.add((entree.liste, entree.code))
            tri.entrees.append(entree)
    if not tri.entrees:
        raise FichierRefuse("SANS_LIGNE", "Le fichier ne contient aucune ligne à lire : refaites l’export.")
    return tri


@dataclass(frozen=True, slots=True)
class Tables:
    """What is known of a lycée when its pupils' file is read; all empty when nothing was deposited.

    ``mefs``: academic MEF → MEF de rattachement. ``matieres``: code → national code (itself when it
    is national). ``cles_gestion``: short key → code. ``divisions``: code → MEF of belonging.
    """

    mefs: Mapping[str, str] = field(default_factory=dict)
    matieres: Mapping[str, str] = field(default_factory=dict)
    cles_gestion: Mapping[str, str] = field(default_factory=dict)
    divisions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def specialite(self, matiere: str) -> str | None:
        """Key of the spécialité that a code matière, national or academic, is."""
        trouvee = specialite_de_la_matiere(matiere) or specialite_de_la_matiere(
            self.matieres.get(matiere, "")
        )
        return trouvee.cle if trouvee else None

    def specialite_par_cle(self, cle_gestion: str) -> str | None:
        """Same, by the short key that the Excel export writes."""
        locale = self.cles_gestion.get(cle_gestion)
        return (self.specialite(locale) if locale else None) or specialite_de_la_cle_de_gestion(cle_gestion)

    def connait(self, matiere: str) -> bool:
        """A spécialité, a matière of the lycée's nomenclature, or without one anything that looks like a code."""
        if self.specialite(matiere) or matiere in self.matieres:
            return True
        return not self.matieres and _MATIERE_NATIONALE.fullmatch(matiere) is not None

    def connait_cle(self, cle_gestion: str) -> bool:
        return (
            not self.cles_gestion
            or cle_gestion in self.cles_gestion
            or self.specialite_par_cle(cle_gestion) is not None
        )


def completer(bruts: Sequence[EleveBrut], tables: Tables) -> list[EleveBrut]:
    """Pupils with the MEF that their file leaves to others to say, without those of other levels.

    A pupil without MEF has that of his division (BEE 1.8); an academic MEF its MEF de rattachement.

    Raises:
        FichierRefuse: nobody has a MEF and the divisions are not known.
    """
    aucun = bool(bruts) and not any(brut.mef for brut in bruts)
    if aucun and not tables.divisions:
        raise FichierRefuse(
            "SANS_MEF",
            "Le fichier ne dit la formation (MEF) d’aucun élève, et les divisions du lycée ne sont pas connues : "
            "déposez d’abord l’export « Structures » de SIECLE, puis de nouveau ce fichier.",
        )
    niveau = lru_cache(_MEFS)(est_terminale)
    for brut in bruts:
        _completer(brut, tables, niveau)
    return [brut for brut in bruts if _a_garder(brut, niveau, toujours=aucun)]


Niveau = Callable[[str], bool | None]
"""``est_terminale``, which remembers what it said of the few codes of a file."""


def _completer(brut: EleveBrut, tables: Tables, niveau: Niveau) -> None:
    if not brut.mef:
        mefs = {mef for code in brut.divisions for mef in tables.divisions.get(code, ())}
        if len(mefs) == 1:
            brut.champs["CODE_MEF"] = mefs.pop()
    code = brut.champs.get("CODE_MEF", "")
    if code and not brut.rattachement and niveau(code) is None:
        brut.rattachement = tables.mefs.get(code, "")


def _a_garder(brut: EleveBrut, niveau: Niveau, *, toujours: bool) -> bool:
    """Terminales and unknown codes. ``toujours``: those without MEF too, who are told apart."""
    if mef := brut.mef:
        return niveau(mef) is not False
    return toujours and bool(brut.divisions) and brut.divisions[0].upper() != _INACTIFS
