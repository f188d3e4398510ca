"""Records of a lot of pupils, read the short way: facts by pupil, without an object for each record.

For projections that ask for it (:class:`shared.kafka.projection.FenetreParEleve`), in windows far behind and in rebuilds.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from shared.kafka.tranches import Tranche

Groupes = dict[str, list[tuple[Any, Any]]]
"""Facts of each pupil in order of arrival, each with what the projection makes of its hour."""
Moments = Mapping[bytes, Any]
"""By the hour of ``recordedtime``, as ``2026-03-12T22``."""


class Lot(Struct, gc=False):
    """``refus``: records refused (:class:`shared.kafka.records.Lu`). ``comptes``: the others, by (topic, partition).

    ``derniers``: their latest ``recordedtime``.
    """

    groupes: Groupes
    refus: list[Any]
    comptes: Counter[tuple[str, int]]
    derniers: dict[tuple[str, int], str]

    def compter(self, tranche: Tranche, records: int, stamp: bytes) -> None:
        if not records:
            return
        place = (tranche.topic, tranche.partition)
        self.comptes[place] += records
        self.derniers[place] = max(self.derniers.get(place, ""), stamp.decode("ascii", "replace"))
