"""Every type of fact in any order, repeated, before its pupil, or out of scope: the same events in the end."""

import json
import random
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.ingest.readers.faits import lire_lots
from services.ingest.refus import FichierRefuse
from shared.events.enveloppe import Evenement
from tests.ingest._fichiers import eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import Atelier, Integre

TYPES = ("dossier", "bourse_signalee", "voeu", "proposition", "reponse", "caes", "accuse")
EVENEMENTS = {
    "dossier": "DossierModifie",
    "bourse_signalee": "BourseSignalee",
    "voeu": "VoeuModifie",
    "proposition": "PropositionRecue",
    "reponse": "ReponseEnregistree",
    "caes": "CaesModifiee",
    "accuse": "AccuseRecu",
}


@pytest.fixture
def journal(formation_id: str) -> list[dict[str, Any]]:
    """Three pupils, each type, three sequences of each."""
    propres: dict[str, dict[str, Any]] = {
        "voeu": {"formation_id": formation_id},
        "bourse_signalee": {"commentaire": "confidence"},
    }
    return [
        fait(
            type_,
            numero=f"2600000{rang}",
            sequence=sequence,
            **propres.get(type_, {}),
            **({"ine": ine(rang)} if type_ == "dossier" else {}),
        )
        for rang in (1, 2, 3)
        for type_ in TYPES
        for sequence in (1, 2, 3)
    ]


def derniers(*integres: Integre) -> dict[tuple[str, str], dict[str, Any]]:
    """The last version of each subject, as a reader keeps it; a version has one content."""
    etat: dict[tuple[str, str], dict[str, Any]] = {}
    vus: dict[str, bytes | None] = {}
    for evenement in (e for integre in integres for e in integre.evenements):
        assert vus.setdefault(evenement.id, evenement.donnees) == evenement.donnees
        _retenir(etat, evenement)
    return etat


def _retenir(etat: dict[tuple[str, str], dict[str, Any]], evenement: Evenement) -> None:
    valeur = msgspec.json.decode(evenement.donnees or b"")
    cle = (evenement.type, evenement.cle)
    if (
        evenement.type in EVENEMENTS.values()
        and valeur["version"] > etat.get(cle, {"version": -1})["version"]
    ):
        etat[cle] = valeur


async def test_any_order_and_repetition_lead_to_the_same_events(
    atelier: Atelier, journal: list[dict[str, Any]]
) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2), eleve(3)))
    attendu = derniers(await atelier.faits(ndjson(journal)))
    assert {type_ for type_, _ in attendu} == set(EVENEMENTS.values())
    assert len(attendu) == 3 * len(TYPES)
    for graine in range(3):
        melange = journal + random.Random(graine).choices(journal, k=30)
        random.Random(graine).shuffle(melange)
        coupe = len(melange) // 2
        deux = [await atelier.faits(ndjson(part)) for part in (melange[:coupe], melange[coupe:])]
        assert derniers(*deux) == attendu


@pytest.mark.parametrize("type_", TYPES)
async def test_each_type_waits_for_its_pupil_and_is_released_with_him(
    atelier: Atelier, journal: list[dict[str, Any]], type_: str
) -> None:
    siens = [f for f in journal if f["type"] in {type_, "dossier"} and f["numero_dossier"] == "26000001"]
    random.Random(4).shuffle(siens)
    avant = await atelier.faits(ndjson(siens))
    assert (avant.evenements, avant.compteurs["parques"]) == ([], len(siens))
    arrive = await atelier.siecle(siecle(eleve(1)))
    assert arrive.compteurs["liberes"] == len(siens)
    versions = {v["version"] for v in arrive.valeurs(EVENEMENTS[type_])}
    assert versions == {1, 2, 3}


@pytest.mark.parametrize("type_", TYPES)
async def test_each_type_of_another_profile_is_dropped_and_counted(
    atelier: Atelier, journal: list[dict[str, Any]], type_: str
) -> None:
    await atelier.siecle(siecle(eleve(1)))
    siens = [{**f, "numero_dossier": "9"} for f in journal if f["type"] == type_][:3]
    if type_ == "dossier":
        siens = [{**f, "profil": "ETRANGER"} for f in siens]
    hors = fait("dossier", numero="9", sequence=9, profil="REORIENTATION", ine=ine(1))
    for ordre in ([hors, *siens], [*siens, hors]):
        integre = await atelier.faits(ndjson(ordre), confirme=True)
        assert integre.evenements == []
        assert integre.compteurs["hors_perimetre"] >= len(siens)
        assert integre.compteurs.get("rejetes", 0) == 0
    async with atelier.imports.engine.connect() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM registre.parking"))).scalar() == 0
        assert (await tx.execute(text("SELECT count(*) FROM registre.numero_dossier"))).scalar() == 0


async def test_the_comment_of_a_pupil_is_kept_nowhere(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    faits = [fait("dossier", ine=ine(1)), fait("bourse_signalee", commentaire="confidence de l’élève")]
    integre = await atelier.faits(ndjson(faits))
    await atelier.faits(ndjson([fait("bourse_signalee", numero="7", commentaire="confidence de l’élève")]))
    assert not any(b"confidence" in (e.donnees or b"") for e in integre.evenements)
    async with atelier.imports.engine.connect() as tx:
        tables = (
            await tx.execute(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'registre'")
            )
        ).scalars()
        for table in tables.all():
            lignes = (await tx.execute(text(f'SELECT t::text FROM registre."{table}" t'))).scalars().all()
            brut = b"confidence".hex()
            assert not any("confidence" in ligne or brut in ligne for ligne in lignes), table


async def test_numbers_of_the_scope_are_kept_encrypted_and_no_others(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    await atelier.faits(
        ndjson(
            [
                fait("dossier", numero="26000001", ine=ine(1)),
                fait("dossier", numero="26000002", ine=ine(2)),
                fait("caes", numero="26000003"),
                fait("dossier", numero="26000004", profil="REPRISE"),
            ]
        )
    )
    async with atelier.imports.engine.connect() as tx:
        chiffres = (await tx.execute(text("SELECT chiffre FROM registre.numero_dossier"))).scalars().all()
    assert len(chiffres) == 2, "linked and parked dossiers"
    assert not any(b"2600000" in chiffre for chiffre in chiffres)


NUL = json.dumps(fait("caes")).encode().replace(b"SAISIE", b"SAI\x00SIE")
NUL_ECHAPPE = json.dumps(fait("dossier", nom="A\u0000B")).encode()
SEUL = json.dumps(fait("dossier", nom="A")).encode().replace(b'"A"', b'"A\\ud800"')
UTF16 = json.dumps(fait("caes")).encode("utf-16")


@pytest.mark.parametrize(
    ("ligne", "codes"),
    [
        (NUL, ["JSON"]),
        (b"\x00" * 1_000, ["JSON"]),
        (NUL_ECHAPPE, []),
        (SEUL, ["JSON"]),
        (b'{"type":"dossier","nom":"\xed\xa0\x80"}', ["JSON"]),
        (UTF16, ["JSON"]),
        (b'{"x":"' + b"y" * (10 << 20) + b'"}', ["LONGUEUR"]),
        (b" " * (10 << 20), ["LONGUEUR"]),
        (b"[" * 100_000, ["FAIT"]),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, ["JSON"]),
        (b"1e999999", ["FAIT"]),
        (b'{"type":"caes","type":"voeu"}', ["TYPE"]),
    ],
    ids=lambda valeur: repr(valeur[:30]) if isinstance(valeur, bytes) else "",
)
async def test_a_bad_line_costs_itself_and_nothing_else(
    atelier: Atelier, ligne: bytes, codes: list[str]
) -> None:
    """A name may hold an escaped NUL: names of the feed go no further than the reader."""
    await atelier.siecle(siecle(eleve(1)))
    integre = await atelier.faits(ndjson([fait("dossier", ine=ine(1)), ligne, fait("caes")]))
    assert integre.codes == codes
    assert {"DossierModifie", "CaesModifiee"} <= set(integre.types())


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_gzip_cut_anywhere_is_never_taken_for_whole(tmp_path: Any, part: float) -> None:
    entier = ndjson([fait("caes", numero=f"{rang:08d}") for rang in range(5_000)], compresse=True)
    coupe = tmp_path / "faits.gz"
    coupe.write_bytes(entier[: 3 + int(len(entier) * part)])
    with pytest.raises(FichierRefuse, match="GZIP"):
        list(lire_lots(coupe, 2026, 100, 1 << 30))
