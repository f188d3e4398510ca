"""What everybody can tell of one measure from another, read off their definitions: inclusions and exclusions."""

from collections.abc import Iterator, Sequence
from functools import cache

from services.indicators.definitions import INDICATEURS
from services.indicators.masquage import Schema, schema
from services.indicators.mesures import MESURES, Mesure

Exclusion = tuple[tuple[str, str], str]
_JUMELLES = (
    ("vivier", "vivier_initial"),
    ("inscrits", "participants_initiaux"),
    ("acceptes_l1_pass", "acceptes_que_l1_pass"),
    ("confirmes_acceptes_l1_pass", "confirmes_acceptes_que_l1_pass"),
)
"""Nearly the same pupils, or the same: of one proposition accepted, « at least one » and « only » are one."""


_CONNUES = (
    ("admis", "repondus"),
    ("sans_voeu", "sans_voeu_confirme"),
    ("expirees", "admis"),
    ("confirmes_l1_pass", "l1_pass"),
    ("acceptes_l1_pass", "admis_l1_pass"),
    ("confirmes_acceptes_l1_pass", "confirmes_admis_l1_pass"),
)
"""Inclusions that masks do not say: a proposition is an answer, a vœu confirmed is a vœu."""


@cache
def regles() -> Schema:
    """Of the session's measures; what a base is itself counted in is a rate too, shown or not."""
    bases = {indicateur.base.value for indicateur in INDICATEURS}
    couples = [(indicateur.numerateur, indicateur.base.value) for indicateur in INDICATEURS]
    couples += [(un.code, un.dans) for un in MESURES if un.code in bases and un.dans]
    contenues = {*couples, *inclusions(MESURES), *_CONNUES}
    exclues = [*exclusions(MESURES), (("sans_voeu", "confirmes"), "inscrits")]
    return schema(
        [mesure.code for mesure in MESURES],
        couples,
        sorted(_directes(contenues)),
        disjoints=sorted(_maximales(exclues, contenues)),
        partages=list(partages(MESURES)),
        jumelles=_JUMELLES,
    )


def _directes(contenues: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that no other two together say."""
    for petit, grand in contenues:
        if not any((petit, entre) in contenues and (entre, grand) in contenues for _, entre in contenues):
            yield petit, grand


def _maximales(exclues: Sequence[Exclusion], contenues: set[tuple[str, str]]) -> Iterator[Exclusion]:
    """Those that do not follow from one of wider parts."""
    egales = {*contenues, *((code, code) for parts, _ in exclues for code in parts)}
    for (une, autre), tout in exclues:
        plus_larges = (
            (a, b)
            for (x, y), _ in exclues
            for a, b in ((x, y), (y, x))
            if {a, b} != {une, autre} and (une, a) in egales and (autre, b) in egales
        )
        if not any(plus_larges):
            yield (une, autre), tout


def inclusions(mesures: Sequence[Mesure]) -> Iterator[tuple[str, str]]:
    """(part, whole): as declared, and wherever the masks of the part imply those of the whole."""
    for petit in mesures:
        if petit.dans:
            yield petit.code, petit.dans
        for grand in mesures:
            if grand is not petit and grand.avec and _implique(petit, grand):
                yield petit.code, grand.code


def _implique(petit: Mesure, grand: Mesure) -> bool:
    return (
        petit.lieu is grand.lieu
        and not grand.sans & ~petit.sans
        and all(any(not masque & ~voulu for masque in petit.avec) for voulu in grand.avec)
    )


def exclusions(mesures: Sequence[Mesure]) -> Iterator[Exclusion]:
    """((part, other part), whole): nobody is in both, since one asks for what the other refuses."""
    for rang, une in enumerate(mesures):
        for autre in mesures[rang + 1 :]:
            if une.lieu is autre.lieu and (_exclut(une, autre) or _exclut(autre, une)):
                yield (une.code, autre.code), _commune(mesures, une, autre)


def partages(mesures: Sequence[Mesure]) -> Iterator[Exclusion]:
    """((part, other part), whole): what one asks for beside the whole is all that the other refuses beside it."""
    par_code = {mesure.code: mesure for mesure in mesures}
    for une in mesures:
        for autre in mesures:
            if une.dans and une.dans == autre.dans and _complete(une, autre, par_code[une.dans]):
                yield (une.code, autre.code), une.dans


def _complete(une: Mesure, autre: Mesure, tout: Mesure) -> bool:
    demande = set(une.avec) - set(tout.avec)
    return (
        len(demande) == 1
        and une.sans == tout.sans
        and set(autre.avec) == set(tout.avec)
        and autre.sans & ~tout.sans == demande.pop()
    )


def _exclut(une: Mesure, autre: Mesure) -> bool:
    return any(not masque & ~autre.sans for masque in une.avec)


def _commune(mesures: Sequence[Mesure], une: Mesure, autre: Mesure) -> str:
    """The smallest measure that declares both of them."""
    par_code = {mesure.code: mesure for mesure in mesures}
    siennes = list(_ancetres(par_code, autre))
    return next((code for code in _ancetres(par_code, une) if code in siennes), siennes[-1])


def _ancetres(par_code: dict[str, Mesure], mesure: Mesure) -> Iterator[str]:
    while mesure.dans:
        yield mesure.dans
        mesure = par_code[mesure.dans]
