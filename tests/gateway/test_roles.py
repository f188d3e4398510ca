"""Each role × each resource × own, other classe, other lycée, before the real services, in one table."""

from pathlib import Path
from typing import Any

from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B
from tests.gateway._maison import Maison, maison_ouverte
from tests.kit.services import World

API = "/api/v1/sessions/2026"
ACTION = {"titre": "Voir", "genre": "ENTRETIEN", "fonction": "CPE", "echeance": "2026-06-01"}
NOTE = {"jour": "2026-01-05", "texte": "Vu.", "visibilite": "EQUIPE"}
ROLES = ("chef.a", "delegue.a", "adjoint.a", "pp.a", "psyen", "saio", "operateur")
OUI, NON = 200, 404
DIRECTION = {"chef.a", "delegue.a", "adjoint.a"}
EQUIPE = {*DIRECTION, "pp.a", "psyen"}

ELEVE: dict[str, tuple[str, str, Any, set[str]]] = {
    "dossier": ("GET", "/eleves/{eleve}", None, EQUIPE),
    "avis lus": ("GET", "/eleves/{eleve}/avis", None, EQUIPE - {"psyen"}),
    "avis rendu": ("PUT", "/eleves/{eleve}/avis/v1", {"capacite": "SATISFAISANTE"}, {"chef.a", "delegue.a"}),
    "notes lues": ("GET", "/lycees/{uai}/eleves/{eleve}/notes", None, EQUIPE),
    "note écrite": ("POST", "/lycees/{uai}/eleves/{eleve}/notes", NOTE, EQUIPE),
    "action": ("POST", "/lycees/{uai}/actions", {**ACTION, "eleves": ["{eleve}"]}, EQUIPE),
}
"""What is about one pupil: method, path, body, who may."""
LIEU: dict[str, tuple[str, str, Any, set[str]]] = {
    "liste": ("GET", "/lycees/{uai}/eleves", None, EQUIPE),
    "actions": ("GET", "/lycees/{uai}/actions", None, EQUIPE),
    "propositions": ("GET", "/lycees/{uai}/propositions", None, DIRECTION),
    "indicateurs": ("GET", "/lycees/{uai}/indicateurs", None, DIRECTION | {"psyen"}),
    "tableur": ("POST", "/lycees/{uai}/exports", {"liste": "inscrits_sans_voeu"}, DIRECTION | {"pp.a"}),
}
"""What is about a lycée."""


def attendu(role: str, permis: set[str], cible: str) -> int:
    """A professeur principal keeps to his classe; nobody reaches another lycée."""
    if role not in permis or cible == "lycee" or (role == "pp.a" and cible == "classe"):
        return NON
    return OUI


async def statuts(maison: Maison, role: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(resource, target) → (what came, what should)."""
    vus: dict[tuple[str, str], tuple[int, int]] = {}
    async with maison.porte.programme(role) as client:
        for nom, (methode, route, corps, permis) in ELEVE.items():
            for cible, eleve in maison.eleves.items():
                uai = LYCEE_B if cible == "lycee" else LYCEE_A
                envoi = {**corps, "eleves": [eleve]} if nom == "action" else corps
                chemin = API + route.format(eleve=eleve, uai=uai)
                reponse = await client.request(methode, chemin, json=envoi, headers={"If-Match": "*"})
                voulu = attendu(role, permis, cible)
                if nom == "action" and (role, cible) == ("pp.a", "classe"):
                    voulu = 409
                vus[nom, cible] = _comparable(reponse.status_code), voulu
        for nom, (methode, route, corps, permis) in LIEU.items():
            for cible, uai in (("sien", LYCEE_A), ("lycee", LYCEE_B)):
                reponse = await client.request(methode, API + route.format(uai=uai), json=corps)
                vus[nom, cible] = _comparable(reponse.status_code), attendu(role, permis, cible)
                if nom in {"liste", "actions"} and role == "pp.a":
                    assert "NOM-classe" not in reponse.text, nom
    return vus


def _comparable(statut: int) -> int:
    """Any success alike; 409 and 412 come from whoever had the right to try."""
    return OUI if statut < 300 or statut in {412, 428} else statut


async def test_each_role_reaches_what_is_his_and_nothing_else(world: World, tmp_path: Path) -> None:
    async with maison_ouverte(world, tmp_path) as maison:
        for role in ROLES:
            vus = await statuts(maison, role)
            faux = {cle: paire for cle, paire in vus.items() if paire[0] != paire[1]}
            assert (role, faux) == (role, {})
        async with maison.porte.programme("chef.a") as chef, maison.porte.programme("pp.a") as professeur:
            demande = await chef.post(f"{API}/lycees/{LYCEE_A}/exports", json={"liste": "tous"})
            etat = f"{API}/lycees/{LYCEE_A}/exports/{demande.json()['id']}"
            assert [(await qui.get(etat)).status_code for qui in (chef, professeur)] == [OUI, NON]
        async with maison.porte.programme("saio") as saio:
            reponse = await saio.get(f"{API}/academies/{ACADEMIE}/propositions")
            assert reponse.status_code == OUI
            assert (await saio.get(f"{API}/academies/01/propositions")).status_code == NON


async def test_every_reading_and_writing_about_a_pupil_is_audited_without_a_word_of_it(
    world: World, tmp_path: Path
) -> None:
    async with maison_ouverte(world, tmp_path, ("eleves",)) as maison:
        notes = f"{API}/lycees/{LYCEE_A}/eleves/{maison.eleves['sien']}/notes"
        async with maison.porte.programme("psyen") as psyen:
            assert (await psyen.post(notes, json={**NOTE, "texte": "MOT-SECRET"})).status_code == 201
            assert (await psyen.get(notes)).json()["notes"][0]["texte"] == "MOT-SECRET"
            corps = {**ACTION, "titre": "TITRE", "eleves": [maison.eleves["sien"]]}
            creee = await psyen.post(f"{API}/lycees/{LYCEE_A}/actions", json=corps)
            assert creee.status_code == 201, creee.text
        audit = [un for un in await maison.porte.audit() if un["acteur"] == "psyen"]
        actes = [(un["acte"], un["ressource"], un["objet"]) for un in audit]
        assert actes == [
            ("ecrire", "notes", f"{maison.eleves['sien']}/notes"),
            ("lire", "notes", f"{maison.eleves['sien']}/notes"),
            ("ecrire", "accompagnement", f"{LYCEE_A}/actions"),
        ]
        assert not any(mot in str(audit) for mot in ("MOT-SECRET", "TITRE", "NOM-sien"))
