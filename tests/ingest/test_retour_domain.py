"""The fold of the way back: the same state whatever the order in which facts come, and however often."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.retour.domain import Objet, objet_de, plier
from shared.events import rapide as r
from shared.events.modeles import EtatBourse, EtatCordees, ObjetAccuse, SourceCordees

ELEVE = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f"
QUAND = datetime(2026, 3, 1, tzinfo=UTC)


def bourse(version: int, etat: EtatBourse = EtatBourse.CERTIFIEE, **champs: Any) -> r.BourseCertifiee:
    return r.BourseCertifiee(session=2026, eleve_id=ELEVE, version=version, etat=etat, **champs)


def accuse(version_objet: int, resultat: str = "ACCEPTE", sequence: int = 1) -> r.Accuse:
    return r.Accuse(
        session=2026,
        eleve_id=ELEVE,
        version=sequence,
        objet=ObjetAccuse.BOURSE,
        version_objet=version_objet,
        resultat=resultat,
    )


def etat(*faits: r.Fait) -> Objet:
    objet: Objet | None = None
    for fait in faits:
        objet = plier(objet, fait, QUAND)
    assert objet is not None
    return objet


@st.composite
def journaux(draw: st.DrawFn) -> tuple[list[r.Fait], list[r.Fait]]:
    """Two orders of the same facts, repetitions included; a version has one content."""
    versions = draw(st.lists(st.integers(1, 5), unique=True, max_size=4))
    faits: list[r.Fait] = [bourse(v, draw(st.sampled_from(EtatBourse))) for v in versions]
    faits += [
        accuse(draw(st.integers(1, 5)), draw(st.sampled_from(["ACCEPTE", "REFUSE"])), sequence)
        for sequence in draw(st.lists(st.integers(1, 5), unique=True, max_size=4))
    ]
    repetes = draw(st.lists(st.sampled_from(faits), max_size=4)) if faits else []
    return faits, draw(st.permutations(faits + repetes))


@given(journaux())
def test_any_order_and_repetition_give_the_same_state(journal: tuple[list[r.Fait], list[r.Fait]]) -> None:
    un, autre = journal
    if un:
        assert etat(*un) == etat(*autre)


def test_only_what_concerns_the_platform_is_sent_and_then_all_that_follows() -> None:
    assert not etat(bourse(1, EtatBourse.SIGNALEE)).concerne
    assert not etat(bourse(1, EtatBourse.SIECLE)).concerne
    retiree = etat(bourse(1), bourse(2, EtatBourse.AUCUNE))
    assert retiree.concerne
    assert msgspec.json.decode(retiree.contenu or b"") == {"etat": "AUCUNE"}


@pytest.mark.parametrize(
    ("faits", "acquitte"),
    [
        ([bourse(2), accuse(2)], True),
        ([bourse(2), accuse(3)], True),
        ([bourse(2), accuse(1)], False),
        ([bourse(2), accuse(2, "REFUSE")], False),
        ([bourse(2), accuse(2, "REFUSE"), accuse(2, sequence=2)], True),
        ([bourse(2), accuse(2, sequence=2), accuse(2, "REFUSE", sequence=1)], True),
        ([bourse(2), accuse(2), bourse(3)], False),
        ([accuse(2)], False),
    ],
)
def test_an_object_is_acknowledged_when_its_latest_version_was_taken(
    faits: list[r.Fait], *, acquitte: bool
) -> None:
    assert etat(*faits).acquitte is acquitte


def test_each_kind_of_fact_is_of_its_object() -> None:
    commun: dict[str, Any] = {"session": 2026, "eleve_id": ELEVE, "version": 1}
    cordees = r.Cordees(**commun, etat=EtatCordees.PARTICIPE, source=SourceCordees.LOCAL)
    fiche = r.Fiche(**commun, avis_rendus=1, cibles=2, transmise_le=QUAND)
    objets = [objet_de(fait) for fait in (bourse(1), cordees, fiche, accuse(1))]
    assert objets == [ObjetAccuse.BOURSE, ObjetAccuse.CORDEES, ObjetAccuse.FICHE_AVENIR, ObjetAccuse.BOURSE]
    assert objet_de(r.Bourse(**commun, signalee_le=QUAND)) is None
    assert etat(fiche).concerne
    assert not etat(r.Fiche(**commun, avis_rendus=1, cibles=2)).concerne
    assert msgspec.json.decode(etat(fiche).contenu or b"")["transmise_le"] == "2026-03-01T00:00:00Z"
