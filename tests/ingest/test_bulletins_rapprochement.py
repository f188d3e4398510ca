"""Who each record of a notes file is: by ELEVE_ID or INE, never by name, and nothing guessed."""

from collections.abc import Mapping

from services.ingest.bulletins.brut import EleveBrut
from services.ingest.bulletins.rapprochement import Connaissance, code_siecle, rapprocher


def eleve(rang: int, code: str = "", ine: str = "") -> EleveBrut:
    return EleveBrut(rang, code, ine, "", "", "", [])


def connu(
    codes: Mapping[str, str], ines: Mapping[str, str], *, inscrits: str = "ABCD", avec_ine: str = "ABCD"
) -> Connaissance:
    return Connaissance(codes, ines, {"EFFACE"}, set(inscrits), set(avec_ine), {9: "A"})


CODES, INES = {"1": "A", "2": "B", "3": "C"}, {"IA": "A", "IB": "B", "IC": "C"}


def test_a_code_is_an_eleve_id_when_it_is_a_number() -> None:
    codes = ["E-12", "12", "E-0012", "E-dupont.l", "E-", "E-123456789012", "E-１２"]
    assert [code_siecle(eleve(1, code)) for code in codes] == ["12", "12", "12", None, None, None, None]


def test_either_name_is_enough_and_both_must_agree() -> None:
    eleves = [eleve(1, "E-1"), eleve(2, "E-zoe", "IB"), eleve(3, "E-3", "IC")]
    assert rapprocher(eleves, connu(CODES, INES)).trouves == {1: "A", 2: "B", 3: "C"}


def test_a_code_and_an_ine_of_two_pupils_attach_nothing() -> None:
    fait = rapprocher([eleve(1, "E-1", "IA"), eleve(2, "E-3", "IB")], connu(CODES, INES))
    assert (fait.trouves, [ligne.code for ligne in fait.lignes]) == ({1: "A"}, ["IDENTITE"])
    assert fait.cites == {"A", "B", "C"}


def test_a_code_is_not_enough_when_the_file_gives_another_ine_than_the_one_known() -> None:
    fait = rapprocher([eleve(1, "E-1", "IX")], connu(CODES, INES))
    assert [ligne.code for ligne in fait.lignes] == ["IDENTITE"]
    assert rapprocher([eleve(1, "E-1", "IX")], connu(CODES, INES, avec_ine="")).trouves == {1: "A"}


def test_codes_that_contradict_the_ine_are_the_gradebook_s_own_and_are_not_used() -> None:
    eleves = [eleve(1, "E-3", "IA"), eleve(2, "E-77", "IB"), eleve(3, "E-1")]
    fait = rapprocher(eleves, connu(CODES, INES))
    assert fait.trouves == {1: "A", 2: "B"}
    assert [(ligne.rang, ligne.code) for ligne in fait.lignes] == [
        (0, "CODES_LOCAUX"),
        (3, "SANS_IDENTIFIANT"),
    ]


def test_two_records_of_one_pupil_are_both_refused() -> None:
    fait = rapprocher([eleve(1, "E-1"), eleve(2, "E-x", "IA"), eleve(3, "E-2")], connu(CODES, INES))
    assert fait.trouves == {3: "B"}
    assert [(ligne.rang, ligne.code) for ligne in fait.lignes] == [(1, "ELEVE_DOUBLE"), (2, "ELEVE_DOUBLE")]
    assert "A" in fait.cites


def test_who_is_unknown_elsewhere_or_erased_is_told_and_a_name_only_proposes() -> None:
    eleves = [
        eleve(1, "E-99", "IZ"),
        eleve(2, "", ""),
        eleve(3, "E-2"),
        eleve(4, "E-x", "EFFACE"),
        eleve(9, "E-98", "IY"),
    ]
    fait = rapprocher(eleves, connu(CODES, INES, inscrits="A"))
    assert fait.trouves == {}
    assert {ligne.rang: ligne.code for ligne in fait.lignes} == {
        1: "INCONNU",
        2: "SANS_IDENTIFIANT",
        3: "HORS_LYCEE",
        4: "EFFACE",
        9: "INCONNU",
    }
    propose = {ligne.rang: ligne.eleve_id for ligne in fait.lignes}
    assert (propose[1], propose[9]) == (None, "A")
