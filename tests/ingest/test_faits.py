"""The candidate feed: schema, mapping to the contracts, bad lines, scope, parking and links."""

import gzip
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.candidats import feed_schema
from services.ingest.candidats.feed import decodeur
from services.ingest.candidats.feed_modeles import adaptateur
from services.ingest.candidats.sortants import preparer
from services.ingest.readers.faits import lire_lots
from services.ingest.refus import FichierRefuse
from shared.events import topics as t
from shared.events.enveloppe import horodatage
from shared.nomenclatures import formation
from tests.ingest._fichiers import eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import Atelier

TYPES = ("dossier", "bourse_signalee", "voeu", "proposition", "reponse", "caes", "accuse")
VARIANTES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("dossier", {"ine": ine(1), "uai": "0750680G", "bulletins_saisis": ["T1"], "pieces_manquantes": ["X", "Y"]}),
    ("dossier", {"ine": None, "uai": None, "profil": "ETRANGER"}),
    ("dossier", {"ine": "123"}),
    ("dossier", {"naissance": "07/05/2008"}),
    ("dossier", {"profil": "LYCEEN"}),
    ("bourse_signalee", {"commentaire": "x" * 2000}),
    ("bourse_signalee", {"commentaire": "x" * 2001}),
    ("voeu", {"formation_id": "1", "sous_voeu_id": "S1", "internat": True, "projet_motive": True, "rang": 3}),
    ("voeu", {"formation_id": "1", "internat": "oui"}),
    ("voeu", {"formation_id": "1", "rang": -1}),
    ("voeu", {"formation_id": "a b"}),
    ("proposition", {"rang_attente": 12, "date_limite": "2026-06-05T23:59:59+02:00"}),
    ("proposition", {"date_limite": "2026-06-05T23:59:59"}),
    ("reponse", {"voeux_maintenus": ["V2", "V3"]}),
    ("reponse", {"voeux_maintenus": "V2"}),
    ("caes", {"etat": "X"}),
    ("caes", {"session": 1999}),
    ("caes", {"sequence": -1}),
    ("caes", {"sequence": "1"}),
    ("caes", {"sequence": 1 << 63}),
    ("caes", {"time": "2026-01-20"}),
    ("caes", {"time": "2026-01-20T12:00:00"}),
    ("caes", {"numero_dossier": ""}),
    ("caes", {"inconnu": [1, {"a": 2}]}),
    ("accuse", {"objet": "FICHE_AVENIR"}),
)  # fmt: skip


def _accepte(ligne: bytes) -> tuple[bool, bool]:
    """Whether the fast reader, and the published model, take the line."""
    rapide = lent = True
    try:
        decodeur.decode(ligne)
    except msgspec.DecodeError:
        rapide = False
    try:
        adaptateur.validate_json(ligne)
    except ValidationError:
        lent = False
    return rapide, lent


@pytest.mark.parametrize(("type_", "champs"), VARIANTES)
def test_the_fast_reader_and_the_published_models_agree(type_: str, champs: dict[str, Any]) -> None:
    rapide, lent = _accepte(json.dumps(fait(type_, **champs)).encode())
    assert rapide == lent


@pytest.mark.parametrize("type_", TYPES)
def test_each_required_field_is_required_by_both(type_: str) -> None:
    complet = fait(type_, **({"formation_id": "F1"} if type_ == "voeu" else {}))
    assert _accepte(json.dumps(complet).encode()) == (True, True)
    for champ in complet:
        reste = {nom: valeur for nom, valeur in complet.items() if nom != champ}
        rapide, lent = _accepte(json.dumps(reste).encode())
        assert rapide == lent, champ


VALEURS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=50), st.lists(st.text(max_size=5), max_size=3)
)  # fmt: skip


@given(type_=st.sampled_from(TYPES), champ=st.integers(0, 12), valeur=VALEURS)
def test_any_value_in_any_field_is_judged_alike(type_: str, champ: int, valeur: Any) -> None:
    brut = fait(type_, **({"formation_id": "F1"} if type_ == "voeu" else {}))
    brut[list(brut)[champ % len(brut)]] = valeur
    rapide, lent = _accepte(json.dumps(brut).encode())
    assert rapide == lent


def test_the_committed_schema_is_the_one_of_the_models() -> None:
    assert feed_schema.main(["--check"]) == 0
    types = feed_schema.schema()["discriminator"]["mapping"]
    assert sorted(types) == sorted(TYPES)


@pytest.mark.parametrize(
    ("type_", "champs", "suffixe", "attendu"),
    [
        ("dossier", {"pieces_manquantes": ["B"]}, "", {"pieces_manquantes": ["B"], "etat": "OUVERT"}),
        ("bourse_signalee", {"commentaire": "secret"}, "/bourse", {}),
        ("voeu", {"rang": 2, "internat": True}, "/V1", {"rang": 2, "internat": True, "voie": "ETUDIANT"}),
        ("voeu", {"sous_voeu_id": "S2"}, "/V1/S2", {"sous_voeu_id": "S2"}),
        ("proposition", {"date_limite": "2026-06-05T23:59:59+02:00"}, "/V1", {"decision": "OUI"}),
        ("reponse", {"sous_voeu_id": "S2", "voeux_maintenus": ["V9"]}, "/V1/S2", {"voeux_maintenus": ["V9"]}),
        ("caes", {}, "/caes", {"etat": "SAISIE"}),
        ("accuse", {}, "/BOURSE", {"version_objet": 7, "resultat": "INTEGRE"}),
    ],
)
def test_a_fact_becomes_the_event_of_its_contract(
    type_: str, champs: dict[str, Any], suffixe: str, attendu: dict[str, Any], formation_id: str
) -> None:
    brut = fait(type_, sequence=41, **champs)
    if type_ == "voeu":
        brut["formation_id"] = formation_id
    sortant = preparer(decodeur.decode(json.dumps(brut)))
    eleve_id = "7f7d6f1e-0000-4000-8000-000000000001"
    evenement = sortant.pour(eleve_id, f"2026.{sortant.topic}")
    topic = next(topic for topic in t.CATALOGUE if topic.nom == sortant.topic)
    modele = topic.contrats[evenement.type].model_validate_json(evenement.donnees or b"")
    donnees = modele.model_dump(mode="json")
    assert (evenement.cle, donnees["version"], donnees["eleve_id"]) == (eleve_id + suffixe, 41, eleve_id)
    assert evenement.time == "2026-01-20T11:00:00.000000Z"
    assert attendu.items() <= donnees.items()
    assert b"secret" not in (evenement.donnees or b"")
    if type_ == "voeu":
        connue = formation(formation_id)
        assert connue is not None
        assert (donnees["famille"], donnees["selective"], donnees["academie_formation"]) == (
            connue.famille, connue.selective, connue.academie,
        )  # fmt: skip


@given(st.datetimes(timezones=st.timezones()))
def test_a_stamp_is_in_utc_with_six_decimals(moment: Any) -> None:
    if moment.year > 1000:
        assert horodatage(moment) == moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def test_bad_lines_are_told_and_the_rest_goes_on(atelier: Atelier, formation_id: str) -> None:
    await atelier.siecle(siecle(eleve(1)))
    lignes: list[dict[str, Any] | bytes] = [
        fait("dossier", ine=ine(1)),
        b'{"type": "voeu", ',
        b"\xff\xfe",
        fait("inconnu") if "inconnu" in TYPES else b'{"type":"inconnu"}',
        {nom: v for nom, v in fait("caes").items() if nom != "etat"},
        fait("caes", etat="AUTRE"),
        fait("caes", session=2025),
        b'{"a":"' + b"x" * (1 << 20) + b'"}',
        b"",
        b"[" * 5000,
        fait("voeu", formation_id="ABSENTE"),
        fait("voeu", formation_id=formation_id),
    ]
    integre = await atelier.faits(ndjson(lignes))
    assert integre.types() == ["DossierModifie", "VoeuModifie"]
    rendu = {ligne["rang"]: ligne for ligne in integre.lignes}
    assert {rang: ligne["code"] for rang, ligne in rendu.items()} == {
        2: "JSON", 3: "JSON", 4: "TYPE", 5: "CHAMP_MANQUANT", 6: "CHAMP_INVALIDE", 7: "SESSION",
        8: "LONGUEUR", 10: "FAIT", 11: "FORMATION",
    }  # fmt: skip
    assert "« etat »" in rendu[5]["phrase"]
    assert "AUTRE" not in rendu[6]["phrase"]
    assert (integre.compteurs["lus"], integre.compteurs["rejetes"]) == (11, 8)
    assert (rendu[11]["gravite"], integre.compteurs["formations_attendues"]) == ("AVERTISSEMENT", 1)


@pytest.mark.parametrize("compresse", [False, True])
def test_lines_are_found_across_chunks(tmp_path: Path, *, compresse: bool) -> None:
    fichier = tmp_path / "faits"
    faits = [fait("caes", numero=f"{rang:08d}") for rang in range(15_000)]
    fichier.write_bytes(b"\xef\xbb\xbf" + ndjson(faits).rstrip(b"\n"))
    if compresse:
        fichier.write_bytes(gzip.compress(fichier.read_bytes()))
    lots = list(lire_lots(fichier, 2026, 4_000, 1 << 30))
    assert [lot.lus for lot in lots] == [4_000, 4_000, 4_000, 3_000]
    assert [f.numero_dossier for lot in lots for _, f in lot.faits] == [f["numero_dossier"] for f in faits]


def test_a_line_of_ten_megabytes_costs_one_reject_and_no_memory(tmp_path: Path) -> None:
    fichier = tmp_path / "faits"
    longue = b'{"x":"' + b"y" * (10 << 20) + b'"}'
    fichier.write_bytes(ndjson([fait("caes"), longue, fait("caes")]))
    (lot,) = lire_lots(fichier, 2026, 100, 1 << 30)
    assert [(ligne.rang, ligne.code) for ligne in lot.lignes] == [(2, "LONGUEUR")]
    assert [numero for numero, _ in lot.faits] == [1, 3]


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        (b"", "VIDE"),
        (b"root:x:0:0\n", "SANS_FAIT"),
        (ndjson([fait("caes", session=2025)]), "SANS_FAIT"),
        (gzip.compress(b""), "VIDE"),
        (b"PK\x03\x04", "FORMAT"),
        (gzip.compress(b"x" * 100_000)[:-9], "GZIP"),
        (b"\x1f\x8bgarbage", "GZIP"),
        (gzip.compress(b"\n" * (3 << 20)), "TROP_GROS"),
    ],
)
def test_a_feed_that_is_not_whole_is_refused(tmp_path: Path, contenu: bytes, code: str) -> None:
    fichier = tmp_path / "faits"
    fichier.write_bytes(contenu)
    with pytest.raises(FichierRefuse, match=code):
        list(lire_lots(fichier, 2026, 100, 2 << 20))


async def test_a_gzip_cut_in_the_middle_publishes_and_parks_nothing(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    faits = [fait("dossier", ine=ine(1)), *(fait("caes", numero=f"{rang}") for rang in range(20_000))]
    coupe = ndjson(faits, compresse=True)
    integre = await atelier.faits(coupe[: len(coupe) * 3 // 4])
    assert (integre.recu.etat, integre.refus) == ("REFUSE", "GZIP")
    assert int("".join(filter(str.isdigit, integre.recu.compte_rendu["refus"]["phrase"]))) > 5_000
    entier = await atelier.faits(ndjson(faits, compresse=True))
    assert (entier.types(), entier.compteurs["parques"], entier.compteurs["lies"]) == (
        ["DossierModifie"],
        20_000,
        1,
    )


async def test_other_profiles_are_dropped_with_all_their_facts(atelier: Atelier) -> None:
    avant = await atelier.faits(ndjson([fait("caes", numero="9")]))
    assert avant.compteurs["parques"] == 1
    faits = [
        fait("dossier", numero="9", profil="REORIENTATION", ine=ine(9)),
        fait("caes", numero="9", sequence=2),
    ]
    integre = await atelier.faits(ndjson(faits))
    assert (
        integre.compteurs["hors_perimetre"],
        integre.compteurs.get("rejetes", 0),
    ) == (3, 0)
    plus_tard = await atelier.faits(ndjson([fait("caes", numero="9", sequence=3)]))
    assert (plus_tard.compteurs["hors_perimetre"], plus_tard.compteurs["parques"]) == (1, 0)


async def test_a_dossier_that_becomes_a_terminale_s_comes_back(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    await atelier.faits(ndjson([fait("dossier", profil="REPRISE", ine=ine(1))]))
    faits = [fait("dossier", sequence=2, ine=ine(1)), fait("caes")]
    assert (await atelier.faits(ndjson(faits))).types() == ["DossierModifie", "CaesModifiee"]


async def test_facts_before_their_dossier_are_released_by_it(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    parques = await atelier.faits(ndjson([fait("caes"), fait("bourse_signalee")]))
    assert parques.evenements == []
    integre = await atelier.faits(ndjson([fait("caes", sequence=2), fait("dossier", ine=ine(1).lower())]))
    assert sorted(integre.types()) == ["BourseSignalee", "CaesModifiee", "CaesModifiee", "DossierModifie"]
    assert integre.compteurs["liberes"] == 2


async def test_facts_are_parked_once_however_often_they_come(atelier: Atelier) -> None:
    await atelier.faits(ndjson([fait("caes"), fait("caes")]))
    await atelier.faits(ndjson([fait("caes"), fait("dossier", ine=ine(1))]))
    integre = await atelier.siecle(siecle(eleve(1)))
    assert integre.compteurs["liberes"] == 2


async def test_a_dossier_whose_ine_is_another_pupil_s_is_told_and_not_moved(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    lie = await atelier.faits(ndjson([fait("dossier", ine=ine(1))]))
    integre = await atelier.faits(ndjson([fait("dossier", sequence=2, ine=ine(2)), fait("caes")]))
    assert integre.codes == ["IDENTITE"]
    assert integre.valeurs("CaesModifiee")[0]["eleve_id"] == lie.valeurs("DossierModifie")[0]["eleve_id"]
    assert ine(2) not in json.dumps(integre.lignes)


async def test_the_same_file_again_is_recognised_unless_confirmed(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    contenu = ndjson([fait("dossier", ine=ine(1))])
    premier = await atelier.faits(contenu)
    encore = await atelier.faits(contenu)
    assert (encore.recu.etat, encore.evenements, encore.codes) == ("TERMINE", [], ["DEJA_FAIT"])
    confirme = await atelier.faits(contenu, confirme=True)
    assert [e.id for e in confirme.evenements] == [e.id for e in premier.evenements]


async def test_nothing_nominative_is_parked(atelier: Atelier) -> None:
    from sqlalchemy import text  # noqa: PLC0415 - this test only

    await atelier.faits(
        ndjson([fait("dossier", ine=ine(1)), fait("bourse_signalee", commentaire="confidence")])
    )
    async with atelier.imports.engine.connect() as tx:
        faits = (
            (await tx.execute(text("SELECT encode(fait, 'escape') FROM registre.parking"))).scalars().all()
        )
    assert len(faits) == 2
    for secret in ("NOM1", "Pr", "2008-05-07", ine(1), "confidence", "26000001"):
        assert not any(secret in brut for brut in faits), secret
