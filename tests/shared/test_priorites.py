"""« À accompagner aujourd’hui »: reasons in the pupil's figures, weights that the guide prints."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from shared.domaine import guide_listes
from shared.domaine.calendrier import Calendrier
from shared.domaine.etapes import Etape
from shared.domaine.ligne import LigneEleve
from shared.domaine.predicats import Contexte
from shared.domaine.priorites import MOTIFS, poids, raisons
from tests.kit.lignes import contextes, lignes

VOEUX = datetime(2026, 3, 12, 22, 59, tzinfo=UTC)
CONFIRMATION = datetime(2026, 4, 1, 21, 59, tzinfo=UTC)
ADMISSION = datetime(2026, 6, 2, 17, tzinfo=UTC)
CALENDRIER = Calendrier(
    2026,
    {
        Etape.VOEUX_LIMITE: VOEUX,
        Etape.CONFIRMATION_LIMITE: CONFIRMATION,
        Etape.ADMISSION_OUVERTURE: ADMISSION,
        Etape.CLASSEMENT_LIMITE: datetime(2026, 6, 10, 21, 59, tzinfo=UTC),
    },
)
GUIDE = Path(__file__).parents[2] / "docs" / "guide-principal.md"


def eleve(**champs: Any) -> LigneEleve:
    return LigneEleve(session=2026, present=True, **champs)


def dites(rang: LigneEleve, quand: datetime) -> dict[str, str]:
    return {raison.code: raison.phrase for raison in raisons(rang, Contexte(quand, CALENDRIER))}


SANS_VOEU = eleve(inscrit=True, demission=False, voeux=0)


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [
        (30, {}),
        (10, {"sans_voeu": "Inscrit, et aucun vœu : la date limite est dans 10 jours (J−10)."}),
        (3, {"sans_voeu_j3": "Aucun vœu : la date limite est dans 3 jours (J−3)."}),
        (1, {"sans_voeu_j3": "Aucun vœu : la date limite est demain (J−1)."}),
        (0, {"sans_voeu_j3": "Aucun vœu : la date limite est aujourd’hui."}),
        (-1, {}),
    ],
)
def test_without_a_voeu_the_reason_counts_the_days(jours: int, attendu: dict[str, str]) -> None:
    assert dites(SANS_VOEU, VOEUX - timedelta(days=jours)) == attendu


def test_nobody_is_told_of_a_deadline_that_is_not_known() -> None:
    assert raisons(SANS_VOEU, Contexte(VOEUX)) == []


CAS: dict[str, tuple[LigneEleve, datetime, str]] = {
    "expire_ce_soir": (
        eleve(a_repondre=2, a_repondre_avant=datetime(2026, 6, 4, 21, 59, tzinfo=UTC)),
        datetime(2026, 6, 4, 8, tzinfo=UTC),
        "2 propositions sans réponse : la première expire ce soir à 23 h 59.",
    ),
    "non_inscrit": (
        eleve(inscrit=False),
        VOEUX - timedelta(days=7),
        "Pas de dossier sur la plateforme : la date limite des vœux est dans 7 jours (J−7).",
    ),
    "non_inscrit_bientot": (
        eleve(inscrit=False),
        VOEUX - timedelta(days=8),
        "Pas de dossier sur la plateforme : la date limite des vœux est dans 8 jours (J−8).",
    ),
    "aucun_confirme": (
        eleve(inscrit=True, voeux=4, voeux_a_confirmer=4, voeux_confirmes=0),
        CONFIRMATION - timedelta(days=2),
        "4 vœux et aucun confirmé : la date limite est dans 2 jours (J−2).",
    ),
    "voeux_a_confirmer": (
        eleve(inscrit=True, voeux=4, voeux_a_confirmer=1, voeux_confirmes=3),
        CONFIRMATION,
        "1 vœu à confirmer sur 4 : la date limite est aujourd’hui.",
    ),
    "que_des_non": (
        eleve(sans_proposition="QUE_DES_NON", refus=9, en_attente=0),
        ADMISSION,
        "Que des refus (9) : phase complémentaire ou CAES à préparer avec l’élève.",
    ),
    "boursier_sans_proposition": (
        eleve(boursier=True, sans_proposition="MIXTE", refus=1, en_attente=2),
        ADMISSION,
        "Boursier sans proposition : 1 refus et 2 vœux en attente.",
    ),
    "sans_proposition": (
        eleve(sans_proposition="TOUS_EN_ATTENTE", refus=0, en_attente=1),
        ADMISSION,
        "Aucune proposition : 1 vœu en attente, 0 refus.",
    ),
    "proposition_perdue": (
        eleve(expirees=1, en_attente=3, expiree_le=ADMISSION - timedelta(days=1)),
        ADMISSION,
        "1 proposition expirée (la dernière le 01/06/2026), et 3 vœux en attente à maintenir.",
    ),
    "non_classe": (
        eleve(attente_non_classee=2),
        datetime(2026, 6, 9, 8, tzinfo=UTC),
        "2 vœux en attente à classer : la date limite est demain (J−1).",
    ),
    "suivi_en_retard": (
        eleve(suivi_actions=1, suivi_echeance=datetime(2026, 2, 3, 11, tzinfo=UTC)),
        datetime(2026, 2, 4, tzinfo=UTC),
        "Action d’accompagnement en retard : elle était prévue pour le 03/02/2026.",
    ),
    "bourse_a_traiter": (
        eleve(bourse_a_traiter=True, bourse_depuis=datetime(2026, 2, 1, 11, tzinfo=UTC)),
        datetime(2026, 2, 4, 11, tzinfo=UTC),
        "S’est signalé boursier depuis 3 jours : à certifier ou à refuser.",
    ),
    "bulletin_manquant": (
        eleve(inscrit=True, voeux=5, bulletins_manquants=("T1", "T2")),
        VOEUX + timedelta(days=1),
        "Bulletin manquant : T1, T2.",
    ),
    "avis_manquant": (
        eleve(avis_rendus=3, avis_cibles=11),
        CONFIRMATION - timedelta(days=5),
        "Fiche Avenir : 3 avis rendus sur 11.",
    ),
    "projet_fragile": (
        eleve(inscrit=True, voeux=1, que_selectifs=True),
        VOEUX - timedelta(days=12),
        "Un seul vœu, que des vœux sélectifs : la date limite des vœux est dans 12 jours (J−12).",
    ),
}


@pytest.mark.parametrize("code", CAS)
def test_a_reason_is_written_out_in_the_pupil_s_figures(code: str) -> None:
    rang, quand, phrase = CAS[code]
    assert dites(rang, quand)[code] == phrase


def test_every_reason_is_written_out_here() -> None:
    assert {motif.code for motif in MOTIFS} == {*CAS, "sans_voeu", "sans_voeu_j3"}


def test_a_pupil_who_left_the_lycee_is_not_in_the_queue() -> None:
    parti = LigneEleve(session=2026, present=False, inscrit=False)
    assert raisons(parti, Contexte(VOEUX, CALENDRIER)) == []


def test_reasons_add_up_and_the_heaviest_comes_first() -> None:
    rang = eleve(boursier=True, sans_proposition="QUE_DES_NON", refus=3, en_attente=0)
    trouvees = raisons(rang, Contexte(ADMISSION, CALENDRIER))
    assert [raison.code for raison in trouvees] == ["que_des_non", "boursier_sans_proposition"]
    assert poids(trouvees) == sum(raison.poids for raison in trouvees) == 140
    assert [motif.poids for motif in MOTIFS] == sorted((motif.poids for motif in MOTIFS), reverse=True)


@settings(max_examples=150)
@given(lignes, contextes)
def test_whatever_the_pupil_a_reason_can_be_said(rang: LigneEleve, contexte: Contexte) -> None:
    for raison in raisons(rang, contexte):
        assert raison.phrase[0].isupper() or raison.phrase[0].isdigit()
        assert raison.phrase.endswith(".")
        assert "None" not in raison.phrase


def test_the_guide_prints_the_tables_of_the_code() -> None:
    """Run ``python -m shared.domaine.guide_listes docs/guide-principal.md`` after a change."""
    guide = GUIDE.read_text(encoding="utf-8")
    assert guide_listes.inscrire(guide) == guide
    for nom, table in guide_listes.TABLES.items():
        assert table() in guide, nom
