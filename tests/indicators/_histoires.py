"""Whole histories of pupils, as bad as a season makes them: changes, withdrawals, deletions, late facts, twice told."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from shared.events import rapide as r
from shared.events.modeles import (
    Decision,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    Phase,
    Profil,
    Reponse,
    Voie,
)
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.series import Serie

Note = tuple[int, r.Fait]
ACADEMIES = {"0750001A": "01", "0690002B": "10", "0130003C": "02"}
FAMILLES = (*Famille, Famille.LICENCE, Famille.LICENCE, Famille.LAS, Famille.PASS)
SERIES = (Serie.GENERALE, Serie.STMG, Serie.PROFESSIONNELLE)
LIMITE = datetime(2026, 6, 5, 21, 59, tzinfo=UTC)


def histoire(hasard: random.Random, eleve_id: str, session: int, jours: range) -> list[Note]:
    """Facts in the order of their days, then disturbed: some are read late, some twice, some never."""
    notes: list[Note] = []
    for fait in _faits(hasard, {"session": session, "eleve_id": eleve_id}):
        notes.append((hasard.choice(jours), fait))
        if hasard.random() < 0.1:
            notes.append((hasard.choice(jours), fait))
    notes.sort(key=lambda note: note[0])
    places = [
        (rang + (hasard.random() * 12 if hasard.random() < 0.2 else 0), rang) for rang in range(len(notes))
    ]
    return [notes[rang] for _, rang in sorted(places) if hasard.random() < 0.97]


def _faits(hasard: random.Random, commun: dict[str, Any]) -> Iterator[r.Fait]:
    yield from _scolarites(hasard, commun)
    if hasard.random() < 0.92:
        etats = (EtatDossier.OUVERT, EtatDossier.COMPLET, EtatDossier.DEMISSION)
        for version in range(hasard.randint(1, 3)):
            etat = hasard.choices(etats, (3, 3, 1))[0]
            yield r.Dossier(**commun, version=version, profil=Profil.TERMINALE, etat=etat)
    if hasard.random() < 0.1:
        for version, etat in enumerate(hasard.sample(list(EtatCaes), 2)):
            yield r.Caes(**commun, version=version, etat=etat)
    if hasard.random() < 0.02:
        yield r.Fusion(**commun, version=0, survivant="3b0c8f5e-7a41-4d2c-9e8b-5f1a2c3d4e5f")  # type: ignore[arg-type]
    que_l1 = hasard.random() < 0.3
    for numero in range(hasard.choice((0, 1, 2, 3, 5, 8))):
        yield from _voeu(
            hasard, {**commun, "voeu_id": f"v{numero // 2}", "sous_voeu_id": (None, "s1")[numero % 2]}, que_l1
        )


def _scolarites(hasard: random.Random, commun: dict[str, Any]) -> Iterator[r.Eleve]:
    uai, serie = hasard.choice(list(ACADEMIES)), hasard.choice(SERIES)
    fige = None
    for version in range(hasard.choice((0, 1, 1, 1, 2, 3))):
        if hasard.random() < 0.2:
            uai = hasard.choice(list(ACADEMIES))
        if hasard.random() < 0.2:
            serie = hasard.choice(SERIES)
        if hasard.random() < 0.5:
            fige = r.VivierInitial(uai=hasard.choice(list(ACADEMIES)), serie=serie, date=date(2026, 1, 19))
        yield r.Eleve(
            **commun,
            version=version,
            uai=uai,
            academie=ACADEMIES[uai],
            departement=uai[:3],
            serie=serie,
            mef="M",
            classe=hasard.choice((None, "T1", "T2")),
            specialites=tuple(hasard.sample(("MATHS", "SES", "SVT"), 2)),
            sexe=hasard.choice((None, "F", "M")),
            cordees=hasard.random() < 0.2,
            codes_bourse=hasard.choice(((), ("BL",))),
            date_sortie=date(2026, 3, 1) if hasard.random() < 0.15 else None,
            vivier_initial=fige,
        )


def _voeu(hasard: random.Random, commun: dict[str, Any], que_l1: bool) -> Iterator[r.Fait]:
    famille = hasard.choice((Famille.LICENCE, Famille.LAS, Famille.PASS) if que_l1 else FAMILLES)
    voie = Voie.APPRENTISSAGE if hasard.random() < 0.08 else Voie.ETUDIANT
    phase = Phase.COMPLEMENTAIRE if hasard.random() < 0.1 else Phase.PRINCIPALE
    dit = {
        "formation_id": "F1",
        "famille": famille,
        "selective": hasard.random() < 0.5,
        "academie_formation": "01",
        "voie": voie,
        "phase": phase,
    }
    for version in range(hasard.choice((0, 1, 2, 2, 3))):
        etat = hasard.choices(list(EtatVoeu), (2, 1, 4, 1, 2))[0]
        yield r.Voeu(**commun, version=version, revision=hasard.randint(0, 1) * 2, etat=etat, **dit)
    if hasard.random() < 0.2:
        yield r.VoeuNonConfirme(**commun, version=hasard.randint(0, 2), date_limite=LIMITE)
    if hasard.random() < 0.6:
        yield from _admission(hasard, commun)


def _admission(hasard: random.Random, commun: dict[str, Any]) -> Iterator[r.Fait]:
    decisions = (Decision.EN_ATTENTE, *hasard.choices(list(Decision), (4, 1, 3, 3, 1), k=2))
    for version, decision in enumerate(decisions[: hasard.randint(1, 3)]):
        yield r.Proposition(**commun, version=version, decision=decision, date_limite=LIMITE)
    for version in range(hasard.choice((0, 0, 1, 1, 2))):
        yield r.ReponseDonnee(**commun, version=version, reponse=hasard.choice(list(Reponse)))
    for revision in range(hasard.choice((0, 0, 1, 2))):
        version, annule = hasard.randint(0, 2), bool(revision)
        yield r.PropositionExpiree(
            **commun, version=version, revision=revision, date_limite=LIMITE, annule=annule
        )
