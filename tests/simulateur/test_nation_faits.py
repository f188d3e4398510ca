"""The feed of the nation keeps the rules of the platform and of its own contract."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services.ingest.candidats.feed_modeles import adaptateur
from services.ingest.readers.faits import lire_lots
from services.simulateur import ine_valide
from services.simulateur.faits import sujet
from services.simulateur.nation.tables import formations
from tests.simulateur._nation import ecrite, faits, lignes, noms_des_fichiers

Fait = dict[str, Any]


@pytest.fixture(scope="module")
def sortie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("nation") / "session"
    ecrite(dossier, 12, quoi=frozenset({"feed", "siecle"}))
    return dossier


@pytest.fixture(scope="module")
def tous(sortie: Path) -> list[Fait]:
    return list(faits(sortie))


def _par_sujet(tous: Iterable[Fait], genre: str) -> dict[tuple[str, ...], list[Fait]]:
    groupes: dict[tuple[str, ...], list[Fait]] = defaultdict(list)
    for fait in tous:
        if fait["type"] == genre:
            groupes[sujet(fait)[1:]].append(fait)
    return groupes


def test_ingest_reads_every_line(sortie: Path) -> None:
    for nom in noms_des_fichiers(sortie):
        for lot in lire_lots(sortie / nom, 2026, 5000, 1 << 33):
            assert not lot.lignes


def test_lines_keep_the_published_contract(sortie: Path) -> None:
    for rang, ligne in enumerate(lignes(sortie)):
        if rang % 40 == 0:
            adaptateur.validate_json(ligne)


def test_the_order_is_that_of_time_within_and_across_the_days(sortie: Path, tous: list[Fait]) -> None:
    assert noms_des_fichiers(sortie) == sorted(noms_des_fichiers(sortie))
    instants = [fait["time"][:19] for fait in tous]
    assert instants == sorted(instants)
    assert {fait["type"] for fait in tous} == {
        "dossier", "bourse_signalee", "voeu", "proposition", "reponse", "caes", "accuse",
    }  # fmt: skip


def test_the_versions_of_a_subject_follow_time_without_a_gap(tous: list[Fait]) -> None:
    suites: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for fait in tous:
        suites[sujet(fait)].append(fait["sequence"])
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in suites.values())


def test_by_pupil_the_same_facts_come_one_dossier_after_the_other(tmp_path: Path, sortie: Path) -> None:
    ecrite(tmp_path / "eleves", 12, quoi=frozenset({"feed"}), par_eleve=True)
    par_eleve = list(lignes(tmp_path / "eleves"))
    assert sorted(par_eleve) == sorted(lignes(sortie))
    numeros = [json.loads(ligne)["numero_dossier"] for ligne in par_eleve]
    changements = sum(avant != apres for avant, apres in pairwise(numeros))
    assert changements + 1 == len(set(numeros))


def test_no_list_exceeds_the_limits_of_the_platform(tous: list[Fait]) -> None:
    familles = {f.formation_id: f.famille.value for f in formations()}
    listes: dict[str, dict[str, Fait]] = defaultdict(dict)
    for fait in tous:
        if fait["type"] == "voeu" and (fait["voie"], fait["phase"]) == ("ETUDIANT", "PRINCIPALE"):
            listes[fait["numero_dossier"]][fait.get("sous_voeu_id") or fait["voeu_id"]] = fait
    for liste in listes.values():
        sous_voeux = [fait for fait in liste.values() if "sous_voeu_id" in fait]
        assert len({fait["voeu_id"] for fait in liste.values()}) <= 10
        assert max(Counter(fait["voeu_id"] for fait in sous_voeux).values(), default=0) <= 10
        assert sum(familles[fait["formation_id"]] in ("BTS", "BUT", "CPGE") for fait in sous_voeux) <= 20
        assert len({fait["formation_id"] for fait in liste.values()}) == len(liste)


def test_a_proposition_stands_on_a_confirmed_voeu_and_an_answer_on_a_proposition(tous: list[Fait]) -> None:
    voeux, decisions = _par_sujet(tous, "voeu"), _par_sujet(tous, "proposition")
    assert decisions
    for cle, suite in decisions.items():
        assert voeux[cle][-1]["etat"] == "CONFIRME"
        assert [fait["decision"] for fait in suite[:-1]] in ([], ["EN_ATTENTE"])
    offertes = {"OUI", "OUI_SI", "RETENU_SOUS_RESERVE"}
    for cle, suite in _par_sujet(tous, "reponse").items():
        offre = decisions[cle][-1]
        assert offre["decision"] in offertes
        assert suite[0]["time"] > offre["time"]
        if suite[0]["reponse"].startswith(("ACCEPTEE", "REFUSEE")) and "date_limite" in offre:
            assert suite[0]["time"] <= offre["date_limite"] or len(suite) == 1


def test_nobody_holds_two_propositions(tous: list[Fait]) -> None:
    tenues: dict[str, set[str]] = defaultdict(set)
    for fait in sorted((f for f in tous if f["type"] == "reponse"), key=lambda f: str(f["time"])):
        tenue, cle = tenues[fait["numero_dossier"]], fait.get("sous_voeu_id") or fait["voeu_id"]
        if fait["reponse"].startswith("ACCEPTEE"):
            tenue.add(cle)
            assert len(tenue) == 1
        else:
            tenue.discard(cle)


def test_ine_are_valid_unique_and_of_a_range_of_their_own(tous: list[Fait]) -> None:
    ouverts = [f for f in tous if f["type"] == "dossier" and f["sequence"] == 1 and f["ine"]]
    ines = [fait["ine"] for fait in ouverts]
    assert len(set(ines)) == len(ines)
    assert all(ine_valide(ine) and ine.startswith(("98", "99")) for ine in ines)


def test_what_happens_after_the_date_is_left_out(tmp_path: Path, sortie: Path) -> None:
    ecrite(tmp_path / "mars", 12, quoi=frozenset({"feed"}), jusqu_au=date(2026, 3, 1))
    jours = [ligne for ligne in lignes(sortie) if ligne[9:19] <= b"2026-03-01"]
    assert list(lignes(tmp_path / "mars")) == jours


def test_condensed_each_candidature_is_one_fact(tmp_path: Path, tous: list[Fait]) -> None:
    ecrite(tmp_path / "etats", 12, quoi=frozenset({"feed"}), condense=True)
    condenses = [fait for fait in faits(tmp_path / "etats") if fait["type"] == "voeu"]
    principaux = [f for f in tous if f["type"] == "voeu" and f["phase"] == "PRINCIPALE" and "rang" not in f]
    derniers = {sujet(fait): fait for fait in principaux}
    assert {sujet(fait): fait for fait in condenses} == derniers
    assert len(condenses) == len(derniers)
