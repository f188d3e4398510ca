"""A log as bad as a season makes it: changes, withdrawals, departures, duplicates, late and out-of-order facts."""

import random
from collections.abc import Iterator
from datetime import date

from shared.events import modeles as m
from shared.events.enveloppe import Evenement
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits

SERIES = (Serie.GENERALE, Serie.STMG, Serie.STI2D)
FAMILLES = (Famille.LICENCE, Famille.PASS, Famille.BTS, Famille.BUT, Famille.CPGE)
CLASSES = ("TG1", "TG2", "TS1", None)
LATE = 0.25
"""How far, as a share of the log, a fact may come too late."""


def melange(faits: Faits, pupils: int, graine: int) -> tuple[list[str], list[Evenement]]:
    """The pupils' ids and about 6.7 facts for each, in the order in which they reach the log."""
    rng = random.Random(graine)
    ids = [faits.eleve_id() for _ in range(pupils)]
    dated: list[tuple[float, Evenement]] = []
    for eleve_id in ids:
        for rank, fait in enumerate(_faits(faits, eleve_id, rng)):
            moment = rank / 10 + rng.random() * (LATE if rng.random() < 0.2 else 0.05) + rng.random() * 0.3
            dated.append((moment, fait))
            if rng.random() < 0.03:
                dated.append((moment + rng.random() * LATE, fait))
    return ids, [fait for _, fait in sorted(dated, key=lambda pair: pair[0])]


def _faits(faits: Faits, eleve_id: str, rng: random.Random) -> Iterator[Evenement]:
    yield faits.eleve(eleve_id, **_scolarite(rng))
    if rng.random() < 0.9:
        yield faits.dossier(eleve_id)
    for number in range(1, rng.randint(1, 6)):
        voeu = f"v{number}"
        voie = m.Voie.APPRENTISSAGE if rng.random() < 0.1 else m.Voie.ETUDIANT
        commun = {"famille": rng.choice(FAMILLES), "voie": voie}
        yield faits.voeu(eleve_id, voeu, **commun)
        if number > 1 and rng.random() < 0.3:
            etat = rng.choice((m.EtatVoeu.CONFIRME, m.EtatVoeu.SUPPRIME))
            yield faits.voeu(eleve_id, voeu, version=2, **commun, etat=etat)
    if rng.random() < 0.2:
        yield faits.eleve(eleve_id, version=2, **_scolarite(rng))
    if rng.random() < 0.05:
        yield faits.eleve(eleve_id, version=3, **_scolarite(rng), date_sortie=date(2026, 3, 1))
    if rng.random() < 0.05:
        yield faits.dossier(eleve_id, version=2, etat=m.EtatDossier.DEMISSION)


def _scolarite(rng: random.Random) -> dict[str, object]:
    scolarite: dict[str, object] = {
        "uai": rng.choice((LYCEE_A, LYCEE_B)),
        "serie": rng.choice(SERIES),
        "classe": rng.choice(CLASSES),
    }
    if rng.random() < 0.3:
        fige = {"uai": LYCEE_A, "serie": Serie.GENERALE, "date": date(2026, 1, 15)}
        scolarite["vivier_initial"] = fige
    return scolarite
