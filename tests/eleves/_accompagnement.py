"""A lycée with two classes, its people, and calls on their behalf."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from httpx import Response

from shared.http.perimetre import Perimetre, Role, signer
from tests.kit.appels import Servi
from tests.kit.journal import Faits
from tests.kit.services import SERVICE_TOKEN_KEY, World

UAI, AILLEURS = "0921166T", "0781951X"
ACADEMIE = "25"
BASE = "/interne/v1/sessions/2026"
_JOUR = datetime.now(ZoneInfo("Europe/Paris")).date()
DEMAIN = (_JOUR + timedelta(days=1)).isoformat()
HIER = (_JOUR - timedelta(days=1)).isoformat()


def personne(acteur: str, role: Role, *lycees: str, **champs: Any) -> Perimetre:
    return Perimetre(acteur=acteur, nom=f"Personne {acteur}", role=role, lycees=lycees, **champs)


CHEF = personne("chef", Role.CHEF, UAI)
ADJOINT = personne("adjoint", Role.ADJOINT, UAI)
PSYEN = personne("psyen", Role.PSYEN, UAI, AILLEURS)
CONFRERE = personne("psyen-2", Role.PSYEN, UAI)
PP1 = personne("pp1", Role.PROFESSEUR_PRINCIPAL, UAI, classes=(f"{UAI}/TG1",))
PP2 = personne("pp2", Role.PROFESSEUR_PRINCIPAL, UAI, classes=(f"{UAI}/TG2",))
VOISIN = personne("voisin", Role.CHEF, AILLEURS)
SAIO = personne("saio", Role.SAIO, academies=(ACADEMIE,))
EQUIPE = {"chef": CHEF, "adjoint": ADJOINT, "psyen": PSYEN, "confrere": CONFRERE, "pp1": PP1, "pp2": PP2}


@dataclass
class Maison:
    """The service and its pupils: two in TG1, one in TG2, one who left, one of another lycée."""

    servi: Servi
    faits: Faits
    eleves: dict[str, str]

    async def appeler(
        self, qui: Perimetre, methode: str, suite: str, corps: Any = None, **entetes: str
    ) -> Response:
        jeton = {"Authorization": f"Bearer {signer(qui, SERVICE_TOKEN_KEY, 'eleves')}"}
        en_tetes = {**jeton, **{nom.replace("_", "-"): valeur for nom, valeur in entetes.items()}}
        return await self.servi.client.request(methode, BASE + suite, json=corps, headers=en_tetes)

    async def creer(self, qui: Perimetre, *noms: str, **champs: Any) -> Response:
        """Start an action for pupils of the house, by their short names."""
        entetes = champs.pop("entetes", {})
        corps = {**action(), "eleves": [self.eleves.get(nom, nom) for nom in noms], **champs}
        return await self.appeler(qui, "POST", f"/lycees/{UAI}/actions", corps, **entetes)

    async def note(self, qui: Perimetre, nom: str, **champs: Any) -> Response:
        corps = {"jour": HIER, "texte": "A besoin d’aide.", "visibilite": "EQUIPE", **champs}
        return await self.appeler(qui, "POST", f"/lycees/{UAI}/eleves/{self.eleves[nom]}/notes", corps)


def action(**champs: Any) -> dict[str, Any]:
    return {
        "titre": "Relancer avant la fin des vœux",
        "genre": "RELANCE",
        "fonction": "PROFESSEUR_PRINCIPAL",
        "assigne": "Mme Thiéry",
        "echeance": DEMAIN,
        **champs,
    }


async def peupler(servi: Servi, world: World) -> Maison:
    faits = Faits(world)
    lieux: dict[str, dict[str, Any]] = {
        "a": {"classe": "TG1"},
        "b": {"classe": "TG1"},
        "c": {"classe": "TG2"},
        "parti": {"classe": "TG1", "date_sortie": date(2026, 1, 10)},
        "etranger": {"uai": AILLEURS, "classe": "TG1"},
    }
    eleves = {nom: faits.eleve_id() for nom in lieux}
    for nom, lieu in lieux.items():
        identite = faits.identite(eleves[nom], nom=f"NOM-{nom}", prenom=nom.title())
        scolarite = faits.eleve(
            eleves[nom], **{"uai": UAI, "academie": ACADEMIE, "departement": "092", **lieu}
        )
        await servi.plier([identite, scolarite])
    return Maison(servi, faits, eleves)
