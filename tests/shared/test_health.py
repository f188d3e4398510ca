"""Readiness of a service whose parts say their own troubles."""

from shared.observe.health import Health


def test_a_part_takes_back_its_own_trouble_and_no_other() -> None:
    health = Health()
    part = health.part("referentiels")
    health.red("kafka", "the broker does not answer")
    part.red("kafka", "the broker does not answer")
    part.green("kafka")
    assert (health.ready, part.ready) == (False, False)
    health.green("kafka")
    assert health.ready
    part.red("offsets", "restore the topic")
    assert list(health.reasons.values()) == ["restore the topic"]


def test_the_nameless_part_is_the_service_itself() -> None:
    health = Health()
    health.part("").red("kafka", "away")
    health.green("kafka")
    assert health.ready
