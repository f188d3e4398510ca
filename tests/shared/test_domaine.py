"""The reducer ends alike whatever the order; statut, vœux and lists say what their tables say."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domaine import etat as e
from shared.domaine import voeux as v
from shared.domaine.catalogue import LISTES
from shared.domaine.ligne import ligne
from shared.domaine.predicats import Contexte, evaluer
from shared.domaine.statut import LIBELLES, nombre_de_propositions, statut
from shared.events import rapide as r
from shared.events.modeles import (
    Decision,
    Dispositif,
    EtatBourse,
    EtatCaes,
    EtatCordees,
    EtatDossier,
    EtatVoeu,
    ObjetAccuse,
    OrigineBulletin,
    Phase,
    Profil,
    Reponse,
    SourceCordees,
    Statut,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.strategies import ELEVE, journaux

CODES = ("tous", "non_inscrits", "inscrits_sans_voeu")
JAMAIS = Contexte(datetime(2026, 1, 1, tzinfo=UTC))
TABLES = ("voeux", "propositions", "reponses", "expirations", "non_confirmes", "bulletins", "accuses")


def _sujet(fait: r.Fait) -> tuple[type[r.Fait], str]:
    match fait:
        case r.Bulletin(annee=annee, periode=periode):
            return r.Bulletin, e.cle_bulletin(annee, periode)
        case r.Accuse(objet=objet):
            return r.Accuse, objet.value
    return type(fait), e.cle_voeu(fait.voeu_id, fait.sous_voeu_id) if hasattr(fait, "voeu_id") else ""


def _naif(faits: Iterable[r.Fait]) -> e.EtatEleve:
    """The highest version of each subject, folded alone: what any order must end in."""
    derniers: dict[Any, r.Fait] = {}
    for fait in sorted(faits, key=lambda fait: (fait.version, getattr(fait, "revision", 0))):
        derniers[_sujet(fait)] = fait
    champs: dict[str, Any] = {nom: {} for nom in TABLES}
    for fait in derniers.values():
        seul = e.replier(None, [fait])
        assert seul is not None
        for champ in set(seul.__struct_fields__) - {"session", *TABLES}:
            if getattr(seul, champ) is not None:
                champs[champ] = getattr(seul, champ)
        for table in TABLES:
            champs[table] |= getattr(seul, table)
    return e.EtatEleve(2026, **champs)


def _par_fenetres(faits: Sequence[r.Fait], taille: int) -> e.EtatEleve:
    """Fold as a consumer does: window after window, through the row of the database."""
    etat: e.EtatEleve | None = None
    for debut in range(0, len(faits), taille):
        etat = e.replier(etat, faits[debut : debut + taille])
        assert etat is not None
        etat = e.decoder(e.encoder(etat))
    assert etat is not None
    return etat


@settings(deadline=None)
@given(journaux(), st.integers(1, 20))
def test_any_order_repetition_and_window_end_in_the_state_of_the_highest_versions(
    faits: list[r.Fait], taille: int
) -> None:
    attendu = _naif(faits)
    assert _par_fenetres(faits, taille) == attendu
    assert e.encoder(_par_fenetres(faits, taille)) == e.encoder(attendu)
    assert e.encoder(_par_fenetres(faits[::-1], taille)) == e.encoder(attendu)


@settings(deadline=None)
@given(journaux(), journaux())
def test_what_is_folded_already_changes_nothing(faits: list[r.Fait], autres: list[r.Fait]) -> None:
    etat = e.replier(None, faits)
    assert etat is not None
    brut = e.encoder(etat)
    assert e.replier(etat, faits) is etat
    e.replier(etat, autres)
    assert e.encoder(etat) == brut


def test_no_fact_gives_no_state() -> None:
    assert e.replier(None, []) is None


def test_each_fact_lands_in_its_field() -> None:
    commun = {"session": 2026, "eleve_id": ELEVE, "version": 3}
    limite = datetime(2026, 6, 5, 21, 59, tzinfo=UTC)
    etat = e.replier(
        None,
        [
            r.Identite(**commun, nom="Œuvrard", prenom="Zoé", naissance=date(2008, 5, 1), sexe="F", ine="1"),
            r.Eleve(
                **commun,
                uai="0750001A",
                academie="01",
                departement="075",
                serie=Serie.STL,
                mef="M",
                classe="T1",
                codes_bourse=("B1",),
                cordees=True,
                regime="DP4",
                statut_scolaire="ST",
                date_entree=date(2025, 9, 1),
                echelon_bourse=3,
                dispositif=Dispositif.CORDEES,
                vivier_initial=r.VivierInitial(uai="0690002B", serie=Serie.STMG, date=date(2026, 1, 19)),
            ),
            r.Dossier(
                **commun,
                profil=Profil.TERMINALE,
                etat=EtatDossier.COMPLET,
                bulletins_saisis=("T1",),
                pieces_manquantes=("RIB",),
            ),
            r.Bourse(**commun, signalee_le=limite),
            r.Caes(**commun, etat=EtatCaes.CLOSE),
            r.Voeu(
                **commun,
                voeu_id="v1",
                sous_voeu_id="s1",
                formation_id="F1",
                famille=Famille.PASS,
                selective=False,
                academie_formation="22",
                voie=Voie.ETUDIANT,
                phase=Phase.COMPLEMENTAIRE,
                etat=EtatVoeu.COMPLET,
            ),
            r.Proposition(
                **commun, voeu_id="v1", decision=Decision.OUI_SI, rang_attente=4, date_limite=limite
            ),
            r.ReponseDonnee(**commun, voeu_id="v1", reponse=Reponse.REFUSEE, voeux_maintenus=("v2",)),
            r.Bulletin(
                **commun,
                annee=2026,
                periode=2,
                decoupage=3,
                uai="0750001A",
                classe="T1",
                notes=tuple(r.Note(matiere="M", etat=etat) for etat in "SSSAADN"),
            ),
            r.Fiche(**commun, avis_rendus=2, cibles=9, transmise_le=limite),
            r.Accuse(**commun, objet=ObjetAccuse.BOURSE, version_objet=7, resultat="OK"),
            r.BourseCertifiee(**commun, etat=EtatBourse.CERTIFIEE, echelon=4, depuis=limite),
            r.Cordees(
                **commun,
                etat=EtatCordees.PARTICIPE,
                dispositif=Dispositif.CORDEES,
                source=SourceCordees.LOCAL,
            ),
        ],
    )
    assert etat == e.EtatEleve(
        2026,
        identite=e.Identite(3, "Œuvrard", "Zoé", date(2008, 5, 1), "F", "1", None),
        scolarite=e.Scolarite(
            3,
            "0750001A",
            "01",
            "075",
            Serie.STL,
            "M",
            "T1",
            (),
            None,
            boursier=True,
            cordees=True,
            date_sortie=None,
            vivier_initial=e.Vivier("0690002B", Serie.STMG, date(2026, 1, 19)),
            regime="DP4",
            statut_scolaire="ST",
            date_entree=date(2025, 9, 1),
            echelon_bourse=3,
            dispositif=Dispositif.CORDEES,
        ),
        inscription=e.Inscription(3, EtatDossier.COMPLET, ("T1",), ("RIB",)),
        bourse_signalee=3,
        bourse_signalee_le=limite,
        bourse_siecle_vue=3,
        bourse_dite=e.BourseDite(3, EtatBourse.CERTIFIEE, 4, None, limite),
        cordees_dites=e.CordeesDites(3, EtatCordees.PARTICIPE, Dispositif.CORDEES, SourceCordees.LOCAL, None),
        bulletins={"2026-2": e.Bulletin(3, OrigineBulletin.REMONTE, 3, 3, 2, 1, 1, "0750001A", "T1")},
        fiche=e.Fiche(3, 2, 9, limite),
        accuses={"BOURSE": e.Accuse(3, 7, "OK")},
        caes=(3, EtatCaes.CLOSE),
        voeux={
            "v1/s1": e.Voeu(
                3,
                "F1",
                Famille.PASS,
                selective=False,
                academie="22",
                voie=Voie.ETUDIANT,
                phase=Phase.COMPLEMENTAIRE,
                etat=EtatVoeu.COMPLET,
            )
        },
        propositions={"v1": e.Proposition(3, Decision.OUI_SI, 4, limite)},
        reponses={"v1": e.ReponseDonnee(3, Reponse.REFUSEE, ("v2",))},
    )
    assert e.decoder(e.encoder(etat)) == etat


SCOLARITE = e.Scolarite(
    1,
    "0750001A",
    "01",
    "075",
    Serie.GENERALE,
    "M",
    "TG1",
    (),
    None,
    boursier=False,
    cordees=False,
    date_sortie=None,
    vivier_initial=None,
)


def _etat(
    *voeux: e.Voeu,
    dossier: EtatDossier | None = EtatDossier.OUVERT,
    scolarite: e.Scolarite | None = SCOLARITE,
    propositions: Sequence[Decision] = (),
    reponses: Sequence[Reponse | None] = (),
) -> e.EtatEleve:
    return e.EtatEleve(
        2026,
        scolarite=scolarite,
        inscription=e.Inscription(1, dossier, (), ()) if dossier else None,
        voeux={f"v{i}": voeu for i, voeu in enumerate(voeux)},
        propositions={f"v{i}": e.Proposition(1, d, None, None) for i, d in enumerate(propositions)},
        reponses={f"v{i}": e.ReponseDonnee(1, rep) for i, rep in enumerate(reponses) if rep},
    )


def _un(
    famille: Famille = Famille.LICENCE, etat: EtatVoeu = EtatVoeu.FORMULE, voie: Voie = Voie.ETUDIANT
) -> e.Voeu:
    return e.Voeu(
        1,
        f"F-{famille}",
        famille,
        selective=False,
        academie="01",
        voie=voie,
        phase=Phase.PRINCIPALE,
        etat=etat,
    )


SUPPRIME, CONFIRME = _un(etat=EtatVoeu.SUPPRIME), _un(etat=EtatVoeu.CONFIRME)
NON, OUI, ATTENTE = Decision.NON, Decision.OUI, Decision.EN_ATTENTE


@pytest.mark.parametrize(
    ("etat", "attendu"),
    [
        (_etat(dossier=None), Statut.NON_INSCRIT),
        (_etat(_un(), dossier=None), Statut.NON_INSCRIT),
        (_etat(), Statut.INSCRIT),
        (_etat(SUPPRIME), Statut.INSCRIT),
        (_etat(_un()), Statut.AVEC_VOEUX),
        (_etat(_un(etat=EtatVoeu.NON_CONFIRME)), Statut.AVEC_VOEUX),
        (_etat(_un(), CONFIRME), Statut.CONFIRME),
        (_etat(CONFIRME, propositions=[ATTENTE]), Statut.EN_ADMISSION),
        (_etat(CONFIRME, propositions=[NON, OUI]), Statut.EN_ADMISSION),
        (_etat(CONFIRME, propositions=[OUI, NON], reponses=[Reponse.EXPIREE]), Statut.SANS_PROPOSITION),
        (_etat(CONFIRME, propositions=[NON, NON]), Statut.SANS_PROPOSITION),
        (_etat(CONFIRME, propositions=[ATTENTE], reponses=[Reponse.REFUSEE]), Statut.SANS_PROPOSITION),
        (_etat(CONFIRME, propositions=[OUI, ATTENTE], reponses=[Reponse.DEMISSION]), Statut.EN_ADMISSION),
        (_etat(CONFIRME, propositions=[OUI], reponses=[Reponse.ACCEPTEE]), Statut.ADMIS),
        (
            _etat(CONFIRME, propositions=[OUI, ATTENTE], reponses=[Reponse.ACCEPTEE_EN_MAINTENANT]),
            Statut.ADMIS,
        ),
        (
            _etat(CONFIRME, dossier=EtatDossier.DEMISSION, propositions=[OUI], reponses=[Reponse.ACCEPTEE]),
            Statut.DEMISSIONNAIRE,
        ),
    ],
)
def test_statut_is_the_first_line_of_the_table_that_holds(etat: e.EtatEleve, attendu: Statut) -> None:
    assert statut(etat) is attendu


def test_every_statut_has_its_words() -> None:
    assert set(LIBELLES) == set(Statut)


def test_propositions_count_those_who_said_yes() -> None:
    oui = [Decision.OUI, Decision.OUI_SI, Decision.RETENU_SOUS_RESERVE]
    assert nombre_de_propositions(_etat(propositions=[*oui, Decision.NON, Decision.EN_ATTENTE])) == 3


APPRENTISSAGE = _un(Famille.LICENCE, voie=Voie.APPRENTISSAGE)


@pytest.mark.parametrize(
    ("voeux", "sans", "un", "que"),
    [
        ([], True, False, False),
        ([SUPPRIME], True, False, False),
        ([_un(Famille.LICENCE)], False, True, True),
        ([_un(Famille.LAS)], False, True, True),
        ([_un(Famille.PASS)], False, True, True),
        ([_un(Famille.LICENCE), _un(Famille.PASS), _un(Famille.LAS)], False, True, True),
        ([_un(Famille.BUT)], False, False, False),
        ([_un(Famille.LICENCE), _un(Famille.BTS)], False, True, False),
        ([_un(Famille.LICENCE), _un(Famille.BTS, EtatVoeu.SUPPRIME)], False, True, True),
        ([_un(Famille.LICENCE, EtatVoeu.SUPPRIME), _un(Famille.BTS)], False, False, False),
        ([_un(Famille.LICENCE, EtatVoeu.NON_CONFIRME)], False, True, True),
        ([APPRENTISSAGE], False, False, False),
        ([_un(Famille.PASS), APPRENTISSAGE], False, True, False),
    ],
)
def test_predicates_over_the_voeux(voeux: list[e.Voeu], sans: bool, un: bool, que: bool) -> None:
    etat = _etat(*voeux)
    assert (v.sans_voeu(etat), v.un_l1_pass(etat), v.que_l1_pass(etat)) == (sans, un, que)


def test_l1_pass_is_licence_las_and_pass_of_the_student_voie() -> None:
    assert {famille for famille in Famille if v.est_l1_pass(_un(famille))} == {
        Famille.LICENCE,
        Famille.LAS,
        Famille.PASS,
    }
    assert not any(v.est_l1_pass(_un(famille, voie=Voie.APPRENTISSAGE)) for famille in Famille)


@given(st.lists(st.builds(_un, st.sampled_from(Famille), st.sampled_from(EtatVoeu), st.sampled_from(Voie))))
def test_only_l1_pass_implies_at_least_one_and_a_voeu(voeux: list[e.Voeu]) -> None:
    etat = _etat(*voeux)
    assert not v.que_l1_pass(etat) or v.un_l1_pass(etat)
    assert not v.un_l1_pass(etat) or not v.sans_voeu(etat)
    assert v.sans_voeu(etat) == (v.nombre_de_voeux(etat) == 0)
    assert v.nombre_confirmes(etat) <= v.nombre_de_voeux(etat)
    assert v.demandees(etat) == {voeu.formation_id for voeu in voeux if voeu.etat is not EtatVoeu.SUPPRIME}


def test_sous_voeux_of_one_voeu_count_once() -> None:
    etat = e.EtatEleve(2026, voeux={"v1/s1": CONFIRME, "v1/s2": CONFIRME, "v2": _un(), "v3": SUPPRIME})
    assert (v.nombre_de_voeux(etat), v.nombre_confirmes(etat)) == (2, 1)


PARTI = e.replier(
    None,
    [
        r.Eleve(
            session=2026,
            eleve_id=ELEVE,
            version=1,
            uai="0750001A",
            academie="01",
            departement="075",
            serie=Serie.GENERALE,
            mef="M",
            date_sortie=date(2026, 2, 1),
        )
    ],
).scolarite  # type: ignore[union-attr]


def test_a_pupil_is_in_all_and_in_at_most_one_other_list() -> None:
    for scolarite, dossier, voeux in itertools.product(
        (SCOLARITE, PARTI, None),
        (None, *EtatDossier),
        ((), (SUPPRIME,), (_un(),), (SUPPRIME, CONFIRME), (APPRENTISSAGE,)),
    ):
        etat = _etat(*voeux, dossier=dossier, scolarite=scolarite)
        listes = {code for code in CODES if evaluer(LISTES[code].condition, ligne(etat), JAMAIS)}
        if scolarite is not SCOLARITE:
            assert listes == set()
        elif dossier is None:
            assert listes == {"tous", "non_inscrits"}
        elif all(voeu is SUPPRIME for voeu in voeux):
            assert listes == {"tous", "inscrits_sans_voeu"}
        else:
            assert listes == {"tous"}


VOEU = r.Voeu(
    session=2026,
    eleve_id=ELEVE,
    version=5,
    voeu_id="v1",
    formation_id="F1",
    famille=Famille.BUT,
    selective=True,
    academie_formation="01",
    voie=Voie.ETUDIANT,
    phase=Phase.PRINCIPALE,
    etat=EtatVoeu.COMPLET,
)
PROPOSITION = r.Proposition(
    session=2026, eleve_id=ELEVE, version=5, voeu_id="v1", decision=Decision.OUI, date_limite=None
)
LIMITE = datetime(2026, 4, 1, 21, 59, tzinfo=UTC)


def _echeance(type_: Any, version: int, revision: int = 1, *, annule: bool = False) -> Any:
    commun = {"session": 2026, "eleve_id": ELEVE, "voeu_id": "v1", "date_limite": LIMITE}
    return type_(version=version, revision=revision, annule=annule, **commun)


def _toutes_les_fins(faits: Sequence[r.Fait], lire: Any) -> set[Any]:
    """What every order of the facts ends in."""
    fins = set()
    for ordre in itertools.permutations(faits):
        etat = e.replier(None, ordre)
        assert etat is not None
        fins.add(lire(etat, "v1"))
    return fins


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ([VOEU], EtatVoeu.COMPLET),
        ([VOEU, _echeance(r.VoeuNonConfirme, 5)], EtatVoeu.NON_CONFIRME),
        ([VOEU, _echeance(r.VoeuNonConfirme, 4)], EtatVoeu.COMPLET),
        (
            [VOEU, _echeance(r.VoeuNonConfirme, 5), _echeance(r.VoeuNonConfirme, 5, 2, annule=True)],
            EtatVoeu.COMPLET,
        ),
        (
            [VOEU, _echeance(r.VoeuNonConfirme, 5, 2, annule=True), _echeance(r.VoeuNonConfirme, 5, 3)],
            EtatVoeu.NON_CONFIRME,
        ),
        (
            [VOEU, replace(VOEU, version=6, etat=EtatVoeu.CONFIRME), _echeance(r.VoeuNonConfirme, 5)],
            EtatVoeu.CONFIRME,
        ),
        (
            [VOEU, replace(VOEU, version=6, etat=EtatVoeu.SUPPRIME), _echeance(r.VoeuNonConfirme, 6)],
            EtatVoeu.SUPPRIME,
        ),
    ],
)
def test_the_platform_s_own_word_on_a_voeu_wins_over_the_deadline_in_any_order(
    faits: Sequence[r.Fait], attendu: EtatVoeu
) -> None:
    assert _toutes_les_fins(faits, e.etat_du_voeu) == {attendu}


ACCEPTEE = r.ReponseDonnee(session=2026, eleve_id=ELEVE, version=2, voeu_id="v1", reponse=Reponse.ACCEPTEE)


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ([PROPOSITION], None),
        ([PROPOSITION, _echeance(r.PropositionExpiree, 5)], Reponse.EXPIREE),
        ([PROPOSITION, _echeance(r.PropositionExpiree, 5), ACCEPTEE], Reponse.ACCEPTEE),
        ([PROPOSITION, replace(PROPOSITION, version=6), _echeance(r.PropositionExpiree, 5)], None),
        (
            [
                PROPOSITION,
                _echeance(r.PropositionExpiree, 5),
                _echeance(r.PropositionExpiree, 5, 2, annule=True),
            ],
            None,
        ),
        (
            [replace(PROPOSITION, decision=Decision.EN_ATTENTE), _echeance(r.PropositionExpiree, 5)],
            None,
        ),
        ([_echeance(r.PropositionExpiree, 5)], None),
    ],
)
def test_a_late_answer_of_the_platform_wins_over_an_expiry_in_any_order(
    faits: Sequence[r.Fait], attendu: Reponse | None
) -> None:
    assert _toutes_les_fins(faits, e.reponse_de) == {attendu}


def test_a_correction_of_the_referentiel_wins_over_its_version_and_loses_to_the_next() -> None:
    corrige = replace(VOEU, revision=2, famille=Famille.BTS)
    suivant = replace(VOEU, version=6, famille=Famille.IFSI)

    def famille(etat: e.EtatEleve, cle: str) -> Famille:
        return etat.voeux[cle].famille

    assert _toutes_les_fins([VOEU, corrige], famille) == {Famille.BTS}
    assert _toutes_les_fins([VOEU, corrige, suivant], famille) == {Famille.IFSI}


def test_an_expired_proposition_leaves_a_pupil_without_one() -> None:
    scolarite = r.Eleve(
        session=2026, eleve_id=ELEVE, version=1, uai="0750001A", academie="01", departement="075",
        serie=Serie.GENERALE, mef="M",
    )  # fmt: skip
    faits: list[r.Fait] = [scolarite, VOEU, PROPOSITION]
    etat = e.replier(None, faits)
    assert etat is not None
    assert statut(etat) is Statut.EN_ADMISSION
    expire = e.replier(etat, [_echeance(r.PropositionExpiree, 5)])
    assert expire is not None
    assert statut(expire) is Statut.SANS_PROPOSITION
    accepte = e.replier(expire, [ACCEPTEE])
    assert accepte is not None
    assert statut(accepte) is Statut.ADMIS
