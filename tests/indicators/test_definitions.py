"""Definitions are data; a change of a pupil is told by day, whatever the window that brings it."""

from datetime import date
from typing import Any

import pytest

from services.indicators import traits as t
from services.indicators.declinaisons import Dimension, declinaisons
from services.indicators.definitions import INDICATEURS, Moment, indicateurs
from services.indicators.domain import Cle, Comptage, Ecarts
from services.indicators.etat import JOURS, Etat, decoder, encoder, jour_du_rang
from services.indicators.mesures import MESURES, PLACES, RANGS, Mesure, Parametres, l1_pass, mesures
from services.indicators.traits import Stade
from shared.domaine.voeux import L1_PASS
from shared.events import rapide as r
from shared.events.modeles import EtatDossier, EtatVoeu, Phase, Profil, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

ELEVE = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f"
ICI = Cle(2026, "0750001A", "GENERALE", "01")
LA = Cle(2026, "0690002B", "STMG", "10")
LUNDI, MARDI, MERCREDI = 2_900, 2_901, 2_902


def eleve(version: int = 1, **champs: Any) -> r.Eleve:
    base = {"uai": ICI.uai, "academie": "01", "departement": "075", "serie": Serie.GENERALE, "mef": "M"}
    return r.Eleve(session=2026, eleve_id=ELEVE, version=version, **{**base, "classe": "TG1", **champs})


def dossier(version: int = 1) -> r.Dossier:
    return r.Dossier(
        session=2026, eleve_id=ELEVE, version=version, profil=Profil.TERMINALE, etat=EtatDossier.OUVERT
    )


def voeu(nom: str, famille: Famille, version: int = 1, etat: EtatVoeu = EtatVoeu.FORMULE) -> r.Voeu:
    return r.Voeu(
        session=2026,
        eleve_id=ELEVE,
        version=version,
        voeu_id=nom,
        formation_id="F1",
        famille=famille,
        selective=False,
        academie_formation="01",
        voie=Voie.ETUDIANT,
        phase=Phase.PRINCIPALE,
        etat=etat,
    )


def raconte(
    *fenetres: list[tuple[int, r.Fait]], comptage: Comptage | None = None
) -> dict[tuple[int, Cle], dict[str, int]]:
    """Movements of one pupil over windows, by day and cell; what ends level is left out."""
    comptage, etat = comptage or Comptage(MESURES), Etat(2026)
    sommes: dict[tuple[int, Cle], int] = {}
    for fenetre in fenetres:
        ecarts = Ecarts()
        etat = decoder(encoder(etat))
        comptage.plier(etat, list(fenetre), ecarts)
        for jour, du_jour in ecarts.jours.items():
            for cle, vecteur in du_jour.items():
                sommes[jour, cle] = sommes.get((jour, cle), 0) + vecteur
    codes = [mesure.code for mesure in comptage.mesures]
    lus = {
        ou: {c: n for c, n in zip(codes, comptage.valeurs(v), strict=True) if n} for ou, v in sommes.items()
    }
    return {ou: comptes for ou, comptes in lus.items() if comptes}


def test_every_rate_stands_on_measures_that_contain_each_other() -> None:
    for un in INDICATEURS:
        contenu = un.numerateur
        while contenu != un.base:
            contenant = MESURES[RANGS[contenu]].dans
            assert contenant is not None, un.code
            contenu = contenant
    assert {un.moment for un in INDICATEURS} == set(Moment)
    assert len({un.code for un in INDICATEURS}) == len(INDICATEURS)
    assert len(MESURES) <= PLACES


def test_adding_a_measure_is_one_entry() -> None:
    plus = (
        *MESURES,
        Mesure(code="bts", avec=(t.INSCRIT, t.etudiant(Stade.DEMANDE, Famille.BTS)), dans="inscrits"),
    )
    faits = [(LUNDI, eleve()), (LUNDI, dossier()), (MARDI, voeu("v1", Famille.BTS))]
    lus = raconte(faits, comptage=Comptage(plus))
    assert "bts" not in lus[LUNDI, ICI]
    assert lus[MARDI, ICI] == {"sans_voeu": -1, "bts": 1}


def test_l1_pass_is_that_of_lists_unless_the_session_says_otherwise() -> None:
    assert t.familles(l1_pass(Stade.DEMANDE, Parametres()), Stade.DEMANDE) == L1_PASS
    sans = Parametres(las=False, licences_selectives=False)
    assert t.familles(l1_pass(Stade.DEMANDE, sans), Stade.DEMANDE) == {Famille.LICENCE, Famille.PASS}
    faits = [(LUNDI, eleve()), (LUNDI, dossier()), (LUNDI, voeu("v1", Famille.LAS))]
    assert raconte(faits)[LUNDI, ICI]["que_l1_pass"] == 1
    assert "l1_pass" not in raconte(faits, comptage=Comptage(mesures(sans)))[LUNDI, ICI]
    avec, hors = (
        next(u for u in indicateurs(p) if u.code == "l1_pass").definition for p in (Parametres(), sans)
    )
    assert "L.AS comprises" in avec
    assert "hors L.AS" in hors


def test_a_window_that_spans_midnight_in_paris_closes_the_day() -> None:
    veille, jour = JOURS["2026-03-11T22"], JOURS["2026-03-11T23"]
    assert (jour_du_rang(veille), jour_du_rang(jour)) == (date(2026, 3, 11), date(2026, 3, 12))
    une = raconte([(veille, eleve()), (jour, dossier())])
    assert une == raconte([(veille, eleve())], [(jour, dossier())])
    assert une[veille, ICI] == {"vivier": 1}
    assert une[jour, ICI] == {"inscrits": 1, "sans_voeu": 1, "sans_voeu_confirme": 1}


@pytest.mark.parametrize("ordre", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_a_late_fact_changes_the_days_since_its_own_only(ordre: tuple[int, ...]) -> None:
    faits = [(LUNDI, eleve()), (MARDI, dossier()), (MERCREDI, voeu("v1", Famille.PASS))]
    attendu = raconte(faits)
    assert raconte(*([faits[rang]] for rang in ordre)) == attendu
    assert attendu[MERCREDI, ICI] == {"sans_voeu": -1, "l1_pass": 1, "que_l1_pass": 1}


def test_a_pupil_who_moves_takes_his_figures_along_and_stays_in_the_frozen_base() -> None:
    fige = r.VivierInitial(uai=ICI.uai, serie=Serie.GENERALE, date=date(2026, 1, 19))
    ailleurs = eleve(2, uai=LA.uai, academie="10", serie=Serie.STMG, vivier_initial=fige)
    lus = raconte([(LUNDI, eleve(vivier_initial=fige)), (LUNDI, dossier())], [(MARDI, ailleurs)])
    assert lus[LUNDI, ICI]["vivier_initial"] == lus[LUNDI, ICI]["participants_initiaux"] == 1
    assert lus[MARDI, ICI] == {"vivier": -1, "inscrits": -1, "sans_voeu": -1, "sans_voeu_confirme": -1}
    assert lus[MARDI, LA] == {"vivier": 1, "inscrits": 1, "sans_voeu": 1, "sans_voeu_confirme": 1}
    parti = raconte([(LUNDI, eleve())], [(MARDI, eleve(2, date_sortie=date(2026, 2, 1)))])
    assert parti[MARDI, ICI] == {"vivier": -1}


def test_the_parts_of_a_dimension_add_up_to_the_serie() -> None:
    comptage, etats = Comptage(MESURES), []
    fige = r.VivierInitial(uai=ICI.uai, serie=Serie.GENERALE, date=date(2026, 1, 19))
    for rang in range(12):
        etat = Etat(2026)
        ici: dict[str, Any] = {"classe": f"TG{rang % 3}", "sexe": "MF"[rang % 2], "cordees": rang % 5 == 0}
        if rang == 7:
            ici |= {"uai": LA.uai, "academie": "10", "vivier_initial": fige}
        comptage.plier(etat, [(LUNDI, eleve(**ici)), (LUNDI, dossier())], Ecarts())
        etats.append(etat)
    parts = declinaisons(comptage, ICI.uai, etats)
    for dimension in Dimension:
        siennes = [comptes for part, comptes in parts.items() if part.dimension is dimension]
        assert {code: sum(c[code] for c in siennes) for code in RANGS} == {
            code: 11 * (code in {"vivier", "inscrits", "sans_voeu", "sans_voeu_confirme"})
            + (code in {"vivier_initial", "participants_initiaux"})
            for code in RANGS
        }
    assert len([part for part in parts if part.dimension is Dimension.CLASSE]) == 4
