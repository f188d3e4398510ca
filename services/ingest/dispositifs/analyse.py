"""From the statut-boursier feed and the CSV of dispositifs to the registre, and to the pupils whom they change."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from services.ingest.contexte import Analyse, Conclusion
from services.ingest.dispositifs import store
from services.ingest.dispositifs.domain import TriDispositifs, derniers, trier_dispositifs
from services.ingest.identity import Nature, Nom, chercher
from services.ingest.readers.archive import ouvrir
from services.ingest.readers.dispositifs import LotDeStatuts, lire_dispositifs, lire_statuts
from services.ingest.siecle.lecture import limites
from services.ingest.siecle.publication import Origine, publier


async def analyser_bourses(analyse: Analyse) -> Conclusion:
    """The feed of statuts: a line waits for a pupil who is not known yet."""
    reglages = analyse.settings
    lots = lire_statuts(analyse.depot, analyse.session, reglages.fact_batch, reglages.siecle_xml_max_bytes)
    while (lot := await asyncio.to_thread(next, lots, None)) is not None:
        await _lot(analyse, lot)
        await analyse.signaler()
    return Conclusion()


async def _lot(analyse: Analyse, lot: LotDeStatuts) -> None:
    statuts = derniers(lot.statuts)
    connus = await chercher(
        analyse.tx, analyse.cles, analyse.session, {Nom(Nature.INE, ine) for ine in statuts}
    )
    changes = await store.ecrire_statuts(
        analyse.tx, analyse.session, analyse.cles, list(statuts.values()), connus.ids
    )
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", lot.lus)
    compte_rendu.compter("traites", len(connus.ids))
    compte_rendu.compter("parques", len(statuts) - len(connus.ids))
    compte_rendu.etendre(lot.lignes)
    await _publier(analyse, changes, None)


async def analyser_dispositifs(analyse: Analyse) -> Conclusion:
    """The CSV of a lycée replaces its last one; the operator's holds for all lycées."""
    tri = await asyncio.to_thread(_lire, analyse)
    uai = analyse.recu.uai or ""
    noms = {store.nom_de(ligne, uai): ligne.dispositif for ligne in tri.prises}
    connus = await chercher(analyse.tx, analyse.cles, analyse.session, noms)
    changes = await store.remplacer_dispositifs(
        analyse.tx, analyse.session, analyse.cles, uai, noms, ids=connus.ids
    )
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", tri.lus)
    compte_rendu.compter("traites", len(connus.ids))
    compte_rendu.compter("parques", len(noms) - len(connus.ids))
    compte_rendu.etendre(tri.lignes)
    await _publier(analyse, changes, analyse.recu.uai)
    return Conclusion(analyse.recu.uai)


def _lire(analyse: Analyse) -> TriDispositifs:
    with ouvrir(analyse.depot, limites(analyse.settings)) as flux:
        return trier_dispositifs(lire_dispositifs(flux))


async def _publier(analyse: Analyse, ids: Collection[str], uai: str | None) -> None:
    depose: datetime = analyse.recu.depose_le
    publiee = await publier(
        analyse.tx,
        Origine(
            session=analyse.session,
            cles=analyse.cles,
            prefixe=analyse.settings.topic_prefix,
            uai=uai,
            instant=depose.astimezone(UTC),
            import_id=analyse.import_id,
        ),
        sorted(ids),
    )
    for fait in publiee.evenements:
        analyse.spool.add(fait)
    analyse.compte_rendu.compter("publies", len(publiee.evenements))
