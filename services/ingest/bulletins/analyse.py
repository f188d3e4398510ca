"""From a deposited notes file to events in the spool: matching, bulletins, absents, teachers.

Version of a bulletin: instant of the deposit, µs, above the last one: imports of a lycée are taken in
the order of deposit. A file created before the last one taken is asked about (decision 0018).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from services.ingest.bulletins import store
from services.ingest.bulletins.brut import EleveBrut, EnteteBrut, FichierBrut
from services.ingest.bulletins.domain import (
    PARIS,
    BulletinLu,
    Entete,
    Index,
    bulletins_de,
    classes_notees,
    enseignants_de,
    est_terminale,
    indexer,
    lire_entete,
)
from services.ingest.bulletins.rapprochement import (
    Connaissance,
    Rapprochement,
    code_siecle,
    rapprocher,
)
from services.ingest.bulletins.resume import resumer
from services.ingest.bulletins.store import Connu, Ecrit, Sujet
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse, Conclusion
from services.ingest.identity import Nature, Nom, chercher
from services.ingest.readers.archive import Limites, ouvrir
from services.ingest.readers.notes import lire
from services.ingest.refus import AConfirmer, FichierRefuse
from services.ingest.siecle.effective import empreinte, version_suivante
from services.ingest.siecle.publication import nom_de
from shared.events import topics as t
from shared.events.enveloppe import evenement
from shared.events.modeles import BulletinRemonte, EnseignantsRemontes

_LOT = 500
_PHRASES_DE_FICHIER = {
    "SANS_XML": "L’archive zip ne contient pas de fichier XML : déposez l’export des notes du logiciel de notes.",
    "PAS_XML": "Ce fichier n’est pas du XML : déposez l’export des notes (UAI_En.xml) du logiciel de notes.",
    "DOCTYPE": "Ce fichier contient un DOCTYPE, qu’un export de notes n’a jamais : il est refusé.",
    "TROP_GROS": "Le fichier est anormalement gros une fois ouvert : déposez l’export des notes tel quel.",
}
"""Where the words of the SIECLE readers would mislead."""


@dataclass(slots=True)
class _Envoi:
    """What one file brings. ``cites``: pupils whom it names; ``periodes``: (classe, année, période) it holds."""

    analyse: Analyse
    entete: Entete
    index: Index
    version: int
    instant: datetime
    connus: Mapping[Sujet, Connu] = field(default_factory=dict)
    lycees: Mapping[str, str] = field(default_factory=dict)
    periodes: set[tuple[str, int, int]] = field(default_factory=set)
    presents: set[Sujet] = field(default_factory=set)


async def analyser(analyse: Analyse) -> Conclusion:
    """Read, judge, match and spool. Raises FichierRefuse when nothing may be taken."""
    fichier = await asyncio.to_thread(_lire, analyse)
    entete = lire_entete(fichier.entete, analyse.session, analyse.recu.uai)
    await _demander_si_ancien(analyse, entete)
    index = indexer(fichier, analyse.session, await store.matieres(analyse.tx, analyse.session, entete.uai))
    terminales = [eleve for eleve in fichier.eleves if est_terminale(eleve, index)]
    rapproche = rapprocher(terminales, await _connaissance(analyse, entete.uai, terminales))
    _compter(analyse, fichier, terminales, rapproche, index)
    envoi = await _envoi(analyse, entete, index, rapproche)
    a_prendre = [eleve for eleve in terminales if eleve.rang in rapproche.trouves]
    for debut in range(0, len(a_prendre), _LOT):
        await _lot(envoi, a_prendre[debut : debut + _LOT], rapproche.trouves)
        await analyse.signaler()
    await _marquer_absents(envoi, rapproche.cites)
    await store.retenir_classes(analyse.tx, analyse.session, entete.uai, classes_notees(index))
    await _enseignants(envoi, fichier)
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


async def _connaissance(analyse: Analyse, uai: str, eleves: Sequence[EleveBrut]) -> Connaissance:
    codes = {code: Nom(Nature.SIECLE, f"{uai}/{code}") for e in eleves if (code := code_siecle(e))}
    ines = {eleve.ine: Nom(Nature.INE, eleve.ine) for eleve in eleves if eleve.ine}
    lus = await chercher(analyse.tx, analyse.cles, analyse.session, {*codes.values(), *ines.values()})
    par_code = {code: lus.ids[nom] for code, nom in codes.items() if nom in lus.ids}
    par_ine = {ine: lus.ids[nom] for ine, nom in ines.items() if nom in lus.ids}
    effaces = {cle for cle, nom in {**codes, **ines}.items() if nom in lus.effaces}
    inconnus = [eleve for eleve in eleves if eleve.ine not in par_ine and code_siecle(eleve) not in par_code]
    return Connaissance(
        par_code,
        par_ine,
        effaces,
        await store.inscrits(analyse.tx, analyse.session, uai),
        await store.avec_ine(analyse.tx, analyse.session, set(par_code.values())),
        await _homonymes(analyse, uai, inconnus),
    )


async def _homonymes(analyse: Analyse, uai: str, eleves: Sequence[EleveBrut]) -> dict[int, str]:
    """Rang → pupil of the lycée with the same name, first name and birth date."""
    par_empreinte: dict[bytes, int] = {}
    for eleve in eleves:
        try:
            nom = nom_de(eleve.nom, eleve.prenom, date.fromisoformat(eleve.naissance[:10]))
        except ValueError:
            continue
        par_empreinte |= dict.fromkeys(analyse.cles.empreintes(nom), eleve.rang)
    if not par_empreinte:
        return {}
    trouves = await store.homonymes(analyse.tx, analyse.session, uai, par_empreinte)
    return {par_empreinte[lue]: eleve_id for lue, eleve_id in trouves.items()}


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


async def _envoi(analyse: Analyse, entete: Entete, index: Index, rapproche: Rapprochement) -> _Envoi:
    ids = sorted(set(rapproche.trouves.values()))
    instant = analyse.recu.depose_le.astimezone(UTC)
    return _Envoi(
        analyse,
        entete,
        index,
        int(instant.timestamp() * 1_000_000),
        instant,
        await store.connus(analyse.tx, analyse.session, entete.uai, ids),
        await store.lycees(analyse.tx, analyse.session, ids),
    )


async def _lot(envoi: _Envoi, eleves: Sequence[EleveBrut], trouves: Mapping[int, str]) -> None:
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
            ecrit = _publier(envoi, eleve, sujet, bulletin)
            if ecrit is not None:
                ecrits[sujet] = ecrit
            elif (connu := envoi.connus.get(sujet)) is not None and connu.absent:
                revenus.append(sujet)
    analyse = envoi.analyse
    await store.ecrire(analyse.tx, analyse.session, envoi.entete.uai, analyse.import_id, ecrits)
    await store.marquer(analyse.tx, analyse.session, revenus, None)


def _publier(envoi: _Envoi, eleve: EleveBrut, sujet: Sujet, bulletin: BulletinLu) -> Ecrit | None:
    """Spool the bulletin if it differs from the last one published; None when it does not."""
    compte_rendu, connu = envoi.analyse.compte_rendu, envoi.connus.get(sujet)
    eleve_id, uai = sujet[0], envoi.entete.uai
    if connu is not None and connu.uai != uai and envoi.lycees.get(eleve_id) != uai:
        phrase = (
            "L’élève est maintenant dans un autre lycée, qui a envoyé ce bulletin : le vôtre n’est pas pris."
        )
        compte_rendu.ajouter(Ligne(eleve.rang, "AUTRE_LYCEE", phrase, Gravite.PARTIEL, ine=eleve.ine or None))
        return None
    modele = BulletinRemonte(
        session=envoi.analyse.session,
        eleve_id=UUID(eleve_id),
        version=0,
        annee=bulletin.annee,
        periode=bulletin.periode,
        decoupage=bulletin.decoupage,
        notes=bulletin.notes,
        uai=uai,
        classe=bulletin.classe,
    )
    contenu = modele.model_dump_json(exclude={"eleve_id", "version"}, exclude_none=True).encode()
    resume = resumer(bulletin)
    marque = empreinte(contenu + resume, eleve_id)
    compte_rendu.compter("bulletins")
    compte_rendu.compter("notes", len(bulletin.notes))
    if connu is not None and connu.empreinte == marque:
        compte_rendu.compter("bulletins_inchanges")
        return None
    compte_rendu.compter("bulletins_nouveaux" if connu is None else "bulletins_modifies")
    version = version_suivante(envoi.version, connu.version if connu else -1)
    envoi.analyse.spool.add(
        evenement(
            t.BULLETIN,
            modele.model_copy(update={"version": version}),
            cle=f"{eleve_id}/{bulletin.annee}-{bulletin.periode}",
            version=version,
            time=envoi.instant,
            prefixe=envoi.analyse.settings.topic_prefix,
        )
    )
    return Ecrit(bulletin.classe, bulletin.decoupage, version, marque, resume)


async def _marquer_absents(envoi: _Envoi, cites: set[str]) -> None:
    """Whose class and period came again without them: marked, never deleted; a refused pupil is not absent."""
    analyse = envoi.analyse
    siens = {sujet: connu for sujet, connu in envoi.connus.items() if connu.uai == envoi.entete.uai}
    absents = [
        sujet
        for sujet, connu in siens.items()
        if sujet not in envoi.presents
        and sujet[0] not in cites
        and not connu.absent
        and (connu.classe, sujet[1], sujet[2]) in envoi.periodes
    ]
    phrase = (
        "Le dernier envoi de sa classe ne contient plus cet élève : ses bulletins sont gardés et marqués."
    )
    for eleve_id in sorted({sujet[0] for sujet in absents}):
        analyse.compte_rendu.ajouter(Ligne(0, "ABSENT", phrase, Gravite.ABSENT, eleve_id=eleve_id))
    if len(absents) >= analyse.settings.part_min and len(absents) > analyse.settings.part_max * len(siens):
        question = (
            f"Cet envoi ne contient plus {len(absents)} des {len(siens)} bulletins déjà reçus, pour les mêmes classes"
            " et périodes : confirmez qu’il est complet."
        )
        analyse.demander(AConfirmer("ABSENTS", question, {"absents": len(absents), "connus": len(siens)}))
    await store.marquer(analyse.tx, analyse.session, absents, envoi.instant)


async def _enseignants(envoi: _Envoi, fichier: FichierBrut) -> None:
    """The lycée's teachers as this file tells them; a file without any leaves those known."""
    analyse, uai = envoi.analyse, envoi.entete.uai
    enseignants = enseignants_de(fichier, envoi.index)
    analyse.compte_rendu.compter("enseignants", len(enseignants))
    if not enseignants:
        return
    modele = EnseignantsRemontes(session=analyse.session, version=0, uai=uai, enseignants=enseignants)
    contenu = modele.model_dump_json(exclude={"version"}, exclude_none=True).encode()
    marque = empreinte(contenu, str(UUID(int=0)))
    connus = await store.enseignants(analyse.tx, analyse.session, uai)
    if connus is not None and connus[1] == marque:
        return
    version = version_suivante(envoi.version, connus[0] if connus else -1)
    analyse.spool.add(
        evenement(
            t.ENSEIGNANT,
            modele.model_copy(update={"version": version}),
            cle=uai,
            version=version,
            time=envoi.instant,
            prefixe=analyse.settings.topic_prefix,
        )
    )
    await store.ecrire_enseignants(
        analyse.tx,
        analyse.session,
        uai,
        analyse.import_id,
        version=version,
        empreinte=marque,
        contenu=contenu,
    )
