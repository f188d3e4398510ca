"""From deposited SIECLE files to events in their spools: several at once, set by set."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from services.ingest.contexte import Analyse, Conclusion
from services.ingest.dispositifs.domain import Porteurs
from services.ingest.identity import Nom, chercher
from services.ingest.refus import FichierRefuse
from services.ingest.siecle import absents, mouvements
from services.ingest.siecle.domain import Regles, trier
from services.ingest.siecle.entete import plus_ancien
from services.ingest.siecle.fichier import EnsembleImpossibleError, Fichier
from services.ingest.siecle.ine import ine_de
from services.ingest.siecle.lecture import ElevesLus, lire_eleves, lire_plusieurs, noms
from services.ingest.siecle.lot import integrer
from services.ingest.store import dernieres_versions
from services.ingest.structures import store as structures
from services.ingest.structures.domain import Tables, completer

_LOT = 5_000


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, judge, resolve and spool. Raises FichierRefuse when nothing may be taken."""
    lus = await asyncio.to_thread(lire_eleves, analyse)
    tables = await structures.tables(analyse.tx, analyse.session, [lus.entete.uai])
    fichier = _juger(lus, tables[lus.entete.uai])
    await _conclure([fichier])
    return _conclusion(fichier)


async def analyser_ensemble(analyses: Sequence[Analyse]) -> dict[str, Conclusion]:
    """Same, for files of several lycées in one transaction. Those not among the ids returned were left as they are.

    Raises:
        EnsembleImpossibleError: they must be taken one by one; nothing of them may be kept.
    """
    tous = await asyncio.to_thread(lire_plusieurs, analyses, _LOT)
    if not tous:
        return {}
    commun = analyses[0]
    tables = await structures.tables(commun.tx, commun.session, [lus.entete.uai for lus in tous])
    fichiers = list(_juger_plusieurs(tous, tables))
    if fichiers:
        await _conclure(fichiers)
    if any(fichier.analyse.questions for fichier in fichiers):
        raise EnsembleImpossibleError
    return {fichier.analyse.import_id: _conclusion(fichier) for fichier in fichiers}


def _juger_plusieurs(tous: Iterable[ElevesLus], tables: Mapping[str, Tables]) -> Iterable[Fichier]:
    """Those that may be taken, without those that name a pupil of another."""
    ines: set[str] = set()
    for lus in tous:
        with suppress(FichierRefuse):
            fichier = _juger(lus, tables[lus.entete.uai])
            siens = {lu.ine for lu in fichier.tri.eleves if lu.ine}
            if ines.isdisjoint(siens):
                ines |= siens
                yield fichier


def _juger(lus: ElevesLus, tables: Tables) -> Fichier:
    analyse, lecture, entete = lus
    reglages = analyse.settings
    lecture.eleves = completer(lecture.eleves, tables)
    porteurs = Porteurs(reglages.dispositifs_dpp, reglages.dispositifs_groupes)
    return Fichier(analyse, lecture, entete, trier(lecture.eleves, entete, Regles(tables, porteurs)))


def _conclusion(fichier: Fichier) -> Conclusion:
    return Conclusion(fichier.uai, fichier.entete.horodatage_us)


async def _conclure(fichiers: Sequence[Fichier]) -> None:
    """``fichiers``: of different lycées, analysed in one transaction with the same keys."""
    commun, uais = fichiers[0].analyse, [fichier.uai for fichier in fichiers]
    await commun.attendre_les_lycees(uais)
    ids = [fichier.analyse.import_id for fichier in fichiers]
    dernieres = await dernieres_versions(commun.tx, commun.session, uais, ids)
    presents = await absents.presents(commun.tx, commun.session, uais)
    for fichier in fichiers:
        if question := plus_ancien(fichier.entete, dernieres.get(fichier.uai)):
            fichier.analyse.demander(question)
        fichier.avant = presents[fichier.uai]
        _compter(fichier)
    eleves = [(fichier, lu) for fichier in fichiers for lu in fichier.tri.eleves]
    for debut in range(0, len(eleves), _LOT):
        await integrer(commun, eleves[debut : debut + _LOT])
        for fichier in fichiers:
            await fichier.analyse.signaler()
    await _marquer_absents(commun, fichiers)
    for fichier in fichiers:
        fichier.analyse.compte_rendu.clore_eleves()


def _compter(fichier: Fichier) -> None:
    compte_rendu, lecture, tri = fichier.analyse.compte_rendu, fichier.lecture, fichier.tri
    compte_rendu.compter("lus", lecture.lus)
    compte_rendu.compter("hors_perimetre", lecture.lus - len(lecture.eleves))
    compte_rendu.compter("traites", len(tri.eleves))
    compte_rendu.compter("sortis", sum(eleve.sorti for eleve in tri.eleves))
    compte_rendu.compter("ignores", tri.ignores.total())
    compte_rendu.ignores.update(tri.ignores)
    par_rang = {brut.rang: brut.eleve_id for brut in lecture.eleves} if tri.lignes else {}
    compte_rendu.etendre(
        replace(ligne, eleve_siecle=par_rang.get(ligne.rang) or None) for ligne in tri.lignes
    )


async def _marquer_absents(commun: Analyse, fichiers: Sequence[Fichier]) -> None:
    """Pupils of an earlier file that this one does not hold: marked and told, never deleted.

    A pupil whose line is rejected or ignored is not absent.
    """
    cites = {fichier.uai: _noms_cites(fichier) for fichier in fichiers}
    connus = await chercher(
        commun.tx, commun.cles, commun.session, {nom for siens in cites.values() for nom in siens}
    )
    marques: list[absents.Absents] = []
    for fichier in fichiers:
        cites_la = {connus.ids[nom] for nom in cites[fichier.uai] if nom in connus.ids}
        manquants = fichier.avant.connus.keys() - fichier.ids.keys() - cites_la
        _dire_absents(fichier, manquants)
        marques.append(absents.Absents(fichier.uai, fichier.entete.jour, manquants))
    await absents.marquer(commun.tx, commun.session, marques)


def _dire_absents(fichier: Fichier, manquants: set[str]) -> None:
    analyse, avant = fichier.analyse, fichier.avant
    analyse.compte_rendu.etendre(
        mouvements.absence(eleve_id, avant.connus[eleve_id]) for eleve_id in sorted(manquants)
    )
    analyse.compte_rendu.compter("absents", 0)
    question = fichier.mouvements.question(
        len(avant.connus),
        analyse.compte_rendu.compteurs["traites"],
        len(manquants - avant.absents),
        part_max=analyse.settings.part_max,
        part_min=analyse.settings.part_min,
    )
    if question:
        analyse.demander(question)


def _noms_cites(fichier: Fichier) -> set[Nom]:
    """Of the lines whose pupil is not identified; nothing to look for when the lycée had nobody."""
    if not fichier.avant.connus:
        return set()
    identifies = set(fichier.ids.values())
    return {
        nom
        for brut in fichier.lecture.eleves
        if brut.rang not in identifies
        for nom in noms(brut.eleve_id, ine_de(brut.champs), fichier.uai)
    }
