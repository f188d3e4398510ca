"""Notes of one lycée, from the deposited file to durable events: 12 classes, 400 pupils × 12 matières × 3 périodes.

Broker, database and import share the machine's cores. Beside it, in the same run: the reader alone, and
a bare lxml pass over the same bytes, which is what any Python reader of this XML can reach.
"""

import io
import time
from datetime import date
from pathlib import Path

import psutil
import pytest
from lxml import etree

from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import BULLETINS, SIECLE
from services.ingest.readers.notes import lire
from services.simulateur import LYCEE_A, Population
from services.simulateur.bulletins import ExportNotes, notes_attendues, octets
from services.simulateur.eleves import Eleve
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.series import Serie
from tests.ingest.conftest import morceaux
from tests.kit.services import World

pytestmark = pytest.mark.bench
CLASSES, ELEVES, MATIERES, PERIODES = 12, 400, 12, 3
LIMITE_S = 3.0


def lycee_de_reference() -> tuple[Population, list[Eleve]]:
    """400 terminales générales in 12 classes."""
    population = Population(11, [LYCEE_A], echelle=2.0)
    tous = [e for e in population.eleves(LYCEE_A) if e.serie and e.scolarise(date(2026, 1, 12))][:ELEVES]
    for rang, eleve in enumerate(tous):
        eleve.serie, eleve.mef = Serie.GENERALE, "20210019110"
        eleve.division = f"TG{rang % CLASSES + 1:02}"
        eleve.options = tuple(("O", c) for c in ("030201", "030602", "061300", "062300"))
    return population, tous


async def test_a_lycee_s_notes_are_durable_in_three_seconds(opened: World, tmp_path: Path) -> None:
    population, eleves = lycee_de_reference()
    export = ExportNotes(
        graine=11,
        lycee=lycee(LYCEE_A),
        session=2026,
        creation=date(2026, 6, 1),
        periodes=PERIODES,
        premiere=False,
        options=4,
    )
    contenu = b"".join(octets(export, eleves))
    assert notes_attendues(export, eleves) == ELEVES * MATIERES * PERIODES
    siecle = population.ecrire_siecle(LYCEE_A, tmp_path).read_bytes()
    settings = await opened.settings("ingest", spool_dir=tmp_path / "spool")
    engine = await opened.engine("ingest")
    imports = Imports(settings, engine)
    try:
        depart = await deposer(imports, SIECLE, morceaux(siecle), lambda: "s.zip", demandeur="bench")
        assert (await imports.attendre(depart, SIECLE)).etat == "TERMINE"
        debut, cpu = time.perf_counter(), time.process_time()
        depot = await deposer(imports, BULLETINS, morceaux(contenu), lambda: "n.xml", demandeur="bench")
        recu = await imports.attendre(depot, BULLETINS)
        duree, cpu = time.perf_counter() - debut, time.process_time() - cpu
        assert recu.compte_rendu["compteurs"]["notes"] == ELEVES * MATIERES * PERIODES
        debut = time.perf_counter()
        encore = await deposer(imports, BULLETINS, morceaux(contenu), lambda: "n.xml", demandeur="bench")
        assert (await imports.attendre(encore, BULLETINS)).total == 0
        de_nouveau = time.perf_counter() - debut
    finally:
        await engine.dispose()
    mo, rss = len(contenu) / 1e6, psutil.Process().memory_info().rss / 1e6
    lecture, nu = mesurer(contenu)
    print(
        f"\nnotes file: {mo:.1f} MB, {ELEVES * MATIERES * PERIODES:,} notes, {recu.total:,} events, {CLASSES} classes"
    )
    print(
        f"file to durable events  {duree:6.2f} s   {mo / duree:6.1f} MB/s   limit {LIMITE_S:.0f} s, {cpu:.2f} s of our CPU"
    )
    print(f"the same file again     {de_nouveau:6.2f} s   no event")
    print(
        f"reader alone            {lecture:6.2f} s   {mo / lecture:6.1f} MB/s   {nu / lecture:.2f} × bare lxml"
    )
    print(f"bare lxml               {nu:6.2f} s   {mo / nu:6.1f} MB/s   RSS of the whole run {rss:,.0f} MB")
    assert duree <= LIMITE_S


def mesurer(contenu: bytes) -> tuple[float, float]:
    """Seconds of our reader, and of a bare pass that touches each mark."""
    debut = time.perf_counter()
    lire(io.BytesIO(contenu), lambda _: None)
    milieu = time.perf_counter()
    for _, element in etree.iterparse(io.BytesIO(contenu), tag="notes"):
        element.get("etat")
        element.findtext("moyenne")
        element.clear()
    return milieu - debut, time.perf_counter() - milieu
