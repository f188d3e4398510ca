"""The page of a pupil: from one to the next of a list, deadlines in words, bulletins, timeline, merges."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.gateway import vues_dossier as vues
from services.gateway.contrats_dossier import Dossier, Moment
from services.gateway.domain import PARIS
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import evenement
from tests.gateway._amont import LYCEE_A, LYCEE_B, eleve_id
from tests.gateway._maison import maison_ouverte
from tests.gateway.conftest import Porte
from tests.gateway.test_site import texte
from tests.kit.journal import QUAND, Faits
from tests.kit.login import jeton_de
from tests.kit.services import World

ELEVE, AUTRE = eleve_id(LYCEE_A, 7), eleve_id(LYCEE_A, 8)
PAGE = f"/lycees/{LYCEE_A}/eleves/{ELEVE}"


def _liens(page: httpx.Response, rel: str) -> list[str]:
    return [unescape(un) for un in re.findall(rf'<a [^>]*rel="{rel}" href="([^"]+)"', page.text)]


def _noms(page: httpx.Response) -> list[str]:
    return re.findall(r"/eleves/([0-9a-f-]{36})\?depuis", page.text)


async def test_one_goes_from_a_pupil_to_the_next_and_on_to_the_next_page_of_the_list(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        liste = await navigateur.get(f"/lycees/{LYCEE_A}/listes/tous")
        premiers = _noms(liste)
        suivante = re.search(r'href="([^"]+)" rel="next"', liste.text)
        depuis = re.search(r"\?depuis=([\w-]+)", liste.text)
        assert depuis
        assert suivante
        page = await navigateur.get(f"/lycees/{LYCEE_A}/eleves/{premiers[0]}?depuis={depuis.group(1)}")
        assert "Premier de la liste" in texte(page)
        assert "1 sur 130 · Tous les élèves" in texte(page)
        page = await navigateur.get(f"/lycees/{LYCEE_A}/eleves/{premiers[48]}?depuis={depuis.group(1)}")
        vus = []
        for _ in range(3):
            page = await navigateur.get(_liens(page, "next")[0])
            vus.append(page.url.path.rpartition("/")[2])
        assert "52 sur 130" in texte(page)
        assert _liens(page, "prev")[0].startswith(f"/lycees/{LYCEE_A}/eleves/{vus[1]}?")
        seconds = _noms(await navigateur.get(unescape(suivante.group(1))))
    assert vus == [premiers[49], *seconds[:2]]


async def test_the_last_pupil_of_a_list_has_no_next(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        liste = await navigateur.get(f"/lycees/{LYCEE_A}/listes/non_inscrits")
        depuis = re.search(r"\?depuis=([\w-]+)", liste.text)
        assert depuis
        dernier = f"/lycees/{LYCEE_A}/eleves/{_noms(liste)[-1]}?depuis={depuis.group(1)}"
        assert "Dernier de la liste" in texte(await navigateur.get(dernier))
        assert (
            await navigateur.get(f"/lycees/{LYCEE_A}/parcours/{depuis.group(1)}/suite")
        ).status_code == 404


async def test_a_search_by_name_is_followed_without_the_name_in_an_address(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        jeton = jeton_de(await navigateur.get(f"/lycees/{LYCEE_A}"))
        saisie = {"jeton": jeton, "q": "gueye"}
        trouves = await navigateur.post(f"/lycees/{LYCEE_A}/listes/tous", data=saisie)
        adresse = re.search(r'href="(/lycees/[^"]+\?depuis=[^"]+)"', trouves.text)
        assert adresse
        page = await navigateur.get(unescape(adresse.group(1)))
        assert re.search(r'name="q" value="gueye"', page.text)
        assert "gueye" not in "".join(re.findall(r'href="[^"]*"', page.text))


async def test_the_list_of_somebody_else_is_not_followed(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur, porte.navigateur("chef.b") as autre:
        depuis = re.search(r"depuis=([\w-]+)", (await navigateur.get(f"/lycees/{LYCEE_A}/listes/tous")).text)
        assert depuis
        sien = f"/lycees/{LYCEE_B}/eleves/{eleve_id(LYCEE_B, 7)}?depuis={depuis.group(1)}"
        assert "Élève suivant" not in texte(await autre.get(sien))
        suite = f"/lycees/{LYCEE_B}/parcours/{depuis.group(1)}/suite"
        assert (await autre.get(suite)).status_code == 404
        assert "Élève suivant" not in texte(await navigateur.get(f"{PAGE}?depuis=inconnu"))


async def test_a_foreign_pupil_does_not_exist(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        for eleve, lycee in (
            (eleve_id(LYCEE_B, 7), LYCEE_A),
            (eleve_id(LYCEE_B, 7), LYCEE_B),
            (ELEVE, LYCEE_B),
        ):
            assert (await navigateur.get(f"/lycees/{lycee}/eleves/{eleve}")).status_code == 404


async def test_a_merged_pupil_leads_to_the_one_he_is(porte: Porte) -> None:
    porte.amont.dossiers[ELEVE] = {"eleve_id": AUTRE}
    async with porte.navigateur("chef.a") as navigateur, porte.programme("chef.a") as programme:
        page = await navigateur.get(PAGE)
        assert page.url.path == f"/lycees/{LYCEE_A}/eleves/{AUTRE}"
        lu = (await programme.get(f"/api/v1/sessions/2026/eleves/{ELEVE}")).json()
        assert lu["eleve_id"] == AUTRE
    assert {acte["objet"] for acte in await porte.audit() if acte["ressource"] == "dossier"} == {AUTRE}


async def test_a_pupil_who_left_is_read_only(porte: Porte) -> None:
    porte.amont.dossiers[ELEVE] = {"sorti_le": "2026-03-02"}
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(PAGE)
    assert "A quitté l’établissement le 02/03/2026" in texte(page)
    assert 'name="capacite"' not in page.text


BULLETINS: list[dict[str, Any]] = [
    {
        "annee": 2026,
        "code": "T1",
        "etat": "REMONTE",
        "matieres": [
            {"matiere": "Philosophie", "etat": "S", "moyenne": 13.5, "rang": 4, "effectif": 31,
             "appreciation": "De <bons> débuts."},
            {"matiere": "Anglais", "etat": "A"},
        ],
    },
    {"annee": 2025, "code": "T3", "etat": "MANQUANT", "raison": "Jamais reçu."},
]  # fmt: skip


async def test_bulletins_are_shown_by_year_with_their_marks_or_why_there_are_none(porte: Porte) -> None:
    porte.amont.dossiers[ELEVE] = {"bulletins": BULLETINS}
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(PAGE)
    lu = texte(page)
    assert "Année 2025-2026 Trimestre 1 Remonté" in lu
    assert "Philosophie 13,50 4 / 31" in lu
    assert "Anglais Absent" in lu
    assert "Trimestre 3 Manquant Jamais reçu." in lu
    assert "De &lt;bons&gt; débuts." in page.text


def _moment(heures: int, genre: str = "voeux", **champs: Any) -> dict[str, Any]:
    quand = (datetime(2026, 3, 1, 12, tzinfo=UTC) - timedelta(hours=heures)).isoformat()
    base = {"survenu": quand, "enregistre": quand, "origine": "plateforme", "phrase": f"Fait {heures}."}
    return {**base, "genre": genre, **champs}


async def test_the_timeline_is_short_at_first_filtered_by_kind_and_whole_on_demand(porte: Porte) -> None:
    faits = [_moment(n) for n in range(20)] + [_moment(40, "scolarite", phrase="Changement de classe.")]
    porte.amont.dossiers[ELEVE] = {"chronologie": faits}
    async with porte.navigateur("chef.a") as navigateur:
        courte = texte(await navigateur.get(PAGE))
        assert "Afficher les 9 faits plus anciens" in courte
        assert "Fait 11." in courte
        assert "Fait 12." not in courte
        assert "Fait 19." in texte(await navigateur.get(f"{PAGE}?frise=tout"))
        filtree = texte(await navigateur.get(f"{PAGE}?genre=scolarite"))
        assert "Changement de classe." in filtree
        assert "Fait 1." not in filtree
        assert "Fait 1." in texte(await navigateur.get(f"{PAGE}?genre=nimporte"))


def test_the_timeline_has_the_avis_that_one_may_read_among_the_facts() -> None:
    dossier = Dossier.model_validate(
        {"eleve_id": ELEVE, "nom": None, "prenom": None, "uai": LYCEE_A, "statut": "INSCRIT", "voeux": []}
    )
    chronologie = tuple(Moment.model_validate(_moment(n)) for n in (1, 30))
    dossier = dossier.model_copy(update={"chronologie": chronologie})
    frise = vues.frise(dossier, [], "", entiere=False)
    assert [jour for jour, _ in frise.jours] == ["dimanche 1er mars 2026", "samedi 28 février 2026"]
    assert [(filtre.code, filtre.compte) for filtre in frise.filtres] == [("", 2), ("voeux", 2)]


@pytest.mark.parametrize(
    ("maintenant", "attendu"),
    [
        ("2026-06-05T08:00", "expire ce soir à 23 h 59"),
        ("2026-06-05T00:01", "expire ce soir à 23 h 59"),
        ("2026-06-04T23:58", "expire demain à 23 h 59"),
        ("2026-06-01T10:00", "expire vendredi 5 juin à 23 h 59, dans 4 jours"),
        ("2026-06-06T00:00", "délai dépassé depuis le vendredi 5 juin 2026 à 23 h 59"),
    ],
)
def test_a_deadline_is_said_as_people_say_it(maintenant: str, attendu: str) -> None:
    limite = datetime(2026, 6, 5, 23, 59, tzinfo=PARIS)
    assert vues.echeance(limite, datetime.fromisoformat(maintenant).replace(tzinfo=PARIS)) == attendu


async def test_what_eleves_keeps_is_what_a_principal_reads(world: World, tmp_path: Path) -> None:
    """The real service behind the real page: no field is lost on the way, and the classe changes live."""
    faits = Faits(world)
    async with maison_ouverte(world, tmp_path) as maison:
        sien = maison.eleves["sien"]
        notes = (m.NoteRemontee(matiere="030100", libelle="Philosophie", etat="S", moyenne=13.5),)
        bulletin = m.BulletinRemonte(
            session=2026, eleve_id=UUID(sien), version=1, annee=2026, periode=1, decoupage=3, notes=notes
        )
        oui = m.PropositionRecue(
            session=2026,
            eleve_id=UUID(sien),
            version=1,
            voeu_id="v1",
            decision=m.Decision.OUI,
            date_limite=datetime(2099, 6, 5, 21, 59, tzinfo=UTC),
        )
        await maison.services["eleves"].plier(
            [
                faits.eleve(sien, 2, uai=LYCEE_A, academie="10", departement="001", classe="TG7"),
                evenement(
                    t.BULLETIN, bulletin, cle=f"{sien}/2026-1", version=1, time=QUAND, prefixe=world.prefix
                ),
                evenement(t.PROPOSITION, oui, cle=f"{sien}/v1", version=1, time=QUAND, prefixe=world.prefix),
            ]
        )
        async with maison.porte.navigateur("chef.a") as navigateur, maison.porte.programme("chef.a") as api:
            lu = texte(await navigateur.get(f"/lycees/{LYCEE_A}/eleves/{sien}"))
            dossier = (await api.get(f"/api/v1/sessions/2026/eleves/{sien}")).json()
    assert "En phase d’admission Classe TG7 · Générale" in lu
    assert "Réponse de la formation : Oui La proposition expire vendredi 5 juin à 23 h 59" in lu
    assert "Philosophie 13,50" in lu
    assert "Trimestre 2 Manquant" in lu
    assert "SIECLE Changement de classe : TG1 → TG7." in lu
    assert {moment["genre"] for moment in dossier["chronologie"]} >= {
        "scolarite",
        "voeux",
        "bulletins",
        "admission",
    }
    assert dossier["voeux"][0]["a_repondre"] is True
