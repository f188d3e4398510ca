from datetime import date
from pathlib import Path
from zipfile import ZipFile

import orjson

from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.readers.structures import lire_structures, lire_tables
from services.ingest.structures.domain import trier_structures, trier_tables
from services.ingest.structures.lycee import decrire
from services.simulateur import LYCEE_A, Population
from services.simulateur.__main__ import main
from shared.nomenclatures.lycees import lycees

LIMITES = Limites()


def test_the_files_around_the_pupils_are_read_as_ingest_reads_them(tmp_path: Path) -> None:
    main(["--lycees", "1", "--tout", "--jusqu-au", "2026-03-08", "--dossier", str(tmp_path)])
    (lycee,) = orjson.loads((tmp_path / "manifest.json").read_bytes())["lycees"]
    assert [nature for nature, _ in lycee["autour"]] == ["siecle", "siecle", "siecle", "bulletins"]
    nomenclature, structures, communs = (tmp_path / chemin for nature, chemin in lycee["autour"][:3])
    eleves = Population(1, [LYCEE_A]).eleves(LYCEE_A)

    with ouvrir(structures, LIMITES) as flux:
        genre, flux_lu = reconnaitre(flux)
        tri = trier_structures(lire_structures(flux_lu, lambda _: None).structures)
    assert (genre, tri.lignes) == (Genre.STRUCTURES, [])
    assert {d.code for d in tri.divisions} == {e.division for e in eleves if e.division}

    with ouvrir(nomenclature, LIMITES) as flux:
        tables = trier_tables(lire_tables(reconnaitre(flux)[1], Genre.NOMENCLATURE, lambda _: None).entrees)
    assert {e.code for e in tables.entrees if e.liste == "MEF"} == {e.mef for e in eleves}

    with ouvrir(communs, LIMITES) as flux:
        entrees = lire_tables(reconnaitre(flux)[1], Genre.COMMUNS, lambda _: None).entrees
    dit = decrire(2026, LYCEE_A, 1, entrees)
    assert dit.nom == lycees()[LYCEE_A].nom
    assert [periode.fin for periode in dit.periodes] == [
        date(2025, 11, 30),
        date(2026, 3, 8),
        date(2026, 7, 4),
    ]


def test_a_session_may_be_moved_as_a_whole_without_other_people_in_it(tmp_path: Path) -> None:
    ici, ailleurs = Population(3, [LYCEE_A]), Population(3, [LYCEE_A], decalage=-105)
    for ecrit, deplace in zip(ici.faits(), ailleurs.faits(), strict=True):
        assert {**ecrit, "time": ""} == {**deplace, "time": ""}
    premiers = next(ici.faits())["time"][:10], next(ailleurs.faits())["time"][:10]
    jours = [date.fromisoformat(jour) for jour in premiers]
    assert (jours[0] - jours[1]).days == 105
    with ZipFile(ailleurs.ecrire_siecle(LYCEE_A, tmp_path)) as archive:
        assert b"<DATE_EXPORT>29/09/2025</DATE_EXPORT>" in archive.read("ElevesSansAdresses.xml")[:600]
