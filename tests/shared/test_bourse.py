"""The tables of shared/domaine/bourse.py and cordees.py, line by line, and what no order of facts changes."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domaine.bourse import (
    Acte,
    Contradiction,
    Demande,
    MotifRefus,
    RefusBourse,
    bourse,
    phrase_de_la_date,
    refus,
    refus_de_la_date,
)
from shared.domaine.calendrier import Calendrier
from shared.domaine.complements import DecisionBourse, SaisieCordees
from shared.domaine.cordees import RefusCordees, Report, cordees, refus_de_retrait, refus_de_saisie
from shared.domaine.etapes import Etape
from shared.domaine.etat import EtatEleve, replier
from shared.events import rapide as r
from shared.events.modeles import Dispositif, EtatBourse, EtatCordees
from shared.nomenclatures.series import Serie
from tests.kit.strategies import ELEVE

LE = datetime(2026, 2, 1, 12, tzinfo=UTC)
JOUR = timedelta(days=1)
B, C = EtatBourse, Contradiction


def scolarite(
    *, boursier: bool = False, echelon: int | None = None, sorti: bool = False, **champs: object
) -> r.Eleve:
    return r.Eleve(
        session=2026,
        eleve_id=ELEVE,
        version=champs.pop("version", 1),  # type: ignore[arg-type]
        uai="0750001A",
        academie="01",
        departement="075",
        serie=Serie.GENERALE,
        mef="20210019110",
        codes_bourse=("BL",) if boursier else (),
        echelon_bourse=echelon,
        date_sortie=LE.date() if sorti else None,
        **champs,  # type: ignore[arg-type]
    )


def signalement(le: datetime, version: int = 1) -> r.Bourse:
    return r.Bourse(session=2026, eleve_id=ELEVE, version=version, signalee_le=le)


def plie(*faits: r.Fait) -> EtatEleve:
    etat = replier(None, faits)
    assert etat is not None
    return etat


CERTIFIEE = DecisionBourse(etat=B.CERTIFIEE, echelon=3, le=LE)
REFUSEE = DecisionBourse(etat=B.REFUSEE, motif="PIECE_ABSENTE", le=LE)
AVANT, APRES = signalement(LE - JOUR), signalement(LE + JOUR)
NON, OUI = scolarite(), scolarite(boursier=True)
TABLE = [
    ((NON,), None, B.AUCUNE, False, None),
    ((NON, AVANT), None, B.SIGNALEE, True, None),
    ((OUI, AVANT), None, B.SIECLE, False, None),
    ((NON, AVANT), CERTIFIEE, B.CERTIFIEE, False, None),
    ((OUI,), CERTIFIEE, B.CERTIFIEE, False, None),
    ((scolarite(boursier=True, echelon=3),), CERTIFIEE, B.CERTIFIEE, False, None),
    ((scolarite(boursier=True, echelon=5),), CERTIFIEE, B.CERTIFIEE, False, C.ECHELON),
    ((OUI, scolarite(version=2)), CERTIFIEE, B.CERTIFIEE, False, C.RETIREE),
    ((NON, AVANT), REFUSEE, B.REFUSEE, False, None),
    ((NON, APRES), REFUSEE, B.REFUSEE, True, None),
    ((OUI, APRES), REFUSEE, B.REFUSEE, False, C.REFUS),
    ((scolarite(sorti=True), AVANT), None, B.SIGNALEE, False, None),
]


@pytest.mark.parametrize(("faits", "decision", "etat", "a_traiter", "contradiction"), TABLE)
def test_each_line_of_the_table_of_bourses(
    faits: tuple[r.Fait, ...],
    decision: DecisionBourse | None,
    etat: EtatBourse,
    a_traiter: bool,
    contradiction: Contradiction | None,
) -> None:
    dite = bourse(plie(*faits), decision)
    assert (dite.etat, dite.a_traiter, dite.contradiction) == (etat, a_traiter, contradiction)


FAITS = st.lists(
    st.one_of(
        st.builds(
            lambda version, boursier, echelon: scolarite(version=version, boursier=boursier, echelon=echelon),
            st.integers(1, 4),
            st.booleans(),
            st.none() | st.integers(1, 6),
        ),
        st.builds(lambda n: signalement(LE + n * JOUR, n + 10), st.integers(-3, 3)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda fait: (type(fait), fait.version),
)


@given(FAITS, st.sampled_from([None, CERTIFIEE, REFUSEE]), st.randoms())
@settings(max_examples=150, deadline=None)
def test_no_order_of_facts_changes_a_bourse_and_no_file_undoes_a_decision(
    faits: list[r.Fait], decision: DecisionBourse | None, hasard: Random
) -> None:
    melanges = [*faits, *faits]
    hasard.shuffle(melanges)
    dite = bourse(plie(*faits), decision)
    assert bourse(plie(*melanges), decision) == dite
    if decision is not None:
        assert (dite.etat, dite.echelon, dite.motif) == (decision.etat, decision.echelon, decision.motif)


def _calendrier() -> Calendrier:
    dates = {Etape.INSCRIPTION_OUVERTURE: LE - JOUR, Etape.CONFIRMATION_LIMITE: LE + JOUR}
    return Calendrier(2026, dates)


def test_the_window_includes_the_whole_last_minute() -> None:
    limite = LE + JOUR
    assert refus_de_la_date(_calendrier(), limite + timedelta(seconds=59)) is None
    assert refus_de_la_date(_calendrier(), limite + timedelta(minutes=1)) is RefusBourse.TROP_TARD
    assert refus_de_la_date(_calendrier(), LE - 2 * JOUR) is RefusBourse.TROP_TOT
    assert refus_de_la_date(None, LE) is None
    assert "02/02/2026 à 13:00" in phrase_de_la_date(RefusBourse.TROP_TARD, _calendrier())


def demande(acte: Acte, **champs: object) -> Demande:
    base = {"echelon": 2, "piece_vue": True, "motif": MotifRefus.AUTRE}
    return Demande(acte=acte, **{**base, **champs})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("etat", "decision", "voulu", "attendu"),
    [
        (plie(NON), None, demande(Acte.CERTIFIER), None),
        (plie(NON), REFUSEE, demande(Acte.CERTIFIER), None),
        (plie(OUI), REFUSEE, demande(Acte.CERTIFIER), RefusBourse.DEJA_SIECLE),
        (plie(NON), CERTIFIEE, demande(Acte.REFUSER), RefusBourse.CERTIFIEE),
        (plie(NON, AVANT), None, demande(Acte.REFUSER, motif=None), RefusBourse.MOTIF_ABSENT),
        (plie(NON, AVANT), REFUSEE, demande(Acte.REFUSER), RefusBourse.DEJA_REFUSEE),
        (plie(NON, APRES), REFUSEE, demande(Acte.REFUSER), None),
        (plie(NON), None, demande(Acte.ANNULER), RefusBourse.RIEN_A_ANNULER),
        (plie(OUI), CERTIFIEE, demande(Acte.ANNULER), None),
        (EtatEleve(2026, fusionne=ELEVE), None, demande(Acte.ANNULER), RefusBourse.ELEVE_FUSIONNE),
    ],
)
def test_acts_that_are_possible_and_those_that_are_not(
    etat: EtatEleve, decision: DecisionBourse | None, voulu: Demande, attendu: RefusBourse | None
) -> None:
    assert refus(etat, decision, voulu) is attendu


CORDEES, EXCELLENCE = Dispositif.CORDEES, Dispositif.PARCOURS_EXCELLENCE
OUI_LOCAL = SaisieCordees(etat=EtatCordees.PARTICIPE, dispositif=CORDEES, le=LE)
NON_LOCAL = SaisieCordees(etat=EtatCordees.NE_PARTICIPE_PAS, le=LE)


@pytest.mark.parametrize(
    ("siecle", "saisie", "dispositif", "report"),
    [
        (None, None, None, None),
        (EXCELLENCE, None, EXCELLENCE, None),
        (None, OUI_LOCAL, CORDEES, Report.AJOUTER),
        (CORDEES, OUI_LOCAL, CORDEES, None),
        (EXCELLENCE, OUI_LOCAL, CORDEES, Report.CHANGER),
        (CORDEES, NON_LOCAL, None, Report.RETIRER),
        (None, NON_LOCAL, None, None),
    ],
)
def test_each_line_of_the_table_of_cordees(
    siecle: Dispositif | None,
    saisie: SaisieCordees | None,
    dispositif: Dispositif | None,
    report: Report | None,
) -> None:
    dites = cordees(plie(scolarite(cordees=siecle is not None, dispositif=siecle)), saisie)
    assert (dites.dispositif, dites.report, dites.siecle) == (dispositif, report, siecle)


def test_entries_that_change_nothing_are_said() -> None:
    etat = plie(NON)
    assert refus_de_saisie(etat, OUI_LOCAL, EtatCordees.PARTICIPE, None) is RefusCordees.MEME_SAISIE
    assert refus_de_saisie(etat, OUI_LOCAL, EtatCordees.PARTICIPE, EXCELLENCE) is None
    assert refus_de_retrait(etat, None, "erreur") is RefusCordees.RIEN_A_RETIRER
    assert refus_de_retrait(etat, OUI_LOCAL, "  ") is RefusCordees.MOTIF_ABSENT
    parti = plie(scolarite(sorti=True))
    assert refus_de_retrait(parti, OUI_LOCAL, "erreur") is RefusCordees.ELEVE_SORTI


def test_every_refusal_says_what_to_do() -> None:
    for motif in (*RefusBourse, *RefusCordees):
        assert motif.phrase.endswith(".")
