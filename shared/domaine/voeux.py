"""Predicates over a pupil's vœux. L1/PASS is defined here, once, for indicators, lists and exports.

Source: parcoursup_reference §2.1, §3.4 and the defaults of its §7 (points 1 and 4): L.AS and
selective double licences count as L1; an apprenticeship vœu is a vœu, is never L1/PASS, and
breaks "only".
"""

from msgspec import Struct

from shared.domaine.etat import A_CONFIRMER, EtatEleve, Voeu, etat_du_voeu
from shared.events.modeles import EtatVoeu, Phase, Voie
from shared.nomenclatures.familles import Famille

L1_PASS = frozenset({Famille.LICENCE, Famille.LAS, Famille.PASS})
_L1_PASS = tuple(L1_PASS)
_ETUDIANT, _APPRENTISSAGE = Voie.ETUDIANT, Voie.APPRENTISSAGE
_SUPPRIME, _CONFIRME, _NON_CONFIRME = EtatVoeu.SUPPRIME, EtatVoeu.CONFIRME, EtatVoeu.NON_CONFIRME
_COMPLEMENTAIRE = Phase.COMPLEMENTAIRE
_FAMILLES = tuple((id(famille), famille) for famille in Famille)
"""By identity, as codes are told in tuples: an enumeration is hashed in Python."""


def actif(voeu: Voeu) -> bool:
    return voeu.etat is not _SUPPRIME


def est_l1_pass(voeu: Voeu) -> bool:
    return voeu.famille in _L1_PASS and voeu.voie is _ETUDIANT


def voeux_actifs(etat: EtatEleve) -> list[Voeu]:
    return [voeu for voeu in etat.voeux.values() if voeu.etat is not _SUPPRIME]


def nombre_de_voeux(etat: EtatEleve) -> int:
    """Distinct vœux: the sous-vœux of a vœu multiple count once."""
    return len({cle.partition("/")[0] for cle, voeu in etat.voeux.items() if actif(voeu)})


def nombre_confirmes(etat: EtatEleve) -> int:
    return len({cle.partition("/")[0] for cle, voeu in etat.voeux.items() if voeu.etat is _CONFIRME})


def sans_voeu(etat: EtatEleve) -> bool:
    return not any(map(actif, etat.voeux.values()))


def un_l1_pass(etat: EtatEleve) -> bool:
    return any(est_l1_pass(voeu) for voeu in voeux_actifs(etat))


def que_l1_pass(etat: EtatEleve) -> bool:
    actifs = voeux_actifs(etat)
    return bool(actifs) and all(map(est_l1_pass, actifs))


def demandees(etat: EtatEleve) -> frozenset[str]:
    """Formations asked for and not withdrawn: the only ones an avis may be written for."""
    return frozenset(voeu.formation_id for voeu in voeux_actifs(etat))


class BilanVoeux(Struct, frozen=True, gc=False, kw_only=True):
    """The vœux of a pupil in figures; those of a vœu multiple count once.

    ``a_confirmer``: still FORMULE or COMPLET, before their deadline; ``non_confirmes``: dropped at it.
    ``sans_projet``: without projet de formation motivé, those dropped left out. ``complementaires``: of the phase
    complémentaire. ``que_*``: false without vœu. ``filiere_unique``: the only famille asked for.
    """

    voeux: int
    confirmes: int
    a_confirmer: int
    non_confirmes: int
    sans_projet: int
    complementaires: int
    que_selectifs: bool
    que_hors_academie: bool
    un_l1_pass: bool
    que_l1_pass: bool
    que_apprentissage: bool
    familles: tuple[str, ...]

    @property
    def filiere_unique(self) -> str | None:
        return self.familles[0] if len(self.familles) == 1 else None


_AUCUN_VOEU = BilanVoeux(
    voeux=0,
    confirmes=0,
    a_confirmer=0,
    non_confirmes=0,
    sans_projet=0,
    complementaires=0,
    que_selectifs=False,
    que_hors_academie=False,
    un_l1_pass=False,
    que_l1_pass=False,
    que_apprentissage=False,
    familles=(),
)


def bilan_voeux(etat: EtatEleve) -> BilanVoeux:
    """Everything that lists say of the vœux. Sous-vœux of the same vœu are told by the key ``voeu/sous-voeu``."""
    actifs = [
        (cle.partition("/")[0], voeu, etat_du_voeu(etat, cle) if etat.non_confirmes else voeu.etat)
        for cle, voeu in etat.voeux.items()
        if voeu.etat is not _SUPPRIME
    ]
    if not actifs:
        return _AUCUN_VOEU
    voeux = [voeu for _, voeu, _ in actifs]
    l1_pass = [est_l1_pass(voeu) for voeu in voeux]
    familles = {id(voeu.famille) for voeu in voeux}
    academie = etat.scolarite.academie if etat.scolarite else None
    return BilanVoeux(
        voeux=len({un[0] for un in actifs}),
        confirmes=len({numero for numero, _, dit in actifs if dit is _CONFIRME}),
        a_confirmer=len({numero for numero, _, dit in actifs if dit in A_CONFIRMER}),
        non_confirmes=len({numero for numero, _, dit in actifs if dit is _NON_CONFIRME}),
        sans_projet=len(
            {numero for numero, voeu, dit in actifs if not voeu.projet_motive and dit is not _NON_CONFIRME}
        ),
        complementaires=len({numero for numero, voeu, _ in actifs if voeu.phase is _COMPLEMENTAIRE}),
        que_selectifs=all(voeu.selective for voeu in voeux),
        que_hors_academie=academie is not None and all(voeu.academie != academie for voeu in voeux),
        un_l1_pass=any(l1_pass),
        que_l1_pass=all(l1_pass),
        que_apprentissage=all(voeu.voie is _APPRENTISSAGE for voeu in voeux),
        familles=tuple([famille for identite, famille in _FAMILLES if identite in familles]),
    )
