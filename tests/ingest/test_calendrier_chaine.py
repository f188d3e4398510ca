"""The whole way on real servers: feed, deadline and correction on the log once each, whoever dies and restarts."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.ingest.calendrier.commandes import poser
from services.ingest.calendrier.domain import lire_document
from services.ingest.consumers import IngestProjection
from services.ingest.deposer import deposer
from services.ingest.imports import FINIS, Imports
from shared.domaine.calendriers_connus import par_defaut
from shared.events.topics import PROPOSITION, VOEU
from shared.kafka.replay import LogReader
from shared.kafka.verify import verify
from tests.ingest._fichiers import UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest.conftest import morceaux
from tests.ingest.test_referentiels_depot import fichier, formation
from tests.kit.journal import a_jour, attendre
from tests.kit.services import World


async def _deposer(imports: Imports, nature: str, contenu: bytes, uai: str | None = None) -> None:
    numero = await deposer(imports, nature, morceaux(contenu), lambda: "f", demandeur="test", uai=uai)

    async def fini() -> bool:
        """the import is done"""
        recu = await imports.lire(numero)
        return recu is not None and recu.etat in FINIS

    await attendre(fini, 60)


async def _journal(world: World) -> list[dict[str, Any]]:
    """Everything on the topics of vœux and propositions, duplicates included."""
    reglages = await world.settings("ingest")
    async with LogReader(reglages, (VOEU, PROPOSITION), {world.session}) as lecteur:
        fins = await lecteur.ends()
        return [
            {"type": type(lu.fait).__name__, "cle": lu.brut.key.decode(), "fait": lu.fait}
            for part in {place.part for place in fins}
            async for lu, _ in lecteur.read(part, {}, fins)
        ]


async def _attendre_types(world: World, attendus: dict[str, int]) -> Counter[str]:
    vus: Counter[str] = Counter()

    async def tous() -> bool:
        """every expected fact is on the log"""
        vus.clear()
        vus.update(dit["type"] for dit in await _journal(world))
        return all(vus[type_] >= combien for type_, combien in attendus.items())

    await attendre(tous, 60)
    return vus


async def test_deadlines_and_corrections_are_on_the_log_once_after_restarts(
    opened: World, tmp_path: Path
) -> None:
    reglages = {"spool_dir": tmp_path / "spool", "echeances_s": 0.2, "poll_s": 0.2}
    propose = par_defaut(2026)
    assert propose is not None
    document = {"etapes": {e.value: d.isoformat() for e, d in propose.calendrier.dates.items()}}
    document["valeurs"] = {e.value: v for e, v in propose.calendrier.valeurs.items()}  # type: ignore[assignment]
    async with opened.running("ingest", **reglages) as service:
        imports: Imports = service.resources["imports"]
        await _deposer(imports, "FORMATIONS", fichier(formation("A")))
        await _deposer(imports, "SIECLE", siecle(eleve(1)), UAI)
        recus = [
            fait("dossier", ine=ine(1)),
            fait("voeu", formation_id="A"),
            fait("voeu", voeu_id="V2", formation_id="A", etat="CONFIRME"),
            fait("proposition", voeu_id="V2", date_limite="2026-06-05T23:59:00+02:00"),
        ]
        await _deposer(imports, "FAITS", ndjson(recus))
        async with service.engine.begin() as tx:
            await poser(
                tx,
                service.settings,
                lire_document(document, 2026),
                par="test",
                motif=None,
                maintenant=datetime.now(UTC),
            )
        await _attendre_types(opened, {"VoeuNonConfirme": 1, "PropositionExpiree": 1})
        await _deposer(imports, "FORMATIONS", fichier(formation("A", famille="BUT")))
        await _attendre_types(opened, {"Voeu": 4})
    async with opened.running("ingest", **reglages):
        await a_jour(opened, "ingest")
    dits = await _journal(opened)
    assert Counter(dit["type"] for dit in dits) == {
        "Voeu": 4,
        "VoeuNonConfirme": 1,
        "Proposition": 1,
        "PropositionExpiree": 1,
    }
    corriges = [dit["fait"] for dit in dits if dit["type"] == "Voeu" and dit["fait"].revision == 2]
    assert {(f.voeu_id, f.famille.value, f.version) for f in corriges} == {("V1", "BUT", 1), ("V2", "BUT", 1)}
    settings, engine = await opened.settings("ingest"), await opened.engine("ingest")
    try:
        rapport = await verify(settings, engine, IngestProjection(settings))
    finally:
        await engine.dispose()
    assert not any(rapport.differences.values()), rapport.differences
