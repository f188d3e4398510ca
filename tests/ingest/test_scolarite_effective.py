"""What is published of a pupil from all that is said of him, and where answers to tasks lead."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.scolarite.domain import (
    CHOIX,
    Choix,
    Etat,
    Genre,
    SaisieInvalideError,
    champs_saisis,
    trancher,
)
from services.ingest.siecle.effective import (
    Dite,
    Inscrite,
    Locale,
    Renonce,
    Sortie,
    Vivier,
    a_reporter,
    composer,
    decoder_locale,
    ecart_gele,
    effective,
    encoder_locale,
    fusionner,
)
from services.ingest.siecle.homonymes import nom_de

A, B, C = "0750680G", "0752387M", "0010014K"
UN, DEUX = date(2025, 9, 1), date(2026, 1, 10)


def fichier(uai: str, entree: date | None = UN, sortie: date | None = None, **champs: Any) -> Inscrite:
    contenu = {
        "session": 2026,
        "uai": uai,
        "serie": "GENERALE",
        "mef": "20210019110",
        "classe": "TG1",
        **champs,
    }
    if entree:
        contenu["date_entree"] = entree.isoformat()
    if sortie:
        contenu["date_sortie"] = sortie.isoformat()
    return Inscrite(uai, entree, sortie, 1, json.dumps(contenu).encode())


def lire(contenu: bytes) -> dict[str, Any]:
    lu: dict[str, Any] = json.loads(contenu)
    return lu


def test_a_file_alone_is_published_as_it_is() -> None:
    dite = Dite(A, fichier(A), None)
    assert composer(dite).contenu == fichier(A).contenu


def test_an_entry_goes_over_the_file_field_by_field_and_a_new_file_does_not_take_it_away() -> None:
    locale = Locale(champs={"classe": "TG7"})
    for ecrit in (fichier(A), fichier(A, regime="2", classe="TG3")):
        lu = lire(effective([Dite(A, ecrit, locale)], None, A).contenu)
        assert lu["classe"] == "TG7"
        assert lu.get("regime") == lire(ecrit.contenu).get("regime")


def test_the_latest_entry_without_sortie_is_the_effective_one() -> None:
    dites = [Dite(A, fichier(A, UN), None), Dite(B, fichier(B, DEUX), None)]
    assert effective(dites, None, A)[0::2][0] == B
    parti = [Dite(A, fichier(A, UN), None), Dite(B, fichier(B, DEUX, DEUX), None)]
    assert effective(parti, None, A).uai == A


def test_a_sortie_entered_here_frees_the_pupil_for_the_other_lycee() -> None:
    dites = [
        Dite(A, fichier(A, DEUX), Locale(sortie=Sortie(DEUX, "déménagement"))),
        Dite(B, fichier(B, UN), None),
    ]
    dite = effective(dites, None, A)
    assert (dite.uai, dite.sorti, dite.egalite) == (B, False, ())


def test_the_motif_of_a_sortie_is_not_published() -> None:
    dite = effective([Dite(A, fichier(A), Locale(sortie=Sortie(DEUX, "secret")))], None, A)
    assert dite.sorti
    assert b"secret" not in dite.contenu
    assert lire(dite.contenu)["date_sortie"] == "2026-01-10"


def test_a_tie_keeps_the_current_lycee_until_a_person_decides() -> None:
    dites = [Dite(A, fichier(A), None), Dite(B, fichier(B), None)]
    assert effective(dites, None, B)[0] == B
    assert effective(dites, None, B).egalite == (A, B)
    decide = [Dite(A, fichier(A), None), Dite(B, fichier(B), Locale(renonce=Renonce(UN)))]
    assert (effective(decide, None, B).uai, effective(decide, None, B).egalite) == (A, ())


def test_what_was_said_of_an_entry_does_not_hold_for_a_later_one() -> None:
    revenu = [Dite(A, fichier(A), None), Dite(B, fichier(B, DEUX), Locale(renonce=Renonce(UN)))]
    assert effective(revenu, None, A).uai == B


def test_a_pupil_whom_every_lycee_refuses_is_still_published() -> None:
    assert effective([Dite(A, fichier(A), Locale(renonce=Renonce(UN)))], None, A).uai == A


def test_the_stamp_survives_a_move_and_an_entry() -> None:
    vivier = Vivier(A, "GENERALE", date(2026, 1, 15))
    for dites in ([Dite(B, fichier(B, DEUX), None)], [Dite(A, fichier(A), Locale(champs={"classe": "TG9"}))]):
        lu = lire(effective(dites, vivier, A).contenu)
        assert lu["vivier_initial"] == {"uai": A, "serie": "GENERALE", "date": "2026-01-15"}


def test_after_the_closing_bourse_and_cordees_of_a_file_are_kept_as_they_were_and_listed() -> None:
    gele = fichier(A, codes_bourse=["1"], cordees=True, classe="TG4")._replace(gele='{"codes_bourse": []}')
    lu = lire(composer(Dite(A, gele, None)).contenu)
    assert (lu["classe"], lu.get("codes_bourse"), lu.get("cordees")) == ("TG4", [], None)
    assert ecart_gele(gele) == {"codes_bourse": (None, ["1"]), "cordees": (None, True)}
    assert ecart_gele(fichier(A, cordees=True)) == {}


def test_what_siecle_does_not_say_yet_is_to_be_reported() -> None:
    dite = Dite(A, fichier(A), Locale(champs={"classe": "TG7", "regime": "2"}, sortie=Sortie(DEUX, "m")))
    assert a_reporter(dite) == {
        "classe": ("TG1", "TG7"), "regime": (None, "2"), "date_sortie": (None, "2026-01-10"),
    }  # fmt: skip
    assert a_reporter(Dite(A, fichier(A, classe="TG7"), Locale(champs={"classe": "TG7"}))) == {}


def test_a_pupil_who_is_no_longer_generale_has_no_specialites() -> None:
    dite = Dite(A, fichier(A, specialites=["MATHS"]), Locale(champs={"serie": "STMG"}))
    assert "specialites" not in lire(composer(dite).contenu)


_locales = st.builds(
    Locale,
    ajout=st.booleans(),
    champs=st.dictionaries(st.sampled_from(["classe", "regime"]), st.text(max_size=5)),
    sortie=st.none() | st.builds(Sortie, st.dates(), st.text(max_size=5)),
    renonce=st.none() | st.builds(Renonce, st.none() | st.dates()),
)
_jours = st.none() | st.sampled_from([UN, DEUX])
_dites = st.lists(
    st.tuples(st.sampled_from([A, B, C]), _jours, _jours, st.none() | _locales),
    min_size=1,
    max_size=3,
    unique_by=lambda dite: dite[0],
).map(lambda lus: [Dite(uai, fichier(uai, entree, sortie), locale) for uai, entree, sortie, locale in lus])


@given(_locales)
def test_an_entry_is_read_back_as_written(locale: Locale) -> None:
    assert decoder_locale(encoder_locale(locale)) == locale


@given(_dites, st.none() | st.sampled_from([A, B, C]), st.randoms())
def test_the_order_in_which_lycees_speak_does_not_matter(
    dites: list[Dite], courante: str | None, hasard: Any
) -> None:
    melees = list(dites)
    hasard.shuffle(melees)
    assert effective(dites, None, courante) == effective(melees, None, courante)


@given(_dites)
def test_publishing_again_moves_nothing(dites: list[Dite]) -> None:
    une = effective(dites, None, None)
    assert effective(dites, None, une.uai) == une


@given(_locales, _locales)
def test_of_two_pupils_who_are_one_the_kept_one_s_word_stands(garde: Locale, venu: Locale) -> None:
    fusion = fusionner(garde, venu)
    assert garde.champs.items() <= fusion.champs.items()
    assert (fusion.sortie, fusion.renonce) == (garde.sortie, garde.renonce)


@pytest.mark.parametrize(
    ("reponses", "etat", "uai"),
    [
        ({}, Etat.OUVERTE, None),
        ({A: Choix.CHEZ_NOUS}, Etat.OUVERTE, None),
        ({A: Choix.PAS_CHEZ_NOUS}, Etat.RESOLUE, B),
        ({A: Choix.CHEZ_NOUS, B: Choix.PAS_CHEZ_NOUS}, Etat.RESOLUE, A),
        ({A: Choix.CHEZ_NOUS, B: Choix.CHEZ_NOUS}, Etat.ESCALADEE, None),
        ({A: Choix.PAS_CHEZ_NOUS, B: Choix.PAS_CHEZ_NOUS}, Etat.ESCALADEE, None),
        ({C: Choix.CHEZ_NOUS}, Etat.OUVERTE, None),
    ],
)
def test_two_lycees_for_one_pupil(reponses: dict[str, Choix], etat: Etat, uai: str | None) -> None:
    issue = trancher(Genre.DEUX_LYCEES, (A, B), reponses)
    assert (issue.etat, issue.uai) == (etat, uai)


@pytest.mark.parametrize(
    ("lycees", "reponses", "etat", "choix"),
    [
        ((A,), {A: Choix.FUSIONNER}, Etat.RESOLUE, Choix.FUSIONNER),
        ((A, B), {A: Choix.FUSIONNER}, Etat.OUVERTE, None),
        ((A, B), {A: Choix.DISTINCTS, B: Choix.DISTINCTS}, Etat.RESOLUE, Choix.DISTINCTS),
        ((A, B), {A: Choix.DISTINCTS, B: Choix.FUSIONNER}, Etat.ESCALADEE, None),
        ((), {}, Etat.OUVERTE, None),
    ],
)
def test_two_pupils_who_may_be_one(
    lycees: Sequence[str], reponses: dict[str, Choix], etat: Etat, choix: Choix | None
) -> None:
    issue = trancher(Genre.MEME_ELEVE, lycees, reponses)
    assert (issue.etat, issue.choix) == (etat, choix)


@given(st.sampled_from(Genre), st.dictionaries(st.sampled_from([A, B, C]), st.sampled_from(Choix)))
def test_nothing_is_decided_that_nobody_said(genre: Genre, reponses: dict[str, Choix]) -> None:
    dites = {uai: choix for uai, choix in reponses.items() if choix in CHOIX[genre]}
    issue = trancher(genre, (A, B, C), dites)
    if not dites:
        assert issue.etat is Etat.OUVERTE
    if issue.uai is not None:
        assert dites.get(issue.uai) is not Choix.PAS_CHEZ_NOUS


def test_the_serie_comes_with_the_mef_and_wrong_codes_are_told() -> None:
    assert champs_saisis({"mef": "20210019110"})["serie"] == "GENERALE"
    for champs in ({"mef": "99999999999"}, {"mef": "10010012110"}, {"specialites": ["RIEN"]}):
        with pytest.raises(SaisieInvalideError):
            champs_saisis(champs)


def test_names_are_compared_without_accents_case_or_hyphens() -> None:
    jour = date(2008, 5, 7)
    assert nom_de("D’Œuvré-Noël", "Élise", jour) == nom_de("d oeuvre noel", "ELISE", jour)
    assert nom_de("Noël", "Élise", jour) != nom_de("Noël", "Élise", date(2008, 5, 8))
