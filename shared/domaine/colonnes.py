"""What lists print of a pupil's row: titles, French values and where each comes from, for the site and spreadsheets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from shared.domaine.admission import Acceptation, SansProposition
from shared.domaine.bourse import Contradiction
from shared.domaine.calendrier import PARIS
from shared.domaine.cordees import LIBELLES_DISPOSITIF
from shared.domaine.ligne import LigneEleve
from shared.domaine.statut import LIBELLES as STATUTS
from shared.events.modeles import Dispositif, EtatBourse, EtatCaes, EtatDossier, SourceCordees, Statut
from shared.nomenclatures.codes import regimes
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.formations import formation
from shared.nomenclatures.matieres import specialites
from shared.nomenclatures.series import Serie

Valeur = str | int | date | datetime | None
"""What a cell holds: an instant is the wall clock of Paris, without offset."""
IDENTITE_ATTENDUE = "(identité non reçue)"
BOURSES: Mapping[EtatBourse, str] = {
    EtatBourse.SIECLE: "Boursier (SIECLE)",
    EtatBourse.SIGNALEE: "Signalée par l’élève, à traiter",
    EtatBourse.CERTIFIEE: "Certifiée par le lycée",
    EtatBourse.REFUSEE: "Refusée par le lycée",
    EtatBourse.AUCUNE: "Non boursier",
}
_DOSSIERS = {
    EtatDossier.OUVERT: "Ouvert, à compléter",
    EtatDossier.COMPLET: "Complet",
    EtatDossier.DEMISSION: "Procédure quittée",
}
_CAES = {
    EtatCaes.SAISIE: "Commission saisie",
    EtatCaes.PROPOSITION: "Proposition faite",
    EtatCaes.ACCEPTEE: "Proposition acceptée",
    EtatCaes.CLOSE: "Dossier clos",
}
_CONTRADICTIONS = {
    Contradiction.ECHELON: "SIECLE donne un autre échelon",
    Contradiction.RETIREE: "SIECLE ne dit plus l’élève boursier",
    Contradiction.REFUS: "SIECLE dit l’élève boursier, le lycée a refusé",
}
_SOURCES = {SourceCordees.SIECLE: "SIECLE", SourceCordees.LOCAL: "Saisie du lycée"}


@dataclass(frozen=True, slots=True)
class Colonne:
    """``code``: for lists to name it. ``tri``: the field of the row that orders it. ``note``: source and meaning.

    ``centree``: short codes and figures. ``reservee``: to the chef and his adjoints.
    """

    code: str
    titre: str
    valeur: Callable[[LigneEleve], Valeur]
    tri: str
    note: str | None = None
    centree: bool = True
    reservee: bool = False


def oui_non(valeur: bool | None) -> str | None:
    return None if valeur is None else "oui" if valeur else "non"


def en_paris(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(PARIS).replace(tzinfo=None)


def _codes(valeurs: tuple[str, ...] | None, libelle: Callable[[str], str] = str) -> str | None:
    return ", ".join(map(libelle, valeurs)) if valeurs else None


def _specialite(cle: str) -> str:
    connue = specialites().get(cle)
    return connue.libelle if connue else cle


def _serie(ligne: LigneEleve) -> str | None:
    return ligne.serie and Serie(ligne.serie).libelle


def _formation(ligne: LigneEleve) -> str | None:
    if ligne.formation_admise is None:
        return None
    connue = formation(ligne.formation_admise)
    return f"{connue.libelle} — {connue.etablissement}" if connue else ligne.formation_admise


def _avis(ligne: LigneEleve) -> str | None:
    return f"{ligne.avis_rendus} sur {ligne.avis_cibles}" if ligne.avis_cibles else None


_TOUTES = (
    Colonne("classe", "Classe", lambda e: e.classe, "classe_tri"),
    Colonne("nom", "Nom", lambda e: e.nom or IDENTITE_ATTENDUE, "tri", centree=False),
    Colonne("prenom", "Prénom", lambda e: e.prenom, "tri", centree=False),
    Colonne("naissance", "Date de naissance", lambda e: e.naissance, "naissance"),
    Colonne("ine", "INE", lambda e: e.ine, "ine"),
    Colonne(
        "serie",
        "Série",
        _serie,
        "serie",
        "« Série » est déduite du MEF de l’élève.",
        centree=False,
    ),
    Colonne(
        "statut",
        "Statut",
        lambda e: e.statut and STATUTS[Statut(e.statut)],
        "statut",
        "« Statut » dit où en est l’élève dans la procédure.",
        centree=False,
    ),
    Colonne(
        "boursier",
        "Boursier",
        lambda e: oui_non(e.boursier),
        "boursier",
        "« Boursier » : SIECLE le dit, ou le lycée l’a certifié.",
    ),
    Colonne(
        "specialites",
        "Spécialités",
        lambda e: _codes(e.specialites, _specialite),
        "serie",
        "« Spécialités » : celles de la terminale générale, telles que SIECLE les a remontées.",
        centree=False,
    ),
    Colonne("regime", "Régime", lambda e: e.regime and regimes().get(e.regime, e.regime), "regime"),
    Colonne(
        "dossier",
        "Dossier",
        lambda e: e.dossier and _DOSSIERS[EtatDossier(e.dossier)],
        "dossier",
        "« Dossier » et « Pièces manquantes » : ce que la plateforme dit du dossier de l’élève.",
        centree=False,
    ),
    Colonne(
        "pieces_manquantes",
        "Pièces manquantes",
        lambda e: _codes(e.pieces_manquantes),
        "dossier",
        centree=False,
    ),
    Colonne(
        "bulletins_manquants",
        "Bulletins manquants",
        lambda e: _codes(e.bulletins_manquants),
        "classe_tri",
        "« Bulletins manquants » : périodes attendues que le lycée n’a pas remontées et que l’élève n’a pas saisies.",
    ),
    Colonne(
        "bulletins_saisis",
        "Bulletins saisis par l’élève",
        lambda e: _codes(e.bulletins_saisis),
        "classe_tri",
        "« Bulletins saisis par l’élève » : périodes que le lycée n’a pas remontées.",
    ),
    Colonne(
        "bourse",
        "Bourse",
        lambda e: e.bourse and BOURSES[EtatBourse(e.bourse)],
        "bourse",
        centree=False,
        reservee=True,
    ),
    Colonne("bourse_echelon", "Échelon", lambda e: e.bourse_echelon, "bourse_echelon", reservee=True),
    Colonne(
        "bourse_depuis",
        "Bourse : depuis le",
        lambda e: en_paris(e.bourse_depuis),
        "bourse_depuis",
        "« Bourse : depuis le » : date du signalement de l’élève ou de la décision du lycée.",
        reservee=True,
    ),
    Colonne(
        "bourse_contradiction",
        "Désaccord avec SIECLE",
        lambda e: e.bourse_contradiction and _CONTRADICTIONS[Contradiction(e.bourse_contradiction)],
        "bourse_contradiction",
        "« Désaccord avec SIECLE » : la décision du lycée tient ; c’est elle qui part vers la plateforme.",
        centree=False,
        reservee=True,
    ),
    Colonne("cordees", "Cordées", lambda e: oui_non(e.cordees), "cordees"),
    Colonne(
        "cordees_dispositif",
        "Dispositif",
        lambda e: e.cordees_dispositif and LIBELLES_DISPOSITIF[Dispositif(e.cordees_dispositif)],
        "cordees_dispositif",
        centree=False,
    ),
    Colonne(
        "cordees_source",
        "Source",
        lambda e: e.cordees_source and _SOURCES[SourceCordees(e.cordees_source)],
        "cordees_source",
        "« Source » des Cordées : la saisie du lycée l’emporte sur SIECLE.",
    ),
    Colonne(
        "voeux",
        "Vœux",
        lambda e: e.voeux,
        "voeux",
        "Un vœu multiple compte pour un vœu, quel que soit le nombre de ses sous-vœux.",
    ),
    Colonne("voeux_confirmes", "Vœux confirmés", lambda e: e.voeux_confirmes, "voeux_confirmes"),
    Colonne("voeux_a_confirmer", "Vœux à confirmer", lambda e: e.voeux_a_confirmer, "voeux_a_confirmer"),
    Colonne(
        "voeux_sans_projet",
        "Vœux sans projet motivé",
        lambda e: e.voeux_sans_projet,
        "voeux_sans_projet",
    ),
    Colonne(
        "voeux_complementaires",
        "Vœux en phase complémentaire",
        lambda e: e.voeux_complementaires,
        "voeux_complementaires",
    ),
    Colonne(
        "familles",
        "Filières demandées",
        lambda e: _codes(e.familles, lambda code: Famille(code).libelle),
        "filiere_unique",
        centree=False,
    ),
    Colonne(
        "propositions",
        "Propositions",
        lambda e: e.propositions,
        "propositions",
        "« Propositions » compte toutes celles que l’élève a reçues, quelle que soit sa réponse.",
    ),
    Colonne("a_repondre", "À répondre", lambda e: e.a_repondre, "a_repondre"),
    Colonne(
        "a_repondre_avant",
        "Répondre avant le",
        lambda e: en_paris(e.a_repondre_avant),
        "a_repondre_avant",
        "« Répondre avant le » : la plus proche des dates limites, heure de Paris ; la minute écrite est encore à temps.",
    ),
    Colonne("expirees", "Propositions expirées", lambda e: e.expirees, "expirees"),
    Colonne("expiree_le", "Dernière expiration", lambda e: en_paris(e.expiree_le), "expiree_le"),
    Colonne("oui_si", "Oui-si reçus", lambda e: e.oui_si, "oui_si"),
    Colonne("en_attente", "Vœux en attente", lambda e: e.en_attente, "en_attente"),
    Colonne("refus", "Refus", lambda e: e.refus, "refus"),
    Colonne(
        "sous_reserve",
        "Retenu sous réserve de contrat",
        lambda e: e.sous_reserve,
        "sous_reserve",
    ),
    Colonne(
        "sans_proposition",
        "Sans proposition",
        lambda e: e.sans_proposition and SansProposition(e.sans_proposition).libelle,
        "sans_proposition",
        centree=False,
    ),
    Colonne(
        "acceptation",
        "Réponse",
        lambda e: e.acceptation and Acceptation(e.acceptation).libelle,
        "acceptation",
        centree=False,
    ),
    Colonne(
        "attente_non_classee",
        "Vœux en attente non classés",
        lambda e: e.attente_non_classee,
        "attente_non_classee",
    ),
    Colonne("formation_admise", "Formation acceptée", _formation, "formation_admise", centree=False),
    Colonne(
        "famille_admise",
        "Filière acceptée",
        lambda e: e.famille_admise and Famille(e.famille_admise).libelle,
        "famille_admise",
        centree=False,
    ),
    Colonne("caes", "CAES", lambda e: e.caes and _CAES[EtatCaes(e.caes)], "caes", centree=False),
    Colonne(
        "avis",
        "Avis rendus",
        _avis,
        "avis_rendus",
        "« Avis rendus » : avis du chef d’établissement saisis, sur le nombre de vœux et de sous-vœux.",
    ),
    Colonne(
        "fiche_transmise_le",
        "Fiche transmise le",
        lambda e: en_paris(e.fiche_transmise_le),
        "fiche_transmise_le",
    ),
    Colonne("dialogue", "Fiche de dialogue", lambda e: e.dialogue, "dialogue"),
    Colonne("suivi_actions", "Actions en cours", lambda e: e.suivi_actions, "suivi_actions"),
    Colonne("suivi_assigne", "Suivi par", lambda e: e.suivi_assigne, "suivi_assigne", centree=False),
    Colonne("suivi_echeance", "Échéance", lambda e: en_paris(e.suivi_echeance), "suivi_echeance"),
)
COLONNES: Mapping[str, Colonne] = MappingProxyType({colonne.code: colonne for colonne in _TOUTES})
COMMUNES = ("classe", "nom", "prenom", "naissance", "ine", "serie", "statut", "boursier")
"""What every list prints first."""
