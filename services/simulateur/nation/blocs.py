"""The work of one process: a block of lycées from their pupils to their files."""

import resource
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from services.simulateur import bulletins
from services.simulateur.bulletins import ExportNotes
from services.simulateur.calendrier import JOUR
from services.simulateur.eleves import Eleve
from services.simulateur.nation import passages
from services.simulateur.nation.commande import BULLETINS, FAITS, SIECLE, Commande
from services.simulateur.nation.comptage import Comptage
from services.simulateur.nation.fichiers import ecrire_tout
from services.simulateur.nation.lycee import ecrire_faits
from services.simulateur.nation.plume import Plume
from services.simulateur.nation.tables import lycees
from services.simulateur.siecle import Export, ecrire_zip

_NUMERO = slice(54, 64)  # where each line holds the number of its dossier
HEURES_PAR_JOUR = 24


@dataclass(slots=True)
class Bloc:
    """What a block leaves behind: counts, the days of its run, or its files when the order is by pupil."""

    comptes: Counter[str] = field(default_factory=Counter)
    jours: set[int] = field(default_factory=set)
    fichiers: list[tuple[str, int]] = field(default_factory=list)
    faits: int = 0
    rss_ko: int = 0


def memoire_ko() -> int:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@lru_cache(maxsize=2)
def _plume(commande: Commande) -> Plume:
    return Plume(commande.monde.calendrier, commande.limite, condense=commande.condense)


def ecrire_bloc(commande: Commande, numero: int, rangs: tuple[int, ...]) -> Bloc:
    """Depends on the lycées of the block only."""
    monde, comptage = commande.monde, Comptage(commande.monde.calendrier.phase_principale)
    plume = _plume(commande) if FAITS in commande.quoi else None
    avant = plume.faits if plume else 0
    for rang in rangs:
        eleves = monde.eleves(rang)
        comptage.vivier(lycees()[rang], eleves, monde.export.date())
        if SIECLE in commande.quoi:
            ecrire_siecle(commande, rang, eleves)
        if BULLETINS in commande.quoi:
            ecrire_bulletins(commande, rang, eleves)
        if plume is not None:
            ecrire_faits(monde, rang, eleves, plume, comptage)
    bloc = Bloc(comptage.n)
    if plume is not None:
        bloc.faits = plume.faits - avant
        _ranger(commande, numero, plume, bloc)
    bloc.rss_ko = memoire_ko()
    return bloc


def compter_bloc(commande: Commande, rangs: tuple[int, ...]) -> Bloc:
    """The same draws, counted and not written."""
    monde, comptage = commande.monde, Comptage(commande.monde.calendrier.phase_principale)
    for rang in rangs:
        eleves = monde.eleves(rang)
        comptage.vivier(lycees()[rang], eleves, monde.export.date())
        ecrire_faits(monde, rang, eleves, None, comptage)
    return Bloc(comptage.n, rss_ko=memoire_ko())


def _ranger(commande: Commande, numero: int, plume: Plume, bloc: Bloc) -> None:
    if not commande.par_eleve:
        heures = passages.ecrire(commande.passage(numero), plume.vider())
        bloc.jours = {heure // HEURES_PAR_JOUR for heure in heures}
        return
    lignes = [ligne for seau in plume.vider().values() for ligne in seau]
    lignes.sort(key=lambda ligne: (ligne[_NUMERO], ligne))
    base = f"faits-{commande.session}-bloc-{numero + 1:04d}"
    bloc.fichiers = ecrire_tout(commande.sortie, base, commande.niveau_gzip, [lignes])


def ecrire_siecle(commande: Commande, rang: int, eleves: list[Eleve]) -> None:
    lycee = lycees()[rang]
    export = Export(
        lycee,
        commande.session,
        commande.monde.export,
        commande.version_du_lycee(rang),
        avec_adresses=commande.avec_adresses,
    )
    ecrire_zip(export, eleves, commande.sortie / "siecle" / lycee.uai)


def ecrire_bulletins(commande: Commande, rang: int, eleves: list[Eleve]) -> None:
    """Two trimestres of this year, as a gradebook exports them when the vœux are closed."""
    calendrier, lycee = commande.monde.calendrier, lycees()[rang]
    export = ExportNotes(
        graine=commande.graine,
        lycee=lycee,
        session=commande.session,
        creation=date.fromisoformat(calendrier.iso(calendrier.fin_des_voeux)[:10]),
        premiere=False,
    )
    bulletins.ecrire(export, eleves, commande.sortie / "bulletins", compresse=True)


def ecrire_jour(commande: Commande, jour: int) -> tuple[list[tuple[str, int]], int]:
    """The files of one day, from all runs, and the memory it took."""
    date = commande.monde.calendrier.iso(jour * JOUR)[:10]
    runs = [commande.passage(numero) for numero in range(len(commande.blocs))]
    heures = passages.segments(runs, jour * HEURES_PAR_JOUR, (jour + 1) * HEURES_PAR_JOUR)
    lots = (lot for morceaux in heures.values() for lot in passages.fusionner(morceaux))
    fichiers = ecrire_tout(commande.sortie, f"faits-{date}", commande.niveau_gzip, lots)
    return fichiers, memoire_ko()
