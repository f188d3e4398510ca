"""Cordées de la réussite: what SIECLE says and what the lycée entered, side by side.

| SIECLE | local entry | effective | source | to be reported in SIECLE |
|---|---|---|---|---|
| no | none | no | SIECLE | – |
| yes d | none | yes d | SIECLE | – |
| no | yes d | yes d | LOCAL | AJOUTER |
| yes d | yes d | yes d | LOCAL | – |
| yes e | yes d ≠ e | yes d | LOCAL | CHANGER |
| yes | no | no | LOCAL | RETIRER |
| no | no | no | LOCAL | – |

The local entry wins and outlives every re-import; only its withdrawal gives SIECLE the word again.
Source: parcoursup_reference §0 (I.3).
"""

from enum import StrEnum

from msgspec import Struct

from shared.domaine.complements import SaisieCordees
from shared.domaine.etat import EtatEleve
from shared.events.modeles import Dispositif, EtatCordees, SourceCordees

LIBELLES_DISPOSITIF = {
    Dispositif.CORDEES: "Cordées de la réussite",
    Dispositif.PARCOURS_EXCELLENCE: "Parcours d’excellence",
}


class Report(StrEnum):
    """What is to be typed in SIECLE for it to say the same as the lycée."""

    AJOUTER = "AJOUTER"
    CHANGER = "CHANGER"
    RETIRER = "RETIRER"

    @property
    def libelle(self) -> str:
        return _REPORTS[self]


_REPORTS = {
    Report.AJOUTER: "à ajouter dans SIECLE",
    Report.CHANGER: "dispositif à changer dans SIECLE",
    Report.RETIRER: "à retirer de SIECLE",
}


class Cordees(Struct, frozen=True, gc=False, kw_only=True):
    """``participe``, ``dispositif``, ``source``: what counts. ``siecle``, ``local``: each source, None when silent."""

    participe: bool
    dispositif: Dispositif | None
    source: SourceCordees
    report: Report | None = None
    siecle: Dispositif | None = None
    local: EtatCordees | None = None

    @property
    def a_reporter(self) -> bool:
        return self.report is not None

    @property
    def etat(self) -> EtatCordees:
        return EtatCordees.PARTICIPE if self.participe else EtatCordees.NE_PARTICIPE_PAS


def cordees(etat: EtatEleve, saisie: SaisieCordees | None) -> Cordees:
    """The whole of the table above; a file that names no dispositif speaks of the Cordées."""
    scolarite = etat.scolarite
    siecle = (scolarite.dispositif or Dispositif.CORDEES) if scolarite and scolarite.cordees else None
    if saisie is None:
        return Cordees(
            participe=siecle is not None, dispositif=siecle, source=SourceCordees.SIECLE, siecle=siecle
        )
    participe = saisie.etat is EtatCordees.PARTICIPE
    dispositif = (saisie.dispositif or Dispositif.CORDEES) if participe else None
    return Cordees(
        participe=participe,
        dispositif=dispositif,
        source=SourceCordees.LOCAL,
        report=_report(siecle, dispositif),
        siecle=siecle,
        local=saisie.etat,
    )


def _report(siecle: Dispositif | None, local: Dispositif | None) -> Report | None:
    if siecle is local:
        return None
    if siecle is None:
        return Report.AJOUTER
    return Report.RETIRER if local is None else Report.CHANGER


class RefusCordees(StrEnum):
    """Why an entry is not taken; ``phrase`` says what to do instead."""

    ELEVE_FUSIONNE = "eleve_fusionne"
    ELEVE_SORTI = "eleve_sorti"
    MEME_SAISIE = "meme_saisie"
    RIEN_A_RETIRER = "rien_a_retirer"
    MOTIF_ABSENT = "motif_absent"

    @property
    def phrase(self) -> str:
        return _PHRASES[self]


_PHRASES = {
    RefusCordees.ELEVE_FUSIONNE: "Ce dossier a été réuni avec un autre dossier du même élève : saisissez sur le dossier "
    "qui reste.",
    RefusCordees.ELEVE_SORTI: "L’élève a quitté l’établissement : c’est à son nouveau lycée de saisir. S’il est revenu, "
    "annulez d’abord sa sortie.",
    RefusCordees.MEME_SAISIE: "L’établissement a déjà saisi la même chose pour cet élève : il n’y a rien à changer.",
    RefusCordees.RIEN_A_RETIRER: "L’établissement n’a rien saisi pour cet élève : c’est SIECLE qui fait foi, il n’y a "
    "rien à retirer.",
    RefusCordees.MOTIF_ABSENT: "Dites pourquoi la saisie est retirée.",
}


def refus_de_saisie(
    etat: EtatEleve, actuelle: SaisieCordees | None, dit: EtatCordees, dispositif: Dispositif | None
) -> RefusCordees | None:
    """Why the lycée may not enter ``dit``, or None."""
    if (empeche := _empeche(etat)) is not None:
        return empeche
    voulu = (dispositif or Dispositif.CORDEES) if dit is EtatCordees.PARTICIPE else None
    connu = actuelle and (
        (actuelle.dispositif or Dispositif.CORDEES) if actuelle.etat is EtatCordees.PARTICIPE else None
    )
    meme = actuelle is not None and actuelle.etat is dit and connu is voulu
    return RefusCordees.MEME_SAISIE if meme else None


def refus_de_retrait(etat: EtatEleve, actuelle: SaisieCordees | None, motif: str) -> RefusCordees | None:
    """Why the lycée's entry may not be withdrawn, or None."""
    if (empeche := _empeche(etat)) is not None:
        return empeche
    if actuelle is None:
        return RefusCordees.RIEN_A_RETIRER
    return None if motif.strip() else RefusCordees.MOTIF_ABSENT


def _empeche(etat: EtatEleve) -> RefusCordees | None:
    if etat.fusionne is not None:
        return RefusCordees.ELEVE_FUSIONNE
    return None if etat.present else RefusCordees.ELEVE_SORTI
