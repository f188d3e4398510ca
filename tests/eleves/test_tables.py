"""docs/statut.md and docs/ordre-des-faits.md say what the code does, cell by cell."""

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.eleves import chronologie
from services.eleves.domain import situation
from shared.domaine.etat import EtatEleve, encoder, replier, reponse_de
from shared.domaine.ligne import ligne as rang
from shared.domaine.statut import LIBELLES, nombre_de_propositions, statut
from shared.domaine.voeux import nombre_de_voeux
from shared.events import rapide as r
from shared.events import topics as t
from shared.events.modeles import Statut
from shared.kafka.records import Lu
from tests.eleves._phrases_de_faits import fait, faits

DOCS = Path(__file__).parents[2] / "docs"
ORDRES = 60


def _tables(nom: str) -> list[list[list[str]]]:
    """Cells of each table of a page, without its rule."""
    tables: list[list[list[str]]] = [[]]
    for ligne in (DOCS / nom).read_text().splitlines():
        if ligne.startswith("|"):
            cellules = [cellule.strip().strip("`") for cellule in ligne.strip("|").split("|")]
            if not set(ligne) <= set("|-"):
                tables[-1].append(cellules)
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]


SENS, DEPARTS, SUITES = _tables("statut.md")
(CAS,) = _tables("ordre-des-faits.md")


def _etat(siens: Sequence[r.Fait]) -> EtatEleve:
    etat = replier(None, siens)
    assert etat is not None
    return etat


def test_every_statut_is_explained_as_principals_read_it() -> None:
    assert {code: dit for code, dit, _ in SENS[1:]} == {s.value: LIBELLES[s] for s in Statut}


@pytest.mark.parametrize(("attendu", "phrases"), DEPARTS[1:])
def test_a_pupil_of_each_statut(attendu: str, phrases: str) -> None:
    assert statut(_etat(faits(phrases))).value == attendu


def _passages() -> Iterator[tuple[str, str, str, str]]:
    depuis = dict(DEPARTS[1:])
    for phrase, *suites in SUITES[1:]:
        for avant, apres in zip(SUITES[0][1:], suites, strict=True):
            yield avant, depuis[avant], phrase, avant if apres == "·" else apres


@pytest.mark.parametrize(("avant", "phrases", "phrase", "attendu"), list(_passages()))
def test_every_transition_of_the_table(avant: str, phrases: str, phrase: str, attendu: str) -> None:
    assert statut(_etat([*faits(phrases), fait(phrase)])).value == attendu, avant


def test_the_table_starts_from_every_statut_and_reaches_every_one() -> None:
    assert set(SUITES[0][1:]) == {s.value for s in Statut}
    assert {suite for _, *suites in SUITES[1:] for suite in suites} - {"·"} == {
        s.value for s in Statut if s is not Statut.NON_INSCRIT
    }


def _ordres(siens: Sequence[r.Fait]) -> Iterator[Sequence[r.Fait]]:
    """Every order when they are few, else a draw of them; and each with repetitions."""
    alea = random.Random(len(siens))
    tous = list(itertools.permutations(siens))
    for ordre in tous if len(tous) <= ORDRES else alea.sample(tous, ORDRES):
        yield ordre
        yield [*ordre, *alea.choices(ordre, k=3)]


def _lus(siens: Sequence[r.Fait], instants: dict[r.Fait, str]) -> list[Lu]:
    return [Lu(t.VOEU, un.eleve_id, un, instants[un], None, None) for un in siens]


@pytest.mark.parametrize(
    ("phrases", "fin"), [(phrases, fin) for _, phrases, *fin in CAS[1:]], ids=[cas for cas, *_ in CAS[1:]]
)
def test_the_end_is_the_same_whatever_the_order(phrases: str, fin: list[str]) -> None:
    dit, voeux, propositions, reponse = fin
    siens = faits(phrases)
    instants = {un: f"2026-03-{n + 1:02d}T10:00:00.000000Z" for n, un in enumerate(siens)}
    attendu, frise = encoder(_etat(siens)), chronologie.ajouter(None, _lus(siens, instants))
    for ordre in _ordres(siens):
        etat: EtatEleve | None = None
        un_a_un: bytes | None = None
        for un in ordre:
            etat, un_a_un = replier(etat, [un]), chronologie.ajouter(un_a_un, _lus([un], instants))
        assert etat is not None
        assert (encoder(etat), un_a_un) == (attendu, frise)
        assert encoder(_etat(ordre)) == attendu
    etat = _etat(siens)
    publie = situation(rang(etat))
    donnee = reponse_de(etat, "v1")
    assert (publie.statut.value if publie else "nothing is published") == dit
    assert (nombre_de_voeux(etat), nombre_de_propositions(etat)) == (int(voeux), int(propositions))
    assert (donnee.value if donnee else "none") == reponse
