"""Every figure recomputed from scratch for one day: the definitions of parcoursup_reference §3.4, and no state.

A pupil as he was known at the end of a day is, of each subject, the highest version recorded by that day.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.events import rapide as r
from shared.events.modeles import Decision, EtatCaes, EtatDossier, EtatVoeu, Phase, Reponse, Voie
from shared.nomenclatures.familles import Famille

L1_PASS = {Famille.LICENCE, Famille.LAS, Famille.PASS}
PROPOSITIONS = {Decision.OUI, Decision.OUI_SI, Decision.RETENU_SOUS_RESERVE}
ACCEPTATIONS = {Reponse.ACCEPTEE, Reponse.ACCEPTEE_EN_MAINTENANT}
Note = tuple[int, r.Fait]
"""A fact and its day."""


class Case(NamedTuple):
    session: int
    uai: str
    serie: str


@dataclass
class Voeu:
    dit: r.Voeu | None = None
    proposition: r.Proposition | None = None
    reponse: r.ReponseDonnee | None = None
    expiration: r.PropositionExpiree | None = None
    non_confirme: r.VoeuNonConfirme | None = None

    @property
    def actif(self) -> bool:
        return self.dit is not None and self.dit.etat is not EtatVoeu.SUPPRIME

    @property
    def confirme(self) -> bool:
        return self.dit is not None and self.dit.etat is EtatVoeu.CONFIRME

    @property
    def l1_pass(self) -> bool:
        return self.dit is not None and self.dit.famille in L1_PASS and self.dit.voie is Voie.ETUDIANT

    @property
    def complementaire(self) -> bool:
        return self.dit is not None and self.dit.phase is Phase.COMPLEMENTAIRE

    @property
    def decision(self) -> Decision | None:
        return self.proposition and self.proposition.decision

    @property
    def propose(self) -> bool:
        return self.decision in PROPOSITIONS

    @property
    def answer(self) -> Reponse | None:
        if self.reponse is not None:
            return self.reponse.reponse
        if self.expiration is None or self.proposition is None or self.expiration.annule:
            return None
        due = self.decision in {Decision.OUI, Decision.OUI_SI}
        return Reponse.EXPIREE if due and self.expiration.version >= self.proposition.version else None

    @property
    def accepte(self) -> bool:
        return self.propose and self.reponse is not None and self.reponse.reponse in ACCEPTATIONS


@dataclass
class Vu:
    """A pupil as known."""

    scolarite: r.Eleve | None = None
    dossier: r.Dossier | None = None
    caes: r.Caes | None = None
    fusion: r.Fusion | None = None
    voeux: defaultdict[str, Voeu] = field(default_factory=lambda: defaultdict(Voeu))

    @property
    def parti(self) -> bool:
        return self.dossier is not None and self.dossier.etat is EtatDossier.DEMISSION

    def _ceux(self, critere: Callable[[Voeu], bool]) -> list[Voeu]:
        return [voeu for voeu in self.voeux.values() if critere(voeu)]

    @property
    def accepte(self) -> list[Voeu]:
        """The one accepted last, if any."""
        tous = [(v.reponse.version, cle) for cle, v in self.voeux.items() if v.accepte and v.reponse]
        return [self.voeux[max(tous)[1]]] if tous else []

    def mesures(self) -> set[str]:
        """Codes of what he counts for, when he is there."""
        if self.dossier is None:
            return set()
        stades = {
            "demandes": self._ceux(lambda v: v.actif),
            "confirmes": self._ceux(lambda v: v.confirme),
            "admis": self._ceux(lambda v: v.propose),
            "acceptes": [] if self.parti else self.accepte,
        }
        dites = {"inscrits": True}
        for nom, voeux in stades.items():
            un = [v.l1_pass for v in voeux]
            trois = {nom: bool(un), f"{nom}_l1_pass": any(un), f"{nom}_que_l1_pass": bool(un) and all(un)}
            dites |= trois
            if nom in {"admis", "acceptes"}:
                dites |= {f"confirmes_{c}": oui and bool(stades["confirmes"]) for c, oui in trois.items()}
        dites["l1_pass"] = dites.pop("demandes_l1_pass")
        dites["que_l1_pass"] = dites.pop("demandes_que_l1_pass")
        dites["sans_voeu"] = not dites.pop("demandes")
        dites["sans_voeu_confirme"] = not dites["confirmes"]
        dites |= self._admission(propose=bool(stades["admis"]))
        return {code for code, oui in dites.items() if oui}

    def _admission(self, *, propose: bool) -> dict[str, bool]:
        abandons = {Reponse.REFUSEE, Reponse.EXPIREE, Reponse.DEMISSION}
        repondus = self._ceux(lambda v: v.decision is not None)
        attentes = [v for v in repondus if v.decision is Decision.EN_ATTENTE and v.answer not in abandons]
        refus = [v for v in repondus if v.decision is Decision.NON]
        a_repondre = [
            v for v in repondus if v.decision in {Decision.OUI, Decision.OUI_SI} and v.answer is None
        ]
        reste = not self.parti
        sans = bool(repondus) and not propose and reste
        return {
            "acceptes_en_maintenant": reste
            and any(
                v.reponse is not None and v.reponse.reponse is Reponse.ACCEPTEE_EN_MAINTENANT
                for v in self.accepte
            ),
            "a_repondre": reste and bool(a_repondre),
            "repondus": bool(repondus),
            "expirees": any(v.answer is Reponse.EXPIREE for v in repondus),
            "sans_proposition": sans,
            "que_attente": sans and bool(attentes) and not refus,
            "que_refus": sans and not attentes,
            "demissions": self.parti,
            "complementaire": reste and any(v.actif and v.complementaire for v in self.voeux.values()),
            "complementaire_admis": reste and any(v.propose and v.complementaire for v in repondus),
            "caes": self.caes is not None,
            "caes_propositions": self.caes is not None
            and self.caes.etat in {EtatCaes.PROPOSITION, EtatCaes.ACCEPTEE},
        }


def vu_au(notes: Iterable[Note], jour: int) -> Vu:
    hautes: dict[tuple[type[r.Fait], str], r.Fait] = {}
    for quand, fait in notes:
        sujet = (type(fait), _voeu(fait))
        if quand <= jour and (sujet not in hautes or _ordre(hautes[sujet]) < _ordre(fait)):
            hautes[sujet] = fait
    vu = Vu()
    for (type_, cle), fait in hautes.items():
        if cle:
            setattr(vu.voeux[cle], _DU_VOEU[type_], fait)
        else:
            setattr(vu, _DE_L_ELEVE[type_], fait)
    return vu


_DE_L_ELEVE = {r.Eleve: "scolarite", r.Dossier: "dossier", r.Caes: "caes", r.Fusion: "fusion"}
_DU_VOEU = {
    r.Voeu: "dit",
    r.Proposition: "proposition",
    r.ReponseDonnee: "reponse",
    r.PropositionExpiree: "expiration",
    r.VoeuNonConfirme: "non_confirme",
}


def _voeu(fait: r.Fait) -> str:
    voeu = getattr(fait, "voeu_id", "")
    sous = getattr(fait, "sous_voeu_id", None)
    return f"{voeu}/{sous}" if sous else voeu


def _ordre(fait: r.Fait) -> tuple[int, int]:
    return fait.version, getattr(fait, "revision", 0)


def cases_au(eleves: Mapping[str, Iterable[Note]], jour: int) -> dict[Case, dict[str, int]]:
    """Measures of each lycée × série at the end of ``jour``, those that count nobody left out."""
    cases: defaultdict[Case, Counter[str]] = defaultdict(Counter)
    for notes in eleves.values():
        vu = vu_au(notes, jour)
        scolarite = vu.scolarite
        if scolarite is None or vu.fusion:
            continue
        if scolarite.date_sortie is None:
            ici = Case(scolarite.session, scolarite.uai, scolarite.serie.value)
            cases[ici].update({"vivier", *vu.mesures()})
        if fige := scolarite.vivier_initial:
            la = Case(scolarite.session, fige.uai, fige.serie.value)
            cases[la].update({"vivier_initial", *(["participants_initiaux"] if vu.dossier else [])})
    return {case: dict(comptes) for case, comptes in cases.items()}
