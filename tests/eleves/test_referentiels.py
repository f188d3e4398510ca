"""The calendar and what is said of lycées: a subscriber of their own, the same guarantees as for pupils."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from services.eleves import referentiels
from services.eleves.projection import Projection
from shared.db.engine import reading
from shared.domaine.calendrier import Calendrier, Position
from shared.domaine.etapes import Etape
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.cles import CLES, cle
from shared.events.enveloppe import Evenement, evenement
from shared.kafka.projection import abonnements
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from tests.kit.appels import Servi, servi
from tests.kit.faults import rejected
from tests.kit.journal import LYCEE_A, Faits, a_jour, publier
from tests.kit.services import World

QUAND = datetime(2026, 1, 10, 9, tzinfo=UTC)
LIMITE = datetime(2026, 3, 12, 22, 59, tzinfo=UTC)


def dit(world: World, topic: t.Topic, modele: m.Contrat, nom: str | None = None) -> Evenement:
    valeur = modele.model_dump(mode="json")
    return evenement(
        topic,
        modele,
        cle=cle(CLES[nom or type(modele).__name__], valeur),
        version=valeur["version"],
        time=QUAND,
        prefixe=world.prefix,
    )


def etape(world: World, code: Etape, version: int, date: datetime, **champs: Any) -> Evenement:
    modele = m.CalendrierModifie(session=2026, version=version, etape=code.value, date=date, **champs)
    return dit(world, t.CALENDRIER, modele)


async def lire(eleves: Servi) -> Calendrier:
    async with reading(eleves.running.engine) as tx:
        return await referentiels.calendrier(tx, 2026)


async def test_the_highest_version_of_a_step_wins_whatever_the_order(world: World) -> None:
    plus_tard = datetime(2026, 3, 19, 22, 59, tzinfo=UTC)
    async with servi(world, "eleves") as eleves:
        assert (await lire(eleves)).dates == {}
        await eleves.plier(
            [
                etape(world, Etape.VOEUX_LIMITE, 3, plus_tard),
                etape(world, Etape.VOEUX_LIMITE, 2, LIMITE),
                etape(world, Etape.INSCRIPTION_OUVERTURE, 2, QUAND),
                etape(world, Etape.REPONSE_DELAI_JOURS, 2, QUAND, valeur=1),
                etape(world, Etape.RESULTATS_BAC, 3, QUAND, retiree=True),
                dit(
                    world,
                    t.CALENDRIER,
                    m.EtapeAtteinte(session=2026, version=3, etape="INSCRIPTION_OUVERTURE", date=QUAND),
                ),
                dit(
                    world,
                    t.CALENDRIER,
                    m.CalendrierModifie(session=2026, version=3, etape="ETAPE_A_VENIR", date=QUAND),
                ),
            ]
        )
        await eleves.plier([etape(world, Etape.VOEUX_LIMITE, 1, LIMITE)])
        lu = await lire(eleves)
    assert lu.dates == {
        Etape.VOEUX_LIMITE: plus_tard,
        Etape.INSCRIPTION_OUVERTURE: QUAND,
        Etape.REPONSE_DELAI_JOURS: QUAND,
    }
    assert (lu.valeurs, lu.version) == ({Etape.REPONSE_DELAI_JOURS: 1}, 3)
    assert lu.fenetre("voeux", LIMITE) is Position.PENDANT


async def test_two_sessions_keep_their_own_calendar(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await eleves.plier([etape(world, Etape.VOEUX_LIMITE, 1, LIMITE)])
        async with reading(eleves.running.engine) as tx:
            assert (await referentiels.calendrier(tx, 2025)).dates == {}


def test_topics_that_are_not_by_pupil_have_a_subscriber_of_their_own() -> None:
    abonnes = abonnements(Projection.topics)
    assert set(abonnes) == {"", "referentiels"}
    assert all(topic.par_eleve for topic in abonnes[""])
    assert set(abonnes["referentiels"]) == {t.CALENDRIER, t.ETABLISSEMENT, t.STRUCTURE, t.ENSEIGNANT}


async def test_it_is_read_through_the_broker_and_survives_a_rebuild(opened: World) -> None:
    """With pupils beside it, and a record that cannot be read among them."""
    faits = Faits(opened)
    structure = m.StructureRemontee(
        session=2026, version=5, uai=LYCEE_A, divisions=(m.DivisionRemontee(code="TG1"),)
    )
    eleve = faits.eleve_id()
    await publier(
        opened,
        [
            faits.eleve(eleve),
            etape(opened, Etape.VOEUX_LIMITE, 1, LIMITE),
            dit(opened, t.STRUCTURE, structure),
            dit(opened, t.STRUCTURE, m.LyceeDecrit(session=2026, version=1, uai=LYCEE_A, nom="Lycée Ravel")),
        ],
    )
    await _empoisonner(opened, t.CALENDRIER.complet(opened.prefix, 2026))
    async with servi(opened, "eleves", kafka=True) as eleves:
        await a_jour(opened, "eleves")
        settings, engine = eleves.running.settings, eleves.running.engine
        async with rejected(opened, "eleves") as log:
            assert [rejete.origine.split("[")[0] for rejete in await log.pending()] == [
                t.CALENDRIER.complet(opened.prefix, 2026)
            ]
        await rebuild(settings, engine, Projection(settings))
        async with reading(engine) as tx:
            lues = await referentiels.structures(tx, 2026, LYCEE_A)
            decrit = await referentiels.communs(tx, 2026, LYCEE_A)
            assert (await referentiels.calendrier(tx, 2026)).dates == {Etape.VOEUX_LIMITE: LIMITE}
        assert lues is not None
        assert decrit is not None
        assert ([d.code for d in lues.divisions], decrit.nom) == (["TG1"], "Lycée Ravel")
        await publier(opened, [etape(opened, Etape.VOEUX_LIMITE, 2, QUAND), faits.eleve(eleve, version=2)])
        await a_jour(opened, "eleves")
        assert (await lire(eleves)).dates == {Etape.VOEUX_LIMITE: QUAND}
        report = await verify(settings, engine, Projection(settings))
        assert set(report.differences.values()) == {0}
        assert eleves.running.health.ready, eleves.running.health.reasons


async def _empoisonner(world: World, topic: str) -> None:
    """A step of another session, among the good ones."""
    valeur = {"session": 2025, "version": 9, "etape": "VOEUX_LIMITE", "date": "2026-01-01T00:00:00Z"}
    producer = AIOKafkaProducer(bootstrap_servers=world.servers.kafka_bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(
            topic,
            msgspec.json.encode(valeur),
            key=b"VOEUX_LIMITE",
            headers=[("ce_type", b"fr.pilotage.CalendrierModifie.v1")],
        )
    finally:
        await producer.stop()
