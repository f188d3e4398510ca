"""Small reference tables kept in the project, with their sources in README.md, and what is derived from them."""

from shared.nomenclatures.academies import (
    Academie,
    Departement,
    academie,
    academie_de_uai,
    academie_du_departement,
    academies,
    departement_de_uai,
    departements,
    uai_valide,
)
from shared.nomenclatures.codes import (
    bourses,
    modalites_election,
    motifs_de_sortie,
    provenances,
    regimes,
    statuts,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.formations import Formation, formation, formations
from shared.nomenclatures.lycees import Lycee, lycee, lycees
from shared.nomenclatures.matieres import (
    Specialite,
    specialite_de_la_cle_de_gestion,
    specialite_de_la_matiere,
    specialites,
)
from shared.nomenclatures.mef import Mef, NatureMef, est_terminale, nature_du_mef, serie_du_mef, terminales
from shared.nomenclatures.series import Serie

__all__ = [
    "Academie",
    "Departement",
    "Famille",
    "Formation",
    "Lycee",
    "Mef",
    "NatureMef",
    "Serie",
    "Specialite",
    "academie",
    "academie_de_uai",
    "academie_du_departement",
    "academies",
    "bourses",
    "departement_de_uai",
    "departements",
    "est_terminale",
    "formation",
    "formations",
    "lycee",
    "lycees",
    "modalites_election",
    "motifs_de_sortie",
    "nature_du_mef",
    "provenances",
    "regimes",
    "serie_du_mef",
    "specialite_de_la_cle_de_gestion",
    "specialite_de_la_matiere",
    "specialites",
    "statuts",
    "terminales",
    "uai_valide",
]
