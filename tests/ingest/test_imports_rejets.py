"""Rejected lines: kept, read by the operator only, corrected, replayed, settled."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from services.ingest import rejets
from services.ingest.natures import BOURSES, MEF, NATURES, Nature
from services.ingest.refus import FichierRefuse
from services.ingest.rejeu import corrigeable, corriger, explication, rejouer, situer
from shared.http.errors import Refus
from tests.ingest._fichiers import UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest._formats import bourses_ndjson, dispositifs_csv, statut
from tests.ingest.conftest import Atelier, Integre, Ouvrir, publier_seul

NEUF = "9990000001"
BASE_MEF = f"MEF;MEF_STAT_11;LIBELLE_LONG;DATE_FERMETURE\n{NEUF};22131810019;TERMINALE NOUVELLE;\n"


async def lire(atelier: Atelier, etat: str = "A_TRAITER") -> list[dict[str, Any]]:
    async with atelier.imports.engine.connect() as tx:
        return await rejets.lister(tx, 2026, etat=etat)


async def rejeter(atelier: Atelier) -> Integre:
    """A feed with two good facts and three that are not."""
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    lignes = [
        fait("dossier", ine=ine(1)),
        fait("caes", etat="FAUX"),
        b'{"type":"caes"',
        fait("dossier", numero="26000009", sequence=2, profil="LYCEEN"),
        fait("caes", numero="26000002"),
    ]
    return await atelier.faits(ndjson(lignes))


async def test_a_corrected_line_is_replayed_and_taken_and_its_raw_bytes_are_erased(atelier: Atelier) -> None:
    integre = await rejeter(atelier)
    assert [(r["rang"], r["code"], r["rejouable"]) for r in await lire(atelier)] == [
        (2, "CHAMP_INVALIDE", True), (3, "JSON", True), (4, "CHAMP_INVALIDE", True),
    ]  # fmt: skip
    import_id = integre.recu.id
    assert await corriger(atelier.imports, import_id, 2, json.dumps(fait("caes"), indent=1).encode())
    rejeu, combien = await rejouer(atelier.imports, import_id, [2], "op") or ("", 0)
    assert (combien, [r["rang"] for r in await lire(atelier, "REJEU")]) == (1, [2])
    rejoue = await atelier.avancer(rejeu)
    assert (rejoue.recu.etat, rejoue.types(), rejoue.recu.rejeu_de) == (
        "TERMINE",
        ["CaesModifiee"],
        import_id,
    )
    (regle,) = await lire(atelier, "REJOUE")
    assert (regle["rang"], regle["rejouable"], regle["corrige"]) == (2, False, False)
    assert [r["rang"] for r in await lire(atelier)] == [3, 4]


async def test_a_line_rejected_again_waits_again_with_its_new_reason(atelier: Atelier) -> None:
    import_id = (await rejeter(atelier)).recu.id
    await corriger(atelier.imports, import_id, 3, json.dumps(fait("caes", session=2025)).encode())
    rejeu, _ = await rejouer(atelier.imports, import_id, None, "op") or ("", 0)
    rejoue = await atelier.avancer(rejeu)
    assert (rejoue.recu.etat, rejoue.evenements, rejoue.compteurs["rejetes"]) == ("TERMINE", [], 3)
    assert [(r["import_id"], r["rang"], r["code"], r["essais"]) for r in await lire(atelier)] == [
        (import_id, 2, "CHAMP_INVALIDE", 1), (import_id, 3, "SESSION", 1), (import_id, 4, "CHAMP_INVALIDE", 1),
    ]  # fmt: skip


async def test_a_replay_that_is_lost_gives_its_rejects_back(atelier: Atelier) -> None:
    import_id = (await rejeter(atelier)).recu.id
    rejeu, _ = await rejouer(atelier.imports, import_id, [2], "op") or ("", 0)
    atelier.imports.depots.oublier_depot(rejeu)
    assert (await atelier.avancer(rejeu)).refus == "PERDU"
    assert [r["rang"] for r in await lire(atelier)] == [2, 3, 4]


async def test_rejects_given_up_are_erased(atelier: Atelier) -> None:
    import_id = (await rejeter(atelier)).recu.id
    async with atelier.imports.engine.begin() as tx:
        assert await rejets.abandonner(tx, 2026, import_id, [2, 3]) == 2
    assert [r["rang"] for r in await lire(atelier)] == [4]
    async with atelier.imports.engine.connect() as tx:
        garde = await tx.execute(text("SELECT rang FROM registre.import_rejet WHERE brut IS NOT NULL"))
        assert list(garde.scalars()) == [4]
    assert await rejouer(atelier.imports, import_id, [2, 3], "op") is None


async def test_a_fact_whose_pupil_is_in_doubt_is_kept_whole_for_its_replay(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1), eleve(2)))
    await atelier.faits(ndjson([fait("dossier", ine=ine(1))]))
    doute = await atelier.faits(ndjson([fait("dossier", sequence=2, ine=ine(2)), fait("caes")]))
    async with atelier.imports.engine.connect() as tx:
        rejet = await rejets.lire(tx, 2026, doute.recu.id, 1)
    assert rejet is not None
    assert (rejet["code"], rejet["ine"]) == ("IDENTITE", "•••••••" + ine(2)[-4:])
    garde = json.loads(rejet["valeur"])
    assert (garde["type"], garde["ine"], garde["nom"]) == ("dossier", ine(2), "NOM1")
    await corriger(atelier.imports, doute.recu.id, 1, json.dumps({**garde, "ine": ine(1)}).encode())
    rejeu, _ = await rejouer(atelier.imports, doute.recu.id, None, "op") or ("", 0)
    assert (await atelier.avancer(rejeu)).types() == ["DossierModifie"]


async def test_a_pupil_refused_for_want_of_his_formation_is_taken_once_it_is_known(atelier: Atelier) -> None:
    fichier = siecle(eleve(1), eleve(2, CODE_MEF=f"{NEUF}1"), eleve(3, PRENOM=None))
    integre = await atelier.siecle(fichier)
    assert [(r["rang"], r["nature"]) for r in await lire(atelier)] == [(2, "SIECLE"), (3, "SIECLE")]
    assert all(situer(atelier.imports, r)["rejouable"] for r in await lire(atelier))
    with pytest.raises(Refus, match="correction_a_la_source"):
        corrigeable("SIECLE")
    encore, combien = await rejouer(atelier.imports, integre.recu.id, None, "op") or ("", 0)
    assert (combien, (await atelier.avancer(encore)).types()) == (2, [])
    assert [(r["import_id"], r["essais"]) for r in await lire(atelier)] == [(integre.recu.id, 1)] * 2

    await atelier.deposer(MEF, BASE_MEF.encode())
    rejeu, _ = await rejouer(atelier.imports, integre.recu.id, None, "op") or ("", 0)
    rejoue = await atelier.avancer(rejeu)
    assert [v["mef"][:10] for v in rejoue.valeurs("EleveRemonte")] == [NEUF]
    assert (rejoue.compteurs["absents"], [r["rang"] for r in await lire(atelier)]) == (0, [3])
    assert [r["rang"] for r in await lire(atelier, "REJOUE")] == [2]

    suivant = await atelier.siecle(siecle(eleve(1), eleve(2), eleve(3), horodatage="13/01/2026 08:00:00"))
    assert (suivant.recu.etat, await lire(atelier)) == ("TERMINE", [])
    assert await atelier.imports.menage() == 0
    assert await rejouer(atelier.imports, integre.recu.id, None, "op") is None


async def test_a_file_that_a_later_one_goes_over_is_not_taken_again(atelier: Atelier) -> None:
    premier = await atelier.siecle(dispositifs_csv(f"{ine(1)};;CORDEES", "X;;INCONNU"), UAI)
    assert premier.compteurs["rejetes"] == 1
    await atelier.siecle(dispositifs_csv(f"{ine(2)};;CORDEES"), UAI)
    with pytest.raises(Refus, match="fichier_depasse"):
        await rejouer(atelier.imports, premier.recu.id, None, "op")


async def test_a_line_of_the_bourse_feed_is_corrected_and_replayed(atelier: Atelier) -> None:
    await atelier.siecle(siecle(eleve(1)))
    integre = await atelier.deposer(BOURSES, bourses_ndjson(statut(2, 3), statut(1, 9)))
    (rejet,) = await lire(atelier)
    assert (rejet["rang"], rejet["nature"], rejet["rejouable"]) == (2, "BOURSES", True)
    assert await corriger(atelier.imports, integre.recu.id, 2, json.dumps(statut(1, 6)).encode())
    rejeu, _ = await rejouer(atelier.imports, integre.recu.id, None, "op") or ("", 0)
    assert [v["echelon_bourse"] for v in (await atelier.avancer(rejeu)).valeurs("EleveRemonte")] == [6]
    assert await lire(atelier) == []


@pytest.mark.parametrize("nature", [nature for nature in NATURES.values() if not nature.rejouable])
def test_every_other_nature_says_where_its_lines_are_corrected(nature: Nature) -> None:
    with pytest.raises(Refus) as refus:
        corrigeable(nature.code)
    assert refus.value.status == 409
    rejet = {"nature": nature.code, "etat": "A_TRAITER", "rejouable": True}
    assert "the whole file is taken again" in explication(rejet)


async def test_what_is_kept_for_a_replay_goes_with_its_rejects_or_with_time(ouvrir: Ouvrir) -> None:
    async with ouvrir(rejets_fichier_jours=0) as imports:
        atelier = Atelier(imports)
        integre = await atelier.siecle(siecle(eleve(1), eleve(2, PRENOM=None)))
        garde = imports.depots.garde(integre.recu.id)
        assert garde.exists()
        assert (await imports.menage(), garde.exists()) == (1, False)
        assert not situer(imports, (await lire(atelier))[0])["rejouable"]
        assert (await atelier.siecle(siecle(eleve(1), horodatage="13/01/2026 08:00:00"))).recu.etat
        assert list(imports.depots.racine.glob("*.garde")) == []


async def test_beyond_the_limit_rejects_are_told_and_not_kept(ouvrir: Ouvrir) -> None:
    async with ouvrir(rejets_max=2) as imports:
        atelier = Atelier(imports)
        lignes = [fait("caes"), *(b"?%d" % rang for rang in range(5))]
        integre = await atelier.faits(ndjson(lignes))
        assert (integre.compteurs["rejetes"], integre.compteurs["rejets_non_gardes"]) == (5, 3)
        assert (len(integre.lignes), len(await lire(atelier))) == (5, 2)


@pytest.mark.parametrize("ligne", [b"", b"  \n", b"pas du json\nsur deux lignes", b"x" * (1 << 20) + b"x"])
async def test_what_cannot_be_one_line_is_no_correction(atelier: Atelier, ligne: bytes) -> None:
    import_id = (await rejeter(atelier)).recu.id
    with pytest.raises(FichierRefuse):
        await corriger(atelier.imports, import_id, 2, ligne)


async def test_a_dry_run_keeps_no_rejected_line(atelier: Atelier) -> None:
    essai = await atelier.faits(ndjson([fait("caes"), b"?"]), essai=True)
    assert (essai.recu.etat, essai.compteurs["rejetes"]) == ("ESSAI", 1)
    assert await lire(atelier) == []


async def test_a_replay_keeps_its_raw_lines_until_what_it_says_is_published(atelier: Atelier) -> None:
    """Dead between its analysis and its publication, or with its spool lost, it loses nothing."""
    import_id = (await rejeter(atelier)).recu.id
    await corriger(atelier.imports, import_id, 2, json.dumps(fait("caes")).encode())
    rejeu, _ = await rejouer(atelier.imports, import_id, [2], "op") or ("", 0)
    await atelier.imports.analyses.analyser(await atelier.imports.lire(rejeu))
    publie = await atelier.imports.lire(rejeu)
    async with atelier.imports.engine.connect() as tx:
        rejet = await rejets.lire(tx, 2026, import_id, 2)
    assert rejet is not None
    assert (publie.etat, rejet["etat"], rejet["rejouable"]) == ("PUBLICATION", "REJEU", True)
    atelier.imports.depots.oublier(rejeu, publie.tentative)
    await publier_seul(atelier.imports, publie)
    assert (await atelier.imports.lire(rejeu)).etat == "REFUSE"
    assert [r["rang"] for r in await lire(atelier)] == [2, 3, 4]
    rejeu, _ = await rejouer(atelier.imports, import_id, [2], "op") or ("", 0)
    assert (await atelier.avancer(rejeu)).types() == ["CaesModifiee"]
