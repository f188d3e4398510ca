"""The row of a pupil: every column that lists filter, sort and print, the same in every service.

One column of the projection per field of :class:`LigneEleve`; its PostgreSQL type follows from the
field's. ``None``: not known (a fact has not arrived), or it makes no sense for this pupil.
"""

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from shared.domaine.admission import bilan_admission
from shared.domaine.bourse import bourse
from shared.domaine.bulletins import bilan_bulletins
from shared.domaine.complements import AUCUN, Complements
from shared.domaine.cordees import cordees
from shared.domaine.etat import EtatEleve
from shared.domaine.statut import statut
from shared.domaine.tri import cle_de_classe, cle_de_tri
from shared.domaine.voeux import actif, bilan_voeux


class LigneEleve(Struct, frozen=True, gc=False, kw_only=True):
    """Codes are those of the contracts (Statut, EtatBourse, Famille…); dates are instants unless ``date``.

    ``recherche``: what a text is looked for in, without accents. ``bulletins_*``: T1, T2, T3, S1, S2.
    ``voeux*`` and ``filiere_unique``: see ``shared.domaine.voeux``; a vœu multiple counts once.
    ``a_repondre_avant``: the nearest deadline among the propositions without answer. ``expiree_le``: the
    deadline that passed last. ``attente_non_classee``: vœux en attente without a rank, of a pupil who accepted
    another en maintenant. ``dialogue``: state of the fiche de dialogue.
    """

    session: int
    nom: str | None = None
    prenom: str | None = None
    tri: str | None = None
    recherche: str | None = None
    naissance: date | None = None
    sexe: str | None = None
    ine: str | None = None
    uai: str | None = None
    present: bool | None = None
    classe: str | None = None
    classe_tri: str | None = None
    serie: str | None = None
    specialites: tuple[str, ...] | None = None
    regime: str | None = None
    statut: str | None = None
    inscrit: bool | None = None
    dossier: str | None = None
    pieces_manquantes: tuple[str, ...] | None = None
    bulletins_remontes: tuple[str, ...] | None = None
    bulletins_saisis: tuple[str, ...] | None = None
    bulletins_manquants: tuple[str, ...] | None = None
    boursier: bool | None = None
    bourse: str | None = None
    bourse_echelon: int | None = None
    bourse_depuis: datetime | None = None
    bourse_a_traiter: bool | None = None
    bourse_contradiction: str | None = None
    cordees: bool | None = None
    cordees_source: str | None = None
    cordees_dispositif: str | None = None
    cordees_a_reporter: bool | None = None
    voeux: int | None = None
    voeux_confirmes: int | None = None
    voeux_a_confirmer: int | None = None
    voeux_non_confirmes: int | None = None
    voeux_sans_projet: int | None = None
    voeux_complementaires: int | None = None
    que_selectifs: bool | None = None
    que_hors_academie: bool | None = None
    un_l1_pass: bool | None = None
    que_l1_pass: bool | None = None
    que_apprentissage: bool | None = None
    filiere_unique: str | None = None
    familles: tuple[str, ...] | None = None
    decisions: int | None = None
    propositions: int | None = None
    a_repondre: int | None = None
    a_repondre_avant: datetime | None = None
    expirees: int | None = None
    expiree_le: datetime | None = None
    oui_si: int | None = None
    en_attente: int | None = None
    refus: int | None = None
    sous_reserve: int | None = None
    sans_proposition: str | None = None
    acceptation: str | None = None
    attente_non_classee: int | None = None
    formation_admise: str | None = None
    famille_admise: str | None = None
    demission: bool | None = None
    caes: str | None = None
    avis_rendus: int | None = None
    avis_cibles: int | None = None
    fiche_transmise_le: datetime | None = None
    dialogue: str | None = None
    suivi_actions: int | None = None
    suivi_assigne: str | None = None
    suivi_echeance: datetime | None = None


def ligne(etat: EtatEleve, complements: Complements = AUCUN) -> LigneEleve:
    """Pure function of the facts and of what people typed. An orphan has no lycée: he is in no list."""
    if etat.fusionne:
        return LigneEleve(session=etat.session)
    return LigneEleve(
        session=etat.session,
        **_identite(etat),
        **_scolarite(etat),
        **_dossier(etat),
        **_bourse(etat, complements),
        **_cordees(etat, complements),
        **_voeux(etat),
        **_admission(etat),
        **_fiche(etat),
        **_suivi(etat, complements),
    )


def _identite(etat: EtatEleve) -> dict[str, Any]:
    identite = etat.identite
    if identite is None:
        return {"sexe": etat.scolarite.sexe} if etat.scolarite else {}
    tri = cle_de_tri(identite.nom, identite.prenom)
    autres = [texte for texte in (identite.nom_usage, identite.ine) if texte]
    return {
        "nom": identite.nom,
        "prenom": identite.prenom,
        "tri": tri,
        "recherche": f"{tri} {cle_de_tri(*autres)}" if autres else tri,
        "naissance": identite.naissance,
        "sexe": identite.sexe,
        "ine": identite.ine,
    }


def _scolarite(etat: EtatEleve) -> dict[str, Any]:
    scolarite = etat.scolarite
    if scolarite is None:
        return {}
    return {
        "uai": scolarite.uai,
        "present": etat.present,
        "classe": scolarite.classe,
        "classe_tri": scolarite.classe and cle_de_classe(scolarite.classe),
        "serie": scolarite.serie.value,
        "specialites": scolarite.specialites,
        "regime": scolarite.regime,
        "statut": statut(etat).value,
    }


def _dossier(etat: EtatEleve) -> dict[str, Any]:
    inscription, bulletins = etat.inscription, bilan_bulletins(etat)
    dits: dict[str, Any] = {
        "inscrit": inscription is not None,
        "bulletins_remontes": bulletins.remontes,
        "bulletins_saisis": bulletins.saisis,
        "bulletins_manquants": bulletins.manquants,
        "caes": etat.caes and etat.caes[1].value,
    }
    if inscription is not None:
        dits["dossier"] = inscription.etat.value
        dits["pieces_manquantes"] = inscription.pieces_manquantes
    return dits


def _fiche(etat: EtatEleve) -> dict[str, Any]:
    """What avenir said of it; nothing yet: every active vœu still waits for its avis."""
    fiche = etat.fiche
    if fiche is None:
        return {"avis_rendus": 0, "avis_cibles": sum(map(actif, etat.voeux.values()))}
    return {
        "avis_rendus": fiche.avis_rendus,
        "avis_cibles": fiche.cibles,
        "fiche_transmise_le": fiche.transmise_le,
    }


def _bourse(etat: EtatEleve, complements: Complements) -> dict[str, Any]:
    dite = bourse(etat, complements.bourse)
    return {
        "boursier": dite.boursier,
        "bourse": dite.etat.value,
        "bourse_echelon": dite.echelon,
        "bourse_depuis": dite.depuis,
        "bourse_a_traiter": dite.a_traiter,
        "bourse_contradiction": dite.contradiction and dite.contradiction.value,
    }


def _cordees(etat: EtatEleve, complements: Complements) -> dict[str, Any]:
    dites = cordees(etat, complements.cordees)
    return {
        "cordees": dites.participe,
        "cordees_source": dites.source.value if dites.participe or complements.cordees else None,
        "cordees_dispositif": dites.dispositif and dites.dispositif.value,
        "cordees_a_reporter": dites.a_reporter,
    }


def _voeux(etat: EtatEleve) -> dict[str, Any]:
    bilan = bilan_voeux(etat)
    return {
        "voeux": bilan.voeux,
        "voeux_confirmes": bilan.confirmes,
        "voeux_a_confirmer": bilan.a_confirmer,
        "voeux_non_confirmes": bilan.non_confirmes,
        "voeux_sans_projet": bilan.sans_projet,
        "voeux_complementaires": bilan.complementaires,
        "que_selectifs": bilan.que_selectifs,
        "que_hors_academie": bilan.que_hors_academie,
        "un_l1_pass": bilan.un_l1_pass,
        "que_l1_pass": bilan.que_l1_pass,
        "que_apprentissage": bilan.que_apprentissage,
        "filiere_unique": bilan.filiere_unique,
        "familles": bilan.familles,
    }


def _admission(etat: EtatEleve) -> dict[str, Any]:
    bilan = bilan_admission(etat)
    admis = etat.voeux.get(bilan.admis) if bilan.admis else None
    return {
        "decisions": bilan.decisions,
        "propositions": bilan.propositions,
        "a_repondre": bilan.a_repondre,
        "a_repondre_avant": bilan.a_repondre_avant,
        "expirees": bilan.expirees,
        "expiree_le": bilan.expiree_le,
        "oui_si": bilan.oui_si,
        "en_attente": bilan.en_attente,
        "refus": bilan.refus,
        "sous_reserve": bilan.sous_reserve,
        "sans_proposition": bilan.sans_proposition,
        "acceptation": bilan.acceptation,
        "attente_non_classee": bilan.attente_non_classee,
        "formation_admise": admis and admis.formation_id,
        "famille_admise": admis and admis.famille.value,
        "demission": bilan.demission,
    }


def _suivi(etat: EtatEleve, complements: Complements) -> dict[str, Any]:
    suivi, scolarite = complements.suivi, etat.scolarite
    ailleurs = suivi is not None and suivi.lycee is not None and suivi.lycee != (scolarite and scolarite.uai)
    if suivi is None or ailleurs:
        return {"suivi_actions": 0}
    return {
        "suivi_actions": suivi.actions,
        "suivi_assigne": suivi.assigne,
        "suivi_echeance": suivi.echeance,
    }
