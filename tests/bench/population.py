"""The facts of a bench: seeded, calibrated on the figures of the simulator, put on the log once."""

import random
from collections.abc import Iterator

from shared.events.enveloppe import Evenement
from shared.events.modeles import EtatVoeu, Voie
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie
from tests.kit.journal import Faits
from tests.kit.services import World

_SERIES = ((Serie.GENERALE, 56), (Serie.PROFESSIONNELLE, 23), (Serie.STMG, 12), (Serie.STI2D, 9))
_VOEUX = {Serie.GENERALE: 16, Serie.PROFESSIONNELLE: 7, Serie.STMG: 11, Serie.STI2D: 11}
_FAMILLES = (Famille.LICENCE, Famille.BTS, Famille.BUT, Famille.CPGE, Famille.PASS, Famille.IFSI)
_PUPILS_OF_LYCEE = 190


def facts(world: World, pupils: int, graine: int = 7) -> Iterator[Evenement]:
    """Each pupil's scolarité, dossier and vœux (formulated, then confirmed), pupils interleaved."""
    hasard, faits = random.Random(graine), Faits(world, graine)
    block: list[list[Evenement]] = []
    for rank in range(pupils):
        block.append(list(_pupil(hasard, faits, rank)))
        if len(block) == 2_000 or rank == pupils - 1:
            yield from _interleave(hasard, block)
            block = []


def _pupil(hasard: random.Random, faits: Faits, rank: int) -> Iterator[Evenement]:
    serie = hasard.choices([s for s, _ in _SERIES], [p for _, p in _SERIES])[0]
    eleve_id, lycee = faits.eleve_id(), rank // _PUPILS_OF_LYCEE
    yield faits.eleve(
        eleve_id,
        uai=f"{750_0000 + lycee:07d}A",
        academie=f"{1 + lycee % 30:02d}",
        serie=serie,
        classe=f"T{serie.value[0]}{hasard.randint(1, 6)}",
    )
    yield faits.dossier(eleve_id)
    for number in range(max(0, round(hasard.gauss(_VOEUX[serie], 4)))):
        famille = hasard.choice(_FAMILLES)
        voie = Voie.APPRENTISSAGE if hasard.random() < 0.1 else Voie.ETUDIANT
        etats = (EtatVoeu.FORMULE, EtatVoeu.CONFIRME if hasard.random() < 0.9 else EtatVoeu.SUPPRIME)
        for version, etat in enumerate(etats, 1):
            yield faits.voeu(eleve_id, f"v{number}", version, famille=famille, voie=voie, etat=etat)


def _interleave(hasard: random.Random, block: list[list[Evenement]]) -> Iterator[Evenement]:
    """Keep each pupil's order, mix the pupils: what a day of the feed looks like."""
    queues = [iter(pupil) for pupil in block]
    while queues:
        i = hasard.randrange(len(queues))
        fait = next(queues[i], None)
        if fait is None:
            queues[i] = queues[-1]
            queues.pop()
        else:
            yield fait
