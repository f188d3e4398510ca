"""Rules of a lycée's settings: what is kept of what is typed, which value is in force, tables that anybody may paste."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.eleves.etablissement.champs import CHAMPS, Cadre, Objet
from services.eleves.etablissement.conseils import lire_tableau
from services.eleves.etablissement.domain import (
    Cle,
    Locale,
    appliquer,
    effectifs,
    incoherences,
    refus_de_cle,
    valider,
)

CADRE = Cadre(2026, frozenset({"TG1", "T G/2"}), 3)
MOI = Locale("", "M. X", datetime(2026, 1, 5, tzinfo=UTC))
TOUS = [(objet, champ.code) for objet, champs in CHAMPS.items() for champ in champs]
SAISIES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["10/03/2026", "2026-03-10", "17h30", "17 h", "01.44.64.00.00", "+33 1 44 64 00 00", "a@b.fr", "b.fr"]
    ),
)


@given(quoi=st.sampled_from(TOUS), saisi=SAISIES)
def test_what_is_accepted_is_accepted_again_as_it_is_kept(quoi: tuple[Objet, str], saisi: str) -> None:
    objet, champ = quoi
    gardes, erreurs = valider(objet, {champ: saisi}, CADRE)
    assert gardes.keys() | erreurs.keys() == {champ}
    if champ in gardes:
        assert valider(objet, {champ: gardes[champ]}, CADRE) == ({champ: gardes[champ]}, {})


@pytest.mark.parametrize(
    ("champ", "saisi", "garde"),
    [
        ("telephone", "+33 1 44 64 00 00", "01 44 64 00 00"),
        ("site", "lycee.exemple.fr", "https://lycee.exemple.fr"),
        ("code_postal", "75 020", "75020"),
        ("nom", "  Lycée \n Ravel ", "Lycée Ravel"),
    ],
)
def test_values_are_kept_in_one_way(champ: str, saisi: str, garde: str) -> None:
    assert valider(Objet.COORDONNEES, {champ: saisi}, CADRE) == ({champ: garde}, {})


@given(
    siecle=st.sampled_from(["", "A", "B"]), suite=st.lists(st.sampled_from(["", "A", "B", None]), max_size=4)
)
def test_the_last_word_of_the_lycee_is_in_force_and_none_is_siecle_s(
    siecle: str, suite: list[str | None]
) -> None:
    dits = {"lieu": siecle} if siecle else {}
    locales: dict[str, Locale] = {}
    for saisi in suite:
        locales = appliquer(locales, dits, {"lieu": saisi}, MOI)
    attendu = siecle if not suite or suite[-1] is None else suite[-1]
    assert effectifs(dits, locales).get("lieu", "") == attendu
    assert ("lieu" in locales) is (attendu != siecle)


def test_a_local_value_outlives_any_change_of_siecle() -> None:
    locales = appliquer({}, {"nom": "A"}, {"nom": "B"}, MOI)
    for suivant in ("A", "C", ""):
        assert effectifs({"nom": suivant}, locales) == {"nom": "B"}


def test_a_classe_has_two_principaux_at_most_and_never_one_twice() -> None:
    classe = Cle(Objet.CLASSE, "TG1")
    un = {"principal_1_nom": "Noether", "principal_1_prenom": "Emmy"}
    assert incoherences(classe, un) == {}
    deux = {**un, "principal_2_nom": "NOETHER", "principal_2_prenom": "emmy"}
    assert "déjà" in incoherences(classe, deux)["principal_2_nom"]
    assert "principal_1_nom" in incoherences(classe, {"principal_1_compte": "x"})


def test_semestres_leave_two_conseils() -> None:
    deux = Cadre(2026, frozenset({"TG1"}), 2)
    assert refus_de_cle(Cle(Objet.CONSEIL, "TG1", "2"), deux) is None
    assert refus_de_cle(Cle(Objet.CONSEIL, "TG1", "3"), deux) is not None


@given(st.text(max_size=300))
def test_any_text_is_read_line_by_line_without_an_error(texte: str) -> None:
    for ligne in lire_tableau(texte, CADRE):
        assert bool(ligne.cle) != bool(ligne.phrase)


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
@pytest.mark.parametrize("titres", ["", "Division{s}Semestre{s}Jour{s}Horaire{s}Salle\n"])
def test_the_usual_tables_are_read(separateur: str, titres: str) -> None:
    texte = titres.format(s=separateur) + separateur.join(
        ["T G/2", "2e trimestre", "10/03/2026", "17h", "CDI"]
    )
    (ligne,) = lire_tableau(texte, CADRE)
    assert ligne.cle == Cle(Objet.CONSEIL, "T G/2", "2")
    assert dict(ligne.valeurs) == {"date": "2026-03-10", "heure": "17:00", "lieu": "CDI"}
