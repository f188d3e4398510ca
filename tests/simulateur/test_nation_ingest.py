"""A session that runs, through ingest itself: real PostgreSQL and Kafka, every file of the simulator taken."""

from datetime import date, timedelta
from pathlib import Path

from services.cli.simulate_guichets import HttpDoor, LocalDoor
from services.cli.televersement import Client
from services.ingest import store
from services.ingest.imports import Imports
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.direct import Envoi, derouler
from services.simulateur.nation.ecriture import ecrire
from services.simulateur.nation.tables import echantillon, lycees
from tests.ingest._machines import portes
from tests.kit.services import World

OUVERTURE = date(2026, 1, 19)
TERMINALES = range(60, 90)


async def test_ingest_takes_every_file_of_a_running_session(opened: World, tmp_path: Path) -> None:
    rang = next(n for n, x in enumerate(lycees()) if x.terminales in TERMINALES and len(x.effectifs) > 2)
    commande = Commande(tmp_path / "session", (rang,), jusqu_au=OUVERTURE + timedelta(days=20))
    ecrire(commande)
    resultats: list[tuple[str, str]] = []

    def dire(_: date, envoi: Envoi | None, resultat: str) -> None:
        if envoi is not None:
            resultats.append((envoi.nature, resultat))

    engine = await opened.engine("ingest")
    settings = await opened.settings("ingest", spool_dir=tmp_path / "spool")
    imports = Imports(settings, engine)  # type: ignore[arg-type]
    imports.depots.ouvrir()
    try:
        bornes = (OUVERTURE + timedelta(days=18), OUVERTURE + timedelta(days=20))
        await derouler(commande, LocalDoor(imports), bornes, 0.0, dire=dire)
        async with engine.connect() as tx:
            recus = [await imports.lire(x["id"]) for x in await store.lister(tx, 2026, None, 500)]
    finally:
        await engine.dispose()
    assert {resultat for _, resultat in resultats} == {"TERMINE"}
    natures = [nature for nature, _ in resultats]
    assert natures[:3] == ["FORMATIONS", "ETABLISSEMENTS", "SIECLE"]
    assert {"FAITS", "BULLETINS"} <= set(natures)
    comptes = {recu.nature: recu.compte_rendu["compteurs"] for recu in recus}
    arrive_apres_l_export = 1
    rejets = sum(recu.compte_rendu["compteurs"].get("rejetes", 0) for recu in recus)
    assert rejets == comptes["BULLETINS"]["rejetes"] == arrive_apres_l_export
    assert comptes["SIECLE"]["traites"] >= lycees()[rang].terminales


async def test_the_feed_goes_through_the_gateway_with_the_platforms_credential(
    opened: World, tmp_path: Path
) -> None:
    commande = Commande(
        tmp_path / "session", echantillon(1), jusqu_au=OUVERTURE, quoi=frozenset({"feed", "siecle"})
    )
    ecrire(commande)
    dits: list[str] = []

    def dire(_: date, envoi: Envoi | None, resultat: str) -> None:
        if envoi is not None:
            dits.append(f"{envoi.nature} {resultat}")

    async with portes(opened, tmp_path) as ouvertes, ouvertes.anonyme() as http:
        identifiants = await ouvertes.plateforme()
        client = Client(http, identifiants, 2026, morceau=1 << 20, patience_s=60.0, dire=lambda _: None)
        await derouler(commande, HttpDoor(client), (OUVERTURE, OUVERTURE), 0.0, dire=dire)
    assert dits == ["FAITS TERMINE"]
