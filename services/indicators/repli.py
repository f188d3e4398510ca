"""The facts of a pupil into his compact state: one taker by type of fact."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from services.indicators import traits as t
from services.indicators.etat import SEPARATEUR, Etat, VoeuPlie, poser
from services.indicators.legers import PropositionLegere, ReponseLegere, VoeuLeger
from shared.domaine.etat import cle_voeu
from shared.events import rapide as r
from shared.events.modeles import EtatBourse, EtatCaes, EtatCordees, EtatDossier, SourceCordees

INSCRIT, DEMISSION = 1, 2
"""Of an inscription."""
SAISIE, PROPOSITION = 1, 2
"""Of the CAES."""


def replier(etat: Etat, faits: Iterable[tuple[int, r.Fait]]) -> None:
    """Fold (day, fact) of ONE pupil into his state, in place, whatever their order."""
    for jour, fait in faits:
        du_voeu = DU_VOEU.get(type(fait))
        if du_voeu is None:
            DE_L_ELEVE[type(fait)](etat, fait, jour)
        else:
            du_voeu(voeu_de(etat, fait), fait, jour)
        etat.dernier = max(etat.dernier, jour)


def voeu_de(etat: Etat, f: Any) -> VoeuPlie:
    cle = f.voeu_id if f.sous_voeu_id is None else cle_voeu(f.voeu_id, f.sous_voeu_id)
    un = etat.voeux.get(cle)
    if un is None:
        un = etat.voeux[cle] = VoeuPlie()
    return un


def _voeu(un: VoeuPlie, f: r.Voeu | VoeuLeger, jour: int) -> None:
    code = t.FAMILLE[f.famille] | f.selective | t.VOIE[f.voie] | t.PHASE[f.phase] | t.ETAT[f.etat]
    un.voeu = dites = poser(un.voeu, jour, f.version, f.revision, code)
    un.code = un.code & ~t.VOEU | dites[3]
    if un.echeance:
        un.recoder()


def _proposition(un: VoeuPlie, f: r.Proposition | PropositionLegere, jour: int) -> None:
    un.proposition = dites = poser(un.proposition, jour, f.version, 0, t.DECISION[f.decision])
    un.code = un.code & ~t.BITS_DECISION | dites[3]
    if un.expiration:
        un.recoder()


def _reponse(un: VoeuPlie, f: r.ReponseDonnee | ReponseLegere, jour: int) -> None:
    un.reponse = dites = poser(un.reponse, jour, f.version, 0, t.REPONSE[f.reponse])
    un.code = un.code & ~t.BITS_REPONSE | dites[3]


def _expiration(un: VoeuPlie, f: r.PropositionExpiree, jour: int) -> None:
    un.expiration = poser(un.expiration, jour, f.version, f.revision, int(not f.annule))
    un.recoder()


def _echeance(un: VoeuPlie, f: r.VoeuNonConfirme, jour: int) -> None:
    un.echeance = poser(un.echeance, jour, f.version, f.revision, int(not f.annule))
    un.recoder()


def _scolarite(etat: Etat, f: r.Eleve, jour: int) -> None:
    fige = f.vivier_initial
    texte = SEPARATEUR.join(
        (
            f.uai,
            f.academie,
            f.serie.value,
            (f.classe or "").replace(SEPARATEUR, " "),
            "+".join(sorted(f.specialites)),
            f.sexe or "",
            "1" if f.codes_bourse else "",
            "1" if f.cordees else "",
            "" if f.date_sortie else "1",
            fige.uai if fige else "",
            fige.serie.value if fige else "",
        )
    )
    etat.scolarite = poser(etat.scolarite, jour, f.version, 0, texte)


def _fusion(etat: Etat, f: r.Fusion, jour: int) -> None:
    etat.fusion = poser(etat.fusion, jour, f.version, 0, 1)


def _inscription(etat: Etat, f: r.Dossier, jour: int) -> None:
    demission = DEMISSION if f.etat is EtatDossier.DEMISSION else INSCRIT
    etat.inscription = poser(etat.inscription, jour, f.version, 0, demission)


def _caes(etat: Etat, f: r.Caes, jour: int) -> None:
    propose = f.etat in {EtatCaes.PROPOSITION, EtatCaes.ACCEPTEE}
    etat.caes = poser(etat.caes, jour, f.version, 0, PROPOSITION if propose else SAISIE)


_BOURSES = MappingProxyType({EtatBourse.CERTIFIEE: 1, EtatBourse.REFUSEE: 2})


def _bourse(etat: Etat, f: r.BourseCertifiee, jour: int) -> None:
    """Only decisions outweigh SIECLE (``shared.domaine.complements_publies``)."""
    etat.bourse = poser(etat.bourse, jour, f.version, 0, _BOURSES.get(f.etat, 0))


def _cordees(etat: Etat, f: r.Cordees, jour: int) -> None:
    dit = 1 if f.etat is EtatCordees.PARTICIPE else 2
    etat.cordees = poser(etat.cordees, jour, f.version, 0, dit if f.source is SourceCordees.LOCAL else 0)


def _intentions(etat: Etat, f: r.Intentions, jour: int) -> None:
    """The familles in the order of the pupil's preference; a domaine alone is not one."""
    familles = ",".join(dict.fromkeys(une.famille.value for une in f.intentions if une.famille))
    cle = str(f.periode)
    etat.intentions[cle] = poser(etat.intentions.get(cle, ()), jour, f.version, 0, familles)


def _rien(etat: Etat, f: r.Fait, jour: int) -> None:
    """Says nothing that is counted."""


DU_VOEU: Mapping[type, Callable[[VoeuPlie, Any, int], None]] = {
    r.Voeu: _voeu,
    VoeuLeger: _voeu,
    PropositionLegere: _proposition,
    ReponseLegere: _reponse,
    r.VoeuNonConfirme: _echeance,
    r.Proposition: _proposition,
    r.PropositionExpiree: _expiration,
    r.ReponseDonnee: _reponse,
}
DE_L_ELEVE: Mapping[type[r.Fait], Callable[[Etat, Any, int], None]] = {
    r.Eleve: _scolarite,
    r.Fusion: _fusion,
    r.Dossier: _inscription,
    r.Bourse: _rien,
    r.Caes: _caes,
    r.BourseCertifiee: _bourse,
    r.Cordees: _cordees,
    r.Intentions: _intentions,
}
