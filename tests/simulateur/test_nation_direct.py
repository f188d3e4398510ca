"""A session that runs: the right files on the right day, at the speed asked for."""

from datetime import date
from pathlib import Path

import pytest

from services.simulateur.nation import direct
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.direct import Envoi, derouler, jours
from tests.simulateur._nation import ecrite, noms_des_fichiers

PREMIER, DERNIER = date(2026, 1, 19), date(2026, 1, 24)


class Horloge:
    """Time goes by only when somebody waits for it, or when a deposit takes its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.maintenant = 0.0
        monkeypatch.setattr(direct.time, "monotonic", lambda: self.maintenant)

    async def attendre(self, secondes: float) -> None:
        self.maintenant += secondes


class Porte:
    def __init__(self, horloge: Horloge, natures: set[str], duree: float = 0.0) -> None:
        self.natures = frozenset(natures)
        self.recus: list[tuple[float, str, str, str | None]] = []
        self._horloge, self._duree = horloge, duree

    async def deposer(self, nature: str, fichier: Path, uai: str | None) -> str:
        self.recus.append((self._horloge.maintenant, nature, fichier.name, uai))
        self._horloge.maintenant += self._duree
        return "TERMINE"


@pytest.fixture(scope="module")
def commande(tmp_path_factory: pytest.TempPathFactory) -> Commande:
    return ecrite(tmp_path_factory.mktemp("direct") / "session", 2, jusqu_au=date(2026, 3, 14))


async def _derouler(commande: Commande, porte: Porte, horloge: Horloge, secondes: float) -> list[date]:
    vus: list[date] = []

    def dire(jour: date, envoi: Envoi | None, _: str) -> None:
        if envoi is None:
            vus.append(jour)

    envoyes = await derouler(
        commande, porte, (PREMIER, DERNIER), secondes, dire=dire, attendre=horloge.attendre
    )
    assert envoyes == len(porte.recus)
    return vus


async def test_a_day_lasts_what_was_asked_and_its_facts_come_at_its_start(
    commande: Commande, monkeypatch: pytest.MonkeyPatch
) -> None:
    horloge = Horloge(monkeypatch)
    porte = Porte(horloge, {"FAITS"})
    vus = await _derouler(commande, porte, horloge, 60.0)
    assert vus == [date(2026, 1, n) for n in range(19, 25)]
    assert [(quand, nom) for quand, _, nom, _ in porte.recus] == [
        (60.0 * n, f"faits-2026-01-{19 + n}.ndjson.gz") for n in range(6)
    ]


async def test_a_slow_door_is_not_waited_for_twice(
    commande: Commande, monkeypatch: pytest.MonkeyPatch
) -> None:
    horloge = Horloge(monkeypatch)
    porte = Porte(horloge, {"FAITS"}, duree=90.0)
    await _derouler(commande, porte, horloge, 60.0)
    assert [quand for quand, *_ in porte.recus] == [90.0 * n for n in range(6)]


async def test_referentiels_and_siecle_come_before_the_first_fact(
    commande: Commande, monkeypatch: pytest.MonkeyPatch
) -> None:
    horloge = Horloge(monkeypatch)
    porte = Porte(horloge, {"FORMATIONS", "ETABLISSEMENTS", "SIECLE", "FAITS", "BULLETINS"})
    await _derouler(commande, porte, horloge, 1.0)
    natures = [nature for _, nature, _, _ in porte.recus]
    assert natures[:5] == ["FORMATIONS", "ETABLISSEMENTS", "SIECLE", "SIECLE", "FAITS"]
    assert [uai is not None for _, nature, _, uai in porte.recus if nature in ("SIECLE", "BULLETINS")] == [
        True
    ] * 4


def test_what_is_older_than_the_first_day_is_sent_on_it(commande: Commande) -> None:
    deroule = dict(jours(commande, date(2026, 3, 12), date(2026, 3, 14)))
    premier = [x.fichier.name for x in deroule[date(2026, 3, 12)] if x.nature == "FAITS"]
    assert premier == [nom for nom in noms_des_fichiers(commande.sortie) if nom <= "faits-2026-03-12.z"]
    bulletins = {jour: sum(x.nature == "BULLETINS" for x in envois) for jour, envois in deroule.items()}
    assert bulletins[date(2026, 3, 12)] == 2
    assert sum(bulletins.values()) == 2
