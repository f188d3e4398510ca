"""Intention → vœu → réponse: what a pupil counts for, and that movements add up whatever the order."""

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.indicators.domain import Comptage, Ecarts
from services.indicators.etat import Etat
from services.indicators.intentions.domain import ENSEMBLE, MESURES, Parcours, contribution, sommer, valeurs
from services.indicators.mesures import MESURES as MESURES_DES_INDICATEURS
from services.indicators.repli import replier
from services.indicators.situation import situation
from shared.events import rapide as r
from shared.events.modeles import Decision, EtatDossier, EtatVoeu, Phase, Profil, Reponse, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

ELEVE = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f"
Faits = Sequence[tuple[int, r.Fait]]


def commun(version: int = 1) -> dict[str, Any]:
    return {"session": 2026, "eleve_id": ELEVE, "version": version}


def scolarite(version: int = 1, uai: str = "0750001A") -> r.Eleve:
    return r.Eleve(
        **commun(version), uai=uai, academie="01", departement="075", serie=Serie.GENERALE, mef="20210019110"
    )


def dossier(version: int = 1, etat: EtatDossier = EtatDossier.OUVERT) -> r.Dossier:
    return r.Dossier(**commun(version), profil=Profil.TERMINALE, etat=etat)


def voeu(cle: str, famille: Famille, version: int = 1, etat: EtatVoeu = EtatVoeu.FORMULE) -> r.Voeu:
    return r.Voeu(
        **commun(version),
        voeu_id=cle,
        formation_id=f"F-{cle}",
        famille=famille,
        selective=False,
        academie_formation="01",
        voie=Voie.ETUDIANT,
        phase=Phase.PRINCIPALE,
        etat=etat,
    )


def proposition(cle: str, decision: Decision = Decision.OUI) -> r.Proposition:
    return r.Proposition(**commun(), voeu_id=cle, decision=decision)


def reponse(cle: str, version: int = 1) -> r.ReponseDonnee:
    return r.ReponseDonnee(**commun(version), voeu_id=cle, reponse=Reponse.ACCEPTEE)


def intentions(*familles: Famille, version: int = 1, periode: int = 1) -> r.Intentions:
    dites = tuple(r.Intention(rang=rang, famille=une) for rang, une in enumerate(familles, 1))
    return r.Intentions(**commun(version), periode=periode, intentions=dites)


def plie(*faits: r.Fait) -> dict[tuple[int, str], dict[str, int]]:
    """What the pupil of these facts, all of one day, counts for; what is zero is left out."""
    etat, ecarts = Etat(2026), Ecarts()
    Comptage(MESURES_DES_INDICATEURS).plier(etat, [(1, fait) for fait in faits], ecarts)
    lus = {
        (cle.periode, cle.famille): dict(zip(MESURES, valeurs(vecteur), strict=True))
        for (_, cle), vecteur in sommer(ecarts.parcours).items()
    }
    return {cle: {mesure: n for mesure, n in un.items() if n} for cle, un in lus.items()}


F = Famille


def test_an_intention_that_became_a_voeu_a_proposition_and_an_answer() -> None:
    lu = plie(
        scolarite(),
        dossier(),
        intentions(F.BTS, F.LICENCE),
        voeu("a", F.BTS),
        voeu("b", F.BUT),
        proposition("a"),
        reponse("a"),
    )
    suivi = {"intention": 1, "voeu": 1, "proposition": 1, "acceptation": 1}
    assert lu == {
        (1, "BTS"): suivi,
        (1, "LICENCE"): {"intention": 1},
        (1, "BUT"): {"voeu_seul": 1},
        (1, ENSEMBLE): {**suivi, "voeu_seul": 1},
    }


def test_an_accepted_formation_that_nobody_had_intended() -> None:
    lu = plie(scolarite(), dossier(), intentions(F.CPGE), voeu("a", F.BTS), proposition("a"), reponse("a"))
    assert lu[1, ENSEMBLE] == {"intention": 1, "voeu_seul": 1, "acceptation_seule": 1}
    assert lu[1, "BTS"] == {"voeu_seul": 1, "acceptation_seule": 1}


def test_each_fiche_is_counted_apart_and_a_withdrawn_one_no_more() -> None:
    deux = [scolarite(), dossier(), intentions(F.BTS), intentions(F.BUT, periode=2), voeu("a", F.BUT)]
    assert plie(*deux)[1, "BUT"] == {"voeu_seul": 1}
    assert plie(*deux)[2, "BUT"] == {"intention": 1, "voeu": 1}
    assert {periode for periode, _ in plie(*deux, intentions(version=2))} == {2}


def test_who_said_nothing_or_is_not_known_or_left_counts_nowhere() -> None:
    assert plie(scolarite(), dossier(), voeu("a", F.BUT)) == {}
    assert plie(dossier(), intentions(F.BTS)) == {}
    domaine = r.Intentions(**commun(), periode=1, intentions=(r.Intention(rang=1, domaine="SANTE"),))
    assert plie(scolarite(), dossier(), domaine) == {}


def test_a_demission_keeps_the_intention_and_gives_up_the_acceptance() -> None:
    faits = [scolarite(), dossier(), intentions(F.BTS), voeu("a", F.BTS), proposition("a"), reponse("a")]
    lu = plie(*faits, dossier(2, EtatDossier.DEMISSION))
    assert lu[1, "BTS"] == {"intention": 1, "voeu": 1, "proposition": 1}


POSSIBLES: list[r.Fait] = [
    scolarite(),
    scolarite(3, "0690002B"),
    dossier(),
    dossier(2, EtatDossier.DEMISSION),
    *(
        intentions(*f, version=v, periode=p)
        for v, f in ((1, [F.BTS]), (2, []), (3, [F.BTS, F.PASS]))
        for p in (1, 2)
    ),
    *(voeu("a", F.BTS, v, etat) for v, etat in ((1, EtatVoeu.FORMULE), (4, EtatVoeu.SUPPRIME))),
    voeu("b", F.PASS),
    proposition("a"),
    proposition("b", Decision.EN_ATTENTE),
    reponse("a"),
]
JOURNAUX = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(POSSIBLES)), max_size=25)


def _au(faits: Faits, jour: int) -> dict[object, int]:
    """What the state of the facts of the days up to ``jour`` counts for, without any movement."""
    etat = Etat(2026)
    replier(etat, [fait for fait in faits if fait[0] <= jour])
    lue = situation(etat)
    if lue.place is None or not lue.place.present:
        return {}
    return {
        (lue.place.uai, periode, famille): vecteur
        for periode, famille, vecteur in contribution(lue.traits, lue.intentions)
    }


def _somme(parcours: Iterable[Parcours], jour: int) -> dict[object, int]:
    sommes: dict[object, int] = {}
    for un in parcours:
        for (le, cle), vecteur in un.items():
            if le <= jour:
                lieu = (cle.uai, cle.periode, cle.famille)
                sommes[lieu] = sommes.get(lieu, 0) + vecteur
    return {lieu: vecteur for lieu, vecteur in sommes.items() if vecteur}


@settings(deadline=None, max_examples=200)
@given(JOURNAUX, st.integers(1, 6))
def test_days_add_up_whatever_the_windows_and_the_order(faits: list[tuple[int, r.Fait]], taille: int) -> None:
    etat, comptage, parcours = Etat(2026), Comptage(MESURES_DES_INDICATEURS), []
    for debut in range(0, len(faits), taille):
        ecarts = Ecarts()
        comptage.plier(etat, faits[debut : debut + taille], ecarts)
        parcours.append(sommer(ecarts.parcours))
    for jour in range(1, 6):
        assert _somme(parcours, jour) == _au(faits, jour)
