"""A record at fault goes aside with its reason and origin; its neighbours, and the service, go on."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from shared.events.enveloppe import Evenement
from shared.events.rapide import Legers, decodeurs
from shared.events.topics import DOSSIER, ELEVE, VOEU, Topic
from shared.kafka import records as mechanism
from shared.kafka import rejects
from shared.kafka.rejected import ForeignRejectError
from tests.faults.naive import cells, naive_cells, naive_pupils
from tests.kit.dates import publier_dates
from tests.kit.faults import differences, records, rejected, rows, stored, until_rejected
from tests.kit.journal import Faits, a_jour, attendre, publier
from tests.kit.services import World


def gater(fait: Evenement, de: bytes, vers: bytes) -> Evenement:
    """The same record as another release would write it."""
    assert fait.donnees is not None
    assert de in fait.donnees
    return replace(fait, donnees=fait.donnees.replace(de, vers))


EN_MARS = int(datetime(2026, 3, 1, 8, tzinfo=UTC).timestamp() * 1e6)


def inconnu(fait: Evenement) -> Evenement:
    return gater(fait, b'"LICENCE"', b'"MAGIE"')


async def mesures(world: World) -> Counter[str]:
    total: Counter[str] = Counter()
    for (*_, mesure), n in (await cells(world)).items():
        total[mesure] += n
    return total


def _une_version_qui_sait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new release: its decoders know the code that the old ones refused."""

    class Sait:
        def __init__(self, lecteur: Any) -> None:
            self._lecteur = lecteur

        def decode(self, brut: bytes) -> Any:
            return self._lecteur.decode(brut.replace(b'"MAGIE"', b'"PASS"'))

    def sachant(topic: Topic, legers: Legers) -> dict[bytes, Any]:
        return {type_: Sait(lecteur) for type_, lecteur in decodeurs(topic, legers).items()}

    monkeypatch.setattr(mechanism, "decodeurs", sachant)


async def test_a_poison_record_goes_aside_with_its_origin_and_its_neighbours_are_applied(
    opened: World,
) -> None:
    faits = Faits(opened)
    un, deux = faits.eleve_id(), faits.eleve_id()
    await publier(
        opened,
        [
            faits.eleve(un),
            faits.dossier(un),
            faits.voeu(un, "v1"),
            inconnu(faits.voeu(un, "v2")),
            faits.voeu(un, "v3"),
            faits.eleve(deux),
            faits.dossier(deux),
        ],
    )
    async with opened.running("indicators"):
        await a_jour(opened, "indicators")
        [rejete] = await until_rejected(opened, "indicators", 1)
        assert await mesures(opened) == {
            "vivier": 2, "inscrits": 2, "sans_voeu": 1, "sans_voeu_confirme": 2, "l1_pass": 1, "que_l1_pass": 1
        }  # fmt: skip
    origine = VOEU.complet(opened.prefix, opened.session)
    [brut] = [r for r in await records(opened, VOEU) if b"MAGIE" in r.value]
    assert rejete.topic == f"{origine}.indicators.rejets"
    assert rejete.origine == f"{origine}[{brut.partition}]@{brut.offset}"
    assert (rejete.brut.value, rejete.brut.key) == (brut.value, brut.key)
    assert rejete.headers["ce_type"] == "fr.pilotage.VoeuModifie.v1"
    assert rejete.headers[rejects.SERVICE] == "indicators"
    assert rejete.attempts == 1
    assert "famille" in rejete.headers[rejects.REASON]
    assert "MAGIE" not in rejete.headers[rejects.REASON]


async def test_a_reject_stays_until_the_fix_then_replays(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    faits = Faits(opened)
    un = faits.eleve_id()
    dits = [faits.eleve(un), faits.dossier(un), inconnu(faits.voeu(un, "v1"))]
    await publier_dates(opened, enumerate(dits, EN_MARS))
    async with opened.running("indicators"):
        await a_jour(opened, "indicators")
        [premier] = await until_rejected(opened, "indicators", 1)
        async with rejected(opened, "indicators") as log:
            assert await log.replay(10) == (0, 1)
        [second] = await until_rejected(opened, "indicators", 1)
        assert (second.attempts, second.origine) == (2, premier.origine)
        assert second.offset > premier.offset
        assert second.headers["ce_type"] == premier.headers["ce_type"]
        assert (await mesures(opened))["sans_voeu"] == 1
        _une_version_qui_sait(monkeypatch)
        async with rejected(opened, "indicators") as log:
            assert await log.replay(10) == (1, 0)
            assert await log.pending() == []
        assert await mesures(opened) == {
            "vivier": 1, "inscrits": 1, "sans_voeu_confirme": 1, "l1_pass": 1, "que_l1_pass": 1
        }  # fmt: skip
        assert not any((await differences(opened, "indicators")).values()), (
            "it counts on the day of its record"
        )
    assert len(await records(opened, VOEU)) == 1


async def test_two_operators_who_replay_at_once_settle_each_reject_once(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(5)]
    await publier(opened, [f for i in ids for f in (faits.eleve(i), inconnu(faits.voeu(i)))])
    async with opened.running("indicators"):
        await until_rejected(opened, "indicators", 5)
        async with rejected(opened, "indicators") as un, rejected(opened, "indicators") as deux:
            faits_, autres = await asyncio.gather(un.replay(5), deux.replay(5))
        assert faits_[1] + autres[1] == 5
        await until_rejected(opened, "indicators", 5)
        lus = await records(opened, VOEU, suffix=".indicators.rejets")
    assert len(lus) == 10
    origines = Counter(dict(lu.headers)[rejects.ORIGIN_OFFSET] + b"/" + lu.key for lu in lus)
    assert set(origines.values()) == {2}


async def test_dropping_settles_without_applying(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(3)]
    await publier(
        opened, [f for i in ids for f in (faits.eleve(i), faits.dossier(i), inconnu(faits.voeu(i)))]
    )
    async with opened.running("indicators"):
        await until_rejected(opened, "indicators", 3)
        async with rejected(opened, "indicators") as log:
            assert await log.drop(2) == 2
            assert len(await log.pending()) == 1
            assert await log.drop(2) == 1
            assert await log.pending() == []
        assert (await mesures(opened))["sans_voeu"] == 3


async def test_a_foreign_record_among_the_rejects_is_named_and_can_be_dropped(opened: World) -> None:
    topic = f"{VOEU.complet(opened.prefix, opened.session)}.indicators.rejets"
    async with opened.running("indicators"):
        async with AIOKafkaProducer(bootstrap_servers=opened.servers.kafka_bootstrap) as producer:
            await producer.send_and_wait(topic, b"{}")
        [rejete] = await until_rejected(opened, "indicators", 1)
        async with rejected(opened, "indicators") as log:
            with pytest.raises(ForeignRejectError, match="names no topic"):
                await log.replay(10)
            assert await log.pending() == [rejete]
            assert await log.drop(10) == 1
            assert await log.pending() == []


async def test_what_postgresql_refuses_is_isolated_from_its_window(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(30)]
    evenements = [f for i in ids for f in (faits.eleve(i), faits.dossier(i), faits.voeu(i))]
    evenements[39] = replace(evenements[39], donnees=evenements[39].donnees.replace(b'"TG1"', b'"T\\u0000"'))  # type: ignore[union-attr]
    await publier(opened, evenements)
    async with opened.running("eleves"):
        await a_jour(opened, "eleves")
        [rejete] = await until_rejected(opened, "eleves", 1)
        assert await rows(opened, "eleves", "SELECT count(*) FROM {p}.eleve WHERE present") == [(29,)]
    assert rejete.brut.key.decode() == ids[13]
    assert rejete.headers[rejects.REASON]


async def test_bytes_that_no_text_column_takes_do_not_stop_the_consumer(opened: World) -> None:
    faits = Faits(opened)
    un = faits.eleve_id()
    poison = replace(faits.eleve(faits.eleve_id()), cle="nul\x00here")
    typed = replace(faits.dossier(un, version=2), type="Dossier\x00")
    await publier(opened, [poison, faits.eleve(un), typed, faits.dossier(un)])
    async with opened.running("indicators"):
        await a_jour(opened, "indicators", 20)
        rejetes = await until_rejected(opened, "indicators", 2)
        assert await mesures(opened) == {
            "vivier": 1, "inscrits": 1, "sans_voeu": 1, "sans_voeu_confirme": 1
        }  # fmt: skip
    assert sorted(r.brut.key for r in rejetes) == sorted([b"nul\xef\xbf\xbdhere", un.encode()])


async def test_past_the_ratio_the_consumer_stops_on_purpose_and_nothing_is_lost(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(20)]
    bons = [f for i in ids for f in (faits.eleve(i), faits.dossier(i))]
    await publier(opened, bons + [inconnu(faits.voeu(i)) for i in ids])
    async with opened.running("indicators", reject_ratio_min_records=10) as running:

        async def red() -> bool:
            return any("refused" in reason for reason in running.health.reasons.values())

        await attendre(red)
        before = await stored(opened, "indicators")
        await publier(opened, [faits.dossier(i, version=2) for i in ids])
        await asyncio.sleep(2)
        assert await stored(opened, "indicators") == before
        assert not running.health.ready
    async with opened.running("indicators", reject_ratio_min_records=10, reject_ratio_max=1.0) as running:
        await a_jour(opened, "indicators")
        assert len(await until_rejected(opened, "indicators", 20)) == 20
        assert running.health.ready
    lus = [r for r in await records(opened, ELEVE, DOSSIER, VOEU) if b"MAGIE" not in r.value]
    assert await cells(opened) == naive_cells(naive_pupils(lus))
