"""Far behind: packed windows have the effects of any others, and a record at fault in one is found."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from shared.events.enveloppe import Evenement
from shared.events.modeles import EtatVoeu
from shared.kafka.window import Window
from tests.kit.faults import differences, rows, until_rejected
from tests.kit.journal import Faits, a_jour, publier
from tests.kit.services import World

LOIN: Mapping[str, Any] = {"batch_records": 5, "window_records": 20, "far_window_records": 200}
"""So small that 200 facts are far behind."""


def _faits(world: World) -> list[Evenement]:
    faits = Faits(world)
    eleves = [faits.eleve_id() for _ in range(30)]
    tours = [
        [faits.eleve(i) for i in eleves],
        [faits.dossier(i) for i in eleves],
        *([faits.voeu(i, f"v{n}") for i in eleves] for n in range(4)),
        [faits.voeu(i, "v0", version=2, etat=EtatVoeu.SUPPRIME) for i in eleves[::3]],
    ]
    return [fait for tour in tours for fait in tour]


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, int]]:
    """Windows read for a flush: packed or not, and their records."""
    seen: list[tuple[bool, int]] = []
    lots = Window.lots

    def looked(window: Window, *arguments: Any) -> Any:
        seen.append((window.packed is not None, len(window)))
        return lots(window, *arguments)

    monkeypatch.setattr(Window, "lots", looked)
    return seen


async def test_a_packed_window_has_the_effects_of_any_other(
    opened: World, flushed: list[tuple[bool, int]]
) -> None:
    opened.overrides.update(LOIN)
    nombre = await publier(opened, _faits(opened))
    async with opened.running("eleves"):
        await a_jour(opened, "eleves")
        assert not any((await differences(opened, "eleves")).values())
        [comptes] = await rows(opened, "eleves", "SELECT count(*), sum(voeux) FROM {p}.eleve")
        assert tuple(comptes) == (30, 110)
    assert sum(taille for tasse, taille in flushed if tasse) > nombre / 2


async def test_a_record_at_fault_in_a_packed_window_alone_is_refused(
    opened: World, flushed: list[tuple[bool, int]]
) -> None:
    opened.overrides.update(LOIN)
    faits = _faits(opened)
    fautif = replace(faits[7], donnees=(faits[7].donnees or b"").replace(b'"TG1"', b'"T\\u0000"'))
    await publier(opened, [*faits[:7], fautif, *faits[8:]])
    async with opened.running("eleves"):
        await a_jour(opened, "eleves")
        [rejete] = await until_rejected(opened, "eleves", 1)
        assert rejete.brut.value == fautif.donnees
        [comptes] = await rows(opened, "eleves", "SELECT count(uai), count(*) FROM {p}.eleve")
        assert tuple(comptes) == (29, 30)
        assert not any((await differences(opened, "eleves")).values())
    assert {tasse for tasse, _ in flushed} == {True, False}
