"""Margins of a large draw against the published rates, with room for chance; the seed is fixed."""

from collections import Counter, defaultdict

import pytest

from services.simulateur import Comptes, Population, Stade, premiers_lycees
from services.simulateur.candidatures import Candidature
from shared.nomenclatures import Famille
from shared.nomenclatures.calibration import parts_des_familles, taux


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(12, premiers_lycees(40))


@pytest.fixture(scope="module")
def candidatures(population: Population) -> dict[str, list[Candidature]]:
    par_voie: dict[str, list[Candidature]] = defaultdict(list)
    for lycee in population.lycees:
        for candidature in population.candidatures(lycee.uai):
            assert candidature.eleve.serie is not None
            par_voie[candidature.eleve.serie.voie].append(candidature)
    return par_voie


@pytest.fixture(scope="module")
def totaux(population: Population) -> dict[str, Comptes]:
    par_voie: dict[str, Comptes] = defaultdict(Comptes)
    for lycee in population.lycees:
        for serie, comptes in population.verite(lycee.uai).par_serie.items():
            par_voie[serie.voie].ajouter(comptes)
    return par_voie


@pytest.mark.parametrize("voie", list("GTP"))
def test_participation_and_confirmation_follow_the_rates(voie: str, totaux: dict[str, Comptes]) -> None:
    compte = totaux[voie]
    assert compte.inscrits / compte.terminales == pytest.approx(taux("participation", voie), abs=0.02)
    assert compte.confirmes / compte.inscrits == pytest.approx(taux("confirmation", voie), abs=0.02)


@pytest.mark.parametrize("voie", list("GTP"))
def test_the_length_of_lists_follows_the_published_means(
    voie: str, candidatures: dict[str, list[Candidature]]
) -> None:
    longueurs = [
        sum(ligne.voie == "ETUDIANT" and ligne.etapes[-1].etat != "SUPPRIME" for ligne in candidature.lignes)
        for candidature in candidatures[voie]
        if candidature.lignes
    ]
    assert sum(longueurs) / len(longueurs) == pytest.approx(taux("lignes_par_eleve", voie), rel=0.1)


@pytest.mark.parametrize("voie", list("GTP"))
def test_l1_and_pass_are_asked_for_as_often_as_assumed(voie: str, totaux: dict[str, Comptes]) -> None:
    avec = totaux[voie].inscrits - totaux[voie].sans_voeu
    assert totaux[voie].un_l1_pass / avec == pytest.approx(taux("au_moins_un_l1_pass", voie), abs=0.03)
    assert totaux[voie].que_l1_pass / avec == pytest.approx(taux("uniquement_l1_pass", voie), abs=0.03)


@pytest.mark.parametrize("voie", list("GTP"))
def test_the_mix_of_familles_is_near_the_published_one(
    voie: str, candidatures: dict[str, list[Candidature]]
) -> None:
    familles: Counter[Famille] = Counter(
        ligne.formation.famille for c in candidatures[voie] for ligne in c.lignes if ligne.voie == "ETUDIANT"
    )
    for famille, part in parts_des_familles(voie).items():
        assert familles[famille] / familles.total() == pytest.approx(part, abs=0.08)


def test_three_voeux_out_of_four_stay_in_the_academie(
    population: Population, candidatures: dict[str, list[Candidature]]
) -> None:
    academies = {lycee.uai: lycee.academie for lycee in population.lycees}
    proches = [
        ligne.formation.academie == academies[c.eleve.uai]
        for liste in candidatures.values()
        for c in liste
        for ligne in c.lignes
    ]
    assert sum(proches) / len(proches) == pytest.approx(taux("meme_academie"), abs=0.04)


def test_boursiers_are_fewer_where_the_social_index_is_high(population: Population) -> None:
    def part(riche: bool) -> float:
        eleves = [
            e
            for lycee in population.lycees
            if (lycee.ips > 115) is riche
            for e in population.eleves(lycee.uai)
        ]
        return sum(eleve.boursier for eleve in eleves) / len(eleves)

    assert part(riche=True) < 0.17
    assert 0.2 < part(riche=False) < 0.36


def test_propositions_of_the_first_day_of_the_end_and_acceptances() -> None:
    confirmes, premiers, acceptes = set(), set(), set()
    avec: set[str] = set()
    for fait in Population(11, premiers_lycees(16)).faits(Stade.APRES):
        numero = fait["numero_dossier"]
        if fait["type"] == "voeu" and fait["etat"] == "CONFIRME" and fait["phase"] == "PRINCIPALE":
            confirmes.add(numero)
        elif fait["type"] == "proposition" and fait["decision"] in ("OUI", "OUI_SI", "RETENU_SOUS_RESERVE"):
            avec.add(numero)
            if fait["time"].startswith("2026-06-02"):
                premiers.add(numero)
        elif fait["type"] == "reponse" and fait["reponse"].startswith("ACCEPTEE"):
            acceptes.add(numero)
    assert len(premiers) / len(confirmes) == pytest.approx(taux("proposition_premier_jour"), abs=0.02)
    assert len(avec) / len(confirmes) == pytest.approx(taux("proposition_en_fin"), abs=0.02)
    assert len(acceptes) / len(confirmes) == pytest.approx(taux("acceptation"), abs=0.02)
