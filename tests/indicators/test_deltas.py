"""Incremental equals recomputed: whatever happens to a pupil, the sum of deltas is his contribution."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from services.indicators.domain import (
    EFFECTIF_MINIMAL,
    INDICATEURS,
    MESURES,
    PARTICIPANTS_INITIAUX,
    VIVIER_INITIAL,
    Cellule,
    contribution,
    deltas,
    presenter,
)
from shared.domaine.etat import EtatEleve, replier
from shared.events import rapide as r
from shared.events.modeles import EtatDossier, EtatVoeu, Phase, Profil, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.strategies import ELEVE, SUJETS, journaux

ELEVES = ("a", "b", "c")


def _recalcul(etats: Sequence[EtatEleve | None]) -> Counter[Cellule]:
    return Counter(cellule for etat in etats for cellule in contribution(etat))


@settings(deadline=None)
@given(st.lists(journaux(), min_size=1, max_size=3), st.integers(1, 6))
def test_the_sum_of_deltas_is_the_recomputed_contribution(par_eleve: list[list[r.Fait]], taille: int) -> None:
    somme: Counter[Cellule] = Counter()
    etats: list[EtatEleve | None] = [None] * len(par_eleve)
    for debut in range(0, max(map(len, par_eleve)), taille):
        nouveaux = [
            replier(etat, faits[debut : debut + taille]) for etat, faits in zip(etats, par_eleve, strict=True)
        ]
        somme.update(deltas(zip(etats, nouveaux, strict=True)))
        etats = nouveaux
    assert {cellule: n for cellule, n in somme.items() if n} == _recalcul(etats)


class Indicateurs(RuleBasedStateMachine):
    """Facts come late, twice or never, in windows; cells are kept by deltas and compared each time."""

    faits = Bundle("faits")

    def __init__(self) -> None:
        super().__init__()
        self.journal: dict[str, list[r.Fait]] = {nom: [] for nom in ELEVES}
        self.fenetre: list[tuple[str, r.Fait]] = []
        self.etats: dict[str, EtatEleve | None] = dict.fromkeys(ELEVES)
        self.cellules: Counter[Cellule] = Counter()

    @initialize(target=faits, donnees=st.data())
    def un_eleve(self, donnees: st.DataObject) -> tuple[str, r.Fait]:
        return self._nouveau(donnees, ("scolarite", ""))

    @rule(target=faits, donnees=st.data(), sujet=st.sampled_from(sorted(SUJETS)))
    def fait(self, donnees: st.DataObject, sujet: tuple[str, str]) -> tuple[str, r.Fait]:
        return self._nouveau(donnees, sujet)

    def _nouveau(self, donnees: st.DataObject, sujet: tuple[str, str]) -> tuple[str, r.Fait]:
        nom = donnees.draw(st.sampled_from(ELEVES))
        type_, champs = SUJETS[sujet]
        version = 1 + sum(isinstance(fait, type_) for fait in self.journal[nom])
        tire = donnees.draw(
            st.builds(
                type_,
                session=st.just(2026),
                eleve_id=st.just(nom),
                version=st.just(version),
                **champs,
            )
        )
        self.journal[nom].append(tire)
        return (nom, tire)

    @rule(target=faits, recu=consumes(faits), encore=st.booleans())
    def arrive(self, recu: tuple[str, r.Fait], encore: bool) -> object:
        self.fenetre.append(recu)
        return recu if encore else multiple()

    @rule()
    def flush(self) -> None:
        changes = []
        for nom in ELEVES:
            avant = self.etats[nom]
            apres = replier(avant, [fait for qui, fait in self.fenetre if qui == nom])
            changes.append((avant, apres))
            self.etats[nom] = apres
        self.fenetre = []
        self.cellules.update(deltas(changes))

    @invariant()
    def les_cellules_sont_le_recalcul(self) -> None:
        non_nulles = {cellule: n for cellule, n in self.cellules.items() if n}
        assert non_nulles == _recalcul(list(self.etats.values()))


TestIndicateurs = Indicateurs.TestCase
TestIndicateurs.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def _eleve(version: int = 1, **champs: object) -> r.Eleve:
    base = {
        "uai": "0750001A",
        "academie": "01",
        "departement": "075",
        "serie": Serie.GENERALE,
        "mef": "M",
        "classe": "TG1",
    }
    return r.Eleve(session=2026, eleve_id=ELEVE, version=version, **{**base, **champs})  # type: ignore[arg-type]


def _dossier() -> r.Dossier:
    return r.Dossier(
        session=2026, eleve_id=ELEVE, version=1, profil=Profil.TERMINALE, etat=EtatDossier.OUVERT
    )


def _voeu(version: int, etat: EtatVoeu, famille: Famille = Famille.PASS) -> r.Voeu:
    return r.Voeu(
        session=2026,
        eleve_id=ELEVE,
        version=version,
        voeu_id="v1",
        formation_id="F1",
        famille=famille,
        selective=False,
        academie_formation="01",
        voie=Voie.ETUDIANT,
        phase=Phase.PRINCIPALE,
        etat=etat,
    )


def _mesures(*faits: r.Fait) -> dict[tuple[str, str, str, str], int]:
    compte = _recalcul([replier(None, faits)])
    return {(c.uai, c.serie, c.classe, c.mesure): n for c, n in compte.items()}


ICI = ("0750001A", "GENERALE", "TG1")


def test_what_each_state_of_a_pupil_counts_for() -> None:
    assert _mesures(_dossier(), _voeu(1, EtatVoeu.FORMULE)) == {}
    assert _mesures(_eleve()) == {(*ICI, "vivier"): 1}
    inscrit = {(*ICI, "vivier"): 1, (*ICI, "inscrits"): 1}
    assert _mesures(_eleve(), _dossier()) == {**inscrit, (*ICI, "sans_voeu"): 1}
    l1 = {**inscrit, (*ICI, "l1_pass"): 1, (*ICI, "que_l1_pass"): 1}
    assert _mesures(_eleve(), _dossier(), _voeu(1, EtatVoeu.FORMULE)) == l1
    assert _mesures(_eleve(), _dossier(), _voeu(1, EtatVoeu.FORMULE, Famille.BUT)) == inscrit
    supprime = _voeu(2, EtatVoeu.SUPPRIME)
    assert _mesures(_eleve(), _dossier(), supprime, _voeu(1, EtatVoeu.FORMULE)) == {
        **inscrit,
        (*ICI, "sans_voeu"): 1,
    }


def test_a_pupil_who_leaves_or_moves_takes_his_figures_along() -> None:
    assert _mesures(_eleve(), _dossier(), _eleve(2, date_sortie=date(2026, 2, 1))) == {}
    ailleurs = _eleve(2, uai="0690002B", serie=Serie.STMG, classe=None)
    la = ("0690002B", "STMG", "")
    assert _mesures(_eleve(), _dossier(), ailleurs) == {
        (*la, "vivier"): 1,
        (*la, "inscrits"): 1,
        (*la, "sans_voeu"): 1,
    }


def test_the_frozen_base_stays_where_the_pupil_was_at_the_closing() -> None:
    fige = r.VivierInitial(uai="0750001A", serie=Serie.STL, date=date(2026, 1, 19))
    parti = _eleve(2, vivier_initial=fige, date_sortie=date(2026, 2, 1))
    initial = ("0750001A", "STL", "")
    assert _mesures(parti) == {(*initial, VIVIER_INITIAL): 1}
    assert _mesures(parti, _dossier()) == {
        (*initial, VIVIER_INITIAL): 1,
        (*initial, PARTICIPANTS_INITIAUX): 1,
    }


def test_deltas_that_end_level_are_not_written() -> None:
    un, deux = replier(None, [_eleve()]), replier(None, [_eleve(), _dossier()])
    assert deltas([(None, un), (un, None)]) == {}
    assert deltas([(un, un), (deux, deux)]) == {}
    assert set(deltas([(un, deux)]).values()) == {1}
    assert set(deltas([(deux, None)]).values()) == {-1}


def test_every_rate_stands_on_measures_that_exist() -> None:
    for indicateur in INDICATEURS:
        assert {indicateur.numerateur, indicateur.denominateur} <= set(MESURES)


@pytest.mark.parametrize(
    ("effectif", "masque"), [(0, False), (1, True), (EFFECTIF_MINIMAL - 1, True), (5, False)]
)
def test_small_figures_are_withheld_from_outside_the_lycee(effectif: int, masque: bool) -> None:
    mesures = {"vivier": 9, "inscrits": effectif, "sans_voeu": effectif}
    dedans = {ligne["code"]: ligne for ligne in presenter(mesures)}["sans_voeu"]
    dehors = {ligne["code"]: ligne for ligne in presenter(mesures, masque=True)}["sans_voeu"]
    assert (dedans["numerateur"], dedans["denominateur"]) == (effectif, effectif)
    assert dedans["taux"] == (1.0 if effectif else None)
    if masque:
        assert (dehors["numerateur"], dehors["denominateur"], dehors["taux"]) == (None, None, None)
    else:
        assert dehors == dedans


def test_participation_stands_on_the_frozen_base_once_there_is_one() -> None:
    courantes = {"vivier": 10, "inscrits": 8}
    figees = {VIVIER_INITIAL: 12, PARTICIPANTS_INITIAUX: 9}
    (avant, *_), (apres, *_) = presenter(courantes), presenter({**courantes, **figees})
    assert (avant["code"], avant["numerateur"], avant["denominateur"]) == ("participation", 8, 10)
    assert (apres["numerateur"], apres["denominateur"], apres["taux"]) == (9, 12, 0.75)
