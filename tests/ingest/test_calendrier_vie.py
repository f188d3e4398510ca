"""The life of a session: legal steps, who and why, what is refused meanwhile, calendar by HTTP, purge."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text
from typer.testing import CliRunner, Result

from services.cli.main import app
from services.ingest.calendrier import store
from services.ingest.calendrier.domain import EtatSession, permise
from services.ingest.calendrier.vie import TransitionRefuseeError, changer
from services.ingest.referentiels import memoire
from shared.http.errors import Refus
from shared.http.perimetre import Role
from shared.kafka.topics import topics_of_session
from tests.ingest._fichiers import UAI, siecle
from tests.ingest.conftest import Atelier
from tests.kit.appels import Servi, servi
from tests.kit.services import World

E = EtatSession


async def _aller(atelier: Atelier, *etats: EtatSession) -> None:
    for etat in etats:
        async with atelier.imports.engine.begin() as tx:
            await changer(tx, atelier.imports.settings, etat, par="test", motif="un motif")


async def test_a_session_goes_through_its_life_and_keeps_who_when_and_why(atelier: Atelier) -> None:
    await _aller(atelier, E.OUVERTE, E.GELEE, E.OUVERTE, E.CLOSE, E.ARCHIVEE)
    async with atelier.imports.engine.connect() as tx:
        vie = await store.lire_vie(tx, 2026)
        histoire = await store.histoire(tx, 2026, "session")
        publies = (
            await tx.execute(text("SELECT count(*) FROM mechanism.outbox WHERE type = 'SessionModifiee'"))
        ).scalar()
    assert (vie.etat, vie.version, vie.motif) == (E.ARCHIVEE, 5, "un motif")
    assert [(h["contenu"]["etat"], h["par"]) for h in histoire][::-1] == [
        ("OUVERTE", "test"), ("GELEE", "test"), ("OUVERTE", "test"), ("CLOSE", "test"), ("ARCHIVEE", "test"),
    ]  # fmt: skip
    assert publies == 5


async def test_asking_for_the_state_it_is_in_changes_nothing(atelier: Atelier) -> None:
    await _aller(atelier, E.OUVERTE, E.OUVERTE)
    async with atelier.imports.engine.connect() as tx:
        assert (await store.lire_vie(tx, 2026)).version == 1


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        (E.OUVERTE, E.ARCHIVEE),
        (E.GELEE, E.ARCHIVEE),
        (E.ARCHIVEE, E.OUVERTE),
        (E.OUVERTE, E.PURGEE),
        (E.CLOSE, E.GELEE),
    ],
)
def test_other_steps_are_not_legal(avant: EtatSession, apres: EtatSession) -> None:
    assert not permise(avant, apres)


@pytest.mark.parametrize("etat", [E.GELEE, E.CLOSE])
async def test_no_deposit_is_taken_in_a_session_that_is_not_open(atelier: Atelier, etat: EtatSession) -> None:
    await _aller(atelier, etat)
    with pytest.raises(Refus) as refus:
        await atelier.siecle(siecle())
    assert (refus.value.status, refus.value.code) == (409, f"session_{etat.value.lower()}")
    assert list(atelier.imports.depots.racine.glob("*")) == []


async def test_a_session_with_imports_under_way_is_not_closed(atelier: Atelier) -> None:
    from services.ingest.deposer import deposer  # noqa: PLC0415 - here only
    from tests.ingest.conftest import morceaux  # noqa: PLC0415 - here only

    await deposer(atelier.imports, "SIECLE", morceaux(siecle()), lambda: "f", demandeur="test", uai=UAI)
    with pytest.raises(TransitionRefuseeError, match="not finished"):
        await _aller(atelier, E.CLOSE)


@pytest.fixture
async def ingest(world: World, tmp_path: Path) -> AsyncIterator[Servi]:
    async with servi(world, "ingest", jobs=False, spool_dir=tmp_path / "spool") as service:
        yield service


async def _demander(ingest: Servi, methode: str, chemin: str, role: Role, **options: Any) -> Response:
    lycees = (UAI,) if role is Role.CHEF else ()
    entetes = ingest.jeton("quelqu’un".replace("’", ""), *lycees, role=role) | options.pop("headers", {})
    return await ingest.client.request(
        methode, f"/interne/v1/sessions/2026/{chemin}", headers=entetes, **options
    )


async def test_by_http_a_frozen_session_refuses_every_write_and_answers_every_read(ingest: Servi) -> None:
    gel = await _demander(ingest, "POST", "vie", Role.OPERATEUR, json={"etat": "GELEE", "motif": "contrôle"})
    assert (gel.status_code, gel.json()["etat"]) == (200, "GELEE")
    for chemin in (
        f"lycees/{UAI}/siecle",
        "faits",
        "imports/00000000-0000-0000-0000-000000000000/integration",
    ):
        role = Role.CHEF if "siecle" in chemin else Role.OPERATEUR
        refus = await _demander(ingest, "POST", chemin, role, content=siecle())
        assert (refus.status_code, refus.json()["code"]) == (409, "session_gelee"), chemin
        assert "gelée" in refus.json()["title"]
    assert (await _demander(ingest, "GET", "imports", Role.CHEF)).status_code == 200
    degel = await _demander(ingest, "POST", "vie", Role.OPERATEUR, json={"etat": "OUVERTE"})
    assert degel.json()["etat"] == "OUVERTE"
    assert (
        await _demander(ingest, "POST", f"lycees/{UAI}/siecle", Role.CHEF, content=siecle())
    ).status_code == 202


async def test_by_http_only_the_operator_changes_the_life_and_never_purges(ingest: Servi) -> None:
    for role in (Role.CHEF, Role.SAIO):
        assert (await _demander(ingest, "POST", "vie", role, json={"etat": "GELEE"})).status_code == 404
        assert (await _demander(ingest, "GET", "vie", role)).json()["etat"] == "OUVERTE"
    assert (
        await _demander(ingest, "POST", "vie", Role.OPERATEUR, json={"etat": "PURGEE"})
    ).status_code == 422
    archive = await _demander(ingest, "POST", "vie", Role.OPERATEUR, json={"etat": "ARCHIVEE"})
    assert (archive.status_code, archive.json()["code"]) == (409, "transition_refusee")


async def test_the_calendar_is_set_by_the_operator_and_read_by_all(ingest: Servi) -> None:
    propose = (await _demander(ingest, "GET", "calendrier/propose", Role.OPERATEUR)).json()
    assert "hypothèse" in propose["source"]
    saisie = {"etapes": propose["etapes"], "valeurs": propose["valeurs"], "motif": "arrêté"}
    assert (await _demander(ingest, "PUT", "calendrier", Role.CHEF, json=saisie)).status_code == 404
    cle = {"Idempotency-Key": "une-fois"}
    pose = await _demander(ingest, "PUT", "calendrier", Role.OPERATEUR, json=saisie, headers=cle)
    assert (pose.status_code, pose.json()["version"]) == (200, 1)
    encore = await _demander(ingest, "PUT", "calendrier", Role.OPERATEUR, json=saisie, headers=cle)
    assert encore.json() == pose.json()
    lu = await _demander(ingest, "GET", "calendrier?a_la_date=2026-03-12T12:00:00Z", Role.CHEF)
    assert (lu.json()["phase"], lu.json()["version"]) == ("VOEUX", 1)
    assert {f["nom"]: f["position"] for f in lu.json()["fenetres"]}["voeux"] == "PENDANT"
    vieux = await _demander(ingest, "PUT", "calendrier", Role.OPERATEUR, json={**saisie, "version": 0})
    assert (vieux.status_code, vieux.json()["code"]) == (409, "calendrier_modifie")
    faux = {
        **saisie,
        "etapes": {**saisie["etapes"], "VOEUX_LIMITE": "2026-06-12T23:59", "INCONNUE": "2026-01-01"},
    }
    refus = await _demander(ingest, "PUT", "calendrier", Role.OPERATEUR, json=faux)
    assert refus.status_code == 422
    assert len(refus.json()["phrases"]) >= 2


async def test_a_calendar_that_is_not_set_says_so(ingest: Servi) -> None:
    lu = (await _demander(ingest, "GET", "calendrier", Role.SAIO)).json()
    assert (lu["version"], lu["etapes"]) == (0, {})


@pytest.fixture
def pilotage(monkeypatch: pytest.MonkeyPatch) -> Any:
    def lancer(world: World, environnement: dict[str, str], *arguments: str) -> Result:
        for nom, valeur in environnement.items():
            monkeypatch.setenv(nom, valeur)
        monkeypatch.setenv("COLUMNS", "200")
        return CliRunner().invoke(app, ["session", *arguments])

    return lancer


async def test_by_command_line_two_sessions_live_side_by_side_and_one_is_purged_on_a_typed_word(
    world: World, pilotage: Any, tmp_path: Path
) -> None:
    environnement = await world.environment("ingest")
    environnement["SPOOL_DIR"] = str(tmp_path)

    async def lancer(*arguments: str) -> Result:
        return await asyncio.to_thread(pilotage, world, environnement, *arguments)

    for session in ("2025", "2026"):
        ouverte = await lancer("open", session, "--partitions", "2", "--reason", "rentrée")
        assert ouverte.exit_code == 0, ouverte.output
    assert (await lancer("calendar", "import", "2025", "--default")).exit_code == 0
    assert (await lancer("freeze", "2025")).exit_code == 0
    etats = [(await lancer("status", session)).output for session in ("2025", "2026")]
    assert "GELEE" in etats[0]
    assert "OUVERTE" in etats[1]
    interdit = await lancer("purge", "2025", "--confirm", "purge 2025")
    assert interdit.exit_code == 1, interdit.output
    for geste in ("close", "archive"):
        assert (await lancer(geste, "2025")).exit_code == 0
    essai = await lancer("purge", "2025")
    assert "nothing is deleted" in essai.output
    faux = await lancer("purge", "2025", "--confirm", "oui")
    assert faux.exit_code == 1
    reglages = await world.settings("ingest")
    assert await topics_of_session(reglages.model_copy(update={"session": 2025}))
    fait = await lancer("purge", "2025", "--confirm", "purge 2025")
    assert fait.exit_code == 0, fait.output
    assert await topics_of_session(reglages.model_copy(update={"session": 2025})) == []
    assert await topics_of_session(reglages)
    assert "PURGEE" in (await lancer("status", "2025")).output
    assert "no calendar is set" in (await lancer("calendar", "show", "2025")).output


async def test_by_command_line_the_calendar_is_set_moved_exported_and_refused(
    world: World, pilotage: Any, tmp_path: Path
) -> None:
    environnement = await world.environment("ingest") | {"SPOOL_DIR": str(tmp_path)}

    async def lancer(*arguments: str) -> Result:
        return await asyncio.to_thread(pilotage, world, environnement, "calendar", *arguments)

    essai = await lancer("import", "2026", "--default", "--dry-run")
    assert "would become version 1" in essai.output, essai.output
    assert "no calendar is set" in (await lancer("show", "2026")).output
    assert "version 1" in (await lancer("import", "2026", "--default")).output
    deplace = await lancer("set", "2026", "VOEUX_LIMITE", "2026-03-13T23:59", "--reason", "panne")
    assert "version 2" in deplace.output, deplace.output
    refuse = await lancer("set", "2026", "VOEUX_LIMITE", "2026-09-13T23:59")
    assert (refuse.exit_code, "ne peut pas être après" in refuse.output) == (1, True)
    vu = (await lancer("show", "2026", "--history")).output
    assert "13/03/2026 à 23:59" in vu
    assert "panne" in vu
    fichier = tmp_path / "calendrier.json"
    assert (await lancer("export", "2026", str(fichier))).exit_code == 0
    document = json.loads(fichier.read_text(encoding="utf-8"))
    assert document["etapes"]["VOEUX_LIMITE"] == "2026-03-13T23:59:00+01:00"
    assert "0 steps changed" in (await lancer("import", "2026", str(fichier))).output


async def test_two_sessions_in_one_database_keep_their_state_imports_and_referentiels_apart(
    atelier: Atelier, ouvrir: Any
) -> None:
    from tests.ingest.test_referentiels_depot import fichier, formation  # noqa: PLC0415 - here only

    async with ouvrir(session=2025) as imports:
        ancien = Atelier(imports)
        await _aller(ancien, E.CLOSE)
        await _aller(atelier, E.OUVERTE)
        depot = await atelier.deposer("FORMATIONS", fichier(formation("A")))
        assert depot.valeurs("FormationReferencee")[0]["session"] == 2026
        assert depot.evenements[0].topic.endswith("2026.referentiel.formation.v1")
        with pytest.raises(Refus):
            await ancien.deposer("FORMATIONS", fichier(formation("A")))
        async with imports.engine.connect() as tx:
            assert (await memoire.complement(tx, 2025)).formations == {}
            assert list((await memoire.complement(tx, 2026)).formations) == ["A"]


async def test_by_http_the_operator_deposits_a_referentiel_and_sees_what_it_became(ingest: Servi) -> None:
    brut = (
        "formation_id;uai;etablissement;formation;famille;academie;selectivite\n"
        "A;0750680G;Lycée;BTS;BTS;Paris;formation sélective\n"
    ).encode()
    for role in (Role.CHEF, Role.SAIO):
        assert (
            await _demander(ingest, "POST", "referentiels/formations", role, content=brut)
        ).status_code == 404
        assert (await _demander(ingest, "GET", "referentiels", role)).status_code == 404
    depot = await _demander(ingest, "POST", "referentiels/formations", Role.OPERATEUR, content=brut)
    assert depot.status_code == 202
    imports = ingest.running.resources["imports"]
    await imports.analyses.analyser(await imports.lire(depot.json()["import_id"]))
    vu = (await _demander(ingest, "GET", "referentiels", Role.OPERATEUR)).json()
    assert vu["referentiels"] == [{"objet": "formation", "version": 1, "lignes": 1}]
    une = (await _demander(ingest, "GET", "referentiels/formations/A", Role.OPERATEUR)).json()
    assert [(v["version"], v["contenu"]["famille"]) for v in une["versions"]] == [(1, "BTS")]
    assert (await _demander(ingest, "GET", "referentiels/formations/B", Role.OPERATEUR)).status_code == 404
    assert (
        await _demander(ingest, "POST", "referentiels/autre", Role.OPERATEUR, content=b"x")
    ).status_code == 422
