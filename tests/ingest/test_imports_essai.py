"""Dry runs, questions, absents and the lines of the compte rendu, on SIECLE files against a real database."""

from typing import Any

from sqlalchemy import text

from services.ingest import lignes, rejets
from services.ingest.siecle import absents
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, options, siecle, structures
from tests.ingest.conftest import Atelier, Ouvrir

PLUS_TARD = "13/01/2026 08:00:00"
ENCORE_PLUS_TARD = "14/01/2026 08:00:00"
TABLES = ("alias", "scolarite", "eleve_connu", "parking", "import_rejet")


async def contenus(atelier: Atelier) -> dict[str, list[str]]:
    """Whole content of the tables that an import writes."""
    async with atelier.imports.engine.connect() as tx:
        return {
            table: sorted((await tx.execute(text(f"SELECT t::text FROM registre.{table} t"))).scalars())
            for table in TABLES
        }


def classe(*rangs: int, divisions: dict[int, str] | None = None, **options: Any) -> bytes:
    """A file of the pupils ``rangs``, in TG1 unless ``divisions`` says otherwise."""
    ailleurs = divisions or {}
    return siecle(
        *(eleve(rang) for rang in rangs),
        structures_=[structures(rang, (ailleurs.get(rang, "TG1"), "D")) for rang in rangs],
        **options,
    )


async def absents_de(atelier: Atelier, uai: str = UAI) -> list[dict[str, Any]]:
    async with atelier.imports.engine.connect() as tx:
        return await absents.lister(tx, 2026, uai)


async def test_a_dry_run_tells_all_and_writes_nothing_then_the_same_file_is_integrated(
    atelier: Atelier,
) -> None:
    await atelier.faits(ndjson([fait("dossier", ine=ine(1))]))
    avant = await contenus(atelier)
    contenu = siecle(eleve(1), eleve(2, PRENOM=None), eleve(3))
    essai = await atelier.siecle(contenu, essai=True)
    assert (essai.recu.etat, essai.recu.total, essai.codes) == ("ESSAI", 5, ["ELPRE"])
    assert (essai.compteurs["traites"], essai.compteurs["rejetes"], essai.compteurs["liberes"]) == (2, 1, 1)
    assert await contenus(atelier) == avant
    (depot,) = atelier.imports.depots.racine.iterdir()
    assert depot.read_bytes() == contenu
    assert await atelier.imports.integrer(essai.recu.id, confirme=False)
    integre = await atelier.avancer(essai.recu.id)
    assert (integre.recu.etat, len(integre.evenements), integre.codes) == ("TERMINE", 5, ["ELPRE"])
    assert list(atelier.imports.depots.racine.iterdir()) == [atelier.imports.depots.garde(essai.recu.id)]


async def test_a_cancelled_dry_run_is_forgotten_with_its_file(atelier: Atelier) -> None:
    essai = await atelier.siecle(siecle(eleve(1)), essai=True)
    assert await atelier.imports.annuler(essai.recu.id)
    assert (await atelier.imports.lire(essai.recu.id)).etat == "ANNULE"
    assert list(atelier.imports.depots.racine.iterdir()) == []
    assert not await atelier.imports.integrer(essai.recu.id, confirme=False)
    assert await atelier.imports.en_attente() == []


async def test_what_nobody_answers_expires(ouvrir: Ouvrir) -> None:
    async with ouvrir(attente_h=0) as imports:
        atelier = Atelier(imports)
        essai = await atelier.siecle(siecle(eleve(1)), essai=True)
        assert (await imports.menage(), len(list(imports.depots.racine.iterdir()))) == (0, 1)
        assert await imports.expirer() == 1
        assert (await imports.lire(essai.recu.id)).etat == "EXPIRE"
        assert list(imports.depots.racine.iterdir()) == []


async def test_a_dry_run_of_a_refused_file_is_a_refusal_with_its_lines(atelier: Atelier) -> None:
    refuse = await atelier.siecle(siecle(eleve(1, PRENOM=None), eleve(2, NOM_DE_FAMILLE=None)), essai=True)
    assert (refuse.recu.etat, refuse.refus) == ("REFUSE", "SANS_ELEVE")
    assert sorted(refuse.codes) == ["ELNOM", "ELPRE"]
    assert list(atelier.imports.depots.racine.iterdir()) == []


async def test_a_file_that_loses_a_fifth_of_the_lycee_asks_and_writes_nothing(atelier: Atelier) -> None:
    await atelier.siecle(classe(*range(1, 51)))
    avant = await contenus(atelier)
    demande = await atelier.siecle(classe(*range(1, 40), horodatage=PLUS_TARD))
    assert (demande.recu.etat, demande.questions) == ("A_CONFIRMER", ["PART"])
    assert demande.recu.questions[0]["chiffres"] == {
        "eleves": 50, "absents": 11, "deplaces": 0, "arrives": 0, "sortis": 0,
    }  # fmt: skip
    assert await contenus(atelier) == avant
    assert await atelier.imports.confirmer(demande.recu.id)
    integre = await atelier.avancer(demande.recu.id)
    assert (integre.recu.etat, integre.evenements, integre.compteurs["absents"]) == ("TERMINE", [], 11)
    assert len(await absents_de(atelier)) == 11


async def test_a_smaller_share_is_integrated_without_a_question(atelier: Atelier) -> None:
    await atelier.siecle(classe(*range(1, 51)))
    integre = await atelier.siecle(classe(*range(1, 41), horodatage=PLUS_TARD))
    assert (integre.recu.etat, integre.compteurs["absents"]) == ("TERMINE", 10)


async def test_pupils_who_change_class_who_leave_and_who_come_from_elsewhere_count_in_the_share(
    atelier: Atelier,
) -> None:
    await atelier.siecle(classe(*range(1, 21)))
    await atelier.siecle(classe(31, 32, 33, uai=AUTRE_UAI))
    eleves = [eleve(rang) for rang in range(1, 17)]
    eleves += [eleve(rang, DATE_SORTIE="12/01/2026") for rang in (17, 18, 19)]
    eleves += [eleve(rang, DATE_ENTREE="10/01/2026") for rang in (31, 32, 33)]
    rangs = [*range(1, 20), 31, 32, 33]
    fichier = siecle(
        *eleves,
        horodatage=PLUS_TARD,
        structures_=[structures(rang, ("TG2" if rang <= 3 else "TG1", "D")) for rang in rangs],
    )
    demande = await atelier.siecle(fichier)
    assert demande.recu.questions[0]["chiffres"] == {
        "eleves": 20, "absents": 1, "deplaces": 3, "arrives": 3, "sortis": 3,
    }  # fmt: skip
    assert (await atelier.siecle(fichier, confirme=True)).recu.etat == "TERMINE"


async def test_a_dry_run_shows_its_questions_and_integrating_answers_them_or_asks_again(
    atelier: Atelier,
) -> None:
    await atelier.siecle(classe(*range(1, 51), horodatage=PLUS_TARD))
    essai = await atelier.siecle(classe(*range(1, 31)), essai=True)
    assert (essai.recu.etat, essai.questions) == ("ESSAI", ["PLUS_ANCIEN", "PART"])
    await atelier.imports.integrer(essai.recu.id, confirme=False)
    encore = await atelier.avancer(essai.recu.id)
    assert (encore.recu.etat, encore.questions) == ("A_CONFIRMER", ["PLUS_ANCIEN", "PART"])
    await atelier.imports.annuler(essai.recu.id)
    essai = await atelier.siecle(classe(*range(1, 31)), essai=True)
    await atelier.imports.integrer(essai.recu.id, confirme=True)
    assert (await atelier.avancer(essai.recu.id)).recu.etat == "TERMINE"


async def test_an_answer_holds_for_what_was_asked_only(atelier: Atelier) -> None:
    """A yes to an older file is no yes to the pupils who would move by then."""
    await atelier.siecle(classe(*range(1, 31), horodatage=PLUS_TARD))
    demande = await atelier.siecle(classe(*range(1, 31)))
    assert demande.questions == ["PLUS_ANCIEN"]
    await atelier.siecle(classe(*range(31, 61), horodatage=ENCORE_PLUS_TARD), confirme=True)
    await atelier.imports.confirmer(demande.recu.id)
    assert (await atelier.avancer(demande.recu.id)).questions == ["PART"]


async def test_absents_are_marked_stay_published_and_are_unmarked_when_they_return(atelier: Atelier) -> None:
    await atelier.siecle(classe(1, 2, 3))
    integre = await atelier.siecle(classe(1, horodatage=PLUS_TARD))
    assert (integre.evenements, integre.compteurs["absents"]) == ([], 2)
    marques = await absents_de(atelier)
    assert [(m["classe"], m["depuis"].isoformat()) for m in marques] == [("TG1", "2026-01-13")] * 2
    assert {ligne["eleve_id"] for ligne in integre.de_gravite("ABSENT")} == {m["eleve_id"] for m in marques}
    encore = await atelier.siecle(classe(1, 2, horodatage=ENCORE_PLUS_TARD))
    (reste,) = await absents_de(atelier)
    assert (encore.evenements, reste["depuis"].isoformat()) == ([], "2026-01-13")


async def test_a_pupil_whose_line_is_rejected_or_ignored_is_not_absent(atelier: Atelier) -> None:
    await atelier.siecle(classe(1, 2, 3, 4))
    fichier = siecle(
        eleve(1),
        eleve(2, PRENOM=None),
        eleve(9, ID_NATIONAL=ine(3), PRENOM=None),
        eleve(4),
        structures_=[structures(1), structures(2), structures(9)],
        horodatage=PLUS_TARD,
    )
    integre = await atelier.siecle(fichier)
    assert (integre.compteurs["absents"], integre.compteurs["rejetes"]) == (0, 2)
    assert integre.compteurs["ignores"] == 1
    assert await absents_de(atelier) == []


async def test_what_changed_is_told_by_field_names_and_a_corrected_file_gives_exactly_its_differences(
    atelier: Atelier,
) -> None:
    await atelier.siecle(classe(1, 2, 3))
    corrige = siecle(
        eleve(1),
        eleve(2, CODE_REGIME="0"),
        eleve(3, PRENOM="Corrigé"),
        structures_=[structures(1), structures(2, ("TG2", "D")), structures(3)],
        horodatage=PLUS_TARD,
    )
    integre = await atelier.siecle(corrige)
    assert sorted(integre.types()) == ["EleveRemonte", "IdentiteRemontee"]
    modifies = {ligne["rang"]: ligne for ligne in integre.de_gravite("MODIFIE")}
    assert {rang: ligne["champs"] for rang, ligne in modifies.items()} == {
        2: ["classe", "regime"], 3: ["identite"],
    }  # fmt: skip
    assert modifies[2]["phrase"] == "Modifié : classe, régime."
    assert "Corrigé" not in str(integre.lignes)
    assert (integre.compteurs["modifies"], integre.compteurs["inchanges"]) == (2, 1)
    encore = await atelier.siecle(corrige)
    assert (encore.evenements, encore.compteurs["inchanges"], encore.compteurs["modifies"]) == ([], 3, 0)


async def test_lines_are_grouped_by_pupil_with_masked_ine_and_read_page_by_page(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(90), eleve(91)))
    faux = siecle(
        *(eleve(rang, PRENOM=None if rang % 2 else "X") for rang in range(1, 8)),
        eleve(8, ID_NATIONAL=None),
        horodatage=PLUS_TARD,
    )
    integre = await atelier.siecle(faux)
    recu = integre.recu
    curseur, vues = lignes.Curseur(), []
    async with atelier.imports.engine.connect() as tx:
        while curseur:
            page, curseur = await lignes.page(tx, recu.id, recu.tentative, apres=curseur, limite=2)
            vues.append(page)
        (rejetee, *_), _ = await lignes.page(
            tx, recu.id, recu.tentative, gravites=[lignes.Gravite.REJET], limite=10
        )
    assert [len(page) for page in vues] == [2, 2, 2, 1]
    assert [ligne for page in vues for ligne in page] == integre.lignes
    assert [ligne["type"] for ligne in integre.lignes] == ["ABS", "ABS", *["REJ"] * 4, "AVE"]
    assert (rejetee["rang"], rejetee["eleve_siecle"], rejetee["ine"]) == (1, "1", "•••••••" + ine(1)[-4:])


async def test_a_whole_new_file_settles_the_rejects_of_the_one_before(atelier: Atelier) -> None:
    async def a_traiter() -> list[tuple[int, str, str | None]]:
        async with atelier.imports.engine.connect() as tx:
            return [(r["rang"], r["code"], r["uai"]) for r in await rejets.lister(tx, 2026)]

    await atelier.siecle(siecle(eleve(1), eleve(2, PRENOM=None), eleve(3, CODE_SEXE="9")))
    assert await a_traiter() == [(2, "ELPRE", UAI), (3, "CSEXE", UAI)]
    await atelier.siecle(siecle(eleve(1), eleve(2), eleve(3, CODE_SEXE="9"), horodatage=PLUS_TARD))
    assert await a_traiter() == [(3, "CSEXE", UAI)]


async def test_a_pupil_taken_without_one_of_his_items_is_partial(atelier: Atelier) -> None:
    fichier = siecle(eleve(1), eleve(2), options_=[options(1, "030202", "9Z9Z9Z"), options(2, "030202")])
    integre = await atelier.siecle(fichier)
    (partiel,) = integre.de_gravite("PARTIEL")
    assert (partiel["rang"], partiel["type"], partiel["code"]) == (1, "PAR", "INOPT")
    compteurs = integre.compteurs
    assert [compteurs[nom] for nom in ("traites", "complets", "partiels", "rejetes")] == [2, 1, 1, 0]
    assert sorted(integre.types()) == ["EleveRemonte", "EleveRemonte", "IdentiteRemontee", "IdentiteRemontee"]


async def test_lines_about_no_pupil_are_each_by_themselves(atelier: Atelier) -> None:
    from services.ingest.compte_rendu import Gravite, Ligne  # noqa: PLC0415 - this test only

    recu = (await atelier.siecle(siecle())).recu
    carnet = lignes.Carnet(atelier.imports.engine, recu.id, recu.tentative)
    await carnet.verser([Ligne(0, "MODIFIE", f"Ligne {n}.", Gravite.MODIFIE) for n in range(5)])
    async with atelier.imports.engine.connect() as tx:
        premieres, suite = await lignes.page(tx, recu.id, recu.tentative, limite=3)
        dernieres, fin = await lignes.page(tx, recu.id, recu.tentative, apres=suite, limite=3)
    assert [ligne["phrase"] for ligne in [*premieres, *dernieres]] == [f"Ligne {n}." for n in range(5)]
    assert fin is None
