"""The state of a pupil as one compact row, and the reducer that every projection folds with.

The reducer keeps the highest version of each subject, so that duplicates, late and out-of-order
facts end in the same state (facts_and_effects §1). A deletion is a version too.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from shared.events import rapide as r
from shared.events.modeles import (
    Decision,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    Phase,
    Reponse,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie


class Identite(Struct, array_like=True, frozen=True, gc=False):
    version: int
    nom: str
    prenom: str
    naissance: date
    sexe: str
    ine: str | None
    nom_usage: str | None


class Vivier(Struct, array_like=True, frozen=True, gc=False):
    uai: str
    serie: Serie


class Scolarite(Struct, array_like=True, frozen=True, gc=False):
    version: int
    uai: str
    academie: str
    departement: str
    serie: Serie
    mef: str
    classe: str | None
    specialites: tuple[str, ...]
    sexe: str | None
    boursier: bool
    cordees: bool
    date_sortie: date | None
    vivier_initial: Vivier | None


class Inscription(Struct, array_like=True, frozen=True, gc=False):
    version: int
    etat: EtatDossier
    bulletins_saisis: tuple[str, ...]
    pieces_manquantes: tuple[str, ...]


class Voeu(Struct, array_like=True, frozen=True, gc=False):
    version: int
    formation_id: str
    famille: Famille
    selective: bool
    academie: str
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    revision: int = 0
    internat: bool = False
    projet_motive: bool = False
    rang: int | None = None


class Proposition(Struct, array_like=True, frozen=True, gc=False):
    version: int
    decision: Decision
    rang_attente: int | None
    date_limite: datetime | None


class ReponseDonnee(Struct, array_like=True, frozen=True, gc=False):
    version: int
    reponse: Reponse


class Echeance(Struct, array_like=True, frozen=True, gc=False):
    """A deadline that ingest says has passed, for the vœu or proposition of that version; or taken back."""

    version: int
    revision: int
    date_limite: datetime
    annule: bool = False


class EtatEleve(Struct, array_like=True, frozen=True):
    """Everything folded of one pupil. Vœux, propositions, réponses and échéances by ``voeu[/sous-voeu]``.

    ``expirations`` and ``non_confirmes`` are what ingest derived from time; what the platform says of the
    same vœu always wins: read them by ``reponse_de`` and ``etat_du_voeu`` only. ``fusionne``: the pupil that he
    turned out to be; nothing else is kept then, he is in no list and counts nowhere.
    """

    session: int
    identite: Identite | None = None
    scolarite: Scolarite | None = None
    inscription: Inscription | None = None
    bourse_signalee: int | None = None
    caes: tuple[int, EtatCaes] | None = None
    voeux: dict[str, Voeu] = {}
    propositions: dict[str, Proposition] = {}
    reponses: dict[str, ReponseDonnee] = {}
    expirations: dict[str, Echeance] = {}
    non_confirmes: dict[str, Echeance] = {}
    fusionne: str | None = None

    @property
    def present(self) -> bool:
        """In the current vivier: a terminale of a lycée who has not left it."""
        return self.scolarite is not None and self.scolarite.date_sortie is None

    @property
    def inscrit(self) -> bool:
        return self.inscription is not None


_encodeur = msgspec.msgpack.Encoder(order="deterministic")
_decodeur = msgspec.msgpack.Decoder(EtatEleve)


def encoder(etat: EtatEleve) -> bytes:
    return _encodeur.encode(etat)


def decoder(brut: bytes) -> EtatEleve:
    return _decodeur.decode(brut)


def replier(avant: EtatEleve | None, faits: Iterable[r.Fait]) -> EtatEleve | None:
    """Fold the facts of ONE pupil, whatever their order; ``avant`` itself when nothing changes."""
    cours = _Cours(avant)
    for fait in faits:
        cours.prendre(fait)
    return cours.etat()


class _Cours:
    """A fold in progress: copies the dictionaries once, at their first change."""

    def __init__(self, avant: EtatEleve | None) -> None:
        self.avant = avant
        self.champs: dict[str, Any] = {}
        self.session = avant.session if avant else 0

    def _lu(self, champ: str) -> Any:
        if champ in self.champs:
            return self.champs[champ]
        return getattr(self.avant, champ) if self.avant else None

    def _table(self, champ: str) -> dict[str, Any]:
        table: dict[str, Any] | None = self.champs.get(champ)
        if table is None:
            table = dict(getattr(self.avant, champ)) if self.avant else {}
            self.champs[champ] = table
        return table

    def prendre(self, fait: r.Fait) -> None:
        self.session = self.session or fait.session
        if self._lu("fusionne") is None:
            _PRENEURS[type(fait)](self, fait)

    def seul(self, champ: str, valeur: Any) -> None:
        lu = self._lu(champ)
        if lu is None or lu.version < valeur.version:
            self.champs[champ] = valeur

    def membre(self, champ: str, cle: str, version: int, revision: int = 0) -> dict[str, Any] | None:
        """The table to write into, or None when what it holds is as recent."""
        table: dict[str, Any] = self.champs.get(champ) or (getattr(self.avant, champ) if self.avant else {})
        lu = table.get(cle)
        if lu is not None and (lu.version, getattr(lu, "revision", 0)) >= (version, revision):
            return None
        return self._table(champ)

    def etat(self) -> EtatEleve | None:
        if not self.champs:
            return self.avant
        if fusionne := self.champs.get("fusionne"):
            return EtatEleve(self.session, fusionne=fusionne)
        if self.avant is None:
            return EtatEleve(self.session, **self.champs)
        return msgspec.structs.replace(self.avant, **self.champs)


def cle_voeu(voeu_id: str, sous_voeu_id: str | None) -> str:
    return f"{voeu_id}/{sous_voeu_id}" if sous_voeu_id else voeu_id


def _fusion(cours: _Cours, f: r.Fusion) -> None:
    cours.champs["fusionne"] = str(f.survivant)


def _identite(cours: _Cours, f: r.Identite) -> None:
    cours.seul("identite", Identite(f.version, f.nom, f.prenom, f.naissance, f.sexe, f.ine, f.nom_usage))


def _scolarite(cours: _Cours, f: r.Eleve) -> None:
    vivier = Vivier(f.vivier_initial.uai, f.vivier_initial.serie) if f.vivier_initial else None
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
        ),
    )


def _inscription(cours: _Cours, f: r.Dossier) -> None:
    cours.seul("inscription", Inscription(f.version, f.etat, f.bulletins_saisis, f.pieces_manquantes))


def _bourse(cours: _Cours, f: r.Bourse) -> None:
    lu = cours._lu("bourse_signalee")  # noqa: SLF001 - the fold and its takers are one piece
    if lu is None or lu < f.version:
        cours.champs["bourse_signalee"] = f.version


def _caes(cours: _Cours, f: r.Caes) -> None:
    lu = cours._lu("caes")  # noqa: SLF001 - the fold and its takers are one piece
    if lu is None or lu[0] < f.version:
        cours.champs["caes"] = (f.version, f.etat)


def _voeu(cours: _Cours, f: r.Voeu) -> None:
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


def _proposition(cours: _Cours, f: r.Proposition) -> None:
    cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
    table = cours.membre("propositions", cle, f.version)
    if table is not None:
        table[cle] = Proposition(f.version, f.decision, f.rang_attente, f.date_limite)


def _reponse(cours: _Cours, f: r.ReponseDonnee) -> None:
    cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
    table = cours.membre("reponses", cle, f.version)
    if table is not None:
        table[cle] = ReponseDonnee(f.version, f.reponse)


def _echeance(champ: str) -> "Callable[[_Cours, r.PropositionExpiree | r.VoeuNonConfirme], None]":
    def prendre(cours: _Cours, f: r.PropositionExpiree | r.VoeuNonConfirme) -> None:
        cle = cle_voeu(f.voeu_id, f.sous_voeu_id)
        table = cours.membre(champ, cle, f.version, f.revision)
        if table is not None:
            table[cle] = Echeance(f.version, f.revision, f.date_limite, f.annule)

    return prendre


_PRENEURS: Mapping[type[r.Fait], Callable[[_Cours, Any], None]] = {
    r.Identite: _identite,
    r.Eleve: _scolarite,
    r.Fusion: _fusion,
    r.Dossier: _inscription,
    r.Bourse: _bourse,
    r.Caes: _caes,
    r.Voeu: _voeu,
    r.Proposition: _proposition,
    r.ReponseDonnee: _reponse,
    r.PropositionExpiree: _echeance("expirations"),
    r.VoeuNonConfirme: _echeance("non_confirmes"),
}


def _vaut(echeance: Echeance | None, version: int) -> bool:
    return echeance is not None and not echeance.annule and echeance.version >= version


def etat_du_voeu(etat: EtatEleve, cle: str) -> EtatVoeu:
    """What the platform says of the vœu, or NON_CONFIRME when its deadline passed since."""
    voeu = etat.voeux[cle]
    if voeu.etat in A_CONFIRMER and _vaut(etat.non_confirmes.get(cle), voeu.version):
        return EtatVoeu.NON_CONFIRME
    return voeu.etat


def reponse_de(etat: EtatEleve, cle: str) -> Reponse | None:
    """The candidate's answer; EXPIREE when there is none and the deadline of the proposition passed."""
    if cle in etat.reponses:
        return etat.reponses[cle].reponse
    proposition = etat.propositions.get(cle)
    if proposition is None or proposition.decision not in A_REPONDRE:
        return None
    return Reponse.EXPIREE if _vaut(etat.expirations.get(cle), proposition.version) else None


A_CONFIRMER = frozenset({EtatVoeu.FORMULE, EtatVoeu.COMPLET})
"""A vœu of the phase principale that is still so at the deadline is dropped (parcoursup_reference §2.2)."""
A_REPONDRE = frozenset({Decision.OUI, Decision.OUI_SI})
"""Propositions that are lost without an answer in time (parcoursup_reference §2.3)."""
