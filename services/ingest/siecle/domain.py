"""Rules of a SIECLE file: what makes a pupil importable, and what is taken of him.

Pure. Sources: siecle_reference §1.3, §1.10, §3, §5; facts_and_effects §1.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.dispositifs.domain import Porteurs
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.brut import EleveBrut
from services.ingest.siecle.champs import RejetError, est_code
from services.ingest.siecle.entete import Entete
from services.ingest.siecle.ine import avertir_ine, ine_de
from services.ingest.siecle.lu import EleveLu
from services.ingest.siecle.prise import Preneur
from services.ingest.structures.domain import Tables
from shared.nomenclatures import est_terminale

_INACTIFS = "INACTIFS"
_CODE_MONTRE = 20
_MATIERES_MONTREES = 12


def mef_a_garder(mef: str | None) -> bool:
    """Terminales; unknown codes because they must be told; no code because the division may tell it."""
    return mef is None or est_terminale(mef) is not False


@dataclass(frozen=True, slots=True)
class Regles:
    """What the pupils' file is judged with besides itself: tables of the lycée, carriers of Cordées."""

    tables: Tables = field(default_factory=Tables)
    porteurs: Porteurs = field(default_factory=Porteurs)


SANS_REGLE = Regles()


@dataclass(slots=True)
class Tri:
    """The pupils of a file, sorted out. ``ignores``: reason → number."""

    eleves: list[EleveLu]
    lignes: list[Ligne]
    ignores: Counter[str]


def trier(bruts: Sequence[EleveBrut], entete: Entete, regles: Regles = SANS_REGLE) -> Tri:
    """Importable pupils, and a line for each that is refused or doubtful.

    Raises:
        FichierRefuse: no pupil can be imported.
    """
    tri = Tri([], [], Counter())
    ines = [ine_de(brut.champs) for brut in bruts]
    doubles = _repetes(ines), _repetes(brut.eleve_id for brut in bruts)
    preneur = Preneur(entete, regles.tables, regles.porteurs)
    for brut, ine in zip(bruts, ines, strict=True):
        try:
            _refuser_double(brut, ine, *doubles)
            _prendre(brut, ine, preneur, tri)
        except RejetError as rejet:
            tri.lignes.append(_ligne(brut, rejet.code, rejet.phrase, Gravite.REJET, ine, champ=rejet.champ))
    if not any(not eleve.sorti for eleve in tri.eleves):
        raise FichierRefuse("SANS_ELEVE", _aucun(tri), tri.lignes)
    return tri


def _ligne(
    brut: EleveBrut, code: str, phrase: str, gravite: Gravite, ine: str | None, *, champ: str | None = None
) -> Ligne:
    situee = brut.origine.situer(phrase, brut.rang, champ)
    return Ligne(brut.rang, code, situee, gravite, ine, eleve_siecle=brut.eleve_id or None)


def _repetes(valeurs: Iterable[str | None]) -> set[str]:
    return {valeur for valeur, fois in Counter(valeurs).items() if valeur and fois > 1}


def _refuser_double(brut: EleveBrut, ine: str | None, ines: set[str], ids: set[str]) -> None:
    """Nothing says which of two lines is right: both are refused."""
    if brut.eleve_id in ids:
        phrase = "Le même identifiant SIECLE est porté par plusieurs lignes du fichier : refaites l’export."
        raise RejetError("ELEVE_ID_DOUBLE", phrase)
    if ine in ines:
        raise RejetError(
            "INE_DOUBLE",
            "Le même INE est porté par plusieurs lignes du fichier : corrigez-le dans SIECLE.",
        )


def _aucun(tri: Tri) -> str:
    if tri.lignes:
        return f"Aucun élève de terminale ne peut être intégré : {tri.lignes[0].phrase}"
    return "Le fichier ne contient aucun élève de terminale scolarisé : vérifiez l’export."


def _prendre(brut: EleveBrut, ine: str | None, preneur: Preneur, tri: Tri) -> None:
    if preneur.niveau(brut.mef) is None:
        raise RejetError("ACMEF", _mef_inconnu(brut), "CODE_MEF")
    eleve = preneur.prendre(brut, ine)
    motif = None if eleve.sorti else _motif_d_ignorer(brut)
    if motif:
        tri.ignores[motif] += 1
        tri.lignes.append(_ligne(brut, motif, _MOTIFS[motif], Gravite.IGNORE, ine))
        return
    tri.eleves.append(eleve)
    if avertissement := avertir_ine(brut.champs, ine):
        tri.lignes.append(
            _ligne(brut, "IDNAT", avertissement, Gravite.AVERTISSEMENT, ine, champ="ID_NATIONAL")
        )
    if inconnues := preneur.matieres_inconnues(brut):
        montrees = dict.fromkeys(code if est_code(code) else "illisible" for code in inconnues)
        phrase = (
            f"Matière inconnue ({', '.join(list(montrees)[:_MATIERES_MONTREES])}) : cette option n’est pas prise, "
            "l’élève l’est. Vérifiez-la dans SIECLE."
        )
        tri.lignes.append(_ligne(brut, "INOPT", phrase, Gravite.PARTIEL, ine))


def _mef_inconnu(brut: EleveBrut) -> str:
    code = brut.champs.get("CODE_MEF", "")
    if not code:
        division = brut.divisions[0][:_CODE_MONTRE] if brut.divisions else "?"
        return (
            f"La formation (MEF) de l’élève n’est pas dans le fichier, et sa division « {division} » n’en a pas une "
            "seule : déposez l’export « Structures » de SIECLE, ou complétez la fiche dans SIECLE."
        )
    montre = code if est_code(code) else "illisible"
    return f"La formation (MEF {montre}) est inconnue : corrigez-la dans SIECLE."


_MOTIFS = {
    "INACTIF": "L’élève est dans la division « Inactifs » : il n’est pas pris en compte.",
    "GROUPES_SEULS": "L’élève n’est que dans des groupes, sans division : il n’est pas pris en compte.",
    "SANS_DIVISION": "L’élève n’est dans aucune division : il n’est pas pris en compte.",
}


def _motif_d_ignorer(brut: EleveBrut) -> str | None:
    if brut.divisions and brut.divisions[0].upper() == _INACTIFS:
        return "INACTIF"
    if brut.divisions:
        return None
    return "GROUPES_SEULS" if brut.groupes else "SANS_DIVISION"
