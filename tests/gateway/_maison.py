"""The public door before the real services of pupils: eleves, avenir, exports, with three pupils in them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.cli.registry import service
from shared.service import create_app
from tests.gateway._amont import LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte, ouvrir
from tests.kit.appels import Servi
from tests.kit.journal import Faits
from tests.kit.login import en_ecoute
from tests.kit.services import World

VRAIS = ("eleves", "avenir", "exports")


@dataclass
class Maison:
    """``eleves``: ids of the pupils: ``sien`` in TG1, ``classe`` in TG2, ``lycee`` in another lycée."""

    porte: Porte
    services: dict[str, Servi]
    eleves: dict[str, str]


@asynccontextmanager
async def maison_ouverte(
    world: World, dossier: Path, vrais: tuple[str, ...] = VRAIS
) -> AsyncIterator[Maison]:
    """``vrais``: the services that are real; the others are pretended."""
    faits = Faits(world)
    async with AsyncExitStack() as stack:
        services: dict[str, Servi] = {}
        adresses: dict[str, Any] = {}
        for nom in vrais:
            settings = await world.settings(nom)
            declare = replace(
                service(nom), settings=lambda s=settings: s, projection=None, publishes=False, jobs=()
            )
            app = create_app(declare)
            adresses[f"{nom}_url"] = await stack.enter_async_context(en_ecoute(app))
            services[nom] = Servi(nom, None, app.state.running)  # type: ignore[arg-type]
        eleves = await _peupler(faits, services)
        porte = await stack.enter_async_context(ouvrir(world, dossier, **adresses))
        yield Maison(porte, services, eleves)


async def _peupler(faits: Faits, services: dict[str, Servi]) -> dict[str, str]:
    lieux = {"sien": (LYCEE_A, "TG1"), "classe": (LYCEE_A, "TG2"), "lycee": (LYCEE_B, "TG1")}
    eleves = {nom: faits.eleve_id() for nom in lieux}
    for nom, (uai, classe) in lieux.items():
        un = eleves[nom]
        identite = faits.identite(un, nom=f"NOM-{nom}", prenom="Zoé")
        scolarite = faits.eleve(un, uai=uai, academie="10", departement="001", classe=classe)
        tous = [identite, scolarite, faits.dossier(un), faits.voeu(un, "v1")]
        for servi in services.values():
            sans_nom = servi.name == "avenir"
            await servi.plier(tous[1:] if sans_nom else tous)
    return eleves
