"""The reader of notes files: what gradebooks write, and every way in which a file can be wrong."""

import io
import zipfile
from pathlib import Path

import pytest

from services.ingest.bulletins.brut import EnteteBrut, FichierBrut
from services.ingest.bulletins.domain import bulletins_de, est_terminale
from services.ingest.bulletins.enseignants import enseignants_de
from services.ingest.bulletins.entete import lire_entete
from services.ingest.bulletins.listes import Manque, indexer
from services.ingest.bulletins.nombres import nombre
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.notes import lire
from services.ingest.refus import FichierRefuse
from tests.ingest import _notes as n
from tests.ingest._fichiers import AUTRE_UAI, UAI, ine

LIMITES = Limites(octets=8 << 20)


class _Blancs:
    """A file of blanks that never ends."""

    def __init__(self, debut: bytes) -> None:
        self._debut = debut

    def read(self, taille: int, /) -> bytes:
        debut, self._debut = self._debut, b""
        return debut or b" " * taille


def lu(contenu: bytes) -> FichierBrut:
    return lire(io.BytesIO(contenu), lambda _: None)


def refus(contenu: bytes) -> str:
    with pytest.raises(FichierRefuse) as erreur:
        lu(contenu)
    assert erreur.value.phrase.endswith(".")
    return erreur.value.code


@pytest.mark.parametrize("encodage", ["utf-8", "iso-8859-15", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_gradebooks_write(encodage: str) -> None:
    fichier = lu(n.notes(n.eleve(1), n.eleve(2), encodage=encodage))
    assert fichier.entete == EnteteBrut("test", "1", "2026-03-20", UAI)
    assert [(e.rang, e.code, e.ine) for e in fichier.eleves] == [(1, "E-1", ine(1)), (2, "E-2", ine(2))]
    assert fichier.enseignants["P-1"].nom == "LŒUVRE"
    (annee,) = fichier.eleves[0].annees
    assert [(b.periode, len(b.notes)) for b in annee.bulletins] == [("1", 2), ("2", 2)]


@pytest.mark.parametrize("encodage", ["utf-8", "iso-8859-15"])
def test_a_file_that_declares_no_encoding_is_read_as_it_is_written(encodage: str) -> None:
    fichier = lu(n.notes(encodage=encodage, entete=""))
    assert fichier.enseignants["P-1"].nom == "LŒUVRE"


def test_what_is_kept_of_odd_attributes_does_not_weigh() -> None:
    eleve = n.eleve(1, ine_="9" * 100_000).replace('code="E-1"', f'code="E-{"1" * 100_000}"')
    brut = lu(n.notes(eleve)).eleves[0]
    assert (len(brut.ine), len(brut.code)) == (20, 300)


def test_a_zip_that_holds_the_file_is_read_the_same(tmp_path: Path) -> None:
    depot = tmp_path / "depot"
    with zipfile.ZipFile(depot, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{UAI}_E3.xml", n.notes())
        archive.writestr("__MACOSX/._x.xml", b"x")
    with ouvrir(depot, LIMITES) as flux:
        assert len(lire(flux, lambda _: None).eleves) == 1


def test_unknown_tags_are_ignored_wherever_they_are() -> None:
    plus = "<inconnu><eleve code='E-9'/><notes/></inconnu>"
    eleve = n.eleve(1).replace("<annees-scolaires>", f"<photo>x</photo>{plus}<annees-scolaires>")
    fichier = lu(n.notes(eleve, suite=f"<autres>{plus * 3}</autres>"))
    assert [e.code for e in fichier.eleves] == ["E-1"]


def test_pupils_may_come_before_the_lists_they_refer_to() -> None:
    texte = n.notes().decode()
    debut, fin = texte.index("<eleves>"), texte.index("</etablissement>")
    inverse = texte[:debut].replace("<classes>", f"{texte[debut:fin]}<classes>", 1) + texte[fin:]
    index = indexer(fichier := lu(inverse.encode()), 2026, ())
    assert len(bulletins_de(fichier.eleves[0], index).bulletins) == 2


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        (b"", "VIDE"),
        (b" \n " * 100, "VIDE"),
        (b"nom;prenom\n", "PAS_XML"),
        (b"<?xml version='1.0'?><BEE_ELEVES/>", "RACINE"),
        (b"<fichier></fichier>", "RNE"),
        (b"<fichier><eleves><eleve code='E-1'/></eleves></fichier>", "RNE"),
        (n.notes()[:-40], "XML"),
        (n.notes()[:120], "XML"),
        (n.notes().replace(b"</eleve>", b"</eleveX>"), "XML"),
        (n.notes().replace(b"Bien.", b"\x00"), "XML"),
        (n.notes().replace(b"Bien.", b"&inconnue;"), "XML"),
        (n.notes().replace(b"Bien.", b"\xed\xa0\x80"), "XML"),
        (n.notes().replace(b'encoding="utf-8"', b'encoding="x-macthai"'), "ENCODAGE"),
        (
            b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + n.notes(entete=""),
            "DOCTYPE",
        ),
        (
            b'<?xml version="1.0"?><!DOCTYPE f SYSTEM "file:///etc/passwd">' + n.notes(entete=""),
            "DOCTYPE",
        ),
        (n.notes(suite="</etablissement><etablissement rne='0752387M'>"), "PLUSIEURS_UAI"),
        (n.notes(n.eleve(1, n.annee(n.bulletin(1, n.note() * 2_001)))), "XML"),
    ],
)
def test_a_file_that_is_not_a_whole_notes_file_is_refused_with_its_reason(contenu: bytes, code: str) -> None:
    assert refus(contenu) == code


def test_an_element_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    tete = n.notes().partition(b"</annee-scolaire>")[0]
    with pytest.raises(FichierRefuse) as erreur:
        lire(_Blancs(tete), lambda _: None)
    assert erreur.value.code == "XML"


def test_a_long_attribute_or_deep_nesting_is_refused() -> None:
    assert refus(n.notes().replace(b"LV-1", b"x" * (11 << 20))) == "XML"
    assert refus(n.notes(suite="<a>" * 300 + "</a>" * 300)) == "XML"


def test_a_zip_bomb_is_refused_in_the_words_of_notes(tmp_path: Path) -> None:
    depot = tmp_path / "depot"
    with zipfile.ZipFile(depot, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("n.xml", n.notes()[:60] + b" " * (4 << 20))
    with pytest.raises(FichierRefuse) as erreur, ouvrir(depot, LIMITES) as flux:
        lire(flux, lambda _: None)
    assert erreur.value.code == "TROP_GROS"


@pytest.mark.parametrize(
    ("rne", "attendu", "code"),
    [("", None, "RNE"), ("0750680X", None, "RNE"), (AUTRE_UAI, UAI, "AUTRE_UAI")],
)
def test_the_lycee_of_the_file_must_be_known_and_the_expected_one(
    rne: str, attendu: str | None, code: str
) -> None:
    with pytest.raises(FichierRefuse) as erreur:
        lire_entete(EnteteBrut("x", "1", "2026-03-20", rne), 2026, attendu)
    assert erreur.value.code == code


@pytest.mark.parametrize(
    ("classes", "code"),
    [
        (n.classe(annee_=2025), "ANNEE"),
        (n.classe(niveau="premiere"), "SANS_TERMINALE"),
        (n.classe(decoupage="4"), "SANS_TERMINALE"),
        ("", "SANS_TERMINALE"),
    ],
)
def test_a_file_without_a_terminale_of_this_year_is_refused(classes: str, code: str) -> None:
    with pytest.raises(FichierRefuse) as erreur:
        indexer(lu(n.notes(classes=classes)), 2026, ())
    assert erreur.value.code == code


def prendre(
    *annees: str, **fichier: str
) -> tuple[dict[tuple[int, int], list[tuple[str, str, float | None]]], list[str]]:
    """Bulletins of one pupil as (matière, état, moyenne), and the codes of his lines."""
    brut = lu(n.notes(n.eleve(1, *annees), **fichier))
    index = indexer(brut, 2026, ())
    lus = bulletins_de(brut.eleves[0], index)
    marques = {
        sujet: [(note.matiere, note.etat, note.moyenne) for note in bulletin.notes]
        for sujet, bulletin in lus.bulletins.items()
    }
    return marques, [ligne.code for ligne in (*index.lignes, *lus.lignes)]


def test_the_four_states_are_told_apart_and_a_mark_counts_only_when_it_is_given() -> None:
    bulletin = n.bulletin(
        1,
        n.note("MATHS", "S", "12,5", rang="3", coefficient="4.0"),
        n.note("PHILO", "A", None),
        n.note("MATHS", "D", None).replace("</notes>", "<moyenne>18</moyenne></notes>"),
        n.note("PHILO", "N", None),
    )
    lus, codes = prendre(n.annee(bulletin))
    assert lus[2026, 1] == [
        ("010300", "A", None),
        ("010300", "N", None),
        ("061300", "S", 12.5),
        ("061300", "D", None),
    ]
    assert codes == []


def test_rank_coefficient_and_the_service_s_figures_are_on_the_note() -> None:
    stats = (
        "<effectif>31</effectif><moyenne-haute>19,2</moyenne-haute><moyenne-basse>4</moyenne-basse>"
        "<moyenne-classe>11.25</moyenne-classe><nom-groupe>TG1 gr. 2</nom-groupe>"
    )
    fichier = n.notes(
        n.eleve(1, n.annee(n.bulletin(1, n.note("ANG", rang="3", coefficient="4.0")))),
        services_=n.service("ANG", suite=stats, niveau_langue_vivante="LV2"),
        matieres_=n.matieres({"ANG": ("030202", "Anglais")}),
    )
    index = indexer(brut := lu(fichier), 2026, ())
    (note,) = bulletins_de(brut.eleves[0], index).bulletins[2026, 1].notes
    assert note.model_dump(exclude_none=True) == {
        "matiere": "030202",
        "etat": "S",
        "moyenne": 12.5,
        "rang": 3,
        "effectif": 31,
        "appreciation": "Bien.",
        "libelle": "Anglais",
        "coefficient": 4.0,
        "moyenne_classe": 11.25,
        "moyenne_haute": 19.2,
        "moyenne_basse": 4.0,
        "langue": "LV2",
        "groupe": "TG1 gr. 2",
        "enseignants": ("Anaïs LŒUVRE",),
    }


def test_earlier_years_are_taken_as_far_as_they_are_available() -> None:
    classes = n.classe() + n.classe("1G1", 2025, "premiere", "2") + n.classe("X", 2019)
    annees = (
        n.annee(),
        n.annee(n.bulletin(1), n.bulletin(3), annee_=2025, classe="1G1"),
        n.annee(annee_=2019, classe="X"),
        n.annee(annee_=2024, classe="ABSENTE"),
        n.annee(annee_="?", classe="TG1"),
    )
    lus, codes = prendre(*annees, classes=classes, services_=n.services() + n.services(2025))
    assert sorted(lus) == [(2025, 1), (2026, 1), (2026, 2)]
    assert codes == ["PERIODE", "ANNEE_IGNOREE", "ANNEE_IGNOREE", "ANNEE_IGNOREE"]


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (n.note(moyenne="20.5"), "HORS_BORNES"),
        (n.note(moyenne="-1"), "HORS_BORNES"),
        (n.note(moyenne="douze"), "MOYENNE_ILLISIBLE"),
        (n.note(moyenne="1e300"), "MOYENNE_ILLISIBLE"),
        (n.note(moyenne="NaN"), "MOYENNE_ILLISIBLE"),
        (n.note(etat="X"), "ETAT"),
        (n.note(etat=""), "ETAT"),
        (n.note("ABSENT"), "SERVICE_INCONNU"),
    ],
)
def test_a_note_that_cannot_be_taken_is_told_and_the_others_are_taken(note: str, code: str) -> None:
    lus, codes = prendre(n.annee(n.bulletin(1, n.note("PHILO"), note)))
    assert lus[2026, 1] == [("010300", "S", 12.5)]
    assert codes == [code]


def test_a_period_given_twice_is_not_taken_and_an_empty_one_is_not_there() -> None:
    double = n.annee(n.bulletin(1), n.bulletin(2), n.bulletin(1), "<bulletin trimestre='3'/>")
    lus, codes = prendre(double)
    assert sorted(lus) == [(2026, 2)]
    assert codes == ["BULLETIN_DOUBLE"]


def test_a_matiere_without_code_blocks_its_notes_only_and_an_unknown_code_is_told() -> None:
    matieres = n.matieres({"PHILO": ("", "Philosophie"), "MATHS": ("999XYZ", "Maths expertes")})
    lus, codes = prendre(matieres_=matieres)
    assert lus[2026, 1] == [("999XYZ", "S", 12.5)]
    assert codes == ["MATIERE_SANS_CODE", "MATIERE_INCONNUE"]
    brut = lu(n.notes(matieres_=matieres))
    assert [ligne.code for ligne in indexer(brut, 2026, {"999XYZ"}).lignes] == ["MATIERE_SANS_CODE"]


def test_a_service_without_matiere_is_told_once_for_the_file() -> None:
    services = n.service("PHILO", matiere="") + n.service("PHILO", 2, matiere="M-NEANT") + n.service("MATHS")
    brut = lu(n.notes(services_=services))
    index = indexer(brut, 2026, ())
    lus = bulletins_de(brut.eleves[0], index)
    assert [ligne.code for ligne in index.lignes] == ["SERVICE_SANS_MATIERE"]
    assert lus.bulletins[2026, 1].manques == (Manque("SERVICE_SANS_MATIERE"),)
    assert lus.lignes[0].code == "SERVICE_INCONNU"


def test_only_who_is_in_a_terminale_of_this_year_is_a_terminale() -> None:
    classes = n.classe() + n.classe("1G1", 2026, "premiere")
    eleves = (n.eleve(1), n.eleve(2, n.annee(classe="1G1")), n.eleve(3, n.annee(annee_=2025)))
    brut = lu(n.notes(*eleves, classes=classes))
    index = indexer(brut, 2026, ())
    assert [est_terminale(eleve, index) for eleve in brut.eleves] == [True, False, False]


def test_teachers_are_given_with_what_they_teach_this_year() -> None:
    services = (
        n.service("MATHS", 1)
        + n.service("MATHS", 2)
        + n.service("PHILO", 1, enseignant="P-2 P-1")
        + n.service("PHILO", 2, 2025, enseignant="P-3")
    )
    enseignants = (
        '<enseignant code="P-1" nom="A" prenom="Ana"/><enseignant code="P-2" nom="B"/>'
        '<enseignant code="P-3" nom="C"/><enseignant code="P-4" nom="D"/>'
    )
    brut = lu(n.notes(services_=services, enseignants=enseignants))
    index = indexer(brut, 2026, ())
    bulletins_de(brut.eleves[0], index)
    lus = enseignants_de(brut, index)
    assert [(e.code, e.nom, e.prenom) for e in lus] == [("1", "A", "Ana"), ("2", "B", None)]
    assert [(s.matiere, s.classes, s.periodes) for s in lus[0].services] == [
        ("010300", ("TG1",), (1,)),
        ("061300", ("TG1",), (1, 2)),
    ]


@pytest.mark.parametrize(
    ("texte", "valeur"),
    [
        ("12,5", 12.5),
        ("12.50", 12.5),
        ("-1", -1.0),
        ("", None),
        ("1,2,3", None),
        ("١٢", None),
        ("1" * 9, None),
    ],
)
def test_numbers_are_read_with_a_point_or_a_comma_and_nothing_else(texte: str, valeur: float | None) -> None:
    assert nombre(texte) == valeur
