"""What a pupil costs in a SIECLE file before anything is asked of a database: best of several times, µs of CPU.

Beside bare lxml on the same bytes. ``BENCH_LYCEES`` sizes it.
"""

import io
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lxml import etree

from services.ingest.readers.siecle import Lecture, lire, lire_par_elements
from services.ingest.siecle.domain import mef_a_garder, trier
from services.ingest.siecle.entete import lire_entete
from services.ingest.structures.domain import Tables, completer
from services.simulateur import Population, premiers_lycees
from shared import memory

LYCEES = int(os.environ.get("BENCH_LYCEES", "30"))
FOIS = 5
pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def contenus(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    dossier = tmp_path_factory.mktemp("siecle")
    population = Population(1, premiers_lycees(LYCEES), 2026)
    zips = [population.ecrire_siecle(x.uai, dossier / x.uai, avec_adresses=True) for x in population.lycees]
    return [_ouvrir(chemin) for chemin in zips]


def test_what_reading_and_judging_a_pupil_cost(contenus: list[bytes]) -> None:
    eleves = sum(contenu.count(b"<ELEVE ") for contenu in contenus)
    octets = sum(map(len, contenus)) / eleves
    memory.tune()  # as the services do
    print(f"\n{eleves:,} pupils, {octets:,.0f} bytes each")
    lues: list[Lecture] = []

    def lire_tout() -> None:
        lues[:] = [_lire(contenu) for contenu in contenus]

    etapes: Sequence[tuple[str, Callable[[], object]]] = (
        ("bare lxml with field extraction", lambda: _lxml(contenus)),
        ("read by elements", lambda: [_lire(contenu, lire_par_elements) for contenu in contenus]),
        ("read by patterns", lire_tout),
        ("judged, and what is taken of him", lambda: [_juger(lue) for lue in lues]),
    )
    for nom, etape in etapes:
        us = _meilleur(etape) / eleves * 1e6
        print(f"{nom:<34}{us:>7.1f} µs per pupil {octets / us:>7.1f} MB/s")
    assert sum(len(lue.eleves) for lue in lues) > eleves * 0.9


def _meilleur(etape: Callable[[], object]) -> float:
    temps = []
    for _ in range(FOIS):
        debut = time.process_time()
        etape()
        temps.append(time.process_time() - debut)
    return min(temps)


def _lire(contenu: bytes, voie: Callable[..., Lecture] = lire) -> Lecture:
    return voie(io.BytesIO(contenu), lambda _: None, mef_a_garder)


def _juger(lue: Lecture) -> object:
    entete = lire_entete(lue.parametres, 2026, None)
    return [
        (eleve.scolarite.contenu, eleve.identite.contenu)
        for eleve in trier(completer(lue.eleves, Tables()), entete).eleves
    ]


def _lxml(contenus: Sequence[bytes]) -> None:
    tags = ("ELEVE", "OPTION", "STRUCTURES_ELEVE")
    for contenu in contenus:
        for _, element in etree.iterparse(io.BytesIO(contenu), tag=tags, no_network=True, load_dtd=False):
            {enfant.tag: enfant.text for enfant in element}
            element.clear()
            while (avant := element.getprevious()) is not None:
                avant.getparent().remove(avant)


def _ouvrir(chemin: Path) -> bytes:
    with zipfile.ZipFile(chemin) as archive:
        return archive.read(archive.infolist()[0])
