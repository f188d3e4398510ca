"""The kinds of files that can be deposited: a new one is an entry here and an ``analyser`` in its theme."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from services.ingest import lycee
from services.ingest.bulletins import analyse as bulletins
from services.ingest.candidats import analyse as candidats
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.dispositifs import analyse as dispositifs
from services.ingest.referentiels import analyse as referentiels
from services.ingest.settings import IngestSettings
from services.ingest.siecle import analyse as siecle

SIECLE, FAITS, BOURSES, BULLETINS = "SIECLE", "FAITS", "BOURSES", "BULLETINS"
"""SIECLE: all that a lycée's administration sends besides bulletins, told apart by content, in one queue."""
FORMATIONS, ETABLISSEMENTS, MEF = "FORMATIONS", "ETABLISSEMENTS", "MEF"


@dataclass(frozen=True, kw_only=True)
class Nature:
    """``identique_refait``: the same bytes again are read again, because only differences are published.

    ``remplace``: a file tells the whole of its lycée (when it has a version) or of the référentiel: its rejects
    settle those of the files before it.
    ``rejouable``: one fact per line; a refused line can be corrected and replayed by itself. The others are corrected
    where they come from; their file is kept, to be taken again once what it lacked is there.
    ``places``: how many of its imports go at once in all processes, those of a lycée in their order; more than one
    needs an analysis that bears others of its nature beside it. ``de_front``: how many of them in one process.
    ``ensemble``: analyses many at once, at most ``lot`` of them; gives the ids of those it could take so.
    """

    code: str
    analyser: Callable[[Analyse], Awaitable[Conclusion]]
    nom_defaut: str
    maximum: Callable[[IngestSettings], int]
    identique_refait: bool = True
    remplace: bool = False
    rejouable: bool = False
    places: Callable[[IngestSettings], int] = lambda _: 1
    de_front: Callable[[IngestSettings], int] = lambda _: 1
    ensemble: Callable[[Sequence[Analyse]], Awaitable[Mapping[str, Conclusion]]] | None = None
    lot: Callable[[IngestSettings], int] = lambda _: 1


NATURES: Mapping[str, Nature] = {
    nature.code: nature
    for nature in (
        Nature(
            code=SIECLE,
            analyser=lycee.analyser,
            nom_defaut="siecle.xml",
            maximum=lambda reglages: reglages.siecle_deposit_max_bytes,
            remplace=True,
            places=lambda reglages: reglages.siecle_places,
            de_front=lambda reglages: reglages.siecle_de_front,
            ensemble=siecle.analyser_ensemble,
            lot=lambda reglages: reglages.siecle_lot,
        ),
        Nature(
            code=FAITS,
            analyser=candidats.analyser,
            nom_defaut="faits.ndjson",
            maximum=lambda reglages: reglages.deposit_max_bytes,
            identique_refait=False,
            rejouable=True,
        ),
        Nature(
            code=BOURSES,
            analyser=dispositifs.analyser_bourses,
            nom_defaut="bourses.ndjson",
            maximum=lambda reglages: reglages.deposit_max_bytes,
            rejouable=True,
        ),
        Nature(
            code=BULLETINS,
            analyser=bulletins.analyser,
            nom_defaut="notes.xml",
            maximum=lambda reglages: reglages.notes_deposit_max_bytes,
            remplace=True,
            places=lambda reglages: reglages.siecle_places,
            de_front=lambda reglages: reglages.siecle_de_front,
        ),
        Nature(
            code=FORMATIONS,
            analyser=referentiels.analyser_formations,
            nom_defaut="formations.csv",
            maximum=lambda reglages: reglages.referentiel_max_bytes,
            remplace=True,
        ),
        Nature(
            code=ETABLISSEMENTS,
            analyser=referentiels.analyser_etablissements,
            nom_defaut="etablissements.csv",
            maximum=lambda reglages: reglages.referentiel_max_bytes,
            remplace=True,
        ),
        Nature(
            code=MEF,
            analyser=referentiels.analyser_mef,
            nom_defaut="n_mef.csv",
            maximum=lambda reglages: reglages.referentiel_max_bytes,
            remplace=True,
        ),
    )
}
