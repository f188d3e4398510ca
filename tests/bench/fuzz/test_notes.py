"""Fuzz of the notes reader: whatever the bytes, a refusal said in French or bulletins that hold the contract.

``FUZZ_EXAMPLES`` sets how many; cases found are kept as ``@example`` here or as tests of their own.
"""

import io
import os
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.ingest.bulletins.domain import bulletins_de, est_terminale
from services.ingest.bulletins.enseignants import enseignants_de
from services.ingest.bulletins.entete import lire_entete
from services.ingest.bulletins.listes import indexer
from services.ingest.bulletins.rapprochement import Connaissance, rapprocher
from services.ingest.bulletins.resume import recu, resumer
from services.ingest.readers.notes import lire
from services.ingest.refus import FichierRefuse
from shared.events.modeles import BulletinRemonte, EnseignantsRemontes
from tests.ingest import _notes as n
from tests.ingest._fichiers import UAI

pytestmark = pytest.mark.bench
EXEMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2000"))
REGLAGES = settings(
    max_examples=EXEMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
ENTIER = n.notes(
    n.eleve(1, n.annee(n.bulletin(1), n.bulletin(2)), n.annee(annee_=2025, classe="1G1")),
    n.eleve(2),
    classes=n.classe() + n.classe("1G1", 2025, "premiere", "2"),
    services_=n.services() + n.services(2025),
)
MOTS = (
    b"fichier etablissement classes classe services-notations service-notation matieres matiere eleves eleve"
    b" annees-scolaires annee-scolaire bulletins bulletin notes moyenne rang coefficient appreciation"
).split()


def tenir(contenu: bytes) -> None:
    """Read as an import does, without a database."""
    try:
        fichier = lire(io.BytesIO(contenu), lambda entete: lire_entete(entete, 2026, None) and None)
        entete = lire_entete(fichier.entete, 2026, None)
        index = indexer(fichier, 2026, ())
    except FichierRefuse as refus:
        dit(refus)
        return
    rapprocher(fichier.eleves, Connaissance({"1": "a"}, {}, (), ("a",), ()))
    for eleve in fichier.eleves:
        est_terminale(eleve, index)
        lus = bulletins_de(eleve, index)
        for (annee, periode), bulletin in lus.bulletins.items():
            ecrit = BulletinRemonte(
                session=2026,
                eleve_id=UUID(int=1),
                version=0,
                annee=annee,
                periode=periode,
                decoupage=bulletin.decoupage,
                notes=bulletin.notes,
                uai=entete.uai,
                classe=bulletin.classe,
            ).model_dump_json()
            BulletinRemonte.model_validate_json(ecrit, strict=True)
            recu(periode, bulletin.decoupage, resumer(bulletin), absent=False)
        for ligne in lus.lignes:
            assert len(ligne.phrase) < 500
    enseignants = EnseignantsRemontes(
        session=2026, version=0, uai=UAI, enseignants=enseignants_de(fichier, index)
    )
    EnseignantsRemontes.model_validate_json(enseignants.model_dump_json(), strict=True)


def dit(refus: FichierRefuse) -> None:
    assert refus.code
    assert refus.phrase.endswith((".", ")."))


@st.composite
def abimes(draw: st.DrawFn) -> bytes:
    """A good file after a few accidents: bytes changed, cut, repeated, swapped."""
    contenu = bytearray(ENTIER)
    for _ in range(draw(st.integers(1, 6))):
        a = draw(st.integers(0, max(0, len(contenu) - 1)))
        b = draw(st.integers(a, min(len(contenu), a + 200)))
        match draw(st.integers(0, 5)):
            case 0:
                del contenu[a:b]
            case 1:
                contenu[a:b] = draw(st.binary(max_size=20))
            case 2:
                contenu[a:a] = contenu[a:b] * draw(st.integers(1, 4))
            case 3:
                del contenu[a:]
            case 4:
                contenu[a:b] = draw(st.text(max_size=12)).encode("utf-8", "surrogatepass")
            case _:
                contenu[a:a] = b"<" + draw(st.sampled_from(MOTS)) + b">"
    return bytes(contenu)


VALEURS = st.one_of(
    st.sampled_from(
        [
            "",
            "2026",
            "2025",
            "1",
            "2",
            "3",
            "S",
            "A",
            "20,01",
            "-0",
            "1e9",
            "C-TG1",
            "S-MATHS_1",
            "M-MATHS",
            "E-1",
            "terminale",
            "061300",
            "99999999999999999999",
            "½",
            "٣",
        ]
    ),
    st.text(max_size=30),
)


@st.composite
def valeurs_changees(draw: st.DrawFn) -> bytes:
    """A well-formed file of which some attributes and texts say something else."""
    texte = ENTIER.decode()
    for _ in range(draw(st.integers(1, 8))):
        places = [i for i, lettre in enumerate(texte) if lettre in '">']
        debut = draw(st.sampled_from(places)) + 1
        fins = [i for i in (texte.find('"', debut), texte.find("<", debut)) if i >= 0]
        fin = min(fins, default=debut)
        valeur = "".join(c for c in draw(VALEURS) if c.isprintable() and c not in '<&"')
        texte = texte[:debut] + valeur + texte[fin:]
    return texte.encode()


@REGLAGES
@given(abimes())
@example(ENTIER)
@example(b"\xff\xfe<")
@example(b"\xef\xbb\xbf")
def test_a_damaged_file_is_read_or_refused(contenu: bytes) -> None:
    tenir(contenu)


@REGLAGES
@given(valeurs_changees())
def test_a_file_with_odd_values_is_read_or_refused(contenu: bytes) -> None:
    tenir(contenu)


@REGLAGES
@given(
    st.recursive(
        st.text(max_size=5),
        lambda dedans: st.tuples(st.sampled_from(MOTS), st.lists(dedans, max_size=4)),
        max_leaves=30,
    )
)
def test_elements_in_any_order_and_depth_are_read_or_refused(arbre: Any) -> None:
    tete = f'<fichier><etablissement rne="{UAI}"><classes>{n.classe()}</classes>'.encode()
    tenir(tete + _xml(arbre) + b"</etablissement></fichier>")


def _xml(noeud: Any) -> bytes:
    if isinstance(noeud, str):
        return "".join(c for c in noeud if c.isprintable() and c not in "<&").encode()
    nom, enfants = noeud
    attributs = (
        b' code="E-1" annee="2026" code-classe="C-TG1" trimestre="1" etat="S" code-service-notation="S-1"'
    )
    return b"<" + nom + attributs + b">" + b"".join(map(_xml, enfants)) + b"</" + nom + b">"
