"""What is counted: each measure says which pupils it counts, as masks of their traits.

The place of a measure in :data:`MESURES` is its column: add at the end, or rebuild.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from services.indicators import traits as t
from services.indicators.traits import Stade
from shared.nomenclatures.familles import Famille

PLACES = 48
"""Columns of a cell: m00, m01… More measures than that need a migration."""
COLONNES = tuple(f"m{rang:02d}" for rang in range(PLACES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parametres:
    """Choices of a session (parcoursup_reference §7, points 1 and 4), said in every definition they change.

    ``las``: L.AS are L1. ``licences_selectives``: so are selective licences (doubles licences). ``apprentissage``:
    a vœu en apprentissage is a vœu; it is never L1/PASS and breaks « uniquement ».
    """

    las: bool = True
    licences_selectives: bool = True
    apprentissage: bool = True


PAR_DEFAUT = Parametres()


class Lieu(StrEnum):
    """Where a measure counts a pupil: in his lycée and série of today, or in those of the closing of the remontée."""

    COURANT = "COURANT"
    INITIAL = "INITIAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesure:
    """Counts the pupils whose traits meet every mask of ``avec`` and none of ``sans``.

    ``dans``: the measure whose pupils contain these; None for a base. No mask at all: every pupil of the place.
    """

    code: str
    avec: tuple[int, ...] = ()
    sans: int = 0
    dans: str | None = None
    lieu: Lieu = Lieu.COURANT

    def compte(self, traits: int) -> bool:
        return not traits & self.sans and all(traits & masque for masque in self.avec)


def l1_pass(stade: Stade, parametres: Parametres) -> int:
    """L1/PASS among the vœux at ``stade``: by default the familles of ``shared.domaine.voeux.L1_PASS``."""
    familles = (Famille.LICENCE, Famille.PASS, *((Famille.LAS,) if parametres.las else ()))
    selectives = t.licence_selective(stade) if parametres.licences_selectives else 0
    return t.etudiant(stade, *familles) | selectives


def _tout(stade: Stade, parametres: Parametres) -> int:
    return t.tout(stade) & ~(0 if parametres.apprentissage else t.apprentissage(stade))


def _declinee(
    code: str, stade: Stade, parametres: Parametres, *, dans: str, avec: int = 0, sans: int = 0
) -> tuple[Mesure, ...]:
    """At least one at ``stade``, at least one L1/PASS, only L1/PASS; ``avec``, ``sans``: also asked of the pupil."""
    un, tout = l1_pass(stade, parametres), _tout(stade, parametres)
    base = (t.INSCRIT, avec) if avec else (t.INSCRIT,)
    un_, que_ = (f"{code}_l1_pass", f"{code}_que_l1_pass")
    return (
        Mesure(code=code, avec=(*base, tout), sans=sans, dans=dans),
        Mesure(code=un_, avec=(*base, un), sans=sans, dans=code),
        Mesure(code=que_, avec=(*base, un), sans=sans | (tout & ~un), dans=un_),
    )


def _avant(p: Parametres) -> tuple[Mesure, ...]:
    demande, confirme = _tout(Stade.DEMANDE, p), _tout(Stade.CONFIRME, p)
    un = l1_pass(Stade.DEMANDE, p)
    return (
        Mesure(code="vivier"),
        Mesure(code="inscrits", avec=(t.INSCRIT,), dans="vivier"),
        Mesure(code="vivier_initial", lieu=Lieu.INITIAL),
        Mesure(code="participants_initiaux", avec=(t.INSCRIT,), dans="vivier_initial", lieu=Lieu.INITIAL),
        Mesure(code="sans_voeu", avec=(t.INSCRIT,), sans=demande, dans="inscrits"),
        Mesure(code="l1_pass", avec=(t.INSCRIT, un), dans="inscrits"),
        Mesure(code="que_l1_pass", avec=(t.INSCRIT, un), sans=demande & ~un, dans="l1_pass"),
        *_declinee("confirmes", Stade.CONFIRME, p, dans="inscrits"),
        Mesure(code="sans_voeu_confirme", avec=(t.INSCRIT,), sans=confirme, dans="inscrits"),
    )


def _apres(p: Parametres) -> tuple[Mesure, ...]:
    confirme, propose = _tout(Stade.CONFIRME, p), t.tout(Stade.PROPOSE)
    inscrit, parti = t.INSCRIT, t.DEMISSION
    return (
        *_declinee("admis", Stade.PROPOSE, p, dans="inscrits"),
        *_declinee("acceptes", Stade.ACCEPTE, p, dans="admis", sans=parti),
        *_declinee("confirmes_admis", Stade.PROPOSE, p, dans="confirmes", avec=confirme),
        *_declinee("confirmes_acceptes", Stade.ACCEPTE, p, dans="confirmes_admis", avec=confirme, sans=parti),
        Mesure(code="acceptes_en_maintenant", avec=(inscrit, t.MAINTENANT), sans=parti, dans="acceptes"),
        Mesure(code="a_repondre", avec=(inscrit, t.REPONSE_ATTENDUE), sans=parti, dans="admis"),
        Mesure(code="repondus", avec=(inscrit, t.REPONDU), dans="inscrits"),
        Mesure(code="expirees", avec=(inscrit, t.EXPIREE), dans="repondus"),
        Mesure(code="sans_proposition", avec=(inscrit, t.REPONDU), sans=propose | parti, dans="repondus"),
        Mesure(
            code="que_attente",
            avec=(inscrit, t.ATTENTE),
            sans=propose | t.REFUS | parti,
            dans="sans_proposition",
        ),
        Mesure(
            code="que_refus",
            avec=(inscrit, t.REPONDU),
            sans=propose | t.ATTENTE | parti,
            dans="sans_proposition",
        ),
        Mesure(code="demissions", avec=(inscrit, parti), dans="inscrits"),
        Mesure(code="complementaire", avec=(inscrit, t.COMPLEMENTAIRE), sans=parti, dans="inscrits"),
        Mesure(
            code="complementaire_admis", avec=(inscrit, t.PROPOSE_COMPLEMENTAIRE), sans=parti, dans="admis"
        ),
        Mesure(code="caes", avec=(inscrit, t.CAES), dans="inscrits"),
        Mesure(code="caes_propositions", avec=(inscrit, t.CAES_PROPOSITION), dans="caes"),
    )


@cache
def mesures(parametres: Parametres = PAR_DEFAUT) -> tuple[Mesure, ...]:
    """All of them, in the order of their columns."""
    return (*_avant(parametres), *_apres(parametres))


MESURES: tuple[Mesure, ...] = mesures()
"""With the default choices."""
RANGS: Mapping[str, int] = MappingProxyType({mesure.code: rang for rang, mesure in enumerate(MESURES)})
