"""The two ways through a pupils' file say the same of any file: what is read, or why it is refused."""

import io
import random
import re
from collections.abc import Callable, Mapping

import pytest
from lxml import etree

from services.ingest.readers import siecle as lecteurs
from services.ingest.readers import siecle_net as net
from services.ingest.readers.encodage import lire_prologue
from services.ingest.readers.siecle import Lecture, lire, lire_par_elements
from services.ingest.refus import FichierRefuse
from services.ingest.siecle.domain import mef_a_garder
from services.ingest.siecle.entete import lire_entete
from tests.ingest._fichiers import UAI, eleve, options, siecle, structures

AN_DERNIER = (
    "<SCOLARITE_AN_DERNIER><CODE_RNE>0750001A</CODE_RNE><CODE_MEF>1</CODE_MEF></SCOLARITE_AN_DERNIER>"
)
ADRESSES = '<ADRESSES><ADRESSE ADRESSE_ID="1"><LIGNE1>3 RUE &amp; X</LIGNE1></ADRESSE></ADRESSES>'
BOURSES = '<BOURSES><BOURSE ELEVE_ID="1" ELENOET="1"><CODE_BOURSE>1</CODE_BOURSE></BOURSE></BOURSES>'


def _eleve_de_siecle(rang: int) -> str:
    return eleve(rang, PRENOM2="Zoé", NOM_USAGE=" D'OR ").replace("</ELEVE>", AN_DERNIER + "</ELEVE>")


def _option(rang: int, *matieres: str) -> str:
    return "".join(
        [
            f'<OPTION ELEVE_ID="{rang}" ELENOET="{rang}">',
            *(
                f"<OPTIONS_ELEVE><NUM_OPTION>{n}</NUM_OPTION>\n<CODE_MODALITE_ELECT>O</CODE_MODALITE_ELECT>"
                f"<CODE_MATIERE>{matiere} </CODE_MATIERE></OPTIONS_ELEVE>"
                for n, matiere in enumerate(matieres, 1)
            ),
            "</OPTION>",
        ]
    )


FICHIER = siecle(
    *(_eleve_de_siecle(rang) for rang in range(1, 7)),
    structures_=[structures(rang, ("TG1", "D"), ("TG1GR1", "G")) for rang in range(1, 7)],
    options_=[_option(rang, "030201", "061300") for rang in range(1, 6)] + [options(6, "030201")],
    bourses=BOURSES + ADRESSES,
)


def _est_entier(morceau: str) -> bool:
    try:
        etree.fromstring(f"<A>{morceau}</A>")
    except etree.XMLSyntaxError:
        return False
    return True


MORCEAUX = (
    "<!-- ici -->", "<![CDATA[<ELEVE ]]>", "<?pi ?>", "&amp;", "&#65;", "&inconnue;", "<A/>", "<A />", "<B>x</B>",
    "<CODE_BOURSE>2</CODE_BOURSE>", "<CODE_DPP>7</CODE_DPP>", "<CODE_MEF>20211010110</CODE_MEF>", "<CODE_MEF/>",
    "<SCOLARITE_ACTIVE><CODE_MEF>20211010110</CODE_MEF></SCOLARITE_ACTIVE>", "<ELEVE_ID>2</ELEVE_ID>",
    '<ELEVE ELEVE_ID="77"/>', "<OPTION/>", "<PARAMETRES/>", "<DONNEES/>", ' a="b"', ' a=">"', " xmlns='u'",
    ' xmlns:p="u"', "<p:NOM/>", "\r\n", "\t", "x", "<", ">", "]]>", "\x01", "\x85", "\xa0", "\x7f", "&lt;", "<1A>x</1A>", "<É>x</É>", "é", "<ELEVES>", "</ELEVES>",
    "<SCOLARITE_AN_DERNIER>", "</SCOLARITE_AN_DERNIER>", BOURSES, AN_DERNIER, "</ELEVE>", "<BOURSES/>",
    "<OPTIONS_ELEVE><CODE_MATIERE>030602</CODE_MATIERE></OPTIONS_ELEVE>", "<STRUCTURE><CODE_STRUCTURE>Z</CODE_STRUCTURE></STRUCTURE>",
)  # fmt: skip


ENTIERS = [morceau for morceau in MORCEAUX if _est_entier(morceau)]


Lire = Callable[..., Lecture]


def _dit(voie: Lire, contenu: bytes) -> Lecture | tuple[str, str]:
    def controler(parametres: Mapping[str, str]) -> None:
        lire_entete(parametres, 2026, UAI)

    try:
        return voie(io.BytesIO(contenu), controler, mef_a_garder)
    except FichierRefuse as refus:
        return refus.code, refus.phrase


def _par_motifs(contenu: bytes) -> bool:
    try:
        lecteurs._lire_net(contenu, lambda _: None, mef_a_garder)
    except (net.AutreFormeError, FichierRefuse):
        return False
    return True


def _abimer(texte: str, hasard: random.Random) -> str:
    """One to three changes, most of them at a tag; one file in two most likely stays well formed."""
    doux = hasard.random() < 0.5
    for _ in range(hasard.randint(1, 3)):
        if doux:
            place = hasard.choice([m.start() for m in re.finditer(r"<", texte)][2:])
            texte = texte[:place] + hasard.choice(ENTIERS) + texte[place:]
            continue
        bords = [i for i, lettre in enumerate(texte) if lettre in "<>"]
        place = hasard.choice(bords) + hasard.randint(0, 1)
        autre = hasard.choice(bords)
        quoi = hasard.random()
        if quoi < 0.7:
            texte = texte[:place] + hasard.choice(MORCEAUX) + texte[place:]
        elif quoi < 0.85:
            texte = texte[: min(place, autre)] + texte[max(place, autre) :]
        else:
            texte = texte[:place] + texte[min(place, autre) : max(place, autre)][:400] + texte[place:]
    return texte


def test_a_file_of_siecle_goes_by_patterns_and_says_what_elements_say() -> None:
    assert _par_motifs(FICHIER)
    lecture = lire_par_elements(io.BytesIO(FICHIER), lambda _: None, mef_a_garder)
    assert _dit(lire, FICHIER) == lecture
    assert [len(lu.matieres) for lu in lecture.eleves] == [2, 2, 2, 2, 2, 1]
    assert lecture.eleves[0].bourses == ["1"]
    assert {lu.champs["CODE_MEF"] for lu in lecture.eleves} != {"1"}


def test_both_ways_say_the_same_of_any_file() -> None:
    texte, hasard = FICHIER.decode("iso-8859-15"), random.Random(20260124)
    voies = [0, 0]
    for _ in range(800):
        contenu = _abimer(texte, hasard).encode("iso-8859-15", "replace")
        assert _dit(lire, contenu) == _dit(lire_par_elements, contenu), contenu
        voies[_par_motifs(contenu)] += 1
    assert min(voies) > 80, voies  # both were taken


@pytest.mark.parametrize("encodage", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16"])
def test_encodings_are_read_alike(encodage: str) -> None:
    texte = FICHIER.decode("iso-8859-15").replace("ISO-8859-15", encodage).replace("’", "'")
    contenu = texte.encode(encodage, "replace")
    assert lire_prologue(contenu[:200]).encodage.lower().replace("le", "") == encodage
    assert _dit(lire, contenu) == _dit(lire_par_elements, contenu)


def test_what_fails_while_the_file_is_read_is_told_in_its_place() -> None:
    class Coupe(io.BytesIO):
        def read(self, taille: int | None = -1, /) -> bytes:
            if not (morceau := super().read(taille)):
                raise FichierRefuse("ARCHIVE", "abîmée")
            return morceau

    def dit(voie: Lire, contenu: bytes) -> str:
        with pytest.raises(FichierRefuse) as erreur:
            voie(Coupe(contenu), lambda lus: lire_entete(lus, 2026, UAI) and None, mef_a_garder)
        return erreur.value.code

    long = FICHIER.replace(b"</ELEVES>", b"</ELEVES>" + b" " * 200_000)
    ailleurs = long.replace(UAI.encode(), b"0921166T")
    for contenu, code in ((FICHIER, "ARCHIVE"), (long, "ARCHIVE"), (ailleurs, "AUTRE_UAI")):
        assert dit(lire, contenu) == dit(lire_par_elements, contenu) == code
