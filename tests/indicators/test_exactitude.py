"""Any order and any windowing of the facts gives, for every day, the figures of a recomputation from scratch."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from services.indicators.domain import Cle, Comptage, Ecarts
from services.indicators.etat import Etat, decoder, encoder
from services.indicators.mesures import MESURES
from shared.events import rapide as r
from tests.indicators._histoires import ACADEMIES, histoire
from tests.indicators._naif import Case, Note, cases_au
from tests.kit.strategies import SUJETS

ELEVES = {"a": 2026, "b": 2026, "c": 2027}
"""Pupils and their session: one comes back in the next one, as somebody else."""
JOURS_DE_SESSION = (3_000, 3_001, 3_002, 3_040)
COMPTAGE = Comptage(MESURES)
LUS = (
    r.Eleve,
    r.Dossier,
    r.Caes,
    r.Voeu,
    r.VoeuNonConfirme,
    r.Proposition,
    r.PropositionExpiree,
    r.ReponseDonnee,
)
NOMS = sorted(nom for nom, (type_, _) in SUJETS.items() if type_ in LUS)


@st.composite
def _fait(draw: st.DrawFn, nom: tuple[str, str] | None = None) -> tuple[str, r.Fait]:
    """A pupil and a fact of his; the same version of a subject always says the same thing."""
    eleve, sujet = draw(st.sampled_from(sorted(ELEVES))), nom or draw(st.sampled_from(NOMS))
    version, revision = draw(st.integers(0, 4)), draw(st.integers(0, 1))
    type_, champs = SUJETS[sujet]
    commun: dict[str, Any] = {"session": st.just(ELEVES[eleve]), "eleve_id": st.just(eleve)}
    if type_ in {r.Voeu, r.VoeuNonConfirme, r.PropositionExpiree}:
        commun["revision"] = st.just(revision)
    fait = draw(st.builds(type_, version=st.just(version), **commun, **champs))
    if isinstance(fait, r.Eleve):
        fait = _chez_soi(fait, sortie=draw(st.booleans()))
    return eleve, fait


def _chez_soi(fait: r.Eleve, *, sortie: bool) -> r.Eleve:
    """The académie is that of the lycée; not everybody leaves."""
    return r.Eleve(
        session=fait.session,
        eleve_id=fait.eleve_id,
        version=fait.version,
        uai=fait.uai,
        academie=ACADEMIES[fait.uai],
        departement=fait.departement,
        serie=fait.serie,
        mef=fait.mef,
        classe=fait.classe,
        specialites=fait.specialites,
        codes_bourse=fait.codes_bourse,
        cordees=fait.cordees,
        date_sortie=fait.date_sortie if sortie else None,
        vivier_initial=fait.vivier_initial,
    )


class Figures:
    """Tables as the service keeps them: the states as bytes, what each day changed, and the sum."""

    def __init__(self) -> None:
        self.etats: dict[str, bytes] = {}
        self.mouvements: defaultdict[int, Counter[tuple[Cle, str]]] = defaultdict(Counter)
        self.cellules: Counter[tuple[Cle, str]] = Counter()

    def fenetre(self, notes: Iterable[tuple[str, Note]]) -> None:
        """One window, in the order given."""
        ecarts: Ecarts = Ecarts()
        par_eleve: defaultdict[str, list[Note]] = defaultdict(list)
        for eleve, note in notes:
            par_eleve[eleve].append(note)
        for eleve, siennes in par_eleve.items():
            etat = decoder(self.etats[eleve]) if eleve in self.etats else Etat(siennes[0][1].session)
            COMPTAGE.plier(etat, siennes, ecarts)
            self.etats[eleve] = encoder(etat)
        for jour, du_jour in ecarts.jours.items():
            _ajouter(self.mouvements[jour], du_jour)
        _ajouter(self.cellules, ecarts.totaux())

    def au(self, jour: int) -> dict[Case, dict[str, int]]:
        somme: Counter[tuple[Cle, str]] = Counter()
        for quand, du_jour in self.mouvements.items():
            if quand <= jour:
                somme.update(du_jour)
        return _cases(somme)


def _ajouter(ou: Counter[tuple[Cle, str]], ecarts: Mapping[Cle, int]) -> None:
    for cle, vecteur in ecarts.items():
        for mesure, ecart in zip(MESURES, COMPTAGE.valeurs(vecteur), strict=True):
            ou[cle, mesure.code] += ecart


def _cases(somme: Mapping[tuple[Cle, str], int]) -> dict[Case, dict[str, int]]:
    cases: defaultdict[Case, dict[str, int]] = defaultdict(dict)
    for (cle, code), n in somme.items():
        if n:
            assert cle.academie == ACADEMIES[cle.uai]
            cases[Case(cle.session, cle.uai, cle.serie)][code] = n
    return dict(cases)


def _exactes(figures: Figures, notes: Mapping[str, list[Note]]) -> None:
    for jour in JOURS_DE_SESSION:
        assert figures.au(jour) == cases_au(notes, jour), jour
    assert _cases(figures.cellules) == cases_au(notes, JOURS_DE_SESSION[-1])


class Indicateurs(RuleBasedStateMachine):
    """Facts are recorded on a day, read late, twice or out of order, in windows; the figures are always exact."""

    enregistres = Bundle("enregistres")

    def __init__(self) -> None:
        super().__init__()
        self.jour = 0
        self.dits: dict[Any, r.Fait] = {}
        self.attente: list[tuple[str, Note]] = []
        self.lus: dict[str, list[Note]] = {eleve: [] for eleve in ELEVES}
        self.figures = Figures()

    @rule(target=enregistres, tire=_fait())
    def un_fait(self, tire: tuple[str, r.Fait]) -> tuple[str, Note]:
        return self._enregistrer(tire)

    @rule(target=enregistres, tire=_fait(("scolarite", "")))
    def une_scolarite(self, tire: tuple[str, r.Fait]) -> tuple[str, Note]:
        return self._enregistrer(tire)

    @rule(target=enregistres, tire=_fait(("inscription", "")))
    def un_dossier(self, tire: tuple[str, r.Fait]) -> tuple[str, Note]:
        return self._enregistrer(tire)

    def _enregistrer(self, tire: tuple[str, r.Fait]) -> tuple[str, Note]:
        eleve, fait = tire
        cle = (eleve, type(fait), getattr(fait, "voeu_id", ""), getattr(fait, "sous_voeu_id", None))
        fait = self.dits.setdefault((*cle, fait.version, getattr(fait, "revision", 0)), fait)
        return eleve, (JOURS_DE_SESSION[self.jour], fait)

    @rule(recu=consumes(enregistres), encore=st.booleans(), target=enregistres)
    def lu(self, recu: tuple[str, Note], encore: bool) -> object:
        """Later, and perhaps again."""
        self.attente.append(recu)
        return recu if encore else multiple()

    @rule()
    def minuit(self) -> None:
        self.jour = min(self.jour + 1, len(JOURS_DE_SESSION) - 1)

    @rule()
    def fenetre(self) -> None:
        self.figures.fenetre(self.attente)
        for eleve, note in self.attente:
            self.lus[eleve].append(note)
        self.attente = []

    @invariant()
    def chaque_jour_est_le_recalcul(self) -> None:
        _exactes(self.figures, self.lus)


TestIndicateurs = Indicateurs.TestCase
TestIndicateurs.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_long_histories_in_two_orders_and_two_cuts_give_the_same_tables_and_those_of_the_recomputation() -> (
    None
):
    hasard, jours = random.Random(7), range(3_000, 3_008)
    par_eleve = {f"e{n}": histoire(hasard, f"e{n}", 2026 + n % 2, jours) for n in range(400)}
    notes = [(eleve, note) for eleve, siennes in par_eleve.items() for note in siennes]
    hasard.shuffle(notes)
    un, autre = Figures(), Figures()
    for debut in range(0, len(notes), 997):
        un.fenetre(notes[debut : debut + 997])
    melees = [*notes, *hasard.sample(notes, len(notes) // 10)]
    hasard.shuffle(melees)
    for debut in range(0, len(melees), 61):
        autre.fenetre(melees[debut : debut + 61])
    for jour in jours:
        assert un.au(jour) == cases_au(par_eleve, jour)
    for jour in jours:
        assert un.au(jour) == autre.au(jour)
    assert _cases(un.cellules) == _cases(autre.cellules) == un.au(jours[-1])
    assert {e: decoder(x) for e, x in un.etats.items()} == {e: decoder(x) for e, x in autre.etats.items()}
    comptees = {code for case in un.au(jours[-1]).values() for code in case}
    assert comptees == {mesure.code for mesure in MESURES}, "a measure that nobody meets proves nothing"
