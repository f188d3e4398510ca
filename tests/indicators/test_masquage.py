"""What is shown outside a lycée does not give back what is withheld."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from services.indicators.instantane import figure_d_ensemble
from services.indicators.masquage import LARGEUR, case_masquee, schema
from services.indicators.masquage_sommes import Total, publier
from services.indicators.mesures import MESURES, Lieu
from services.indicators.relations import regles
from tests.indicators._audit import Attaquant, trop_etroites
from tests.indicators._eleves import case, eleve, monde

PETIT = schema(
    ("inscrits", "sans_voeu", "l1"),
    [("sans_voeu", "inscrits"), ("l1", "inscrits")],
    [("sans_voeu", "inscrits"), ("l1", "inscrits")],
    disjoints=[(("sans_voeu", "l1"), "inscrits")],
)
UN_SEUL_LIEU = ("N", "R", "A", "D")


@pytest.mark.parametrize(
    ("valeurs", "caches"),
    [((4, 1, 2), 0b111), ((60, 0, 20), 0b010), ((60, 3, 60), 0b100), ((60, 3, 20), 0), ((0, 0, 0), 0b111)],
)
def test_a_figure_on_fewer_than_five_or_on_nobody_or_on_everybody_is_withheld(
    valeurs: tuple[int, ...], caches: int
) -> None:
    assert case_masquee(valeurs, PETIT).caches & caches == caches
    assert bool(case_masquee(valeurs, PETIT).caches) is bool(caches)


def test_a_figure_that_the_others_pin_down_takes_them_with_it() -> None:
    vu = case_masquee((20, 0, 17), PETIT)
    assert vu.cache(1)
    assert vu.cache(2)
    assert not vu.cache(0)


def test_one_withheld_lycee_is_not_the_rest_of_its_academie() -> None:
    cases = {f"{i:07d}A": (60, 4 + i, 20) for i in range(8)} | {"0000009A": (40, 0, 10)}
    vues = publier(cases, dict.fromkeys(cases, UN_SEUL_LIEU), PETIT)
    retenus = [uai for uai, bits in vues.lycees.items() if bits >> 1 & 1]
    assert "0000009A" in retenus
    assert len(retenus) >= 3
    assert not vues.totaux["A"].caches


def test_a_total_that_would_tell_is_withheld_itself() -> None:
    cases = {"0000001A": (40, 0, 10), "0000002A": (60, 3, 20)}
    vues = publier(cases, dict.fromkeys(cases, UN_SEUL_LIEU), PETIT)
    assert vues.totaux["A"].caches >> 1 & 1
    assert not vues.lycees["0000002A"]


def test_a_rate_over_series_is_of_those_whose_both_parts_are_shown() -> None:
    n = len(MESURES)
    rang = {mesure.code: i for i, mesure in enumerate(MESURES)}

    def serie(sans_voeu: int, inscrits: int, caches: int = 0) -> Total:
        valeurs = [0] * n
        valeurs[rang["sans_voeu"]], valeurs[rang["inscrits"]] = sans_voeu, inscrits
        return Total(tuple(valeurs), caches)

    vus = [serie(3, 60), serie(0, 40, 1 << rang["sans_voeu"])]
    assert figure_d_ensemble(vus, "sans_voeu", "inscrits") == (3, 60)
    assert figure_d_ensemble(vus[1:], "sans_voeu", "inscrits") == (None, None)


@pytest.mark.parametrize("graine", range(12))
def test_nobody_narrows_a_withheld_figure_even_knowing_another_lycee(graine: int) -> None:
    r = Random(graine)
    cases, chemins = monde(
        r, academies=r.randint(1, 5), lycees=r.choice((4, 12, 25)), admission=graine % 3 > 0
    )
    vues = publier(cases, chemins, regles())
    for connus in ((), (r.choice(list(cases)),)):
        attaquant = Attaquant(vues, cases, chemins, regles(), connus)
        assert not list(trop_etroites(attaquant, vues, LARGEUR, connus))


def test_the_attacker_of_these_tests_finds_what_a_bare_rule_leaves_open() -> None:
    r = Random(3)
    cases, chemins = monde(r, academies=3, lycees=12, admission=True)
    vues = publier(cases, chemins, regles())
    d_office = {uai: case_masquee(valeurs, PETIT_SANS_LIEN).caches for uai, valeurs in cases.items()}
    nues = vues._replace(
        lycees=d_office,
        totaux={nom: total._replace(caches=0) for nom, total in vues.totaux.items()},
    )
    assert list(trop_etroites(Attaquant(nues, cases, chemins, regles()), nues, LARGEUR))


PETIT_SANS_LIEN = replace(regles(), inclus=(), disjoints=(), partages=(), jumelles=())


def test_most_figures_of_ordinary_lycees_are_still_shown() -> None:
    r = Random(5)
    cases = {f"{i:07d}A": case(r, r.randint(60, 150)) for i in range(60)}
    vues = publier(cases, dict.fromkeys(cases, UN_SEUL_LIEU), regles())
    montres = sum(len(MESURES) - bits.bit_count() for bits in vues.lycees.values())
    assert montres > 0.85 * len(MESURES) * len(cases)
    assert not vues.totaux["A"].caches


def test_ties_between_measures_are_true_of_every_pupil_and_none_is_forgotten() -> None:
    r = Random(11)
    lien = regles()
    eleves = [eleve(r) for _ in range(6_000)]
    compte = [frozenset(n for n, traits in enumerate(eleves) if m.compte(traits)) for m in MESURES]
    for petit, grand in lien.inclus:
        assert compte[petit] <= compte[grand], (lien.codes[petit], lien.codes[grand])
    for parts, tout in (*lien.disjoints, *lien.partages):
        assert not compte[parts[0]] & compte[parts[1]], [lien.codes[p] for p in parts]
        assert compte[parts[0]] | compte[parts[1]] <= compte[tout]
    for parts, tout in lien.partages:
        assert compte[parts[0]] | compte[parts[1]] == compte[tout]
    dits = _fermeture({*lien.inclus, *lien.jumelles, *((b, a) for a, b in lien.jumelles)})
    courantes = [i for i, mesure in enumerate(MESURES) if mesure.lieu is Lieu.COURANT]
    oublies = [
        (lien.codes[a], lien.codes[b])
        for a, b in permutations(courantes, 2)
        if compte[a] <= compte[b] and (a, b) not in dits
    ]
    assert not oublies


def _fermeture(paires: set[tuple[int, int]]) -> set[tuple[int, int]]:
    while True:
        suite = paires | {(a, d) for a, b in paires for c, d in paires if b == c}
        if suite == paires:
            return paires
        paires = suite
