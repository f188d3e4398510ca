"""One record of the base élèves."""

from dataclasses import dataclass
from datetime import date

from shared.nomenclatures.series import Serie


@dataclass(slots=True)
class Eleve:
    """One record of the base élèves. ``serie`` is None outside terminale.

    ``indice`` numbers pupils over all lycées; ``division`` None: only groups. ``sortie_prevue``: the
    date of leaving is already written though in the future. ``signale``: says himself boursier.
    """

    indice: int
    uai: str
    eleve_id: int
    elenoet: int
    ine: str | None
    nom: str
    prenom: str
    prenom2: str | None
    naissance: date
    sexe: str
    commune_naissance: str | None
    pays_naissance: str
    ville_naissance: str | None
    mef: str
    serie: Serie | None
    division: str | None
    groupes: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    regime: str
    statut: str
    doublement: bool
    boursier: bool
    code_bourse: str | None
    signale: bool
    cordees: bool
    date_entree: date
    date_sortie: date | None = None
    motif_sortie: str | None = None
    sortie_prevue: bool = False

    def present_dans(self, export: date) -> bool:
        """Is in the file of that day at all."""
        return self.date_entree <= export

    def sorti_au(self, export: date) -> bool:
        return self.date_sortie is not None and self.date_sortie <= export

    def sortie_ecrite(self, export: date) -> bool:
        return self.sortie_prevue or self.sorti_au(export)

    def scolarise(self, export: date) -> bool:
        """The ministry's « élève scolarisé »: a MEF, a division, no date of leaving that has passed."""
        return self.present_dans(export) and self.division is not None and not self.sorti_au(export)
