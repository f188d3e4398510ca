"""Structures, Nomenclature, EtablissementsEleves and Communs: deposited at the same place, kept, published."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.ingest._fichiers import AUTRE_UAI, TG, UAI, eleve, options, siecle, structures, zipper
from tests.ingest._formats import descendant, division, groupe, nomenclature_xml, structures_xml
from tests.ingest.conftest import Atelier

STRUCTURES = (
    division("TG1", TG, libelle="TERMINALE 1"),
    division("TST", "21231017110", "21231018110", contrat="3"),
    groupe("TG1MAT", "TG1"),
    groupe("LV2", "TG1", "TST"),
)


async def _lire(atelier: Atelier, sql: str) -> list[Any]:
    async with atelier.imports.engine.connect() as tx:
        return list((await tx.execute(text(sql))).all())


async def test_structures_become_one_event_by_lycee(atelier: Atelier) -> None:
    lu = await atelier.siecle(zipper(Structures_xml=structures_xml(*STRUCTURES)), UAI)
    (valeur,) = lu.valeurs("StructureRemontee")
    assert (valeur["cle"], valeur["uai"]) == (UAI, UAI)
    assert valeur["divisions"] == [
        {"code": "TG1", "libelle": "TERMINALE 1", "mefs": [TG]},
        {"code": "TST", "contrat": "3", "mefs": ["21231017110", "21231018110"]},
    ]
    assert [(g["code"], g["divisions"]) for g in valeur["groupes"]] == [
        ("LV2", ["TG1", "TST"]),
        ("TG1MAT", ["TG1"]),
    ]
    assert (lu.compteurs["divisions"], lu.compteurs["groupes"], lu.recu.uai) == (2, 2, UAI)
    assert len(await _lire(atelier, "SELECT * FROM registre.structure")) == 4


async def test_the_same_structures_again_say_nothing_and_others_replace_them(atelier: Atelier) -> None:
    premier = await atelier.siecle(structures_xml(*STRUCTURES), UAI)
    encore = await atelier.siecle(structures_xml(*STRUCTURES, horodatage="13/01/2026 08:00:00"), UAI)
    autres = await atelier.siecle(structures_xml(division("TG2", TG), horodatage="14/01/2026 08:00:00"), UAI)
    assert (len(premier.evenements), len(encore.evenements)) == (1, 0)
    assert [d["code"] for d in autres.valeurs("StructureRemontee")[0]["divisions"]] == ["TG2"]
    assert await _lire(atelier, "SELECT code FROM registre.structure") == [("TG2",)]
    versions = [e.valeurs("StructureRemontee")[0]["version"] for e in (premier, autres)]
    assert versions == sorted(set(versions))


async def test_an_older_structures_file_is_asked_about(atelier: Atelier) -> None:
    await atelier.siecle(structures_xml(*STRUCTURES), UAI)
    vieux = structures_xml(division("TG2", TG), horodatage="11/01/2026 08:00:00")
    assert (await atelier.siecle(vieux, UAI)).questions == ["PLUS_ANCIEN"]
    assert (await atelier.siecle(vieux, UAI, confirme=True)).recu.etat == "TERMINE"


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        (structures_xml(), "SANS_DIVISION"),
        (structures_xml(groupe("G1", "TG1")), "SANS_DIVISION"),
        (structures_xml(division("", TG)), "SANS_DIVISION"),
        (structures_xml(*STRUCTURES, uai=AUTRE_UAI), "AUTRE_UAI"),
        (structures_xml(*STRUCTURES)[:-30], "XML"),
        (structures_xml(*STRUCTURES).replace(b"2025<", b"2024<"), "ANNEE"),
        (nomenclature_xml().replace(b"CODE_REGIME=", b"C=").replace(b"CODE_BOURSE=", b"C="), "SANS_LIGNE"),
        (descendant("BEE_RESPONSABLES", ""), "RACINE"),
        (descendant("BEE_GEOGRAPHIQUE", ""), "RACINE"),
    ],
)
async def test_a_file_of_the_lycee_that_cannot_be_taken_is_refused(
    atelier: Atelier, contenu: bytes, code: str
) -> None:
    assert (await atelier.siecle(contenu, UAI)).refus == code


async def test_doubtful_structures_are_told_line_by_line(atelier: Atelier) -> None:
    contenu = structures_xml(division("TG1", TG), division("TG1", TG), division("", TG), groupe("G1", "TG9"))
    lu = await atelier.siecle(contenu, UAI)
    assert lu.codes == ["STRUCTURE", "STRUCTURE", "ACDIV"]


async def test_a_1_8_file_is_read_once_the_structures_are_known(atelier: Atelier) -> None:
    ancien = siecle(eleve(1, NOM_DE_FAMILLE=None, NOM="VIEUX", CODE_MEF=None, CODE_STATUT=None))
    assert (await atelier.siecle(ancien, UAI)).refus == "SANS_MEF"
    await atelier.siecle(structures_xml(*STRUCTURES), UAI)
    (valeur,) = (await atelier.siecle(ancien, UAI)).valeurs("EleveRemonte")
    assert (valeur["mef"], valeur["serie"], valeur["classe"]) == (TG, "GENERALE", "TG1")


async def test_the_nomenclature_of_the_lycee_tells_what_the_nation_does_not_know(atelier: Atelier) -> None:
    contenu = siecle(eleve(1, CODE_MEF="9ACAD000001"), eleve(2), options_=[options(2, "A61300", "062300")])
    avant = await atelier.siecle(contenu, UAI)
    assert avant.codes == ["ACMEF", "INOPT"]
    lu = await atelier.siecle(
        nomenclature_xml({"9ACAD000001": "21231017110"}, [("A61300", "MATAC", "061300")]), UAI
    )
    assert lu.evenements == []
    assert (lu.compteurs["mefs"], lu.compteurs["matieres"], lu.compteurs["regimes"]) == (1, 1, 1)
    apres = await atelier.siecle(contenu, UAI)
    dits = {v["mef"]: (v["serie"], v["specialites"]) for v in apres.valeurs("EleveRemonte")}
    assert dits == {"9ACAD000001": ("STMG", []), TG: ("GENERALE", ["MATHS", "PC"])}
    assert apres.codes == []


async def test_etablissements_and_communs_are_kept(atelier: Atelier) -> None:
    etablissements = (
        "<ETABLISSEMENTS><ETABLISSEMENT><CODE_RNE>0752387M</CODE_RNE><CODE_NATURE>340</CODE_NATURE>"
        "<DENOM_PRINC>COLLEGE</DENOM_PRINC></ETABLISSEMENT></ETABLISSEMENTS>"
    )
    communs = (
        "<UAJ><CODE_RNE>0750680G</CODE_RNE><DENOM_COMPL>LYCEE</DENOM_COMPL></UAJ><PERIODES><PERIODE>"
        "<CODE_PERIODE>T1</CODE_PERIODE><DATE_DEBUT>01/09/2025</DATE_DEBUT></PERIODE></PERIODES>"
    )
    await atelier.siecle(descendant("BEE_ETABLISSEMENTS", etablissements), UAI)
    await atelier.siecle(descendant("BEE_COMMUNS", communs), UAI)
    lues = await _lire(atelier, "SELECT liste, code, libelle FROM registre.nomenclature ORDER BY liste")
    assert lues == [
        ("ETABLISSEMENT", "0752387M", "COLLEGE"),
        ("LYCEE", "0750680G", "LYCEE"),
        ("PERIODE", "T1", ""),
    ]


async def test_a_file_of_structures_leaves_the_pupils_and_their_rejects_alone(atelier: Atelier) -> None:
    await atelier.siecle(
        siecle(eleve(1), eleve(2, PRENOM=None), structures_=[structures(1), structures(2)]), UAI
    )
    await atelier.siecle(structures_xml(*STRUCTURES, horodatage="14/01/2026 08:00:00"), UAI)
    assert await _lire(atelier, "SELECT etat, count(*) FROM registre.import_rejet GROUP BY 1") == [
        ("A_TRAITER", 1)
    ]
    encore = await atelier.siecle(siecle(eleve(1), eleve(2), horodatage="13/01/2026 08:00:00"), UAI)
    assert encore.recu.etat == "TERMINE"


COMMUNS = (
    f'<UAJ CODE="{UAI}"><DENOM_PRINC>LYCEE</DENOM_PRINC><DENOM_COMPL>CAMILLE SEE</DENOM_COMPL>'
    "<NOM_RESP>NE PAS LIRE</NOM_RESP><LIGNE1_ADRESSE>11 RUE LEON LHERMITTE</LIGNE1_ADRESSE>"
    "<CODE_POSTAL>75015</CODE_POSTAL><LIBELLE_POSTAL>PARIS</LIBELLE_POSTAL><TELEPHONE>{telephone}</TELEPHONE>"
    '<MEL_1>ce.0750680G@ac-paris.fr</MEL_1></UAJ><PERIODES><PERIODE CODE_PERIODE="T1">'
    "<LL_PERIODE>TRIMESTRE 1</LL_PERIODE><DATE_DEBUT>01/09/2025</DATE_DEBUT><DATE_FIN>mal écrite</DATE_FIN>"
    "</PERIODE></PERIODES>"
)


async def test_communs_say_where_the_lycee_is_and_nobody_s_name(atelier: Atelier) -> None:
    lu = await atelier.siecle(descendant("BEE_COMMUNS", COMMUNS.replace("{telephone}", "0145588900")), UAI)
    (valeur,) = lu.valeurs("LyceeDecrit")
    assert {champ: v for champ, v in valeur.items() if champ not in {"version", "session"}} == {
        "cle": f"{UAI}/lycee",
        "uai": UAI,
        "nom": "CAMILLE SEE",
        "adresse": "11 RUE LEON LHERMITTE",
        "code_postal": "75015",
        "commune": "PARIS",
        "telephone": "0145588900",
        "courriel": "ce.0750680G@ac-paris.fr",
        "periodes": [{"code": "T1", "libelle": "TRIMESTRE 1", "debut": "2025-09-01"}],
    }
    assert "NE PAS LIRE" not in str(lu.evenements)
    autre = descendant(
        "BEE_COMMUNS", COMMUNS.replace("{telephone}", "0145588901"), horodatage="13/01/2026 08:00:00"
    )
    (suivant,) = (await atelier.siecle(autre, UAI)).valeurs("LyceeDecrit")
    assert suivant["version"] > valeur["version"]
