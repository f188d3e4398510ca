"""The reducer that every projection folds with: facts of one pupil → his state.

It keeps the highest version of each subject, so that duplicates, late and out-of-order facts end in
the same state (facts_and_effects §1; docs/ordre-des-faits.md). A deletion is a version too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.domaine.etat.cours import Cours
from shared.domaine.etat.structures import (
    Accuse,
    BourseDite,
    Bulletin,
    CordeesDites,
    Echeance,
    EtatEleve,
    Fiche,
    Identite,
    Inscription,
    Proposition,
    ReponseDonnee,
    Scolarite,
    SuiviDit,
    Vivier,
    Voeu,
)
from shared.events import rapide as r


def replier(avant: EtatEleve | None, faits: Iterable[r.Fait]) -> EtatEleve | None:
    """Fold the facts of ONE pupil, whatever their order; ``avant`` itself when nothing changes."""
    cours = Cours(avant)
    for fait in faits:
        cours.prendre(fait, _PRENEURS[type(fait)])
    return cours.etat()


def cle_voeu(voeu_id: str, sous_voeu_id: str | None) -> str:
    return f"{voeu_id}/{sous_voeu_id}" if sous_voeu_id else voeu_id


def cle_bulletin(annee: int, periode: int) -> str:
    return f"{annee}-{periode}"


def _fusion(cours: Cours, f: r.Fusion) -> None:
    if cours.lu("fusionne") is None or cours.lu("fusion_version") < f.version:
        cours.champs |= {"fusionne": str(f.survivant), "fusion_version": f.version}


def _identite(cours: Cours, f: r.Identite) -> None:
    cours.seul(
        "identite",
        Identite(f.version, f.nom, f.prenom, f.naissance, f.sexe, f.ine, f.nom_usage, f.prenom2, f.prenom3),
    )


def _scolarite(cours: Cours, f: r.Eleve) -> None:
    vivier = _vivier(f.vivier_initial) if f.vivier_initial else None
    if f.codes_bourse:
        _la_plus_haute(cours, "bourse_siecle_vue", f.version)
    cours.seul(
        "scolarite",
        Scolarite(
            f.version,
            f.uai,
            f.academie,
            f.departement,
            f.serie,
            f.mef,
            f.classe,
            f.specialites,
            f.sexe,
            bool(f.codes_bourse),
            f.cordees,
            f.date_sortie,
            vivier,
            f.regime,
            f.statut_scolaire,
            f.date_entree,
            f.echelon_bourse,
            f.dispositif,
        ),
    )


def _la_plus_haute(cours: Cours, champ: str, version: int) -> None:
    lue = cours.lu(champ)
    if lue is None or lue < version:
        cours.champs[champ] = version


def _vivier(f: r.VivierInitial) -> Vivier:
    return Vivier(f.uai, f.serie, f.date)


def _bulletin(cours: Cours, f: r.Bulletin) -> None:
    cle = cle_bulletin(f.annee, f.periode)
    table = cours.membre("bulletins", cle, f.version)
    if table is not None:
        etats = [note.etat for note in f.notes]
        table[cle] = Bulletin(
            f.version,
            f.origine,
            f.decoupage,
            notees=etats.count("S"),
            absentes=etats.count("A"),
            dispensees=etats.count("D"),
            non_notees=etats.count("N"),
            uai=f.uai,
            classe=f.classe,
        )


def _fiche(cours: Cours, f: r.Fiche) -> None:
    cours.seul("fiche", Fiche(f.version, f.avis_rendus, f.cibles, f.transmise_le))


def _accuse(cours: Cours, f: r.Accuse) -> None:
    table = cours.membre("accuses", f.objet.value, f.version)
    if table is not None:
        table[f.objet.value] = Accuse(f.version, f.version_objet, f.resultat)


def _inscription(cours: Cours, f: r.Dossier) -> None:
    cours.seul("inscription", Inscription(f.version, f.etat, f.bulletins_saisis, f.pieces_manquantes))


def _bourse(cours: Cours, f: r.Bourse) -> None:
    lu = cours.lu("bourse_signalee")
    if lu is None or lu < f.version:
        cours.champs["bourse_signalee"] = f.version
        cours.champs["bourse_signalee_le"] = f.signalee_le


def _bourse_dite(cours: Cours, f: r.BourseCertifiee) -> None:
    cours.seul("bourse_dite", BourseDite(f.version, f.etat, f.echelon, f.motif, f.depuis))


def _cordees_dites(cours: Cours, f: r.Cordees) -> None:
    cours.seul("cordees_dites", CordeesDites(f.version, f.etat, f.dispositif, f.source, f.depuis))


def _suivi_dit(cours: Cours, f: r.Suivi) -> None:
    cours.seul("suivi_dit", SuiviDit(f.version, f.actions, f.assigne, f.echeance, f.lycee))


def _caes(cours: Cours, f: r.Caes) -> None:
    lu = cours.lu("caes")
    if lu is None or lu[0] < f.version:
        cours.champs["caes"] = (f.version, f.etat)


def _voeu(cours: Cours, f: r.Voeu) -> None:
    cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
    table = cours.membre("voeux", cle, f.version, f.revision)
    if table is not None:
        table[cle] = Voeu(
            f.version,
            f.formation_id,
            f.famille,
            f.selective,
            f.academie_formation,
            f.voie,
            f.phase,
            f.etat,
            f.revision,
            f.internat,
            f.projet_motive,
            f.rang,
        )


def _proposition(cours: Cours, f: r.Proposition) -> None:
    cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
    table = cours.membre("propositions", cle, f.version)
    if table is not None:
        table[cle] = Proposition(f.version, f.decision, f.rang_attente, f.date_limite)


def _reponse(cours: Cours, f: r.ReponseDonnee) -> None:
    cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
    table = cours.membre("reponses", cle, f.version)
    if table is not None:
        table[cle] = ReponseDonnee(f.version, f.reponse, f.voeux_maintenus)


def _echeance(champ: str) -> "Callable[[Cours, r.PropositionExpiree | r.VoeuNonConfirme], None]":
    def prendre(cours: Cours, f: r.PropositionExpiree | r.VoeuNonConfirme) -> None:
        cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
        table = cours.membre(champ, cle, f.version, f.revision)
        if table is not None:
            table[cle] = Echeance(f.version, f.revision, f.date_limite, f.annule)

    return prendre


_PRENEURS: Mapping[type[r.Fait], Callable[[Cours, Any], None]] = {
    r.Identite: _identite,
    r.Eleve: _scolarite,
    r.Fusion: _fusion,
    r.Bulletin: _bulletin,
    r.Fiche: _fiche,
    r.Accuse: _accuse,
    r.Dossier: _inscription,
    r.Bourse: _bourse,
    r.BourseCertifiee: _bourse_dite,
    r.Cordees: _cordees_dites,
    r.Suivi: _suivi_dit,
    r.Caes: _caes,
    r.Voeu: _voeu,
    r.Proposition: _proposition,
    r.ReponseDonnee: _reponse,
    r.PropositionExpiree: _echeance("expirations"),
    r.VoeuNonConfirme: _echeance("non_confirmes"),
}
