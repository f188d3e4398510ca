"""The partition of a key is murmur2 of the pupil's part: everything about one pupil meets."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=100_000)
def _hash(partie: str) -> int:
    return int(murmur2(partie.encode())) & 0x7FFFFFFF


def partition_de(cle: str, partitions: int) -> int:
    """Partition of ``id`` or ``id/sujet`` among ``partitions``."""
    return _hash(cle.partition("/")[0]) % partitions
