import gzip
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import orjson
import pytest

from services.simulateur import (
    LYCEE_A,
    LYCEES_DE_DEMONSTRATION,
    Desordre,
    Fait,
    Population,
    Stade,
    ine_valide,
)
from services.simulateur.faits import sujet
from services.simulateur.voeux import compte_dans_les_vingt
from shared.events import modeles as m
from shared.nomenclatures import uai_valide
from shared.nomenclatures.formations import formations

COMMUNS = {"session", "type", "sequence", "time", "numero_dossier"}
CHAMPS: dict[str, tuple[set[str], set[str]]] = {
    "dossier": (
        {
            "ine",
            "nom",
            "prenom",
            "naissance",
            "uai",
            "profil",
            "etat",
            "bulletins_saisis",
            "pieces_manquantes",
        },
        set(),
    ),
    "bourse_signalee": (set(), {"commentaire"}),
    "voeu": (
        {"voeu_id", "formation_id", "voie", "phase", "etat", "internat", "projet_motive"},
        {"sous_voeu_id", "rang"},
    ),
    "proposition": ({"voeu_id", "decision"}, {"sous_voeu_id", "rang_attente", "date_limite"}),
    "reponse": ({"voeu_id", "reponse"}, {"sous_voeu_id", "voeux_maintenus"}),
    "caes": ({"etat"}, set()),
    "accuse": ({"objet", "version", "resultat"}, set()),
}
ENUMERES = {
    ("dossier", "profil"): m.Profil,
    ("dossier", "etat"): m.EtatDossier,
    ("voeu", "voie"): m.Voie,
    ("voeu", "phase"): m.Phase,
    ("voeu", "etat"): m.EtatVoeu,
    ("proposition", "decision"): m.Decision,
    ("reponse", "reponse"): m.Reponse,
    ("caes", "etat"): m.EtatCaes,
    ("accuse", "objet"): m.ObjetAccuse,
}


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(5, LYCEES_DE_DEMONSTRATION)


@pytest.fixture(scope="module")
def faits(population: Population) -> list[Fait]:
    return list(population.faits(Stade.APRES))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    desordre = Desordre(melange=0.1, doublons=0.1, retards=0.1)
    premier = Population(5, [LYCEE_A]).ecrire_faits(tmp_path / "1", Stade.APRES, desordre=desordre)
    second = Population(5, [LYCEE_A]).ecrire_faits(tmp_path / "2", Stade.APRES, desordre=desordre)
    assert premier.name == "faits-2026.ndjson.gz"
    assert premier.read_bytes() == second.read_bytes()
    assert gzip.decompress(premier.read_bytes()).endswith(b"}\n")


def test_every_type_is_there_with_its_fields_and_no_other(faits: list[Fait]) -> None:
    assert {fait["type"] for fait in faits} == set(CHAMPS)
    for fait in faits:
        dus, permis = CHAMPS[fait["type"]]
        assert COMMUNS | dus <= set(fait) <= COMMUNS | dus | permis
        assert fait["session"] == 2026
        assert isinstance(fait["sequence"], int)
        assert datetime.fromisoformat(fait["time"]).utcoffset() is not None


def test_coded_fields_hold_published_codes(faits: list[Fait]) -> None:
    vus = defaultdict(set)
    for fait in faits:
        for (genre, champ), enumere in ENUMERES.items():
            if fait["type"] == genre:
                vus[genre, champ].add(enumere(fait[champ]))
    for cle in (("voeu", "etat"), ("proposition", "decision"), ("reponse", "reponse"), ("dossier", "profil")):
        assert vus[cle] == set(ENUMERES[cle])


def test_a_terminale_is_named_as_in_siecle_and_the_others_are_not(
    population: Population, faits: list[Fait]
) -> None:
    eleves = {e.ine: e for lycee in population.lycees for e in population.eleves(lycee.uai)}
    for fait in faits:
        if fait["type"] != "dossier":
            continue
        eleve = eleves.get(fait["ine"])
        if fait["profil"] == "TERMINALE":
            assert eleve is not None
            assert (fait["nom"], fait["prenom"], fait["uai"]) == (eleve.nom, eleve.prenom, eleve.uai)
            assert date.fromisoformat(fait["naissance"]) == eleve.naissance
            assert uai_valide(fait["uai"])
        else:
            assert eleve is None
            assert fait["ine"] is None or ine_valide(fait["ine"])


def test_times_are_those_of_paris_in_winter_and_in_summer(faits: list[Fait]) -> None:
    for fait in faits:
        ete = "2026-03-29" <= fait["time"][:10] < "2026-10-25"
        assert fait["time"].endswith("+02:00" if ete else "+01:00")


def test_the_versions_of_a_subject_follow_time_without_a_gap(faits: list[Fait]) -> None:
    par_sujet: dict[tuple[str, ...], list[Fait]] = defaultdict(list)
    for fait in faits:
        par_sujet[sujet(fait)].append(fait)
    for versions in par_sujet.values():
        assert [fait["sequence"] for fait in versions] == list(range(1, len(versions) + 1))
        instants = [datetime.fromisoformat(fait["time"]) for fait in versions]
        assert instants == sorted(instants)


def test_the_states_of_a_voeu_follow_the_rules_of_the_platform(faits: list[Fait]) -> None:
    permis = {
        (None, "FORMULE"),
        (None, "CONFIRME"),
        ("FORMULE", "COMPLET"),
        ("FORMULE", "SUPPRIME"),
        ("FORMULE", "NON_CONFIRME"),
        ("COMPLET", "CONFIRME"),
        ("CONFIRME", "CONFIRME"),
    }
    dernier: dict[tuple[str, ...], str] = {}
    for fait in faits:
        if fait["type"] == "voeu":
            cle = sujet(fait)
            passage = (dernier.get(cle), fait["etat"])
            assert passage in permis
            assert passage != (None, "CONFIRME") or fait["phase"] == "COMPLEMENTAIRE"
            assert passage != ("CONFIRME", "CONFIRME") or "rang" in fait
            dernier[cle] = fait["etat"]


def test_no_list_exceeds_the_limits_of_the_platform(faits: list[Fait]) -> None:
    listes: dict[str, dict[str, Fait]] = defaultdict(dict)
    for fait in faits:
        if fait["type"] == "voeu" and (fait["voie"], fait["phase"]) == ("ETUDIANT", "PRINCIPALE"):
            listes[fait["numero_dossier"]][fait.get("sous_voeu_id") or fait["voeu_id"]] = fait
    catalogue = formations()
    for liste in listes.values():
        sous_voeux = [fait for fait in liste.values() if "sous_voeu_id" in fait]
        assert len({fait["voeu_id"] for fait in liste.values()}) <= 10
        assert max(Counter(fait["voeu_id"] for fait in sous_voeux).values(), default=0) <= 10
        assert sum(compte_dans_les_vingt(catalogue[fait["formation_id"]]) for fait in sous_voeux) <= 20
        assert len({fait["formation_id"] for fait in liste.values()}) == len(liste)
    assert max(len({f["voeu_id"] for f in liste.values()}) for liste in listes.values()) == 10


def test_nobody_holds_two_acceptances(faits: list[Fait]) -> None:
    for _, siennes in groupby(
        sorted((f for f in faits if f["type"] == "reponse"), key=lambda f: (f["numero_dossier"], f["time"])),
        key=lambda f: f["numero_dossier"],
    ):
        tenues: set[str] = set()
        for fait in siennes:
            cle = fait.get("sous_voeu_id") or fait["voeu_id"]
            if fait["reponse"].startswith("ACCEPTEE"):
                tenues.add(cle)
            else:
                tenues.discard(cle)
            assert len(tenues) <= 1


def test_the_stage_after_admission_only_adds_to_the_one_before(population: Population) -> None:
    avant = Counter(orjson.dumps(fait) for fait in population.faits(Stade.AVANT))
    apres = Counter(orjson.dumps(fait) for fait in population.faits(Stade.APRES))
    assert not avant - apres
    genres = {orjson.loads(ligne)["type"] for ligne in avant}
    assert genres == {"dossier", "voeu", "bourse_signalee"}


def test_facts_come_by_time_within_a_lycee_and_stop_at_a_day(population: Population) -> None:
    complets = list(Population(5, [LYCEE_A]).faits())
    coupes = list(Population(5, [LYCEE_A]).faits(jusqu_au=date(2026, 3, 1)))
    instants = [datetime.fromisoformat(fait["time"]) for fait in complets]
    assert instants == sorted(instants)
    assert coupes == [fait for fait in complets if fait["time"][:10] <= "2026-03-01"]


def test_disorder_loses_nothing_and_changes_the_order(population: Population) -> None:
    droits = [orjson.dumps(fait) for fait in population.faits()]
    desordre = Desordre(melange=0.2, doublons=0.05, retards=0.1)
    deranges = [orjson.dumps(fait) for fait in population.faits(desordre=desordre)]
    assert set(droits) == set(deranges)
    assert 1.03 < len(deranges) / len(droits) < 1.07
    sequences: dict[tuple[str, ...], int] = {}
    tardifs = 0
    for fait in map(orjson.loads, deranges):
        cle = sujet(fait)
        tardifs += fait["sequence"] < sequences.get(cle, 0)
        sequences[cle] = max(sequences.get(cle, 0), fait["sequence"])
    assert tardifs > len(droits) * 0.05


def test_other_profiles_are_a_share_of_the_dossiers() -> None:
    profils = Counter(
        fait["profil"]
        for fait in Population(5, autres_profils=0.34).faits(n_eleves=1000)
        if fait["type"] == "dossier" and fait["sequence"] == 1
    )
    assert profils["TERMINALE"] == 1000
    assert sum(profils.values()) == pytest.approx(1000 / 0.66, rel=0.01)


def test_as_many_facts_as_asked_for_are_drawn_with_ever_new_pupils() -> None:
    petite = Population(5, [LYCEE_A])
    lignes = list(petite.lignes(n_faits=25_000))
    assert len(lignes) == 25_000
    assert len(set(lignes)) == 25_000
    ouverts = [f for f in petite.faits(n_eleves=700) if f["type"] == "dossier" and f["sequence"] == 1]
    terminales = [f["ine"] for f in ouverts if f["profil"] == "TERMINALE"]
    assert len(terminales) == len(set(terminales)) == 700
