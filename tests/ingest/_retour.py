"""Facts of the way back as eleves and avenir will publish them, and the feed read as the platform does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec

from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from tests.kit.services import World

QUAND = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Sortants:
    """Events about pupils of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def dossier(self, eleve_id: str, version: int = 1) -> Evenement:
        champs = {"profil": m.Profil.TERMINALE, "etat": m.EtatDossier.OUVERT}
        return self._dire(t.DOSSIER, m.DossierModifie(**self._commun(eleve_id, version), **champs), version)

    def bourse(
        self, eleve_id: str, version: int = 1, etat: m.EtatBourse = m.EtatBourse.CERTIFIEE, **champs: Any
    ) -> Evenement:
        donnees = m.BourseCertifiee(**self._commun(eleve_id, version), etat=etat, **champs)
        return self._dire(t.BOURSE, donnees, version)

    def cordees(self, eleve_id: str, version: int = 1) -> Evenement:
        champs = {"etat": m.EtatCordees.PARTICIPE, "source": m.SourceCordees.LOCAL}
        return self._dire(t.CORDEES, m.CordeesSaisies(**self._commun(eleve_id, version), **champs), version)

    def fiche(self, eleve_id: str, version: int = 1, *, transmise: bool = True) -> Evenement:
        champs = {"avis_rendus": version, "cibles": 9, "transmise_le": QUAND if transmise else None}
        return self._dire(t.FICHE, m.FicheAvancee(**self._commun(eleve_id, version), **champs), version)

    def accuse(
        self, eleve_id: str, objet: m.ObjetAccuse, version: int, resultat: str = "ACCEPTE", sequence: int = 1
    ) -> Evenement:
        donnees = m.AccuseRecu(
            **self._commun(eleve_id, sequence), objet=objet, version_objet=version, resultat=resultat
        )
        return self._dire(t.ACCUSE, donnees, sequence, f"/{objet.value}")

    def _commun(self, eleve_id: str, version: int) -> dict[str, Any]:
        return {"session": self._world.session, "eleve_id": UUID(eleve_id), "version": version}

    def _dire(self, topic: t.Topic, donnees: Any, version: int, suffixe: str = "") -> Evenement:
        cle = f"{donnees.eleve_id}{suffixe}"
        prefixe = self._world.prefix
        return evenement(topic, donnees, cle=cle, version=version, time=QUAND, prefixe=prefixe)


def lignes(reponse: httpx.Response) -> list[dict[str, Any]]:
    assert reponse.status_code == 200, reponse.text
    lues = [msgspec.json.decode(ligne) for ligne in reponse.content.splitlines()]
    curseurs = [ligne["curseur"] for ligne in lues]
    assert curseurs == sorted(set(curseurs)), "cursors grow strictly"
    return lues


async def tout_lire(
    client: httpx.AsyncClient, adresse: str, limite: int = 2, **options: Any
) -> list[dict[str, Any]]:
    """The whole feed, page by page, each from the cursor of the one before."""
    lues: list[dict[str, Any]] = []
    curseur, suite = "0", "?1"
    while suite == "?1":
        parametres = {"apres": curseur, "limite": limite}
        reponse = await client.get(adresse, params=parametres, **options)
        lues += lignes(reponse)
        curseur, suite = reponse.headers["pilotage-curseur"], reponse.headers["pilotage-suite"]
    return lues


def objets(lues: Sequence[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(ligne["numero_dossier"], ligne["objet"], ligne["version"]) for ligne in lues]
