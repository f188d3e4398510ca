"""A lycée's settings on real PostgreSQL: what SIECLE says, what the lycée says above it, field by field."""

from typing import Any

from services.eleves.etablissement.equipe import Principal, equipe
from shared.db.engine import reading
from shared.domaine.etapes import Etape
from shared.events import modeles as m
from shared.events import topics as t
from shared.http.perimetre import Role
from tests.eleves.test_referentiels import LIMITE, dit, etape
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import World

URL = f"/interne/v1/sessions/2026/lycees/{LYCEE_A}/etablissement"


def structures(world: World, version: int, *codes: str) -> Any:
    divisions = tuple(
        m.DivisionRemontee(code=code, libelle=f"TERMINALE {code}", mefs=("20210019110",)) for code in codes
    )
    autres = (m.DivisionRemontee(code="201", mefs=("20010018110",)),)
    modele = m.StructureRemontee(session=2026, version=version, uai=LYCEE_A, divisions=(*divisions, *autres))
    return dit(world, t.STRUCTURE, modele)


def communs(world: World, version: int = 1, **champs: Any) -> Any:
    modele = m.LyceeDecrit(session=2026, version=version, uai=LYCEE_A, **champs)
    return dit(world, t.STRUCTURE, modele)


def notes(world: World) -> Any:
    service = m.ServiceEnseigne(matiere="061300", libelle="MATHEMATIQUES", classes=("TG1", "TG2"))
    qui = (
        m.EnseignantRemonte(code="1", nom="Noether", prenom="Emmy", services=(service,)),
        m.EnseignantRemonte(code="2", nom="Galois", services=(service,)),
    )
    return dit(
        world, t.ENSEIGNANT, m.EnseignantsRemontes(session=2026, version=1, uai=LYCEE_A, enseignants=qui)
    )


async def lire(eleves: Servi) -> dict[str, Any]:
    reponse = await eleves.client.get(URL, headers=eleves.jeton("chef", LYCEE_A))
    assert reponse.status_code == 200, reponse.text
    lu: dict[str, Any] = reponse.json()
    return lu


async def ecrire(
    eleves: Servi, objet: str, champs: dict[str, Any], *, version: int | None = None, **reste: Any
) -> Any:
    entetes = eleves.jeton("chef", LYCEE_A)
    if version is not None:
        entetes["If-Match"] = f'"{version}"'
    if "cle" in reste:
        entetes["Idempotency-Key"] = reste.pop("cle")
    corps = {"objet": objet, "champs": champs, **reste}
    return await eleves.client.put(f"{URL}/fiche", json=corps, headers=entetes)


def champ(fiche: dict[str, Any], code: str) -> tuple[Any, Any, Any]:
    """(in force, SIECLE's, typed here)."""
    (vu,) = [c for c in fiche["champs"] if c["champ"] == code]
    return vu["valeur"], vu["siecle"], vu["local"] and vu["local"]["valeur"]


async def test_a_local_value_survives_every_import_until_it_is_withdrawn(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await eleves.plier([communs(world, telephone="0144640000", nom="LYCEE RAVEL")])
        fait = await ecrire(eleves, "COORDONNEES", {"telephone": "01.44.64.00.99"}, motif="standard changé")
        assert (fait.status_code, fait.headers["ETag"]) == (200, '"1"')
        await eleves.plier([communs(world, 2, telephone="0144640001", nom="LYCEE MAURICE RAVEL")])
        fiche = (await lire(eleves))["coordonnees"]
        assert champ(fiche, "telephone") == ("01 44 64 00 99", "0144640001", "01 44 64 00 99")
        assert champ(fiche, "nom") == ("LYCEE MAURICE RAVEL", "LYCEE MAURICE RAVEL", None)
        (local,) = [c["local"] for c in fiche["champs"] if c["local"]]
        assert (local["par"], local["motif"]) == ("chef", "standard changé")

        assert (await ecrire(eleves, "COORDONNEES", {"telephone": None})).status_code == 428
        retire = await ecrire(eleves, "COORDONNEES", {"telephone": None}, version=1)
        assert champ(retire.json(), "telephone") == ("0144640001", "0144640001", None)
        actes = (await eleves.client.get(f"{URL}/historique", headers=eleves.jeton("chef", LYCEE_A))).json()
        assert [[(c["avant"], c["apres"]) for c in acte["champs"]] for acte in actes["actes"]] == [
            [("01 44 64 00 99", None)],
            [(None, "01 44 64 00 99")],
        ]


async def test_two_who_change_one_fiche_do_not_lose_each_others_words(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await ecrire(eleves, "COORDONNEES", {"site": "lycee.exemple.fr"}, cle="a")
        encore = await ecrire(eleves, "COORDONNEES", {"site": "lycee.exemple.fr"}, cle="a")
        assert (encore.status_code, encore.json()["version"]) == (200, 1)
        await ecrire(eleves, "COORDONNEES", {"site": "autre.exemple.fr"}, version=1)
        tardif = await ecrire(eleves, "COORDONNEES", {"site": "tard.exemple.fr"}, version=1)
        assert (tardif.status_code, tardif.json()["propose"]) == (412, {"site": "tard.exemple.fr"})
        assert champ(tardif.json()["actuel"], "site")[0] == "https://autre.exemple.fr"
        meme = await ecrire(eleves, "COORDONNEES", {"site": "https://autre.exemple.fr"}, version=2)
        assert meme.json()["version"] == 2


async def test_classes_come_from_structures_and_pupils_and_teachers_from_the_notes_file(
    world: World,
) -> None:
    faits = Faits(world)
    async with servi(world, "eleves") as eleves:
        await eleves.plier([structures(world, 1, "TG1", "TG2"), notes(world)])
        await eleves.plier([faits.eleve(faits.eleve_id(), classe="TG10"), faits.eleve(faits.eleve_id())])
        lu = await lire(eleves)
        assert [(c["classe"], c["effectif"], champ(c, "serie")[0]) for c in lu["classes"]] == [
            ("TG1", 1, "GENERALE"),
            ("TG2", 0, "GENERALE"),
            ("TG10", 1, "GENERALE"),
        ]
        assert [(e["classe"], champ(e, "enseignants")[0]) for e in lu["enseignements"]] == [
            ("TG1", "Emmy Noether ; Galois"),
            ("TG2", "Emmy Noether ; Galois"),
        ]
        corrige = await ecrire(
            eleves, "ENSEIGNEMENT", {"enseignants": "Évariste Galois"}, classe="TG1", detail="061300"
        )
        assert champ(corrige.json(), "enseignants") == (
            "Évariste Galois", "Emmy Noether ; Galois", "Évariste Galois",
        )  # fmt: skip


async def test_the_team_is_what_the_lycee_says_of_each_classe(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await eleves.plier([structures(world, 1, "TG1")])
        nommes = {
            "principal_1_nom": "Noether",
            "principal_1_prenom": "Emmy",
            "principal_1_compte": "e.noether",
        }
        assert (await ecrire(eleves, "CLASSE", nommes, classe="TG1")).status_code == 200
        deux = {"principal_2_nom": "Galois"}
        assert (await ecrire(eleves, "CLASSE", deux, classe="TG1", version=1)).status_code == 200
        async with reading(eleves.running.engine) as tx:
            assert await equipe(tx, 2026, LYCEE_A) == {
                "TG1": (Principal("Noether", "Emmy", "e.noether"), Principal("Galois"))
            }
            assert await equipe(tx, 2026, LYCEE_B) == {}


REFUSES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("CONSEIL", {"date": "12/09/2026"}, {"classe": "TG1", "detail": "2"}, {"date": "2025-2026"}),
    ("CONSEIL", {"date": "15/03/2026"}, {"classe": "TG1", "detail": "2"}, {"date": "dimanche"}),
    ("CONSEIL", {"heure": "17h30"}, {"classe": "TG1", "detail": "2"}, {"date": "aussi la date"}),
    ("CONSEIL", {"heure": "25h"}, {"classe": "TG1", "detail": "1"}, {"heure": "17:30"}),
    ("CLASSE", {"serie": "S"}, {"classe": "TG1"}, {"serie": "liste"}),
    ("CLASSE", {"principal_2_nom": "G"}, {"classe": "TG1"}, {"principal_1_nom": "d’abord"}),
    ("COORDONNEES", {"telephone": "12"}, {}, {"telephone": "dix chiffres"}),
    ("COORDONNEES", {"inconnu": "x"}, {}, {"inconnu": "n’existe pas"}),
    ("CONTACT", {"telephone": "0102030405"}, {"detail": "c1"}, {"nom": "nom du contact"}),
]


async def test_what_is_refused_is_said_beside_its_field(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await eleves.plier([structures(world, 1, "TG1")])
        for objet, champs, reste, attendus in REFUSES:
            refus = await ecrire(eleves, objet, champs, **reste)
            dits = refus.json()["champs"]
            assert (refus.status_code, dits.keys()) == (422, attendus.keys())
            assert all(attendus[champ] in dits[champ] for champ in attendus), dits
        assert (await lire(eleves))["conseils"][0]["version"] == 0
        inconnue = await ecrire(eleves, "CLASSE", {"libelle": "x"}, classe="TG9")
        assert inconnue.json()["title"] == "La classe « TG9 » n’est pas connue dans ce lycée."
        hors = await ecrire(eleves, "CONSEIL", {"date": "10/03/2026"}, classe="TG1", detail="4")
        assert hors.json()["title"] == "Il n’y a pas de période n° 4 : l’année en compte 3."


async def test_only_the_direction_writes_and_nobody_reads_another_lycee(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        psyen = eleves.jeton("p", LYCEE_A, role=Role.PSYEN)
        assert (await eleves.client.get(URL, headers=psyen)).status_code == 200
        corps = {"objet": "COORDONNEES", "champs": {"site": "a.fr"}}
        assert (await eleves.client.put(f"{URL}/fiche", json=corps, headers=psyen)).status_code == 403
        ailleurs = eleves.jeton("b", LYCEE_B)
        assert (await eleves.client.get(URL, headers=ailleurs)).status_code == 404
        assert (await eleves.client.put(f"{URL}/fiche", json=corps, headers=ailleurs)).status_code == 404


TABLEAU = """Classe;Trimestre;Date;Heure;Salle
TG1;2e trimestre;10/03/2026;17h30;Salle 12
TG2;T2;03/04/2026;;
TG9;2;10/03/2026;;
TG1;2;11/03/2026;;
TG2;3;12/09/2026;;
"""


async def test_a_pasted_calendar_is_tried_first_then_taken_line_by_line(world: World) -> None:
    async with servi(world, "eleves") as eleves:
        await eleves.plier(
            [structures(world, 1, "TG1", "TG2"), etape(world, Etape.CONSEILS_LIMITE, 1, LIMITE)]
        )
        entetes = eleves.jeton("chef", LYCEE_A)
        essai = await eleves.client.post(f"{URL}/conseils", json={"texte": TABLEAU}, headers=entetes)
        assert [(ligne["numero"], ligne["etat"]) for ligne in essai.json()["lignes"]] == [
            (2, "PRIS"), (3, "PRIS"), (4, "REFUSE"), (5, "REFUSE"), (6, "REFUSE"),
        ]  # fmt: skip
        assert {c["version"] for c in (await lire(eleves))["conseils"]} == {0}
        corps = {"texte": TABLEAU, "essai": False}
        pris = await eleves.client.post(f"{URL}/conseils", json=corps, headers=entetes)
        assert (pris.json()["pris"], pris.json()["refuses"]) == (2, 3)
        poses = {(c["classe"], c["detail"]): c for c in (await lire(eleves))["conseils"] if c["version"]}
        assert [champ(poses["TG1", "2"], code)[0] for code in ("date", "heure", "lieu")] == [
            "2026-03-10", "17:30", "Salle 12",
        ]  # fmt: skip
        assert poses["TG1", "2"]["alerte"] is None
        assert "avant le 12/03/2026" in poses["TG2", "2"]["alerte"]
        encore = await eleves.client.post(f"{URL}/conseils", json=corps, headers=entetes)
        assert (encore.json()["pris"], encore.json()["inchanges"]) == (0, 2)
