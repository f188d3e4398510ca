"""The hand-worked lycée of docs/indicateurs-30-eleves.md: each pupil counts where the document says, each rate is its own."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from services.indicators.comparaison import taux
from services.indicators.definitions import INDICATEURS
from services.indicators.domain import Comptage, Ecarts
from services.indicators.etat import Etat
from services.indicators.mesures import MESURES
from tests.indicators._trente import COLONNES, SERIES, pupil_facts, tableaux

COMPTAGE = Comptage(MESURES)
Comptes = dict[str, Counter[str]]
"""By série: measure → pupils."""


@pytest.fixture(scope="module")
def comptes() -> tuple[Comptes, dict[tuple[str, str], list[str]]]:
    """What the real fold counts of the pupils of the document; and which pupil counts in what."""
    somme: Comptes = defaultdict(Counter)
    qui: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for dit in tableaux()[0]:
        ecarts = Ecarts()
        COMPTAGE.plier(Etat(2026), [(3_000, fait) for fait in pupil_facts(dit)], ecarts)
        for cle, vecteur in ecarts.totaux().items():
            for mesure, n in zip(MESURES, COMPTAGE.valeurs(vecteur), strict=True):
                somme[cle.serie][mesure.code] += n
                if n:
                    qui[cle.serie, mesure.code].append(dit["Élève"])
    return somme, qui


def test_the_document_has_thirty_pupils_and_every_measure_and_indicator() -> None:
    eleves, mesures, indicateurs = tableaux()
    assert [dit["Élève"] for dit in eleves] == [str(rang) for rang in range(1, 31)]
    assert tuple(eleves[0]) == COLONNES
    assert [ligne["Code"].strip("`") for ligne in mesures] == [mesure.code for mesure in MESURES]
    assert [(li["Code"].strip("`"), li["Indicateur"]) for li in indicateurs] == [
        (indicateur.code, indicateur.libelle) for indicateur in INDICATEURS
    ]


def test_each_pupil_counts_where_the_document_says(
    comptes: tuple[Comptes, dict[tuple[str, str], list[str]]],
) -> None:
    _, qui = comptes
    for ligne in tableaux()[1]:
        code = ligne["Code"].strip("`")
        for nom, serie in SERIES.items():
            dits = [] if ligne[nom] == "—" else ligne[nom].split(", ")
            assert dits == qui.get((serie.value, code), []), (code, nom)
        assert int(ligne["Ensemble"]) == sum(len(qui.get((s.value, code), [])) for s in SERIES.values())


def test_each_indicator_is_what_the_document_writes_out(
    comptes: tuple[Comptes, dict[tuple[str, str], list[str]]],
) -> None:
    somme, _ = comptes
    ensemble = somme[SERIES["Générale"].value] + somme[SERIES["STMG"].value]
    groupes = [*(somme[serie.value] for serie in SERIES.values()), ensemble]
    for indicateur, ligne in zip(INDICATEURS, tableaux()[2], strict=True):
        ecrits = list(ligne.values())[2:]
        attendus = []
        for groupe in groupes:
            n, base = groupe[indicateur.numerateur], groupe[indicateur.base.value]
            attendus += [f"{n} / {base}", _pour_cent(n, base)]
        assert ecrits == attendus, indicateur.code


def _pour_cent(n: int, base: int) -> str:
    if taux(n, base) is None:
        return "—"
    dixiemes = (Decimal(100 * n) / base).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{dixiemes} %".replace(".", ",")
