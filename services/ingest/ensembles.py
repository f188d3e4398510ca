"""Several imports analysed in one transaction, each with its own spool, compte rendu and fate.

What does not go with the others is left as it was, for an analysis of its own; when anything fails, all are: a
bad file cannot harm its neighbours.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import lignes
from services.ingest.analyses import Analyses, Fin
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.etape import lieu
from services.ingest.identity import Cles
from services.ingest.lignes import CarnetCommun
from services.ingest.natures import NATURES
from services.ingest.referentiels import memoire
from shared.events.enveloppe import Evenement
from shared.kafka.framing import Frame, frame
from shared.kafka.spool import SpoolWriter
from shared.nomenclatures.complement import avec

_log = structlog.get_logger()
_OCTETS_MAX = 2 << 20
"""A larger deposit goes by itself."""


class SpoolEnMemoire:
    """Events of an import, framed, until all of the set are written."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    @property
    def count(self) -> int:
        return len(self.frames)

    def add(self, fait: Evenement) -> None:
        self.frames.append(frame(fait))

    def add_frame(self, frame: Frame) -> None:
        self.frames.append(frame)


class Ensembles:
    """Analyses together what may be."""

    def __init__(self, analyses: Analyses) -> None:
        self._analyses = analyses

    async def analyser(self, recus: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Those that must be analysed one by one."""
        candidats = [recu for recu in recus if _va_avec_d_autres(recu)]
        if len(candidats) < 2:  # noqa: PLR2004 - one is no set
            return list(recus)
        try:
            async with self._analyses.seul(partage=True):
                faits = await self._analyser(candidats)
        except Exception as erreur:  # noqa: BLE001 - one by one, it is told which of them it is
            _log.info("imports taken one by one", why=type(erreur).__name__, at=lieu(erreur))
            return list(recus)
        return [recu for recu in recus if recu.id not in faits]

    async def _analyser(self, recus: Sequence[Row[Any]]) -> set[str]:
        etape = self._analyses
        tentatives = await etape.commencer(recus)
        carnets = {un: CarnetCommun(un, tentative) for un, tentative in tentatives.items()}
        spools = {un: SpoolEnMemoire() for un in tentatives}
        async with etape.engine.begin() as tx:
            conclusions = await self._conclure(self._ouvrir(tx, recus, carnets, spools))
            fins = [Fin(analyse, tentatives[analyse.import_id], fin) for analyse, fin in conclusions]
            if not fins:
                return set()
            for fin in fins:
                await fin.analyse.verser()
            ids = [fin.analyse.import_id for fin in fins]
            await lignes.ecrire(tx, [carnets[un].versement for un in ids])
            await asyncio.to_thread(self._ecrire, {un: (spools[un], tentatives[un]) for un in ids})
            await etape.ecrire_la_fin(fins)
        for fin in fins:
            etape.ranger(fin.analyse)
        return set(ids)

    def _ouvrir(
        self,
        tx: AsyncConnection,
        recus: Sequence[Row[Any]],
        carnets: Mapping[str, CarnetCommun],
        spools: Mapping[str, SpoolEnMemoire],
    ) -> list[Analyse]:
        reglages = self._analyses.settings
        cles = Cles(reglages.hmac_keys.get_secret_value(), reglages.session)
        return [
            Analyse(
                reglages,
                tx,
                recu=recu,
                depot=self._analyses.depots.depot(recu.id),
                spool=spools[recu.id],
                carnet=carnets[recu.id],
                cles=cles,
            )
            for recu in recus
        ]

    async def _conclure(self, analyses: Sequence[Analyse]) -> list[tuple[Analyse, Conclusion]]:
        commun = analyses[0]
        ensemble = NATURES[commun.recu.nature].ensemble
        if ensemble is None:
            return []
        with avec(await memoire.complement(commun.tx, commun.session)):
            conclusions = await ensemble(analyses)
        return [(un, conclusions[un.import_id]) for un in analyses if un.import_id in conclusions]

    def _ecrire(self, spools: Mapping[str, tuple[SpoolEnMemoire, int]]) -> None:
        for import_id, (spool, tentative) in spools.items():
            with SpoolWriter(self._analyses.depots.nouveau_spool(import_id, tentative)) as fichier:
                for un in spool.frames:
                    fichier.add_frame(un)


def _va_avec_d_autres(recu: Row[Any]) -> bool:
    """A plain deposit, not too large: no dry run, no replay of rejects."""
    simple = not recu.essai and recu.rejeu_de is None and recu.octets <= _OCTETS_MAX
    return simple and NATURES[recu.nature].ensemble is not None
