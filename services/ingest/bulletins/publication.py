"""From what was read of a notes file to events: what differs is spooled, what is missing is marked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.ingest.bulletins import store
from services.ingest.bulletins.brut import EleveBrut, FichierBrut
from services.ingest.bulletins.domain import BulletinLu
from services.ingest.bulletins.enseignants import enseignants_de
from services.ingest.bulletins.entete import Entete
from services.ingest.bulletins.listes import Index
from services.ingest.bulletins.resume import resumer
from services.ingest.bulletins.store import Connu, Ecrit, Sujet
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.contexte import Analyse
from services.ingest.refus import AConfirmer
from services.ingest.siecle.effective import empreinte, version_suivante
from shared.events import topics as t
from shared.events.enveloppe import evenement
from shared.events.modeles import BulletinRemonte, EnseignantsRemontes

EVENEMENT_MAX = 900_000
"""Bytes of one event: a broker takes 1 MB, and an event that it refuses would stop all that follow."""


@dataclass(slots=True)
class Envoi:
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


def publier(envoi: Envoi, eleve: EleveBrut, sujet: Sujet, bulletin: BulletinLu) -> Ecrit | None:
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
    if len(contenu) > EVENEMENT_MAX:
        phrase = f"Le bulletin de la période {bulletin.periode} est anormalement gros : il n’est pas pris."
        compte_rendu.ajouter(
            Ligne(eleve.rang, "BULLETIN_TROP_GROS", phrase, Gravite.PARTIEL, ine=eleve.ine or None)
        )
        return None
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


async def marquer_absents(envoi: Envoi, cites: set[str]) -> None:
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


async def publier_enseignants(envoi: Envoi, fichier: FichierBrut) -> None:
    """The lycée's teachers as this file tells them; a file without any leaves those known."""
    analyse, uai = envoi.analyse, envoi.entete.uai
    enseignants = enseignants_de(fichier, envoi.index)
    analyse.compte_rendu.compter("enseignants", len(enseignants))
    if not enseignants:
        return
    modele = EnseignantsRemontes(session=analyse.session, version=0, uai=uai, enseignants=enseignants)
    contenu = modele.model_dump_json(exclude={"version"}, exclude_none=True).encode()
    marque = empreinte(contenu, str(UUID(int=0)))
    if len(contenu) > EVENEMENT_MAX:
        phrase = "La liste des enseignants est anormalement grosse : elle n’est pas prise."
        analyse.compte_rendu.ajouter(Ligne(0, "ENSEIGNANTS_TROP_GROS", phrase, Gravite.AVERTISSEMENT))
        return
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
