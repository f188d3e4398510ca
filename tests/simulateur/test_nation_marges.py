"""What is drawn against its sources, at a scale that a test can afford: wide bounds, chance allowed for."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from services.simulateur.nation.calage import corriger, matrice, totaux_par_voie
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.ecriture import MARGES, compter
from services.simulateur.nation.paniers import loi, longueurs
from services.simulateur.nation.population import EN_PHASE_COMPLEMENTAIRE
from services.simulateur.nation.rapport import Marge, Rapport
from services.simulateur.nation.reference import chiffres, serie, valeur
from services.simulateur.nation.tables import echantillon, formations, lycees
from shared.nomenclatures.familles import Famille
from tests.simulateur._nation import ecrite, faits

LYCEES = 120


@pytest.fixture(scope="module")
def marges() -> dict[str, Marge]:
    bilan = compter(Commande(Path(), echantillon(LYCEES)))
    return {marge.libelle: marge for marge in Rapport(bilan.comptes).marges()}


def test_every_share_is_near_its_source(marges: dict[str, Marge]) -> None:
    """A sample of lycées has a mix of séries of its own: only what is said of one voie is held closely."""
    for libelle, marge in marges.items():
        if "voie" in libelle and "part des admis" not in libelle and "boursiers" not in libelle:
            assert marge.tenue(0.04), f"{libelle}: {marge.obtenu} for {marge.reference}"


@pytest.mark.parametrize(
    "libelle",
    [
        "terminales inscrites",
        "vœux et sous-vœux par élève",
        "candidatures, tous profils",
        "candidatures des terminales",
        "famille LICENCE",
        "famille BTS",
        "famille BUT",
        "propositions du premier jour",
        "propositions de la session",
        "lycéens servis le premier jour",
        "lycéens servis à la fin",
        "lycéens admis",
        "lycéens servis à J+4",
        "candidats, tous profils",
        "vœux en apprentissage",
    ],
)
def test_the_totals_of_the_issue_are_within_a_tenth(libelle: str, marges: dict[str, Marge]) -> None:
    assert marges[libelle].ecart == pytest.approx(0, abs=0.1)


def test_the_counts_are_those_of_the_files(tmp_path: Path) -> None:
    ecrite(tmp_path / "s", 4, quoi=frozenset({"feed"}))
    n = json.loads((tmp_path / "s" / MARGES).read_text())
    familles = {f.formation_id: f.famille for f in formations()}
    lus: Counter[str] = Counter()
    profils, lignes, servis, oui = {}, defaultdict(set), {}, Counter[str]()
    for fait in faits(tmp_path / "s"):
        numero = fait["numero_dossier"]
        if fait["type"] == "dossier" and fait["sequence"] == 1:
            profils[numero] = fait["profil"]
        elif fait["type"] == "voeu" and fait["voie"] == "ETUDIANT" and fait["sequence"] == 1:
            lignes[numero].add(fait.get("sous_voeu_id") or fait["voeu_id"])
            lus[familles[fait["formation_id"]]] += 1
        elif fait["type"] == "proposition" and fait["decision"] in ("OUI", "OUI_SI"):
            servis.setdefault(numero, fait["time"][:10])
            oui[fait["time"][:10]] += 1
    assert Counter(profils.values()) == {
        p: n[f"profil/{p}"] for p in ("TERMINALE", "REORIENTATION", "REPRISE", "ETRANGER")
    }
    for famille in Famille:
        assert lus[famille] == sum(n.get(f"famille/{famille}/{voie}", 0) for voie in "GTPA")
    des_terminales = sum(len(x) for numero, x in lignes.items() if profils[numero] == "TERMINALE")
    assert des_terminales == sum(n[f"candidatures/{voie}"] for voie in "GTP")
    assert oui["2026-06-02"] == sum(n[f"propositions/0/{voie}"] for voie in "GTPA")
    premiers = sum(jour == "2026-06-02" for jour in servis.values())
    assert premiers == pytest.approx(sum(n[f"premiere/0/{voie}"] for voie in "GTPA"), abs=5)


def test_the_tables_are_those_of_the_reference() -> None:
    effectifs: Counter[str] = Counter()
    academies: Counter[str] = Counter()
    for lycee in lycees():
        effectifs.update(lycee.effectifs)
        academies[lycee.academie] += lycee.terminales
    assert effectifs == serie("serie")
    assert academies == serie("academie")
    assert len(lycees()) == valeur("lycees")
    assert effectifs.total() == valeur("terminales")
    candidats: Counter[str] = Counter()
    for formation in formations():
        candidats[formation.famille] += formation.candidats
    assert candidats == serie("famille")
    assert len({formation.formation_id for formation in formations()}) == len(formations())


def test_every_figure_says_where_it_comes_from() -> None:
    assert {chiffre.statut for chiffre in chiffres().values()} == {"publie", "calcule", "ordre", "hypothese"}
    assert all(chiffre.source.strip() for chiffre in chiffres().values())


def test_the_fitted_composition_has_the_totals_wanted_on_both_sides() -> None:
    cases = matrice()
    for voie, total in totaux_par_voie().items():
        assert sum(x for (v, _), x in cases.items() if v == voie) == pytest.approx(total, rel=1e-4)
    for famille, total in serie("famille").items():
        assert sum(x for (_, f), x in cases.items() if f == famille) == pytest.approx(
            total * (1 - EN_PHASE_COMPLEMENTAIRE), rel=1e-4
        )


@pytest.mark.parametrize(("moyenne", "maximum"), [(1.5, 10), (6.0, 10), (7.5, 10), (14.0, 40)])
def test_a_law_of_lengths_has_the_mean_asked_for_though_it_is_cut(moyenne: float, maximum: int) -> None:
    cumuls = loi(moyenne, maximum)
    assert cumuls[-1] == pytest.approx(1)
    esperance = sum(k * (x - y) for k, x, y in zip(range(1, 99), cumuls, [0, *cumuls], strict=False))
    assert esperance == pytest.approx(moyenne, rel=1e-3)


def test_a_last_step_lengthens_what_was_too_short_by_what_was_missing() -> None:
    attendus = {cle: x / (1 - EN_PHASE_COMPLEMENTAIRE) for cle, x in matrice().items()}
    comptes = {f"famille/{f}/{v}": round(x) for (v, f), x in attendus.items()}
    comptes |= {f"au_moins_un/{v}/{f}": 10_000 for v, f in attendus}
    tailles = longueurs()
    inchangees = corriger(tailles, comptes)
    assert all(inchangees[cle] == pytest.approx(max(1, tailles[cle]), abs=1e-3) for cle in tailles)
    comptes["famille/BUT/T"] -= 5_000
    assert corriger(tailles, comptes)["T", Famille.BUT] == pytest.approx(
        tailles["T", Famille.BUT] + 0.5, abs=1e-3
    )
