"""Which pupil each record of a notes file is: by ELEVE_ID or INE, never by name. Pure.

A code ``E-…`` may carry ELEVE_ID or a number of the gradebook's own. The file itself tells: codes are
believed unless those whose INE is known mostly contradict them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.bulletins.brut import EleveBrut
from services.ingest.compte_rendu import Gravite, Ligne

_PREFIXE = "E-"
_PHRASES = {
    "INCONNU": "L’élève n’est pas connu dans votre lycée, ni par son identifiant SIECLE ni par son INE : vérifiez son"
    " INE dans le logiciel de notes, ou déposez l’export SIECLE à jour.",
    "SANS_IDENTIFIANT": "L’élève n’a ni identifiant SIECLE ni INE : complétez sa fiche dans le logiciel de notes.",
    "IDENTITE": "L’identifiant SIECLE et l’INE désignent deux élèves différents : rien n’est pris. Vérifiez l’INE.",
    "ELEVE_DOUBLE": "Le même élève est donné par plusieurs lignes du fichier : aucune n’est prise.",
    "EFFACE": "Les données de cet élève ont été effacées pour cette session : il n’est pas repris.",
    "HORS_LYCEE": "Cet élève n’est pas inscrit dans votre lycée d’après SIECLE : ses bulletins ne sont pas pris.",
}
CODES_LOCAUX = (
    "Les identifiants des élèves du fichier ne sont pas ceux de SIECLE : seul l’INE est utilisé. Importez l’export"
    " SIECLE dans le logiciel de notes pour que chaque élève soit reconnu."
)


@dataclass(frozen=True, slots=True)
class Connaissance:
    """What the registre knows. ``par_code``: ELEVE_ID of this lycée → pupil; ``par_ine``: the same.

    ``effaces``: codes and INE of erased pupils. ``inscrits``: pupils whom the lycée has or had.
    ``avec_ine``: those of ``par_code`` who have an INE. ``homonymes``: rang → pupil of the lycée with the
    same name, first name and birth date: it is told, nothing is attached.
    """

    par_code: Mapping[str, str]
    par_ine: Mapping[str, str]
    effaces: Collection[str]
    inscrits: Collection[str]
    avec_ine: Collection[str]
    homonymes: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Rapprochement:
    """``trouves``: rang → pupil. ``cites``: every pupil whom a line may mean, also a refused one."""

    trouves: dict[int, str] = field(default_factory=dict)
    cites: set[str] = field(default_factory=set)
    lignes: list[Ligne] = field(default_factory=list)


def code_siecle(eleve: EleveBrut) -> str | None:
    """ELEVE_ID, when the code can be one."""
    numero = eleve.code.removeprefix(_PREFIXE).lstrip("0")
    return numero if numero.isascii() and numero.isdecimal() and len(numero) <= 11 else None  # noqa: PLR2004


def rapprocher(eleves: Sequence[EleveBrut], connu: Connaissance) -> Rapprochement:
    """One pupil at most for each record, one record at most for each pupil."""
    fait = Rapprochement()
    fiables = _codes_fiables(eleves, connu)
    if not fiables:
        fait.lignes.append(Ligne(0, "CODES_LOCAUX", CODES_LOCAUX, Gravite.AVERTISSEMENT))
    for eleve in eleves:
        trouve = _trouver(eleve, connu, fiables=fiables, cites=fait.cites)
        if trouve in _PHRASES:
            fait.lignes.append(_ligne(eleve, trouve, connu.homonymes.get(eleve.rang)))
        else:
            fait.trouves[eleve.rang] = trouve
    _refuser_doubles(eleves, fait)
    return fait


def _codes_fiables(eleves: Sequence[EleveBrut], connu: Connaissance) -> bool:
    pour = contre = 0
    for eleve in eleves:
        code, par_ine = code_siecle(eleve), connu.par_ine.get(eleve.ine)
        if code is None or par_ine is None:
            continue
        par_code = connu.par_code.get(code)
        pour += par_code == par_ine
        contre += par_code != par_ine
    return pour >= contre


def _trouver(eleve: EleveBrut, connu: Connaissance, *, fiables: bool, cites: set[str]) -> str:
    """The pupil, or the code of the reason why not."""
    code = (code_siecle(eleve) or "") if fiables else ""
    if eleve.ine in connu.effaces or (code and code in connu.effaces):
        return "EFFACE"
    par_ine, par_code = connu.par_ine.get(eleve.ine), connu.par_code.get(code)
    candidats = {un for un in (par_ine, par_code) if un}
    cites |= candidats
    if len(candidats) > 1 or (par_ine is None and _autre_ine(eleve, par_code, connu)):
        return "IDENTITE"
    if not candidats:
        return "INCONNU" if code or eleve.ine else "SANS_IDENTIFIANT"
    (trouve,) = candidats
    return trouve if trouve in connu.inscrits else "HORS_LYCEE"


def _autre_ine(eleve: EleveBrut, par_code: str | None, connu: Connaissance) -> bool:
    """Found by his code, he has an INE and the file gives another: a number may have been reused."""
    return bool(eleve.ine) and par_code is not None and par_code in connu.avec_ine


def _refuser_doubles(eleves: Sequence[EleveBrut], fait: Rapprochement) -> None:
    combien = Counter(fait.trouves.values())
    for eleve in eleves:
        if combien[fait.trouves.get(eleve.rang, "")] > 1:
            del fait.trouves[eleve.rang]
            fait.lignes.append(_ligne(eleve, "ELEVE_DOUBLE"))


_PROPOSITION = (
    " Un élève de votre lycée a les mêmes nom, prénom et date de naissance : comparez les INE ; rien n’est rattaché"
    " par le nom."
)


def _ligne(eleve: EleveBrut, code: str, homonyme: str | None = None) -> Ligne:
    """``homonyme``: the pupil of the same name, proposed."""
    phrase = _PHRASES[code] + (_PROPOSITION if homonyme else "")
    return Ligne(
        eleve.rang,
        code,
        phrase,
        ine=eleve.ine or None,
        eleve_siecle=code_siecle(eleve),
        eleve_id=homonyme,
    )
