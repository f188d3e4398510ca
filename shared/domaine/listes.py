"""The nominative lists: one definition for the screen and for the spreadsheet (parcoursup_reference §3.5)."""

from enum import StrEnum

from shared.domaine.etat import EtatEleve
from shared.domaine.tri import cle_de_tri
from shared.domaine.voeux import sans_voeu

__all__ = ["Liste", "cle_de_tri", "dans_liste"]


class Liste(StrEnum):
    TOUS = "tous"
    NON_INSCRITS = "non_inscrits"
    INSCRITS_SANS_VOEU = "inscrits_sans_voeu"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]

    @property
    def definition(self) -> str:
        """What makes a pupil be in the list, for the principal."""
        return _DEFINITIONS[self]


_LIBELLES = {
    Liste.TOUS: "Tous les élèves",
    Liste.NON_INSCRITS: "Non inscrits",
    Liste.INSCRITS_SANS_VOEU: "Inscrits sans vœu",
}
_DEFINITIONS = {
    Liste.TOUS: "Tous les élèves de terminale du lycée, tels que SIECLE les a remontés, à l’exception "
    "de ceux qui l’ont quitté.",
    Liste.NON_INSCRITS: "Les élèves de terminale du lycée, tels que SIECLE les a remontés, qui n’ont pas "
    "ouvert de dossier sur la plateforme. Ceux qui ont quitté le lycée n’y sont pas.",
    Liste.INSCRITS_SANS_VOEU: "Les élèves de terminale du lycée qui ont ouvert un dossier sur la plateforme et "
    "n’ont aucun vœu, ou ont supprimé tous ceux qu’ils avaient formulés. Un vœu en apprentissage est un vœu. "
    "Ceux qui ont quitté le lycée n’y sont pas.",
}


def dans_liste(etat: EtatEleve, liste: Liste) -> bool:
    """Whether the pupil is in the list of his lycée; one who left it is in none."""
    if not etat.present:
        return False
    if liste is Liste.NON_INSCRITS:
        return not etat.inscrit
    if liste is Liste.INSCRITS_SANS_VOEU:
        return etat.inscrit and sans_voeu(etat)
    return True
