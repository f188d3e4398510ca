"""Every order of a list, both ways, page by page, on real PostgreSQL; and what a cursor gives away."""

import base64
import random
import re
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey
from sqlalchemy import text

from services.eleves import curseur, lignes
from services.eleves.ordre import TRIABLES, Ordre, Position
from shared.db import pupils
from shared.db.engine import writing
from shared.domaine.etat import replier
from shared.domaine.tri import cle_de_classe, cle_de_tri
from shared.events import rapide as r
from shared.events.modeles import EtatDossier, EtatVoeu, Phase, Profil, Statut, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.appels import Servi, servi
from tests.kit.services import SERVICE_TOKEN_KEY, World

LYCEE = "0750001A"
LE_LYCEE = f"/interne/v1/sessions/2026/lycees/{LYCEE}"
RECHERCHE = f"{LE_LYCEE}/eleves/recherche"
NOMS = ["Œuvrard", "Zola", "de l’Hermitte", "Élie", "Elie", "Çelik", "Nguyễn", "Faÿ", "O’Neil"]
CLASSES = ["T1", "T2", "T10", "TG 3", "t2", None]
N = 90


def _faits(rang: int, alea: random.Random) -> list[r.Fait]:
    commun: dict[str, Any] = {"session": 2026, "eleve_id": str(UUID(int=alea.getrandbits(128))), "version": 1}
    lieu: dict[str, Any] = {"academie": "01", "departement": "075", "uai": LYCEE, "mef": "M"}
    serie, classe = list(Serie)[rang % len(Serie)], alea.choice(CLASSES)
    faits: list[r.Fait] = [r.Eleve(**commun, **lieu, serie=serie, classe=classe)]
    if rang % 10:
        nom: dict[str, Any] = {"nom": alea.choice(NOMS), "prenom": alea.choice(["Zoé", "Zoe", "Noé"])}
        faits.append(r.Identite(**commun, **nom, naissance=date(2008, 5, 1), sexe="F"))
    if rang % 4:
        etat = EtatDossier.DEMISSION if rang % 9 == 0 else EtatDossier.OUVERT
        faits.append(r.Dossier(**commun, profil=Profil.TERMINALE, etat=etat))
        faits.extend(_voeu(commun, i, confirme=rang % 3 == 0) for i in range(alea.choice([0, 1, 2, 11])))
    return faits


def _voeu(commun: dict[str, Any], rang: int, *, confirme: bool) -> r.Voeu:
    return r.Voeu(
        **commun,
        voeu_id=f"v{rang}",
        formation_id="F",
        famille=Famille.BTS,
        selective=True,
        academie_formation="01",
        voie=Voie.ETUDIANT,
        phase=Phase.PRINCIPALE,
        etat=EtatVoeu.CONFIRME if confirme else EtatVoeu.FORMULE,
    )


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    alea = random.Random(7)
    etats = {faits[0].eleve_id: replier(None, faits) for faits in (_faits(n, alea) for n in range(N))}
    async with servi(world, "eleves") as service:
        async with writing(service.running.engine) as tx:
            await pupils.charger(tx, sorted(etats))
            await lignes.ecrire(tx, {nom: etat for nom, etat in etats.items() if etat})
        yield service


async def chercher(eleves: Servi, **corps: Any) -> Any:
    return await eleves.client.post(RECHERCHE, json=corps, headers=eleves.jeton("chef", LYCEE))


async def feuilleter(eleves: Servi, **corps: Any) -> list[dict[str, Any]]:
    """Every pupil of a list, through all its pages."""
    lus: list[dict[str, Any]] = []
    suivant: str | None = None
    while True:
        page = (await chercher(eleves, **corps, curseur=suivant)).json()
        lus.extend(page["eleves"])
        if (suivant := page["suivant"]) is None:
            return lus


def _naturel(texte: str | None) -> Any:
    morceaux = re.split("([0-9]+)", (texte or "").casefold())
    return texte is None, [(0, int(m), "") if m.isdecimal() else (1, 0, m) for m in morceaux if m]


def _nom(eleve: dict[str, Any]) -> tuple[bool, str]:
    return eleve["nom"] is None, cle_de_tri(eleve["nom"] or "", eleve["prenom"] or "")


CLES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nom": _nom,
    "classe": lambda e: _naturel(e["classe"]),
    "serie": lambda e: list(Serie).index(e["serie"]),
    "statut": lambda e: list(Statut).index(e["statut"]),
    "voeux": lambda e: e["voeux"],
}


@pytest.mark.parametrize("descendant", [False, True])
@pytest.mark.parametrize("tri", list(CLES))
async def test_every_order_pages_through_every_pupil_once(eleves: Servi, tri: str, descendant: bool) -> None:
    lus = await feuilleter(eleves, tri=tri, descendant=descendant, limite=7)
    par_nom = sorted(lus, key=lambda e: (_nom(e), e["eleve_id"]))
    connus = [e for e in par_nom if e[tri] is not None]
    inconnus = [e for e in par_nom if e[tri] is None]
    attendus = [*sorted(connus, key=CLES[tri], reverse=descendant), *inconnus]
    assert [e["eleve_id"] for e in lus] == [e["eleve_id"] for e in attendus]
    assert len({e["eleve_id"] for e in lus}) == N
    assert len({str(CLES[tri](e)) for e in lus}) > 3


async def test_filters_hold_on_every_page_and_a_full_last_page_has_no_next(eleves: Servi) -> None:
    trouves = await feuilleter(eleves, q="élie", tri="voeux", limite=2)
    assert {cle_de_tri(e["nom"]) for e in trouves} == {"elie"}
    juste = (await chercher(eleves, q="élie", limite=len(trouves))).json()
    assert (len(juste["eleves"]), juste["suivant"]) == (len(trouves), None)
    classe = await feuilleter(eleves, filtres={"classe": "T10"}, limite=3)
    assert {e["classe"] for e in classe} == {"T10"}


async def test_classes_of_the_filters_are_ordered_as_people_count(eleves: Servi) -> None:
    lues = await eleves.client.get(f"{LE_LYCEE}/filtres", headers=eleves.jeton("chef", LYCEE))
    offerts = lues.json()
    classes = [c["code"] for c in offerts["classe"]]
    assert classes == sorted(classes, key=_naturel)
    assert set(classes) == {c for c in CLASSES if c}
    assert sum(c["eleves"] for c in offerts["serie"]) == N
    assert [c["code"] for c in offerts["famille"]] == ["BTS"]


async def test_a_cursor_says_nothing_of_the_pupil(eleves: Servi) -> None:
    page = (await chercher(eleves, limite=1)).json()
    dernier = page["eleves"][0]
    assert re.fullmatch(r"[A-Za-z0-9_.\-]+", page["suivant"])
    ouvert = b"".join(base64.urlsafe_b64decode(partie + "==") for partie in page["suivant"].split("."))
    assert cle_de_tri(dernier["nom"]).encode() not in ouvert
    assert dernier["eleve_id"].encode() not in ouvert


async def test_a_cursor_of_another_order_or_of_nobody_is_refused(eleves: Servi) -> None:
    bon = (await chercher(eleves, tri="classe", limite=1)).json()["suivant"]
    autre_cle = curseur.ecrire(Position("a", "a", str(uuid4())), Ordre(), "another-key")
    sans_entete = ".".join(["", *bon.split(".")[1:]])
    casses = ["x", "\x00", "é", "....", "%00", bon[:-4], bon + "=", bon[::-1], sans_entete, autre_cle]
    for faux, tri, descendant in [
        (bon, "nom", False),
        (bon, "classe", True),
        *((c, "nom", False) for c in casses),
    ]:
        reponse = await chercher(eleves, tri=tri, descendant=descendant, curseur=faux)
        assert (reponse.status_code, reponse.json()["code"]) == (422, "curseur_invalide"), faux
    assert (await chercher(eleves, tri="classe", curseur=bon)).status_code == 200


async def test_a_search_that_is_not_the_contract_is_refused(eleves: Servi) -> None:
    for corps in (
        {"q": "a\x00"},
        {"filtres": {"classe": "\x00"}},
        {"tri": "ine"},
        {"limite": 0},
        {"inconnu": 1},
    ):
        assert (await chercher(eleves, **corps)).status_code == 422, corps
    entetes = eleves.jeton("chef", "0690002B")
    assert (await eleves.client.post(RECHERCHE, json={}, headers=entetes)).status_code == 404


@given(
    st.builds(Position, st.text(), st.text(), st.uuids().map(str)),
    st.none() | st.sampled_from(sorted(TRIABLES)),
    st.booleans(),
)
def test_a_cursor_reads_back_as_it_was_written(position: Position, tri: str, descendant: bool) -> None:
    ordre = Ordre(tri, descendant)
    assert (
        curseur.lire(curseur.ecrire(position, ordre, SERVICE_TOKEN_KEY), ordre, SERVICE_TOKEN_KEY) == position
    )


@pytest.mark.parametrize("clair", [b"", b"null", b"[]", b'["nom", false]', b"\xff", b'{"tri": 1}'])
def test_a_cursor_of_another_version_is_refused(clair: bytes) -> None:
    cle: OctKey = curseur._cle(SERVICE_TOKEN_KEY)
    jeton = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, clair, cle)
    with pytest.raises(curseur.CurseurInvalideError):
        curseur.lire(jeton, Ordre(), SERVICE_TOKEN_KEY)


MOT = st.text("tTgG -", max_size=4)
NOMBRE = st.integers(0, 9_999)


@given(MOT, NOMBRE, NOMBRE, MOT)
def test_the_key_of_a_classe_orders_numbers_as_numbers(avant: str, un: int, autre: int, apres: str) -> None:
    cles = [cle_de_classe(f"{avant}{n}{apres}") for n in (un, autre)]
    assert (cles[0] < cles[1]) is (un < autre)


async def test_urgency_is_the_order_of_a_list_and_its_cursor_is_of_no_other(eleves: Servi) -> None:
    par_voeux = await feuilleter(eleves, liste="moins_de_trois_voeux", limite=5)
    comptes = [e["cellules"]["voeux"] for e in par_voeux]
    assert comptes == sorted(comptes)
    assert set(comptes) == {1, 2}
    suivant = (await chercher(eleves, liste="moins_de_trois_voeux", limite=5)).json()["suivant"]
    assert (await chercher(eleves, liste="tous", curseur=suivant)).status_code == 422


async def test_the_queue_of_the_day_writes_its_reasons(eleves: Servi) -> None:
    async with writing(eleves.running.engine) as tx:
        await tx.execute(
            text(
                "UPDATE eleve SET sans_proposition = 'QUE_DES_NON', refus = 4, boursier = (classe = 'T2'), demission = false"
                " WHERE classe IN ('T1', 'T2')"
            )
        )
    adresse = f"{LE_LYCEE}/file"
    corps = {"limite": 200}
    lue = (await eleves.client.post(adresse, json=corps, headers=eleves.jeton("chef", LYCEE))).json()
    scores = [eleve["score"] for eleve in lue["eleves"]]
    assert lue["total"] == len(scores) > 2
    assert scores == sorted(scores, reverse=True)
    assert {eleve["classe"] for eleve in lue["eleves"]} == {"T1", "T2"}
    premier = lue["eleves"][0]
    assert (premier["classe"], premier["score"]) == ("T2", 140)
    assert premier["raisons"][0]["phrase"].startswith("Que des refus (4)")
    seuls = {"filtres": {"classe": "T1"}, "limite": 200}
    filtree = (await eleves.client.post(adresse, json=seuls, headers=eleves.jeton("chef", LYCEE))).json()
    assert {eleve["classe"] for eleve in filtree["eleves"]} == {"T1"}
    assert (
        await eleves.client.post(adresse, json={}, headers=eleves.jeton("b", "0690002B"))
    ).status_code == 404


async def test_the_queue_is_read_page_by_page_and_by_who_follows(eleves: Servi) -> None:
    async with writing(eleves.running.engine) as tx:
        await tx.execute(
            text(
                "UPDATE eleve SET sans_proposition = 'QUE_DES_NON', refus = 4, demission = false,"
                " suivi_assigne = CASE WHEN classe = 'T1' THEN 'Mme Faÿ' END WHERE inscrit"
            )
        )
    adresse, entetes = f"{LE_LYCEE}/file", eleves.jeton("chef", LYCEE)
    lus: list[dict[str, Any]] = []
    suivant: str | None = None
    while True:
        corps = {"limite": 9, "curseur": suivant}
        page = (await eleves.client.post(adresse, json=corps, headers=entetes)).json()
        lus.extend(page["eleves"])
        if (suivant := page["suivant"]) is None:
            break
    assert len({e["eleve_id"] for e in lus}) == len(lus) == page["total"] > 40
    rangs = [(-e["score"], _naturel(e["classe"]), _nom(e)) for e in lus]
    assert rangs == sorted(rangs)
    suivis = {un["nom"]: un["eleves"] for un in page["assignes"]}
    assert suivis["Mme Faÿ"] + suivis[None] == len(lus)
    for corps, classes in (({"assigne": "Mme Faÿ"}, {"T1"}), ({"sans_suivi": True}, {*CLASSES} - {"T1"})):
        filtree = (await eleves.client.post(adresse, json={**corps, "limite": 200}, headers=entetes)).json()
        assert {e["classe"] for e in filtree["eleves"]} == classes
    autre = (await chercher(eleves, limite=1)).json()["suivant"]
    refus = await eleves.client.post(adresse, json={"curseur": autre}, headers=entetes)
    assert (refus.status_code, refus.json()["code"]) == (422, "curseur_invalide")
