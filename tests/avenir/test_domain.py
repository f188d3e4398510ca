"""How a fiche progresses and which version a command must name, without any I/O."""

from hypothesis import given
from hypothesis import strategies as st

from services.avenir.domain import Fiche, Precondition, avancer, precondition

CLES = st.sets(st.sampled_from(["v1", "v2", "v3/s1", "v3/s2", "v4"]))


@given(st.lists(st.tuples(CLES, CLES)))
def test_a_fiche_moves_by_one_version_exactly_when_its_figures_do(
    suite: list[tuple[set[str], set[str]]],
) -> None:
    fiche = Fiche()
    for cibles, rendus in suite:
        suivante = avancer(fiche, cibles, rendus)
        assert (suivante.avis_rendus, suivante.cibles) == (len(cibles & rendus), len(cibles))
        bouge = (suivante.avis_rendus, suivante.cibles) != (fiche.avis_rendus, fiche.cibles)
        assert suivante.version == fiche.version + bouge
        fiche = suivante


def test_the_version_to_name() -> None:
    assert precondition(None, 0) is Precondition.REMPLIE
    assert precondition('"0"', 0) is Precondition.REMPLIE
    assert precondition('"3"', 3) is Precondition.REMPLIE
    assert precondition('W/"3"', 3) is Precondition.REMPLIE
    assert precondition("*", 3) is Precondition.REMPLIE
    assert precondition("*", 0) is Precondition.PERIMEE
    assert precondition('"2"', 3) is Precondition.PERIMEE
    assert precondition("3", 3) is Precondition.PERIMEE
    assert precondition(None, 3) is Precondition.ABSENTE
