"""From Structures, Nomenclature, EtablissementsEleves and Communs to the registre, and to the structures' event."""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from services.ingest.contexte import Analyse, Conclusion
from services.ingest.readers.archive import ouvrir
from services.ingest.readers.genre import Genre, reconnaitre
from services.ingest.readers.structures import LectureStructures, LectureTables, lire_structures, lire_tables
from services.ingest.readers.xml import Controle
from services.ingest.siecle.effective import version_suivante
from services.ingest.siecle.entete import Entete, lire_entete, plus_ancien
from services.ingest.siecle.lecture import limites
from services.ingest.structures import store
from services.ingest.structures.brut import Liste
from services.ingest.structures.domain import StructuresTriees, trier_structures, trier_tables
from services.ingest.structures.lycee import decrire
from services.ingest.structures.store import FichierConnu
from shared.events import topics as t
from shared.events.enveloppe import evenement
from shared.events.modeles import LyceeDecrit, StructureRemontee

LISTES: Mapping[Genre, Sequence[Liste]] = {
    Genre.NOMENCLATURE: (Liste.MEF, Liste.MATIERE, Liste.BOURSE, Liste.REGIME),
    Genre.ETABLISSEMENTS: (Liste.ETABLISSEMENT,),
    Genre.COMMUNS: (Liste.PERIODE, Liste.LYCEE),
}


async def analyser_structures(analyse: Analyse) -> Conclusion:
    """Divisions and groupes; an event when they differ from the last one."""
    lecture = await asyncio.to_thread(_lire_structures, analyse)
    entete = lire_entete(lecture.parametres, analyse.session, analyse.recu.uai)
    avant = await _dernier(analyse, entete, Genre.STRUCTURES)
    tri = trier_structures(lecture.structures)
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", len(lecture.structures))
    compte_rendu.compter("divisions", len(tri.divisions))
    compte_rendu.compter("groupes", len(tri.groupes))
    compte_rendu.etendre(tri.lignes)
    apres = _suivant(entete, avant, _dit(tri))
    if apres != avant:
        await store.ecrire_structures(analyse.tx, analyse.session, entete.uai, tri)
        await store.retenir(analyse.tx, analyse.session, entete.uai, Genre.STRUCTURES, apres)
        _publier(analyse, entete, tri, apres.version)
    compte_rendu.compter("inchanges", int(apres == avant))
    return Conclusion(entete.uai)


def _publier(analyse: Analyse, entete: Entete, tri: StructuresTriees, version: int) -> None:
    modele = StructureRemontee(
        session=analyse.session,
        version=version,
        uai=entete.uai,
        divisions=tuple(tri.divisions),
        groupes=tuple(tri.groupes),
    )
    _emettre(analyse, entete, modele, entete.uai)


def _emettre(analyse: Analyse, entete: Entete, modele: StructureRemontee | LyceeDecrit, cle: str) -> None:
    analyse.spool.add(
        evenement(
            t.STRUCTURE,
            modele,
            cle=cle,
            version=modele.version,
            time=entete.instant,
            prefixe=analyse.settings.topic_prefix,
        )
    )


async def analyser_tables(analyse: Analyse, genre: Genre) -> Conclusion:
    """Tables of the lycée: its next pupils' file is read with them."""
    lecture = await asyncio.to_thread(_lire_tables, analyse, genre)
    entete = lire_entete(lecture.parametres, analyse.session, analyse.recu.uai)
    avant = await _dernier(analyse, entete, genre)
    tri = trier_tables(lecture.entrees)
    analyse.compte_rendu.compter("lus", len(lecture.entrees))
    for entree in tri.entrees:
        analyse.compte_rendu.compter(f"{entree.liste.lower()}s")
    analyse.compte_rendu.etendre(tri.lignes)
    apres = _suivant(entete, avant, repr(tri.entrees))
    if apres != avant:
        await store.ecrire_listes(analyse.tx, analyse.session, entete.uai, LISTES[genre], tri.entrees)
        await store.retenir(analyse.tx, analyse.session, entete.uai, genre, apres)
        if genre is Genre.COMMUNS:
            modele = decrire(analyse.session, entete.uai, apres.version, tri.entrees)
            _emettre(analyse, entete, modele, f"{entete.uai}/lycee")
    analyse.compte_rendu.compter("inchanges", int(apres == avant))
    return Conclusion(entete.uai)


async def _dernier(analyse: Analyse, entete: Entete, genre: Genre) -> FichierConnu | None:
    avant = await store.connu(analyse.tx, analyse.session, entete.uai, genre)
    if question := plus_ancien(entete, avant.version if avant else None):
        analyse.demander(question)
    return avant


def _suivant(entete: Entete, avant: FichierConnu | None, dit: str) -> FichierConnu:
    """The same again when nothing differs."""
    empreinte = blake2b(dit.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if avant and avant.empreinte == empreinte:
        return avant
    return FichierConnu(version_suivante(entete.horodatage_us, avant.version if avant else -1), empreinte)


def _dit(tri: StructuresTriees) -> str:
    return "\n".join(structure.model_dump_json() for structure in (*tri.divisions, *tri.groupes))


def _lire_structures(analyse: Analyse) -> LectureStructures:
    with ouvrir(analyse.depot, limites(analyse.settings)) as flux:
        return lire_structures(reconnaitre(flux)[1], _controle(analyse))


def _lire_tables(analyse: Analyse, genre: Genre) -> LectureTables:
    with ouvrir(analyse.depot, limites(analyse.settings)) as flux:
        return lire_tables(reconnaitre(flux)[1], genre, _controle(analyse))


def _controle(analyse: Analyse) -> Controle:
    def controler(parametres: dict[str, str]) -> None:
        lire_entete(parametres, analyse.session, analyse.recu.uai)

    return controler
