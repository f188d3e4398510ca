"""The way back in PostgreSQL and Kafka: what enters the feed and when, order of commits, rebuild."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.ingest.consumers import IngestProjection
from services.ingest.identity import Cles, Nature, Nom, ajouter
from services.ingest.retour import numeros
from services.ingest.retour.numeros import CleAbsenteError, Coffre
from shared.db.engine import enter_current, writing
from shared.events.modeles import EtatBourse, ObjetAccuse
from shared.http.perimetre import Role
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from tests.ingest._retour import Sortants, lignes, objets, tout_lire
from tests.kit.appels import Servi, _lu, servi
from tests.kit.journal import a_jour, publier
from tests.kit.services import HMAC_KEYS, World

RETOUR = "/interne/v1/sessions/2026/retour"
A, B, C = (str(UUID(int=rang, version=4)) for rang in (1, 2, 3))
NUMEROS = {A: "26000001", B: "26000002", C: "26000003"}


@asynccontextmanager
async def ingest(
    world: World, tmp_path: Path, *, kafka: bool = False, **reglages: Any
) -> AsyncIterator[Servi]:
    reglages = {"spool_dir": tmp_path / "spool", "poll_s": 0.2, "retour_releve_s": 0.05, **reglages}
    async with servi(world, "ingest", kafka=kafka, **reglages) as service:
        await connaitre(service, NUMEROS)
        yield service


async def connaitre(service: Servi, dossiers: dict[str, str]) -> None:
    """Link dossiers to pupils as an import of facts does."""
    cles, coffre = Cles(HMAC_KEYS, 2026), Coffre(HMAC_KEYS, 2026)
    async with service.running.engine.begin() as tx:
        alias = {Nom(Nature.DOSSIER, numero): eleve_id for eleve_id, numero in dossiers.items()}
        await ajouter(tx, cles, 2026, alias)
        await numeros.retenir(tx, cles, coffre, 2026, list(dossiers.values()))


def plateforme(service: Servi) -> dict[str, str]:
    return service.jeton("plateforme-0", role=Role.PLATEFORME)


async def fil(service: Servi, limite: int = 2) -> list[dict[str, Any]]:
    return await tout_lire(service.client, RETOUR, limite, headers=plateforme(service))


async def test_what_concerns_the_platform_enters_the_feed_once_there_is_a_dossier(
    world: World, tmp_path: Path
) -> None:
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        await service.plier([s.bourse(A, echelon=4), s.bourse(B, etat=EtatBourse.SIGNALEE), s.dossier(B)])
        assert await fil(service) == [], "no dossier yet, or nothing certified"
        await service.plier([s.dossier(A)])
        (ligne,) = await fil(service)
        assert objets([ligne]) == [("26000001", "BOURSE", 1)]
        assert (ligne["session"], ligne["contenu"]) == (2026, {"etat": "CERTIFIEE", "echelon": 4})
        await service.plier([s.dossier(A, 2), s.bourse(A, echelon=4)])
        assert await fil(service) == [ligne], "what is told again is not sent again"


async def test_a_new_version_is_sent_again_and_replaces_the_one_before(world: World, tmp_path: Path) -> None:
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        await service.plier([s.dossier(A), s.dossier(B), s.bourse(A), s.cordees(A), s.fiche(B)])
        premiers = await fil(service)
        assert sorted(objets(premiers)) == [
            ("26000001", "BOURSE", 1), ("26000001", "CORDEES", 1), ("26000002", "FICHE_AVENIR", 1),
        ]  # fmt: skip
        dernier = premiers[-1]["curseur"]
        await service.plier(
            [s.bourse(A, 3, EtatBourse.AUCUNE), s.bourse(A, 2), s.fiche(B, 2, transmise=False)]
        )
        suite = await service.client.get(RETOUR, params={"apres": dernier}, headers=plateforme(service))
        neufs = lignes(suite)
        assert sorted(objets(neufs)) == [("26000001", "BOURSE", 3), ("26000002", "FICHE_AVENIR", 2)]
        assert {ligne["objet"] for ligne in await fil(service)} == {"BOURSE", "CORDEES", "FICHE_AVENIR"}
        assert len(await fil(service)) == 3


async def test_acknowledgements_are_reflected_and_what_is_owed_is_listed_by_age(
    world: World, tmp_path: Path
) -> None:
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        operateur = service.jeton("op", role=Role.OPERATEUR)
        await service.plier([s.dossier(A), s.dossier(B), s.bourse(A), s.bourse(B), s.cordees(A)])
        await service.plier(
            [
                s.accuse(A, ObjetAccuse.BOURSE, 1),
                s.accuse(B, ObjetAccuse.BOURSE, 1, "REFUSE"),
                s.accuse(C, ObjetAccuse.BOURSE, 1),
            ]
        )
        lu = (await service.client.get(f"{RETOUR}/non-acquittes", headers=operateur)).json()
        resume = {
            r["objet"]: (r["total"], r["acquittes"], r["refuses"], r["en_attente"]) for r in lu["resume"]
        }
        assert resume == {"BOURSE": (2, 1, 1, 0), "CORDEES": (1, 0, 0, 1)}
        dus = {(d["eleve_id"], d["objet"]): (d["refuse"], d["resultat"]) for d in lu["non_acquittes"]}
        assert dus == {(B, "BOURSE"): (True, "REFUSE"), (A, "CORDEES"): (False, None)}
        assert all(d["age_s"] > 0 for d in lu["non_acquittes"])
        await service.plier([s.bourse(A, 2)])
        (du,) = [
            d
            for d in (
                await service.client.get(
                    f"{RETOUR}/non-acquittes", params={"objet": "BOURSE"}, headers=operateur
                )
            ).json()["non_acquittes"]
            if d["eleve_id"] == A
        ]
        assert (du["version"], du["accuse_version"], du["refuse"]) == (2, 1, False)


async def test_nobody_but_the_platform_reads_numbers(world: World, tmp_path: Path) -> None:
    async with ingest(world, tmp_path) as service:
        for role in (Role.CHEF, Role.SAIO, Role.OPERATEUR, Role.LOGICIEL):
            jeton = service.jeton("x", "0750680G", role=role)
            assert (await service.client.get(RETOUR, headers=jeton)).status_code == 404
        for role in (Role.CHEF, Role.PLATEFORME, Role.LOGICIEL):
            jeton = service.jeton("x", "0750680G", role=role)
            assert (await service.client.get(f"{RETOUR}/non-acquittes", headers=jeton)).status_code == 404


async def test_cursors_follow_the_order_of_commits(world: World, tmp_path: Path) -> None:
    """A reader between two writers must not see the second one's rows before the first one's are there."""
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        projection = IngestProjection(service.running.settings)
        await service.plier([s.dossier(A), s.dossier(B)])

        async def second() -> None:
            async with writing(service.running.engine) as tx:
                await projection.appliquer(tx, [_lu(s.bourse(B))])

        async with writing(service.running.engine) as tx:
            await projection.appliquer(tx, [_lu(s.bourse(A))])
            autre = asyncio.create_task(second())
            fait, _ = await asyncio.wait({autre}, timeout=0.5)
            assert not fait, "the second writer waits for the first one's commit"
            assert await fil(service) == []
        await autre
        assert objets(await fil(service)) == [("26000001", "BOURSE", 1), ("26000002", "BOURSE", 1)]


async def test_a_writer_that_rolls_back_leaves_no_hole_that_matters(world: World, tmp_path: Path) -> None:
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        projection = IngestProjection(service.running.settings)
        await service.plier([s.dossier(A), s.dossier(B), s.bourse(A)])
        async with service.running.engine.connect() as tx:
            await enter_current(tx)
            await projection.appliquer(tx, [_lu(s.bourse(B))])
            await tx.rollback()
        await service.plier([s.cordees(A)])
        await service.plier([s.bourse(B)])
        assert [ligne["curseur"] for ligne in await fil(service)] == [1, 2, 3]


async def test_a_long_poll_answers_as_soon_as_there_is_something(world: World, tmp_path: Path) -> None:
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        await service.plier([s.dossier(A)])
        attente = asyncio.create_task(
            service.client.get(RETOUR, params={"attendre": 20}, headers=plateforme(service))
        )
        vide = await service.client.get(RETOUR, params={"attendre": 0.1}, headers=plateforme(service))
        assert (lignes(vide), vide.headers["pilotage-curseur"]) == ([], "0")
        assert not attente.done()
        await service.plier([s.bourse(A)])
        assert objets(lignes(await asyncio.wait_for(attente, 10))) == [("26000001", "BOURSE", 1)]


async def test_a_rebuild_is_exact_and_readers_keep_their_place(opened: World, tmp_path: Path) -> None:
    s = Sortants(opened)
    eleves = [str(uuid4()) for _ in range(30)]
    async with ingest(opened, tmp_path, kafka=True) as service:
        await connaitre(service, {e: f"27{rang:06d}" for rang, e in enumerate(eleves)})
        await publier(opened, [s.bourse(e) for e in eleves] + [s.dossier(e) for e in eleves[:20]])
        await a_jour(opened, "ingest")
        await publier(opened, [s.fiche(e) for e in eleves[:10]] + [s.bourse(e, 2) for e in eleves[5:8]])
        await publier(opened, [s.accuse(e, ObjetAccuse.BOURSE, 1) for e in eleves[:6]])
        await a_jour(opened, "ingest")
        avant = await fil(service, 7)
        assert len(avant) == 30
        settings = service.running.settings
        projection = IngestProjection(settings)
        report = await verify(settings, service.running.engine, projection)
        assert not any(report.differences.values()), report.differences
        await rebuild(settings, service.running.engine, projection)
        assert await fil(service, 7) == avant
        await publier(opened, [s.dossier(e) for e in eleves[20:]] + [s.bourse(eleves[0], 9)])
        await a_jour(opened, "ingest")
        suite = await service.client.get(
            RETOUR, params={"apres": avant[-1]["curseur"]}, headers=plateforme(service)
        )
        neufs = lignes(suite)
        assert len(neufs) == 11
        assert {ligne["objet"] for ligne in neufs} == {"BOURSE"}
        report = await verify(settings, service.running.engine, projection)
        assert not any(report.differences.values()), report.differences


async def test_a_rebuild_that_corrects_something_sends_it_again(opened: World, tmp_path: Path) -> None:
    s = Sortants(opened)
    async with ingest(opened, tmp_path, kafka=True) as service:
        await publier(opened, [s.dossier(e) for e in (A, B)] + [s.bourse(e) for e in (A, B)])
        await a_jour(opened, "ingest")
        avant = await fil(service)
        async with writing(service.running.engine) as tx:
            faux = b'{"etat":"REFUSEE"}'
            await tx.execute(
                text("UPDATE retour SET contenu = :faux WHERE eleve_id = :a"), {"faux": faux, "a": A}
            )
        await rebuild(
            service.running.settings, service.running.engine, IngestProjection(service.running.settings)
        )
        suite = await service.client.get(
            RETOUR, params={"apres": avant[-1]["curseur"]}, headers=plateforme(service)
        )
        assert objets(lignes(suite)) == [("26000001", "BOURSE", 1)]
        assert len(await fil(service)) == 2


def _cle(lettre: bytes) -> str:
    return base64.b64encode(lettre * 32).decode()


async def test_numbers_are_encrypted_and_follow_the_rotation_of_the_keys(
    world: World, tmp_path: Path
) -> None:
    ancienne, nouvelle = f"1:{_cle(b'a')}", f"2:{_cle(b'b')}"
    s = Sortants(world)
    async with ingest(world, tmp_path) as service:
        async with service.running.engine.connect() as tx:
            chiffres = (await tx.execute(text("SELECT chiffre FROM registre.numero_dossier"))).scalars().all()
        assert len(chiffres) == 3
        assert not any(numero.encode() in chiffre for numero in NUMEROS.values() for chiffre in chiffres)
        await service.plier([s.dossier(A), s.bourse(A)])
        les_deux = f"{HMAC_KEYS},{nouvelle}"
        coffre = Coffre(les_deux, 2026)
        async with service.running.engine.begin() as tx:
            assert await numeros.rechiffrer(tx, coffre, 2026) == 3
            assert await numeros.rechiffrer(tx, coffre, 2026) == 0
            await ajouter(tx, Cles(les_deux, 2026), 2026, {Nom(Nature.DOSSIER, NUMEROS[A]): A})
        reponse = await service.client.get(RETOUR, headers=plateforme(service))
        assert (reponse.status_code, reponse.json()["code"]) == (503, "cle_absente"), "rather than a hole"
    async with ingest_avec(world, tmp_path, les_deux) as service:
        assert objets(await fil(service)) == [("26000001", "BOURSE", 1)]
    coffre = Coffre(ancienne, 2026)
    chiffre = coffre.chiffrer(b"alias-1", "26000001")
    assert Coffre(f"{ancienne},{nouvelle}", 2026).dechiffrer(1, b"alias-1", chiffre) == "26000001"
    for autre, alias in (
        (coffre, b"alias-2"),
        (Coffre(nouvelle, 2026), b"alias-1"),
        (Coffre(ancienne, 2025), b"alias-1"),
    ):
        with pytest.raises(CleAbsenteError):
            autre.dechiffrer(1, alias, chiffre)


@asynccontextmanager
async def ingest_avec(world: World, tmp_path: Path, cles: str) -> AsyncIterator[Servi]:
    async with servi(world, "ingest", spool_dir=tmp_path / "spool", hmac_keys=cles) as service:
        yield service
