"""The language of lists says the same in Python and on real PostgreSQL, for anything and for every list."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.providers import Endpoints
from shared.db import lignes as sql_lignes
from shared.db.engine import create_engine
from shared.domaine import priorites
from shared.domaine.catalogue import LISTES
from shared.domaine.ligne import LigneEleve
from shared.domaine.predicats import (
    ALaDate,
    Compare,
    Contexte,
    Contient,
    Jalon,
    Non,
    NonVide,
    Op,
    Parmi,
    Predicat,
    PredicatInvalideError,
    Texte,
    evaluer,
    vrai,
)
from shared.domaine.predicats_sql import Sql, compiler
from shared.settings import Settings
from tests.kit.lignes import contextes, lignes, predicats

EXEMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class Base:
    """PostgreSQL asked from a test that is not async: one loop, one connection."""

    def __init__(self, runner: asyncio.Runner, engine: AsyncEngine) -> None:
        self._runner = runner
        self._connection = runner.run(engine.connect().__aenter__())

    def fermer(self) -> None:
        self._runner.run(self._connection.close())

    def demander(self, rangs: Sequence[LigneEleve], dits: Sequence[Sql]) -> list[tuple[object, ...]]:
        """The value of each expression for each row, in the order of the rows."""
        colonnes = ", ".join(f"{dit.texte} AS d{i}" for i, dit in enumerate(dits))
        requete = text(
            f"WITH n AS (SELECT * FROM unnest({sql_lignes.TABLEAUX}) WITH ORDINALITY"
            f" AS n({sql_lignes.NOMS}, place)),"
            f" eleve AS (SELECT place, {sql_lignes.SELECTION} FROM n)"
            f" SELECT {colonnes} FROM eleve ORDER BY place"
        )
        parametres = dict(sql_lignes.parametres(rangs))
        for dit in dits:
            parametres.update(dit.parametres)
        rows = self._runner.run(self._connection.execute(requete, parametres))
        return [tuple(row) for row in rows]


@pytest.fixture(scope="module")
def base(servers: Endpoints) -> Iterator[Base]:
    with asyncio.Runner() as runner:
        engine = create_engine(Settings(service="eleves", database_url=servers.database_url))
        base = Base(runner, engine)
        yield base
        base.fermer()
        runner.run(engine.dispose())


@EXEMPLES
@given(st.lists(lignes, min_size=1, max_size=4), st.lists(predicats, min_size=1, max_size=8), contextes)
def test_a_predicate_says_the_same_in_python_and_in_sql(
    base: Base, rangs: list[LigneEleve], demandes: list[Predicat], contexte: Contexte
) -> None:
    lus = base.demander(rangs, [compiler(p, contexte, f"p{i}_") for i, p in enumerate(demandes)])
    assert lus == [tuple(evaluer(p, rang, contexte) for p in demandes) for rang in rangs]


@EXEMPLES
@given(st.lists(lignes, min_size=1, max_size=6), contextes)
def test_every_list_and_the_queue_are_the_same_in_python_and_in_sql(
    base: Base, rangs: list[LigneEleve], contexte: Contexte
) -> None:
    conditions = [*(liste.condition for liste in LISTES.values()), priorites.A_ACCOMPAGNER]
    dits = [compiler(p, contexte, f"p{i}_") for i, p in enumerate(conditions)]
    lus = base.demander(rangs, [*dits, priorites.poids_sql(contexte)])
    for rang, lu in zip(rangs, lus, strict=True):
        raisons = priorites.raisons(rang, contexte)
        assert lu == (*(evaluer(p, rang, contexte) for p in conditions), priorites.poids(raisons))
        assert bool(raisons) is evaluer(priorites.A_ACCOMPAGNER, rang, contexte)


CONTEXTE = Contexte(datetime(2026, 6, 4, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    "predicat",
    [
        Compare("voeux", Op.MOINS, 3),
        Compare("naissance", Op.AU_MOINS, date(2008, 1, 1)),
        Compare("a_repondre_avant", Op.MOINS, ALaDate(1, debut=True)),
        Parmi("classe", ("T1",)),
        Contient("familles", "BTS"),
        NonVide("familles"),
        Texte("zoé"),
        vrai("boursier"),
    ],
)
def test_what_is_not_known_is_in_no_list_and_out_of_none(predicat: Predicat) -> None:
    inconnu = LigneEleve(session=2026)
    assert not evaluer(predicat, inconnu, CONTEXTE)
    assert evaluer(Non(predicat), inconnu, CONTEXTE)


@pytest.mark.parametrize("cherche", ["élie", "ELIE D’ARC", "arc eli", "12345", "darc"])
def test_a_text_is_found_word_by_word_whatever_its_accents(cherche: str) -> None:
    rang = LigneEleve(session=2026, recherche="elie darc oe012345a")
    assert evaluer(Texte(cherche), rang, CONTEXTE)
    assert not evaluer(Texte(f"{cherche} zzz"), rang, CONTEXTE)


def test_a_deadline_belongs_to_its_day_in_paris() -> None:
    ce_soir = Compare("a_repondre_avant", Op.MOINS, ALaDate(1, debut=True))
    paris_23h59 = LigneEleve(session=2026, a_repondre_avant=datetime(2026, 6, 4, 21, 59, tzinfo=UTC))
    paris_minuit = LigneEleve(session=2026, a_repondre_avant=datetime(2026, 6, 4, 22, tzinfo=UTC))
    assert evaluer(ce_soir, paris_23h59, CONTEXTE)
    assert not evaluer(ce_soir, paris_minuit, CONTEXTE)


@pytest.mark.parametrize(
    "fautif",
    [
        lambda: Compare("inconnu", Op.EGAL, 1),
        lambda: Compare("voeux", Op.EGAL, "1"),
        lambda: Compare("voeux", Op.EGAL, valeur=True),
        lambda: Compare("classe", Op.MOINS, "T1"),
        lambda: Compare("familles", Op.EGAL, "BTS"),
        lambda: Compare("classe", Op.EGAL, "T\x00"),
        lambda: Compare("classe", Op.EGAL, "\ud800"),
        lambda: Compare("voeux", Op.EGAL, ALaDate()),
        lambda: Compare("a_repondre_avant", Op.MOINS, datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault itself
        lambda: Compare("voeux", Op.EGAL, 2**63),
        lambda: Parmi("boursier", ("oui",)),
        lambda: Contient("classe", "T1"),
        lambda: NonVide("voeux"),
        lambda: Texte("zoé", "nom"),
    ],
)
def test_a_predicate_that_makes_no_sense_cannot_be_written(fautif: "type[Predicat]") -> None:
    with pytest.raises(PredicatInvalideError):
        fautif()


def test_without_its_step_no_moment_has_come() -> None:
    assert not Jalon(next(iter(priorites.E)), de=None, a=None).vaut(CONTEXTE)
