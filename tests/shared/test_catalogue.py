"""The catalogue: who is in each list, told by pupils made of facts; what lists, indicators and guides share."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from services.indicators.etat import Etat
from services.indicators.mesures import MESURES, RANGS
from services.indicators.repli import DE_L_ELEVE, DU_VOEU, replier
from services.indicators.situation import situation
from shared.domaine import etat as e
from shared.domaine import voeux as v
from shared.domaine.catalogue import LISTES, CodeListe, de_la_fenetre, predicat_sql
from shared.domaine.complements import Complements, DecisionBourse, SaisieCordees, Suivi
from shared.domaine.complements_publies import complements_publies
from shared.domaine.ligne import ligne
from shared.domaine.liste import Fenetre, Liste
from shared.domaine.predicats import Contexte, Et, Jalon, Non, Ou, Predicat, evaluer
from shared.domaine.statut import nombre_de_propositions, statut
from shared.events import rapide as r
from shared.events.modeles import (
    Decision,
    Dispositif,
    EtatBourse,
    EtatCaes,
    EtatCordees,
    EtatDossier,
    EtatVoeu,
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

MAINTENANT = datetime(2026, 6, 4, 16, tzinfo=UTC)
CE_SOIR, DEMAIN = (datetime(2026, 6, jour, 21, 59, tzinfo=UTC) for jour in (4, 5))
CONTEXTE = Contexte(MAINTENANT)
TOUTES_ANNEES = frozenset({"tous", "destinations"})
COMMUN: dict[str, Any] = {"session": 2026, "eleve_id": ELEVE, "version": 1}


def scolarite(**champs: Any) -> r.Eleve:
    base = {"uai": "0750001A", "academie": "01", "departement": "075", "serie": Serie.STL, "mef": "M"}
    return r.Eleve(**COMMUN, **{**base, **champs})


def dossier(etat: EtatDossier = EtatDossier.COMPLET, **champs: Any) -> r.Dossier:
    return r.Dossier(**COMMUN, profil=Profil.TERMINALE, etat=etat, **champs)


def voeu(numero: str = "v1", **champs: Any) -> r.Voeu:
    base = {
        "formation_id": f"F-{numero}",
        "famille": Famille.LICENCE,
        "selective": False,
        "academie_formation": "01",
        "voie": Voie.ETUDIANT,
        "phase": Phase.PRINCIPALE,
        "etat": EtatVoeu.CONFIRME,
        "projet_motive": True,
    }
    voeu_id, _, sous_voeu = numero.partition("/")
    return r.Voeu(**COMMUN, voeu_id=voeu_id, sous_voeu_id=sous_voeu or None, **{**base, **champs})


def varies() -> list[r.Fait]:
    """Three confirmed vœux that worry nobody."""
    return [voeu("v1"), voeu("v2", famille=Famille.BTS, selective=True), voeu("v3", famille=Famille.BUT)]


def proposition(numero: str, decision: Decision, limite: datetime | None = None) -> r.Proposition:
    return r.Proposition(**COMMUN, voeu_id=numero, decision=decision, date_limite=limite)


def reponse(numero: str, donnee: Reponse, **champs: Any) -> r.ReponseDonnee:
    return r.ReponseDonnee(**COMMUN, voeu_id=numero, reponse=donnee, **champs)


def bulletins() -> list[r.Fait]:
    note = r.Note(matiere="M", etat="S", moyenne=12.0)
    return [r.Bulletin(**COMMUN, annee=2026, periode=p, decoupage=3, notes=(note,)) for p in (1, 2)]


FICHE = r.Fiche(**COMMUN, avis_rendus=3, cibles=3, transmise_le=MAINTENANT)
CALME: tuple[r.Fait, ...] = (scolarite(), dossier(), *bulletins(), FICHE)
"""Nothing is left to do for him, once he has vœux."""
CAS: dict[str, tuple[list[r.Fait], set[str]]] = {
    "rien à dire": ([*CALME, *varies()], set()),
    "non inscrit": ([scolarite(), *bulletins()], {"non_inscrits"}),
    "inscrit sans vœu": ([*CALME], {"inscrits_sans_voeu"}),
    "un vœu supprimé": ([*CALME, voeu(etat=EtatVoeu.SUPPRIME)], {"inscrits_sans_voeu"}),
    "sorti": ([scolarite(date_sortie=date(2026, 2, 1)), dossier()], set()),
    "des vœux à confirmer": (
        [*CALME, *varies(), voeu("v4", etat=EtatVoeu.COMPLET)],
        {"voeux_a_confirmer"},
    ),
    "aucun vœu confirmé": (
        [
            *CALME,
            voeu("v1", etat=EtatVoeu.FORMULE, famille=Famille.BTS),
            *(voeu(f"v{i}", etat=EtatVoeu.FORMULE) for i in (2, 3)),
        ],
        {"voeux_a_confirmer", "aucun_voeu_confirme"},
    ),
    "vœux abandonnés à la date limite": (
        [
            *CALME,
            *(voeu(f"v{i}", etat=EtatVoeu.COMPLET, famille=famille) for i, famille in enumerate(Famille)),
            *(
                r.VoeuNonConfirme(**COMMUN, voeu_id=f"v{i}", date_limite=CE_SOIR)
                for i, _ in enumerate(Famille)
            ),
        ],
        {"aucun_voeu_confirme"},
    ),
    "une pièce manquante": (
        [scolarite(), dossier(pieces_manquantes=("RIB",)), *bulletins(), FICHE, *varies()],
        {"dossiers_incomplets"},
    ),
    "un projet à motiver": (
        [*CALME, *varies(), voeu("v4", projet_motive=False)],
        {"dossiers_incomplets"},
    ),
    "un seul vœu, en licence": (
        [*CALME, voeu()],
        {"un_seul_voeu", "moins_de_trois_voeux", "que_l1_pass"},
    ),
    "deux vœux de PASS hors académie": (
        [
            *CALME,
            voeu("v1", famille=Famille.PASS, academie_formation="02"),
            voeu("v2", famille=Famille.PASS, academie_formation="03"),
        ],
        {"moins_de_trois_voeux", "que_hors_academie", "que_l1_pass", "une_filiere"},
    ),
    "un vœu multiple de BTS": (
        [*CALME, *(voeu(f"v1/s{i}", famille=Famille.BTS, selective=True) for i in range(3))],
        {"un_seul_voeu", "moins_de_trois_voeux", "que_selectifs"},
    ),
    "que de l’apprentissage": (
        [
            *CALME,
            *(
                voeu(f"v{i}", voie=Voie.APPRENTISSAGE, famille=f)
                for i, f in enumerate((Famille.BTS, Famille.BUT, Famille.LICENCE))
            ),
        ],
        {"que_apprentissage"},
    ),
    "un bulletin saisi, un autre manquant": (
        [scolarite(), dossier(bulletins_saisis=("T1",)), FICHE, *varies()],
        {"bulletins_saisis", "bulletins_manquants"},
    ),
    "boursier d’après SIECLE, sans vœu": (
        [scolarite(codes_bourse=("B1",)), dossier(), *bulletins()],
        {"inscrits_sans_voeu", "boursiers", "boursiers_sans_voeu"},
    ),
    "boursier signalé": (
        [*CALME, *varies(), r.Bourse(**COMMUN, signalee_le=MAINTENANT)],
        {"boursiers_a_certifier"},
    ),
    "dans une Cordée d’après SIECLE": ([*CALME[1:], scolarite(cordees=True), *varies()], {"cordees"}),
    "des avis manquants": (
        [*CALME[:-1], r.Fiche(**COMMUN, avis_rendus=1, cibles=3), *varies()],
        {"fiches_incompletes", "fiches_non_transmises"},
    ),
    "aucun avis": (
        [*CALME[:-1], *varies()],
        {"fiches_incompletes", "fiches_sans_avis", "fiches_non_transmises"},
    ),
    "que des refus": (
        [*CALME, *varies(), *(proposition(f"v{i}", Decision.NON) for i in (1, 2, 3))],
        {"sans_proposition", "que_des_non"},
    ),
    "tous en attente": (
        [*CALME, *varies(), *(proposition(f"v{i}", Decision.EN_ATTENTE) for i in (1, 2))],
        {"sans_proposition", "tous_en_attente"},
    ),
    "un refus et une attente, boursier et dans une Cordée": (
        [
            scolarite(codes_bourse=("B1",), cordees=True),
            *CALME[1:],
            *varies(),
            proposition("v1", Decision.NON),
            proposition("v2", Decision.EN_ATTENTE),
        ],
        {
            "boursiers",
            "cordees",
            "sans_proposition",
            "attente_et_refus",
            "boursiers_sans_proposition",
            "cordees_sans_proposition",
        },
    ),
    "une attente abandonnée vaut un refus": (
        [*CALME, *varies(), proposition("v1", Decision.EN_ATTENTE), reponse("v1", Reponse.DEMISSION)],
        {"sans_proposition", "que_des_non"},
    ),
    "une proposition expire ce soir": (
        [
            *CALME,
            *varies(),
            proposition("v1", Decision.OUI, CE_SOIR),
            proposition("v2", Decision.OUI_SI, DEMAIN),
        ],
        {"a_repondre_aujourdhui", "a_repondre", "oui_si"},
    ),
    "une proposition expire demain": (
        [*CALME, *varies(), proposition("v1", Decision.OUI, DEMAIN)],
        {"a_repondre"},
    ),
    "une proposition expirée, une attente": (
        [
            *CALME,
            *varies(),
            proposition("v1", Decision.OUI, MAINTENANT - timedelta(days=1)),
            r.PropositionExpiree(**COMMUN, voeu_id="v1", date_limite=MAINTENANT - timedelta(days=1)),
            proposition("v2", Decision.EN_ATTENTE),
        ],
        {"propositions_expirees", "attente_a_confirmer"},
    ),
    "une proposition expirée il y a une semaine": (
        [
            *CALME,
            *varies(),
            proposition("v1", Decision.OUI, MAINTENANT - timedelta(days=7)),
            reponse("v1", Reponse.EXPIREE),
            proposition("v2", Decision.EN_ATTENTE),
        ],
        {"propositions_expirees"},
    ),
    "acceptée en maintenant, non classé": (
        [
            *CALME,
            *varies(),
            proposition("v1", Decision.OUI, CE_SOIR),
            reponse("v1", Reponse.ACCEPTEE_EN_MAINTENANT, voeux_maintenus=("v2",)),
            proposition("v2", Decision.EN_ATTENTE),
            proposition("v3", Decision.EN_ATTENTE),
        ],
        {"acceptee_en_maintenant", "attente_non_classee", "admis"},
    ),
    "acceptée en maintenant, classé": (
        [
            *CALME,
            *varies(),
            voeu("v4", rang=1),
            proposition("v1", Decision.OUI, CE_SOIR),
            reponse("v1", Reponse.ACCEPTEE_EN_MAINTENANT),
            proposition("v4", Decision.EN_ATTENTE),
        ],
        {"acceptee_en_maintenant", "admis"},
    ),
    "acceptée définitivement": (
        [*CALME, *varies(), proposition("v1", Decision.OUI, CE_SOIR), reponse("v1", Reponse.ACCEPTEE)],
        {"admis"},
    ),
    "retenu sous réserve de contrat": (
        [*CALME, *varies(), proposition("v1", Decision.RETENU_SOUS_RESERVE)],
        {"sous_reserve"},
    ),
    "a quitté la procédure": (
        [
            scolarite(),
            dossier(EtatDossier.DEMISSION),
            *bulletins(),
            FICHE,
            *varies(),
            proposition("v1", Decision.NON),
        ],
        {"demissionnaires"},
    ),
    "phase complémentaire et CAES": (
        [*CALME, *varies(), voeu("v9", phase=Phase.COMPLEMENTAIRE), r.Caes(**COMMUN, etat=EtatCaes.SAISIE)],
        {"phase_complementaire", "caes"},
    ),
}
SANS_PLACE = {"admis", "demissionnaires", "aucun_voeu_confirme"}


def listes_de(faits: list[r.Fait], complements: Complements | None = None) -> set[str]:
    etat = e.replier(None, faits)
    assert etat is not None
    rang = ligne(etat, complements or Complements())
    return {code for code, liste in LISTES.items() if evaluer(liste.condition, rang, CONTEXTE)}


@pytest.mark.parametrize("cas", CAS)
def test_a_pupil_is_in_these_lists_and_no_other(cas: str) -> None:
    faits, attendues = CAS[cas]
    trouvees = listes_de(faits)
    if any(isinstance(fait, r.Eleve) and fait.date_sortie for fait in faits):
        assert trouvees == set()
        return
    assert "tous" in trouvees
    assert ("destinations" in trouvees) is any(isinstance(fait, r.Dossier) for fait in faits)
    confirme = any(isinstance(fait, r.Voeu) and fait.etat is EtatVoeu.CONFIRME for fait in faits)
    assert ("sans_affectation" in trouvees) is (confirme and not trouvees & SANS_PLACE)
    assert trouvees - TOUTES_ANNEES - {"sans_affectation"} == attendues


SAISIES: dict[str, tuple[Complements, set[str]]] = {
    "certifiée": (
        Complements(bourse=DecisionBourse(etat=EtatBourse.CERTIFIEE, echelon=3, le=MAINTENANT)),
        {"boursiers"},
    ),
    "refusée": (Complements(bourse=DecisionBourse(etat=EtatBourse.REFUSEE, le=MAINTENANT)), set()),
    "Cordée saisie": (
        Complements(
            cordees=SaisieCordees(etat=EtatCordees.PARTICIPE, dispositif=Dispositif.CORDEES, le=MAINTENANT)
        ),
        {"cordees", "cordees_saisies", "cordees_a_reporter"},
    ),
    "suivi en retard": (
        Complements(suivi=Suivi(actions=1, assigne="psyEN", echeance=MAINTENANT - timedelta(hours=1))),
        {"suivis", "suivis_en_retard"},
    ),
    "suivi": (
        Complements(suivi=Suivi(actions=2, assigne="psyEN", echeance=MAINTENANT + timedelta(hours=1))),
        {"suivis"},
    ),
}


@pytest.mark.parametrize("cas", SAISIES)
def test_what_people_typed_moves_a_pupil_between_lists(cas: str) -> None:
    complements, attendues = SAISIES[cas]
    assert listes_de([*CALME, *varies()], complements) - TOUTES_ANNEES - {"sans_affectation"} == attendues


def test_every_list_holds_somebody_in_these_tests() -> None:
    vues = {code for faits, _ in CAS.values() for code in listes_de(faits)}
    vues |= {code for complements, _ in SAISIES.values() for code in listes_de([*CALME], complements)}
    contredite = DecisionBourse(etat=EtatBourse.REFUSEE, le=MAINTENANT)
    vues |= listes_de([scolarite(codes_bourse=("B1",))], Complements(bourse=contredite))
    assert set(LISTES) - vues == {code for code, liste in LISTES.items() if liste.attend}


@settings(max_examples=150)
@given(journaux())
def test_the_row_counts_as_the_definitions_do(journal: list[r.Fait]) -> None:
    etat = e.replier(None, journal)
    assert etat is not None
    rang = ligne(etat)
    assert (rang.un_l1_pass, rang.que_l1_pass) == (v.un_l1_pass(etat), v.que_l1_pass(etat))
    assert (rang.voeux, rang.voeux == 0) == (v.nombre_de_voeux(etat), v.sans_voeu(etat))
    assert (rang.voeux_confirmes, rang.propositions) == (
        v.nombre_confirmes(etat),
        nombre_de_propositions(etat),
    )
    assert rang.statut == (statut(etat).value if etat.scolarite else None)
    if etat.scolarite and not etat.fusionne and not rang.demission:
        assert (rang.acceptation is not None) is (statut(etat) is Statut.ADMIS)


_LISTES_ET_MESURES = (
    ("tous", "vivier"),
    ("inscrits_sans_voeu", "sans_voeu"),
    ("que_l1_pass", "que_l1_pass"),
    ("sans_proposition", "sans_proposition"),
    ("tous_en_attente", "que_attente"),
    ("que_des_non", "que_refus"),
    ("a_repondre", "a_repondre"),
    ("acceptee_en_maintenant", "acceptes_en_maintenant"),
    ("demissionnaires", "demissions"),
    ("phase_complementaire", "complementaire"),
    ("caes", "caes"),
    ("admis", "acceptes"),
)


@settings(max_examples=300)
@given(journaux())
def test_lists_and_indicators_count_the_same_pupils(journal: list[r.Fait]) -> None:
    """Lists leave out who left the procedure, and do not ask whether the dossier is known yet."""
    etat = e.replier(None, journal)
    assert etat is not None
    compact = Etat(etat.session)
    replier(compact, [(1, fait) for fait in journal if type(fait) in {*DU_VOEU, *DE_L_ELEVE}])
    lus = situation(compact).traits
    rang = ligne(etat)
    for liste, mesure in _LISTES_ET_MESURES:
        dedans = evaluer(LISTES[liste].condition, rang, CONTEXTE)
        compte = etat.present and etat.fusionne is None and MESURES[RANGS[mesure]].compte(lus)
        if etat.inscrit and not (rang.demission and mesure in {"sans_voeu", "que_l1_pass"}):
            assert dedans is compte, (liste, mesure)


def test_what_was_published_makes_the_same_row_as_what_was_typed() -> None:
    dites = [
        r.BourseCertifiee(**COMMUN, etat=EtatBourse.CERTIFIEE, echelon=5, depuis=MAINTENANT),
        r.Cordees(**COMMUN, etat=EtatCordees.NE_PARTICIPE_PAS, source=SourceCordees.LOCAL, depuis=MAINTENANT),
    ]
    faits = [*CALME, *varies()]
    publie, tape = e.replier(None, [*faits, *dites]), e.replier(None, faits)
    assert publie is not None
    assert tape is not None
    complements = Complements(
        bourse=DecisionBourse(etat=EtatBourse.CERTIFIEE, echelon=5, le=MAINTENANT),
        cordees=SaisieCordees(etat=EtatCordees.NE_PARTICIPE_PAS, le=MAINTENANT),
    )
    assert ligne(publie, complements_publies(publie)) == ligne(tape, complements)


@pytest.mark.parametrize("etat", [EtatBourse.SIECLE, EtatBourse.SIGNALEE, EtatBourse.AUCUNE])
def test_a_state_that_nobody_decided_is_no_decision(etat: EtatBourse) -> None:
    folded = e.replier(None, [scolarite(), r.BourseCertifiee(**COMMUN, etat=etat, depuis=MAINTENANT)])
    assert folded is not None
    assert complements_publies(folded) == Complements()


def test_a_merged_pupil_keeps_nothing() -> None:
    fusion = r.Fusion(**COMMUN, survivant=ELEVE.replace("3b0c", "4b0c"))
    assert listes_de([*CALME, *varies(), fusion]) == set()


def _atomes(predicat: Predicat) -> list[Predicat]:
    match predicat:
        case Et(membres) | Ou(membres):
            return [atome for membre in membres for atome in _atomes(membre)]
        case Non(membre):
            return _atomes(membre)
    return [predicat]


@pytest.mark.parametrize("liste", LISTES.values(), ids=LISTES)
def test_a_list_speaks_to_principals_and_needs_no_calendar(liste: Liste) -> None:
    """A service without the calendar of the session, such as exports, must find the same pupils."""
    assert liste.definition.endswith(".")
    assert liste.pourquoi.endswith((".", "?"))
    assert not any(isinstance(atome, Jalon) for atome in _atomes(liste.condition))
    assert predicat_sql(liste.code, CONTEXTE).texte.startswith("((present = ")


def test_the_menu_shows_every_list_once() -> None:
    montrees = [liste.code for fenetre in Fenetre for liste in de_la_fenetre(fenetre)]
    assert montrees == list(LISTES)
    assert CodeListe.__metadata__[1].json_schema == {"type": "string", "enum": montrees}  # type: ignore[attr-defined]
