"""A pupil who turned out to be another: whatever the order of his facts, nothing of him is left anywhere."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.db.engine import reading
from shared.domaine.etat import EtatEleve, decoder, encoder, replier
from shared.events import modeles as m
from shared.events import rapide as r
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.appels import servi
from tests.kit.journal import QUAND, Faits
from tests.kit.services import World

PERDANT, SURVIVANT = "3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f", "5b1f0c7e-2d94-4a36-8f60-9c3e7a1b2d48"
_COMMUN = {"session": 2026, "eleve_id": PERDANT}
FUSION = r.Fusion(**_COMMUN, version=1, survivant=UUID(SURVIVANT))
FAITS: tuple[r.Fait, ...] = (
    r.Eleve(
        **_COMMUN, version=9, uai="0750680G", academie="01", departement="075", serie=Serie.GENERALE, mef="2021"
    ),
    r.Dossier(**_COMMUN, version=3, profil=m.Profil.TERMINALE, etat=m.EtatDossier.OUVERT),
    r.Voeu(
        **_COMMUN, version=4, voeu_id="v1", formation_id="F", famille=Famille.BTS, selective=True,
        academie_formation="01", voie=m.Voie.ETUDIANT, phase=m.Phase.PRINCIPALE, etat=m.EtatVoeu.FORMULE,
    ),
    FUSION,
    FUSION,
)  # fmt: skip


@given(st.permutations(FAITS), st.integers(0, len(FAITS)))
def test_nothing_is_kept_whatever_the_order_and_the_windows(faits: list[r.Fait], coupe: int) -> None:
    etat = replier(replier(None, faits[:coupe]), faits[coupe:])
    assert etat == EtatEleve(2026, fusionne=SURVIVANT)
    assert (etat.present, etat.inscrit) == (False, False)
    assert decoder(encoder(etat)) == etat


def test_a_state_written_before_is_still_read() -> None:
    ancien: Any = [2026, None, None, None, None, None, {}, {}, {}]
    assert decoder(msgspec.msgpack.encode(ancien)) == EtatEleve(2026)


def fusion(world: World, eleve_id: str) -> Evenement:
    fait = m.IdentiteFusionnee(session=2026, eleve_id=UUID(eleve_id), version=1, survivant=UUID(SURVIVANT))
    return evenement(
        t.ELEVE, fait, cle=f"{eleve_id}/fusion", version=1, time=QUAND, prefixe=world.prefix,
        type_="IdentiteFusionnee",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["eleves", "exports", "avenir", "indicators"])
async def test_every_projection_drops_him(world: World, name: str) -> None:
    faits = Faits(world)
    eleve_id = faits.eleve_id()
    async with servi(world, name) as service:
        suite = [faits.eleve(eleve_id), faits.dossier(eleve_id), faits.voeu(eleve_id)]
        if name in {"eleves", "exports"}:
            suite.append(faits.identite(eleve_id))
        await service.plier(suite)
        assert await _comptes(service) == 1
        await service.plier([fusion(world, eleve_id)])
        await service.plier([faits.voeu(eleve_id, "v9", version=99)])
        assert await _comptes(service) == 0


async def _comptes(service: Any) -> int:
    """Pupils that the service shows, or counts in the vivier."""
    requete = "SELECT count(*) FROM eleve WHERE uai IS NOT NULL"
    if service.name == "indicators":
        requete = "SELECT coalesce(sum(m00), 0) FROM cellule"
    async with reading(service.running.engine) as tx:
        return int((await tx.execute(text(requete))).scalar_one())
