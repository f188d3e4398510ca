"""The timeline is the same whatever the order, the repetition and the windows; and what it says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.eleves import chronologie, frise
from services.eleves.chronologie import Sorte
from services.eleves.consumers import plier
from services.eleves.lecture import Lecture, Moment
from shared.domaine.complements import AUCUN
from shared.domaine.etat import replier
from shared.events import modeles as m
from shared.events import rapide as r
from shared.events import topics as t
from shared.http.perimetre import Perimetre, Role
from shared.kafka.records import Lu
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.strategies import ELEVE, journaux

DEBUT = datetime(2026, 1, 20, 12, tzinfo=UTC)


def _lu(fait: r.Fait, quand: datetime) -> Lu:
    return Lu(t.VOEU, fait.eleve_id, fait, quand.isoformat().replace("+00:00", "Z"), None, None)


def _dates(faits: Sequence[r.Fait]) -> list[Lu]:
    """Each fact at an instant of its own: a fact that is repeated keeps its first one."""
    instants: dict[r.Fait, datetime] = {}
    for fait in faits:
        instants.setdefault(fait, DEBUT + timedelta(minutes=len(instants)))
    return [_lu(fait, instants[fait]) for fait in faits]


def _par_fenetres(lus: Sequence[Lu], taille: int) -> bytes | None:
    brut: bytes | None = None
    for debut in range(0, len(lus), taille):
        brut = chronologie.ajouter(brut, lus[debut : debut + taille])
    return brut


@settings(deadline=None)
@given(journaux(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_any_order_repetition_and_window_end_in_the_same_bytes(
    faits: list[r.Fait], taille: int, alea: Any
) -> None:
    lus = _dates(faits)
    attendu = _par_fenetres(lus, len(lus))
    melanges = alea.sample(lus, len(lus)) + alea.sample(lus, len(lus) // 2)
    assert _par_fenetres(melanges, taille) == attendu


def test_what_is_known_already_leaves_the_very_same_column() -> None:
    lus = _dates([_voeu(version=version) for version in range(3)])
    brut = chronologie.ajouter(None, lus)
    assert brut is not None
    assert chronologie.ajouter(brut, lus[1:]) is brut
    assert chronologie.ajouter(brut, []) is brut


def test_a_fact_published_again_is_read_once_with_its_first_times() -> None:
    fait = _voeu()
    brut = _par_fenetres([_lu(fait, DEBUT + timedelta(days=3)), _lu(fait, DEBUT)], 1)
    assert [entree.survenu for entree in chronologie.lire(brut)] == [DEBUT]


def test_only_the_latest_facts_are_kept_whatever_the_order() -> None:
    lus = _dates([_proposition(version=n, rang_attente=n) for n in range(chronologie.LIMITE + 60)])
    brut = _par_fenetres(lus, 50)
    assert brut == _par_fenetres(lus[::-1], 70)
    gardees = chronologie.lire(brut)
    assert sorted(e.version for e in gardees) == list(range(60, chronologie.LIMITE + 60))
    assert brut is not None
    assert len(brut) < 40 * chronologie.LIMITE


def test_nothing_is_kept_of_a_pupil_who_turned_out_to_be_another() -> None:
    fusion = r.Fusion(**COMMUN, version=1, survivant=uuid4())
    lus = _dates([_voeu(), fusion, _proposition()])
    for ordre in (lus, lus[::-1], [lus[1], lus[0], lus[2]]):
        apres, frise_ = None, None
        for lu in ordre:
            apres, frise_, _ = plier(apres, frise_, [lu])
        assert frise_ == chronologie.VIDE
        assert apres is not None
        assert apres.fusionne == str(fusion.survivant)


COMMUN: dict[str, Any] = {"session": 2026, "eleve_id": ELEVE}


def _eleve(version: int = 1, **champs: Any) -> r.Eleve:
    base = {"uai": "0750001A", "academie": "01", "departement": "075", "serie": Serie.GENERALE, "mef": "M"}
    return r.Eleve(**COMMUN, version=version, **{**base, "classe": "TG1", **champs})


def _voeu(version: int = 1, **champs: Any) -> r.Voeu:
    base: dict[str, Any] = {
        "voeu_id": "v1",
        "formation_id": "F1",
        "famille": Famille.BTS,
        "selective": True,
        "academie_formation": "01",
        "voie": m.Voie.ETUDIANT,
        "phase": m.Phase.PRINCIPALE,
        "etat": m.EtatVoeu.FORMULE,
    }
    return r.Voeu(**COMMUN, version=version, **{**base, **champs})


def _proposition(
    version: int = 1, decision: m.Decision = m.Decision.EN_ATTENTE, **champs: Any
) -> r.Proposition:
    return r.Proposition(**COMMUN, version=version, voeu_id="v1", decision=decision, **champs)


def _moments(*faits: r.Fait, role: Role = Role.CHEF) -> list[Moment]:
    """Oldest first."""
    etat = replier(None, faits)
    assert etat is not None
    classes = () if role is Role.PROFESSEUR_PRINCIPAL else None
    lecture = Lecture(
        eleve_id=ELEVE,
        etat=etat,
        complements=AUCUN,
        appelant=Perimetre(acteur="x", role=role, lycees=("0750001A",), classes=classes),
        maintenant=DEBUT,
        chronologie=chronologie.ajouter(None, _dates(faits)),
    )
    return sorted(frise.moments(lecture), key=lambda moment: (moment.survenu, moment.rang))


def _dites(*faits: r.Fait, role: Role = Role.CHEF) -> list[str]:
    return [moment.phrase for moment in _moments(*faits, role=role)]


def _origines(*faits: r.Fait) -> list[str]:
    return [moment.origine.value for moment in _moments(*faits)]


@pytest.mark.parametrize(
    ("avant", "apres", "attendu"),
    [
        ({}, {"classe": "TG2"}, ["Changement de classe : TG1 → TG2."]),
        ({}, {"classe": None}, ["Changement de classe : TG1 → aucune."]),
        (
            {},
            {"uai": "0690002B", "classe": "T4"},
            ["Changement de lycée : lycée 0750001A → lycée 0690002B, classe T4."],
        ),
        ({}, {"serie": Serie.STMG}, ["Changement de série : Générale → STMG."]),
        ({}, {"date_sortie": date(2026, 2, 1)}, ["Sortie de l’établissement le 01/02/2026."]),
        ({"date_sortie": date(2026, 2, 1)}, {}, ["Retour : la sortie du 01/02/2026 ne compte plus."]),
        (
            {"date_sortie": date(2026, 2, 1)},
            {"date_sortie": date(2026, 2, 3)},
            ["Date de sortie corrigée : 01/02/2026 → 03/02/2026."],
        ),
        ({}, {"cordees": True}, ["Cordées de la réussite notées dans SIECLE."]),
        ({"codes_bourse": ("B",)}, {}, ["Bourse de lycée retirée de SIECLE."]),
        ({}, {"specialites": ("X",)}, ["Scolarité mise à jour."]),
    ],
)
def test_a_change_of_scolarite_says_what_changed(
    avant: dict[str, Any], apres: dict[str, Any], attendu: list[str]
) -> None:
    dites = _dites(_eleve(1, **avant), _eleve(2, **apres))
    assert dites[len(_dites(_eleve(1, **avant))) :] == attendu


def test_a_version_that_the_lycee_typed_is_the_lycee_s_own() -> None:
    faits = (_eleve(1), _eleve(2, classe="TG2", cordees=True, origine=m.OrigineScolarite.LYCEE))
    assert _origines(*faits) == ["siecle", "lycee", "lycee"]
    assert _dites(*faits)[-1] == "Cordées de la réussite notées dans la saisie du lycée."
    assert _origines(_eleve(1), _eleve(2, origine=m.OrigineScolarite.PILOTAGE))[-1] == "pilotage"


def test_the_echelon_of_a_bourse_is_for_the_direction_alone() -> None:
    faits = (_eleve(1), _eleve(2, codes_bourse=("B",), echelon_bourse=4))
    assert "(échelon 4)" in _dites(*faits)[-1]
    assert "échelon" not in _dites(*faits, role=Role.PROFESSEUR_PRINCIPAL)[-1]


def test_ranks_of_a_waiting_list_that_follow_each_other_are_one_line() -> None:
    rangs = [_proposition(version, rang_attente=rang) for version, rang in ((1, 120), (2, 80), (3, 34))]
    oui = _proposition(4, m.Decision.OUI, date_limite=datetime(2026, 6, 5, 21, 59, tzinfo=UTC))
    assert _dites(_voeu(), *rangs, oui)[1:] == [
        "En liste d’attente, du rang 120 au rang 34 : formation F1.",
        "Proposition d’admission : formation F1. Réponse attendue avant le 05/06/2026 à 23 h 59.",
    ]


def test_a_proposition_without_its_voeu_says_so() -> None:
    assert _dites(_proposition()) == [
        "En liste d’attente : un vœu dont la plateforme n’a pas encore donné le détail."
    ]


def test_a_fiche_says_only_that_it_is_complete_or_transmitted() -> None:
    fiches = [
        r.Fiche(**COMMUN, version=n, avis_rendus=n, cibles=3, transmise_le=DEBUT if n > 3 else None)
        for n in range(1, 5)
    ]
    assert _dites(*fiches) == [
        "Fiche Avenir complète : 3 avis.",
        "Fiche Avenir transmise à la plateforme, avec 4 avis.",
    ]


@given(journaux())
@settings(deadline=None)
def test_every_fact_has_words_and_no_name(faits: list[r.Fait]) -> None:
    identite = r.Identite(
        **COMMUN, version=99, nom="Œuvrard", prenom="Éloïse", naissance=date(2008, 5, 1), sexe="F"
    )
    dites = _dites(*faits, identite)
    assert all(dite.endswith(".") for dite in dites)
    assert not any("Œuvrard" in dite or "Éloïse" in dite or "None" in dite for dite in dites)


def test_every_kind_of_fact_that_eleves_reads_has_an_entry() -> None:
    lus = {
        nom for topic in (t.IDENTITE, *t.FAITS_ELEVE, t.BULLETIN, t.FICHE, t.ACCUSE) for nom in topic.contrats
    }
    assert len(Sorte) == len(lus - {"EleveSorti"})
