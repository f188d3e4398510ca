"""From a deposited notes file to events in the spool: matching, bulletins, absents, teachers.

Version of a bulletin: instant of the deposit, µs, above the last one: imports of a lycée are taken in
the order of deposit. A file created before the last one taken is asked about (decision 0018).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from services.ingest.bulletins import store
from services.ingest.bulletins.brut import EleveBrut, EnteteBrut, FichierBrut
from services.ingest.bulletins.domain import bulletins_de, est_terminale
from services.ingest.bulletins.entete import PARIS, Entete, lire_entete
from services.ingest.bulletins.listes import Index, classes_notees, indexer
from services.ingest.bulletins.publication import Envoi, marquer_absents, publier, publier_enseignants
from services.ingest.bulletins.rapprochement import Rapprochement, rapprocher
from services.ingest.bulletins.reconnaissance import connaissance
from services.ingest.bulletins.store import Ecrit, Sujet
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.notes import lire
from services.ingest.refus import AConfirmer, FichierRefuse

_LOT = 500
_PHRASES_DE_FICHIER = {
    "SANS_XML": "L’archive zip ne contient pas de fichier XML : déposez l’export des notes du logiciel de notes.",
    "PAS_XML": "Ce fichier n’est pas du XML : déposez l’export des notes (UAI_En.xml) du logiciel de notes.",
    "DOCTYPE": "Ce fichier contient un DOCTYPE, qu’un export de notes n’a jamais : il est refusé.",
    "TROP_GROS": "Le fichier est anormalement gros une fois ouvert : déposez l’export des notes tel quel.",
}
"""Where the words of the SIECLE readers would mislead."""


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, judge, match and spool. Raises FichierRefuse when nothing may be taken."""
    fichier = await asyncio.to_thread(_lire, analyse)
    entete = lire_entete(fichier.entete, analyse.session, analyse.recu.uai)
    await analyse.attendre_les_lycees([entete.uai])
    await _demander_si_ancien(analyse, entete)
    index = indexer(fichier, analyse.session, await store.matieres(analyse.tx, analyse.session, entete.uai))
    terminales = [eleve for eleve in fichier.eleves if est_terminale(eleve, index)]
    rapproche = rapprocher(terminales, await connaissance(analyse, entete.uai, terminales))
    _compter(analyse, fichier, terminales, rapproche, index)
    envoi = await _envoi(analyse, entete, index, rapproche)
    a_prendre = [eleve for eleve in terminales if eleve.rang in rapproche.trouves]
    for debut in range(0, len(a_prendre), _LOT):
        await _lot(envoi, a_prendre[debut : debut + _LOT], rapproche.trouves)
        await analyse.signaler()
    await marquer_absents(envoi, rapproche.cites)
    await store.retenir_classes(analyse.tx, analyse.session, entete.uai, classes_notees(index))
    await publier_enseignants(envoi, fichier)
    analyse.compte_rendu.clore_eleves()
    return Conclusion(entete.uai, entete.version)


def _lire(analyse: Analyse) -> FichierBrut:
    reglages = analyse.settings
    limites = Limites(reglages.notes_xml_max_bytes, reglages.zip_max_ratio, reglages.zip_max_entries)

    def controler(entete: EnteteBrut) -> None:
        lire_entete(entete, analyse.session, analyse.recu.uai)

    try:
        with ouvrir(analyse.depot, limites) as flux:
            return lire(flux, controler)
    except FichierRefuse as refus:
        phrase = _PHRASES_DE_FICHIER.get(refus.code)
        if phrase is None:
            raise
        raise FichierRefuse(refus.code, phrase) from refus


async def _demander_si_ancien(analyse: Analyse, entete: Entete) -> None:
    """A file created before the last one taken would bring back what was since corrected."""
    if entete.version is None:
        phrase = (
            "Le fichier ne dit pas quand il a été créé (date-creation) : il est pris dans l’ordre des dépôts."
        )
        analyse.compte_rendu.ajouter(Ligne(0, "DATE_CREATION", phrase, Gravite.AVERTISSEMENT))
        return
    derniere = await store.derniere_version(analyse.tx, analyse.session, entete.uai, analyse.import_id)
    if derniere is not None and entete.version < derniere:
        jour = datetime.fromtimestamp(derniere // 1_000_000, PARIS)
        phrase = (
            f"Un envoi créé le {jour:%d/%m/%Y}, plus récent, a déjà été pris : confirmez que celui-ci doit le"
            " remplacer pour les périodes qu’il contient."
        )
        analyse.demander(AConfirmer("PLUS_ANCIEN", phrase, {"dernier": f"{jour:%Y-%m-%d}"}))


def _compter(
    analyse: Analyse,
    fichier: FichierBrut,
    terminales: Sequence[EleveBrut],
    rapproche: Rapprochement,
    index: Index,
) -> None:
    compte_rendu = analyse.compte_rendu
    compte_rendu.compter("lus", len(fichier.eleves))
    compte_rendu.compter("hors_perimetre", len(fichier.eleves) - len(terminales))
    compte_rendu.compter("traites", len(rapproche.trouves))
    compte_rendu.etendre(index.lignes)
    compte_rendu.etendre(rapproche.lignes)
    if not terminales:
        raise FichierRefuse(
            "SANS_ELEVE",
            "Le fichier ne contient aucun élève de terminale de cette année : vérifiez l’export.",
        )
    if not rapproche.trouves:
        raise FichierRefuse(
            "AUCUN_CONNU",
            "Aucun élève du fichier n’est reconnu : déposez d’abord l’export SIECLE, et vérifiez les INE dans le"
            " logiciel de notes.",
            rapproche.lignes,
        )


async def _envoi(analyse: Analyse, entete: Entete, index: Index, rapproche: Rapprochement) -> Envoi:
    ids = sorted(set(rapproche.trouves.values()))
    instant = analyse.recu.depose_le.astimezone(UTC)
    return Envoi(
        analyse,
        entete,
        index,
        int(instant.timestamp() * 1_000_000),
        instant,
        await store.connus(analyse.tx, analyse.session, entete.uai, ids),
        await store.lycees(analyse.tx, analyse.session, ids),
    )


async def _lot(envoi: Envoi, eleves: Sequence[EleveBrut], trouves: Mapping[int, str]) -> None:
    """Bulletins of some pupils: what differs is spooled and kept, what is there again is unmarked."""
    ecrits: dict[Sujet, Ecrit] = {}
    revenus: list[Sujet] = []
    for eleve in eleves:
        eleve_id = trouves[eleve.rang]
        lus = bulletins_de(eleve, envoi.index)
        envoi.analyse.compte_rendu.etendre(lus.lignes)
        for (annee, periode), bulletin in lus.bulletins.items():
            sujet = (eleve_id, annee, periode)
            envoi.presents.add(sujet)
            envoi.periodes.add((bulletin.classe, annee, periode))
            ecrit = publier(envoi, eleve, sujet, bulletin)
            if ecrit is not None:
                ecrits[sujet] = ecrit
            elif (connu := envoi.connus.get(sujet)) is not None and connu.absent:
                revenus.append(sujet)
    analyse = envoi.analyse
    await store.ecrire(analyse.tx, analyse.session, envoi.entete.uai, analyse.import_id, ecrits)
    await store.marquer(analyse.tx, analyse.session, revenus, None)
