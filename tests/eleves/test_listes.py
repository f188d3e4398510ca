"""The definition of each list in Python and in SQL, over every kind of pupil, on real PostgreSQL."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.eleves import comptes, lignes, listes
from shared.db import pupils
from shared.db.engine import reading, writing
from shared.domaine.catalogue import LISTES
from shared.domaine.etat import EtatEleve, replier
from shared.domaine.ligne import ligne
from shared.domaine.predicats import Contexte, evaluer
from shared.events import rapide as r
from shared.events.modeles import EtatDossier, EtatVoeu, Phase, Profil, Voie
from shared.http.perimetre import Perimetre, Role
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.services import World

LYCEE, AUTRE = "0750001A", "0690002B"
CHEF = Perimetre(acteur="chef", role=Role.CHEF, lycees=(LYCEE,))


def _faits_possibles() -> Iterator[list[r.Fait]]:
    """Orphans, pupils here, elsewhere or gone × dossiers × what becomes of two vœux."""
    scolarites: list[dict[str, Any] | None] = [
        None,
        {"uai": LYCEE},
        {"uai": AUTRE},
        {"uai": LYCEE, "date_sortie": date(2026, 2, 1)},
    ]
    voeux = [(), *((etat,) for etat in EtatVoeu), *itertools.combinations(EtatVoeu, 2)]
    for rang, (scolarite, dossier, etats) in enumerate(
        itertools.product(scolarites, (None, *EtatDossier), voeux)
    ):
        commun: dict[str, Any] = {"session": 2026, "eleve_id": str(UUID(int=rang)), "version": 1}
        faits: list[r.Fait] = [
            r.Voeu(
                **commun,
                voeu_id=f"v{i}",
                formation_id="F",
                famille=Famille.BTS,
                selective=True,
                academie_formation="01",
                voie=Voie.ETUDIANT,
                phase=Phase.PRINCIPALE,
                etat=etat,
            )
            for i, etat in enumerate(etats)
        ]
        if scolarite:
            lieu = {"academie": "01", "departement": "075", "serie": Serie.STL, "mef": "M", **scolarite}
            faits.append(r.Eleve(**commun, **lieu))
        if dossier:
            faits.append(r.Dossier(**commun, profil=Profil.TERMINALE, etat=dossier))
        if faits:
            yield faits


async def test_every_list_of_the_store_holds_whom_the_catalogue_says(world: World) -> None:
    etats = {faits[0].eleve_id: replier(None, faits) for faits in _faits_possibles()}
    connus: dict[str, EtatEleve] = {nom: etat for nom, etat in etats.items() if etat is not None}
    engine = await world.engine("eleves")
    contexte = Contexte(datetime(2026, 2, 1, tzinfo=UTC))
    try:
        async with writing(engine) as tx:
            await pupils.charger(tx, sorted(connus))
            await lignes.ecrire(tx, connus)
        async with reading(engine) as connection:
            lecture = listes.Lecture(connection, CHEF, 2026, LYCEE, contexte)
            tailles = {code: un.eleves for code, un in (await comptes.compter(lecture)).items()}
            for code, liste in LISTES.items():
                page = await listes.lister(lecture, listes.Filtre(liste=code, limite=1_000))
                attendus = {
                    nom
                    for nom, etat in connus.items()
                    if ligne(etat).uai == LYCEE and evaluer(liste.condition, ligne(etat), contexte)
                }
                assert {eleve.eleve_id for eleve in page.eleves} == attendus, code
                assert page.total == tailles[code] == len(attendus)
            assert min(tailles[code] for code in ("tous", "non_inscrits", "inscrits_sans_voeu")) > 0
    finally:
        await engine.dispose()


PP = Perimetre(acteur="pp", role=Role.PROFESSEUR_PRINCIPAL, lycees=(LYCEE,), classes=(f"{LYCEE}/T2",))


async def test_what_is_reserved_to_the_direction_is_not_counted_for_others(world: World) -> None:
    engine = await world.engine("eleves")
    try:
        async with reading(engine) as connection:
            contexte = Contexte(datetime(2026, 2, 1, tzinfo=UTC))
            comptees = {
                qui.role: await comptes.compter(listes.Lecture(connection, qui, 2026, LYCEE, contexte))
                for qui in (CHEF, PP)
            }
    finally:
        await engine.dispose()
    assert set(comptees[Role.CHEF]) == set(LISTES)
    assert set(LISTES) - set(comptees[Role.PROFESSEUR_PRINCIPAL]) == {
        "boursiers_a_certifier",
        "bourses_contredites",
    }
