"""What leaves the service: every indicator of a margin, what is withheld left out, and only what differs."""

import json
from typing import Any

import pytest

from services.indicators.definitions import INDICATEURS
from services.indicators.mesures import MESURES, RANGS
from services.indicators.parution.domain import Cle, Marge, a_dire, attente, chiffres, empreinte, personne
from services.indicators.parution.masques import Cases, Masques
from services.indicators.parution.parution import Parution
from services.indicators.parution.position import Avances, compter
from services.indicators.parution.tache import CODES, FIGURES
from shared.events import modeles as m
from shared.events.topics import VOEU
from shared.kafka.records import Brut, Lu
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import World

N = len(MESURES)


def marge(caches: int = 0, **mesures: int) -> Marge:
    valeurs = [0] * N
    for code, n in mesures.items():
        valeurs[RANGS[code]] = n
    return Marge("01", tuple(valeurs), caches)


def test_every_indicator_is_said_and_withheld_measures_are_left_out() -> None:
    lue = marge(1 << RANGS["sans_voeu"], vivier=30, inscrits=28, sans_voeu=27, l1_pass=9)
    dits = {un["indicateur"]: un for un in chiffres(lue, FIGURES)}
    assert list(dits) == [indicateur.code for indicateur in INDICATEURS]
    assert dits["l1_pass"] == {"indicateur": "l1_pass", "numerateur": 9, "denominateur": 28}
    assert dits["sans_voeu"] == {"indicateur": "sans_voeu", "denominateur": 28}
    assert all(m.ChiffreDeMarge.model_validate(un) for un in dits.values())


def test_two_margins_that_read_alike_have_one_digest() -> None:
    tout = (1 << N) - 1
    assert empreinte(chiffres(marge(tout, inscrits=3), FIGURES)) == empreinte(
        chiffres(marge(tout, inscrits=4), FIGURES)
    )
    assert empreinte(chiffres(marge(inscrits=30), FIGURES)) != empreinte(
        chiffres(marge(inscrits=31), FIGURES)
    )


def test_only_what_differs_is_said_and_who_left_leaves_nobody() -> None:
    a, b, c = ("0750001A", "STL"), ("0750001A", "STMG"), ("0690002B", "STL")
    avant = {a: marge(vivier=9), b: marge(vivier=8)}
    apres = {a: marge(vivier=9), c: marge(vivier=7)}
    assert dict(a_dire(avant, apres)) == {b: personne(avant[b]), c: apres[c]}
    assert personne(avant[b]).valeurs == (0,) * N
    assert all(set(un) == {"indicateur"} for un in chiffres(personne(avant[b]), FIGURES))


def test_small_numbers_are_withheld_by_the_rules_of_the_pages() -> None:
    cases: Cases = {("0750001A", "STL"): ("01", marge(vivier=4, inscrits=4, l1_pass=2).valeurs)}
    masques = Masques()
    (lue,) = masques.masquer(cases).values()
    assert all(lue.caches >> RANGS[code] & 1 for code in ("vivier", "inscrits", "l1_pass"))
    assert masques.masquer(dict(cases)) == {("0750001A", "STL"): lue}, "as it was remembered"


@pytest.mark.parametrize(("duree", "attendu"), [(0.01, 1.0), (2.0, 6.0)])
def test_a_long_tick_is_followed_by_a_longer_pause(duree: float, attendu: float) -> None:
    assert attente(duree, 1.0) == attendu


def test_the_position_is_counted_by_partition() -> None:
    def lu(part: int, recordedtime: str) -> Lu:
        brut: Any = Brut("p.2026.candidature.voeu.v1", part, 0, None, None, b"")
        return Lu(VOEU, "", None, recordedtime, None, brut)

    avances: Avances = {}
    compter(avances, [lu(0, "2026-01-02"), lu(1, "2026-01-05"), lu(0, "2026-01-01")])
    compter(avances, [lu(0, "2026-01-03")])
    assert avances == {(2026, 0): ("2026-01-03", 3), (2026, 1): ("2026-01-05", 1)}


class Ouverte(Parution):
    """Withholds nothing, so that what is said is what is counted."""

    @classmethod
    def de(cls, service: Servi) -> "Ouverte":
        running = service.running
        return cls(running.settings, running.engine, _rien, CODES, FIGURES)


def _rien(cases: Cases) -> dict[Cle, Marge]:
    return {cle: Marge(academie, valeurs, 0) for cle, (academie, valeurs) in cases.items()}


async def _dites(service: Servi) -> list[tuple[str, int, dict[str, str]]]:
    """Key, version, and the figures of what waits in the outbox."""
    return [
        (
            dit.cle,
            valeur["version"],
            {
                un["indicateur"]: f"{un['numerateur']}/{un['denominateur']}"
                for un in valeur["indicateurs"]
                if un["indicateur"] in {"participation_actuelle", "sans_voeu"} and "numerateur" in un
            },
        )
        for dit in await service.evenements()
        for valeur in [json.loads(dit.donnees or b"{}")]
    ]


async def test_a_state_is_said_once_whoever_leads_and_never_an_older_one(world: World) -> None:
    faits = Faits(world)
    ids = [faits.eleve_id() for _ in range(3)]
    async with servi(world, "indicators", jobs=False) as service:
        un, autre = Ouverte.de(service), Ouverte.de(service)
        assert await un.tic() == 0
        await service.plier([f for i in ids for f in (faits.eleve(i), faits.dossier(i))])
        assert [await un.tic(), await un.tic(), await autre.tic()] == [1, 0, 0]
        vieux = await un._lire()
        assert vieux is None
        un.oublier()
        vieux = await un._lire()
        await service.plier([faits.voeu(ids[0]), faits.eleve(ids[1], 2, uai=LYCEE_B, academie="10")])
        assert await autre.tic() == 2
        assert vieux is not None
        assert await un._dire(vieux, {}) is None, "read before what the other said"
        await service.plier([faits.eleve(ids[1], 3)])
        assert await un.tic() == 2
        a, b = f"{LYCEE_A}/GENERALE", f"{LYCEE_B}/GENERALE"
        assert sorted(await _dites(service)) == [
            (b, 1, {"participation_actuelle": "1/1", "sans_voeu": "1/1"}),
            (b, 2, {}),
            (a, 1, {"participation_actuelle": "3/3", "sans_voeu": "3/3"}),
            (a, 2, {"participation_actuelle": "2/2", "sans_voeu": "1/2"}),
            (a, 3, {"participation_actuelle": "3/3", "sans_voeu": "2/3"}),
        ]
