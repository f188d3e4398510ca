"""A lycée that corrects, adds, answers and closes, as its chef does over HTTP."""

from typing import Any

from shared.http.perimetre import Role
from tests.ingest._fichiers import UAI, siecle
from tests.ingest.conftest import Atelier
from tests.kit.appels import Servi

BASE = "/interne/v1/sessions/2026"
PLUS_TARD = "13/01/2026 08:00:00"
AJOUT = {
    "nom": "NOM9",
    "prenom": "Prénom9",
    "naissance": "2008-05-07",
    "sexe": "F",
    "mef": "20210019110",
    "classe": "TG1",
    "date_entree": "2026-01-05",
    "motif": "arrivée en cours d’année",
}


class Lycee:
    """A lycée as its chef uses it, over HTTP; files are analysed beside."""

    def __init__(self, servi_: Servi, uai: str = UAI, *, role: Role = Role.CHEF) -> None:
        self.servi = servi_
        self.base = f"{BASE}/lycees/{uai}"
        self.jeton = servi_.jeton(f"chef-{uai}", uai, role=role)

    async def lire(self, chemin: str) -> Any:
        return await self.servi.client.get(f"{self.base}/{chemin}", headers=self.jeton)

    async def ecrire(
        self, methode: str, chemin: str, corps: Any, version: int | None = None, cle: str | None = None
    ) -> Any:
        entetes = dict(self.jeton)
        if version is not None:
            entetes["If-Match"] = f'"{version}"'
        if cle is not None:
            entetes["Idempotency-Key"] = cle
        return await self.servi.client.request(methode, f"{self.base}/{chemin}", headers=entetes, json=corps)

    async def corriger(self, eleve_id: str, version: int, **champs: Any) -> Any:
        corps = {"champs": champs, "motif": "erreur de saisie"}
        return await self.ecrire("PUT", f"scolarites/{eleve_id}/corrections", corps, version)


async def remonter(atelier: Atelier, *eleves: str, **options: Any) -> list[str]:
    """Ids of the pupils published, in the order of the file."""
    integre = await atelier.siecle(siecle(*eleves, **options))
    assert integre.recu.etat == "TERMINE", integre.refus
    return [v["cle"] for v in integre.valeurs("EleveRemonte")]


def champ(montre: dict[str, Any], nom: str) -> dict[str, Any]:
    return next(c for c in montre["champs"] if c["champ"] == nom)
