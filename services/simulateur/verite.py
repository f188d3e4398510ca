"""What the figures of a lycée must be, counted on the plan of the simulation and not on its feed.

Definitions: parcoursup_reference §3.4 and the defaults of its §7 (points 1 and 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from services.simulateur.candidatures import Candidature
from services.simulateur.eleves import Eleve
from services.simulateur.voeux import L1_PASS
from shared.nomenclatures.series import Serie


@dataclass(slots=True)
class Comptes:
    """``terminales``: élèves scolarisés of the export. The rest is counted among them.

    ``sans_voeu``: inscrits with no vœu that is not SUPPRIME; ``confirmes``: at least one CONFIRME.
    """

    terminales: int = 0
    inscrits: int = 0
    sans_voeu: int = 0
    un_l1_pass: int = 0
    que_l1_pass: int = 0
    confirmes: int = 0
    voeux: int = 0
    boursiers_siecle: int = 0

    def ajouter(self, autre: "Comptes") -> None:
        for champ in self.__slots__:
            setattr(self, champ, getattr(self, champ) + getattr(autre, champ))


@dataclass(slots=True)
class Verite:
    """``voeux`` counts active lines (vœux simples and sous-vœux). Lists hold INE, sorted."""

    uai: str
    par_serie: dict[Serie, Comptes] = field(default_factory=dict)
    non_inscrits: list[str] = field(default_factory=list)
    inscrits_sans_voeu: list[str] = field(default_factory=list)

    @property
    def total(self) -> Comptes:
        somme = Comptes()
        for comptes in self.par_serie.values():
            somme.ajouter(comptes)
        return somme


def verite_du_lycee(
    uai: str, eleves: Iterable[Eleve], candidatures: Iterable[Candidature], export: date, instant: int
) -> Verite:
    """``instant``: what is known of the feed at that moment of the session's calendar."""
    verite = Verite(uai)
    dossiers = {c.eleve.indice: c for c in candidatures if c.dossier[0].instant <= instant}
    for eleve in eleves:
        if eleve.serie is not None and eleve.scolarise(export):
            candidature = dossiers.get(eleve.indice)
            comptes = _compter(eleve, candidature, instant)
            verite.par_serie.setdefault(eleve.serie, Comptes()).ajouter(comptes)
            _lister(verite, eleve, candidature, comptes)
    verite.non_inscrits.sort()
    verite.inscrits_sans_voeu.sort()
    return verite


def _lister(verite: Verite, eleve: Eleve, candidature: Candidature | None, comptes: Comptes) -> None:
    if candidature is None:
        verite.non_inscrits.append(eleve.ine or "")
    elif comptes.sans_voeu:
        verite.inscrits_sans_voeu.append(eleve.ine or "")


def _compter(eleve: Eleve, candidature: Candidature | None, instant: int) -> Comptes:
    boursier = int(eleve.code_bourse is not None)
    if candidature is None:
        return Comptes(terminales=1, boursiers_siecle=boursier)
    etats = [(ligne, ligne.etat_au(instant)) for ligne in candidature.lignes]
    actives = [ligne for ligne, etat in etats if etat not in (None, "SUPPRIME")]
    l1_pass = [ligne.voie == "ETUDIANT" and ligne.formation.famille in L1_PASS for ligne in actives]
    return Comptes(
        terminales=1,
        inscrits=1,
        sans_voeu=int(not actives),
        un_l1_pass=int(any(l1_pass)),
        que_l1_pass=int(bool(l1_pass) and all(l1_pass)),
        confirmes=int(any(etat == "CONFIRME" for _, etat in etats)),
        voeux=len(actives),
        boursiers_siecle=boursier,
    )
