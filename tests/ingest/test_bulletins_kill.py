"""A notes import killed with SIGKILL in its analysis and in its publication loses and changes nothing."""

from datetime import date
from pathlib import Path

import msgspec

from services.ingest.natures import BULLETINS
from services.simulateur import LYCEE_A, Population
from services.simulateur.bulletins import ExportNotes, ecrire, notes_attendues
from shared.nomenclatures.lycees import lycee
from tests.ingest.test_kill import Banc, banc  # noqa: F401 - a fixture is known by its name

EXPORT = ExportNotes(graine=3, lycee=lycee(LYCEE_A), session=2026, creation=date(2026, 1, 14))


async def test_a_notes_import_killed_anywhere_ends_as_if_nothing_had_happened(
    banc: Banc,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    population = Population(3, [LYCEE_A])
    eleves = population.eleves(LYCEE_A)
    siecle = population.ecrire_siecle(LYCEE_A, tmp_path)
    assert await banc.lancer_jusqu_au_bout("siecle", str(siecle)) == 0
    notes = str(ecrire(EXPORT, eleves, tmp_path))

    coupe = await banc.tuer_quand(banc.lancer("load", BULLETINS, notes), BULLETINS, "ANALYSE", 0)
    assert (coupe.etat, coupe.checkpoint) == ("ANALYSE", 0)
    coupe = await banc.tuer_quand(banc.lancer("load", BULLETINS, notes), BULLETINS, "PUBLICATION", 0)
    assert coupe.etat == "PUBLICATION"
    assert await banc.lancer_jusqu_au_bout("load", BULLETINS, notes) == 0

    fini = await banc.imports.lire(coupe.id)
    assert (fini.etat, fini.checkpoint) == ("TERMINE", fini.total)
    assert await banc.imports.en_attente() == []
    assert list(banc.imports.depots.racine.iterdir()) == []
    journal = await banc.journal()
    bulletins = [
        msgspec.json.decode(valeur)
        for (type_, _), (_, valeur) in journal.items()
        if type_ == "fr.pilotage.BulletinRemonte.v1"
    ]
    assert sum(len(bulletin["notes"]) for bulletin in bulletins) == notes_attendues(EXPORT, eleves)
    assert await banc.lancer_jusqu_au_bout("load", BULLETINS, notes) == 0
    assert await banc.journal() == journal, "an unbroken import gives something else"
