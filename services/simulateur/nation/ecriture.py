"""Writes a session: blocks of lycées in parallel, then days in parallel. Neither changes a byte of the files."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from services.simulateur.nation.blocs import (
    Bloc,
    compter_bloc,
    ecrire_bloc,
    ecrire_jour,
    memoire_ko,
)
from services.simulateur.nation.commande import REFERENTIELS, Commande
from services.simulateur.nation.referentiels import ecrire_referentiels

MANIFESTE, MARGES = "manifest.json", "marges.json"
Avance = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(slots=True)
class Bilan:
    """``fichiers``: name and lines of the files of the feed. ``rss_mo``: the highest of any process."""

    comptes: Counter[str] = field(default_factory=Counter)
    fichiers: list[tuple[str, int]] = field(default_factory=list)
    faits: int = 0
    secondes: float = 0.0
    rss_mo: float = 0.0


def _silence(_: str, __: int, ___: int) -> None:
    return None


def ecrire(commande: Commande, *, ouvriers: int = 1, avance: Avance = _silence) -> Bilan:
    """All files of ``commande``, then ``manifest.json`` and ``marges.json``."""
    debut = time.perf_counter()
    if commande.sortie.exists() and any(commande.sortie.iterdir()):
        raise FileExistsError(f"{commande.sortie} is not empty")
    commande.passages.mkdir(parents=True)
    if REFERENTIELS in commande.quoi:
        ecrire_referentiels(commande.sortie / "referentiels", commande.rangs)
    try:
        with _bassin(ouvriers) as bassin:
            bilan = _ecrire(commande, bassin, avance)
    finally:
        shutil.rmtree(commande.passages)
    _conclure(commande, bilan)
    bilan.secondes = time.perf_counter() - debut
    return bilan


def compter(commande: Commande, *, ouvriers: int = 1, avance: Avance = _silence) -> Bilan:
    """The marginals alone; writes nothing."""
    debut, bilan = time.perf_counter(), Bilan()
    with _bassin(ouvriers) as bassin:
        taches = [(compter_bloc, (commande, rangs)) for rangs in commande.blocs]
        for _, bloc in _faire(bassin, taches, "lycées", avance):
            _ajouter(bilan, bloc)
    bilan.secondes = time.perf_counter() - debut
    return bilan


def _ecrire(commande: Commande, bassin: Executor | None, avance: Avance) -> Bilan:
    bilan, jours = Bilan(), set[int]()
    taches = [(ecrire_bloc, (commande, n, rangs)) for n, rangs in enumerate(commande.blocs)]
    fichiers: dict[int, list[tuple[str, int]]] = {}
    for numero, bloc in _faire(bassin, taches, "lycées", avance):
        _ajouter(bilan, bloc)
        jours |= bloc.jours
        fichiers[numero] = bloc.fichiers
    par_jour = [(ecrire_jour, (commande, jour)) for jour in sorted(jours)]
    for numero, (ecrits, memoire) in _faire(bassin, par_jour, "days", avance) if par_jour else ():
        fichiers[numero] = ecrits
        bilan.rss_mo = max(bilan.rss_mo, memoire / 1024)
    bilan.fichiers = [fichier for numero in sorted(fichiers) for fichier in fichiers[numero]]
    bilan.rss_mo = max(bilan.rss_mo, memoire_ko() / 1024)
    return bilan


def _ajouter(bilan: Bilan, bloc: Bloc) -> None:
    bilan.comptes.update(bloc.comptes)
    bilan.faits += bloc.faits
    bilan.rss_mo = max(bilan.rss_mo, bloc.rss_ko / 1024)


@contextmanager
def _bassin(ouvriers: int) -> Iterator[Executor | None]:
    """None for one worker: the work is done here."""
    if ouvriers <= 1:
        yield None
        return
    with ProcessPoolExecutor(ouvriers, mp_context=get_context("spawn")) as bassin:
        yield bassin


def _faire(
    bassin: Executor | None,
    taches: list[tuple[Callable[..., T], tuple[Any, ...]]],
    quoi: str,
    avance: Avance,
) -> Iterator[tuple[int, T]]:
    """Results with the number of their task, in the order in which they are ready."""
    avance(quoi, 0, len(taches))
    if bassin is None:
        for numero, (fonction, arguments) in enumerate(taches):
            yield numero, fonction(*arguments)
            avance(quoi, numero + 1, len(taches))
        return
    futurs: dict[Future[T], int] = {
        bassin.submit(fonction, *arguments): numero for numero, (fonction, arguments) in enumerate(taches)
    }
    for faits, futur in enumerate(as_completed(futurs), 1):
        yield futurs.pop(futur), futur.result()
        avance(quoi, faits, len(taches))


def _conclure(commande: Commande, bilan: Bilan) -> None:
    manifeste = {
        "graine": commande.graine,
        "session": commande.session,
        "lycees": len(commande.rangs),
        "quoi": sorted(commande.quoi),
        "jusqu_au": commande.jusqu_au.isoformat() if commande.jusqu_au else None,
        "ordre": "pupil" if commande.par_eleve else "time",
        "condense": commande.condense,
        "faits": bilan.faits,
        "fichiers": [{"nom": nom, "faits": lignes} for nom, lignes in bilan.fichiers],
    }
    _json(commande.sortie / MANIFESTE, manifeste)
    _json(commande.sortie / MARGES, dict(sorted(bilan.comptes.items())))


def _json(chemin: Path, contenu: dict[str, Any]) -> None:
    chemin.write_text(json.dumps(contenu, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
