"""A pupil added by hand: his INE is looked up, his name only proposes, nobody is merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.candidats import parking
from services.ingest.dispositifs import store as dispositifs
from services.ingest.identity import Nature, Nom, ajouter, chercher
from services.ingest.scolarite import store, taches
from services.ingest.scolarite.commandes import montrer
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.domain import SaisieInvalideError, champs_saisis
from services.ingest.scolarite.store import Acte, Entree
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import Dite, Locale, composer
from services.ingest.siecle.homonymes import nom_de
from services.ingest.siecle.ine import INE
from services.ingest.siecle.lu import IdentiteLue
from services.ingest.siecle.prise import EXTERIEUR
from shared.db import outbox
from shared.events.topics import CATALOGUE
from shared.http.errors import Refus
from shared.http.idempotency import deja_repondu, retenir
from shared.nomenclatures import academie_de_uai, departement_de_uai

_COMMANDE = "00000000-0000-0000-0000-000000000000"
_DEPARQUER = text("DELETE FROM registre.parking WHERE libere_par = CAST(:id AS uuid) AND session = :session")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ajout:
    """Who is added. ``eleve_id``: the pupil chosen among those proposed; ``nouveau``: none of them."""

    uai: str
    nom: str
    prenom: str
    naissance: date
    sexe: str
    champs: dict[str, Any]
    motif: str
    ine: str | None = None
    nom_usage: str | None = None
    eleve_id: str | None = None
    nouveau: bool = False


async def ajouter_eleve(tx: AsyncConnection, contexte: Contexte, ajout: Ajout) -> dict[str, Any]:
    """The scolarité of the pupil added, as :func:`montrer` gives it.

    Raises:
        Refus: 409 with ``candidats`` when he may be known already; 409 already there, erased; 422 not valid.
    """
    demande = {"commande": "AJOUT", "session": contexte.session, **_empreinte_demande(ajout)}
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, demande)
    if deja is not None:
        return deja
    champs = _champs(ajout)
    await contexte.attendre_son_tour(tx)
    candidats = await _candidats(tx, contexte, ajout)
    eleve_id = await _designer(tx, contexte, ajout, candidats)
    est_neuf = eleve_id is None
    eleve_id = eleve_id or str(uuid4())
    await scolarites.connus(tx, contexte.session, [eleve_id])
    await _enregistrer(tx, contexte, ajout, eleve_id, champs)
    if ajout.ine:
        await ajouter(tx, contexte.cles, contexte.session, {Nom(Nature.INE, ajout.ine): eleve_id})
        await dispositifs.lier(tx, contexte.session, contexte.cles, [(Nom(Nature.INE, ajout.ine), eleve_id)])
    identites = {eleve_id: _identite(contexte.session, ajout)} if est_neuf else {}
    publiee = await contexte.publier(tx, ajout.uai, [eleve_id], identites)
    await taches.proposer_memes(tx, contexte.session, publiee.identifies)
    await _liberer(tx, contexte, ajout.ine, eleve_id)
    reponse = await montrer(tx, contexte.session, ajout.uai, eleve_id)
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


def _empreinte_demande(ajout: Ajout) -> dict[str, object]:
    return {champ: getattr(ajout, champ) for champ in Ajout.__slots__}


def _champs(ajout: Ajout) -> dict[str, Any]:
    """Fields of EleveRemonte, as JSON values."""
    if ajout.ine is not None and not INE.fullmatch(ajout.ine):
        raise Refus(422, "ine", "L’INE n’a pas onze chiffres et lettres.")
    try:
        return champs_saisis(ajout.champs)
    except SaisieInvalideError as erreur:
        raise Refus(422, erreur.champ, erreur.phrase) from erreur


async def _candidats(tx: AsyncConnection, contexte: Contexte, ajout: Ajout) -> dict[str, str]:
    """Pupils who may be the one added: id → why, INE or HOMONYME."""
    nom = nom_de(ajout.nom, ajout.prenom, ajout.naissance)
    proches = await taches.proches(tx, contexte.session, {"": contexte.cles.empreintes(nom)})
    candidats = dict.fromkeys(proches.get("", ()), "HOMONYME")
    if ajout.ine is None:
        return candidats
    ine = Nom(Nature.INE, ajout.ine)
    connus = await chercher(tx, contexte.cles, contexte.session, {ine})
    if ine in connus.effaces:
        raise Refus(
            409,
            "efface",
            "Les données de cet élève ont été effacées pour cette session : il ne peut pas être repris.",
        )
    if ine in connus.ids:
        candidats[connus.ids[ine]] = "INE"
    return candidats


async def _designer(
    tx: AsyncConnection, contexte: Contexte, ajout: Ajout, candidats: Mapping[str, str]
) -> str | None:
    """The known pupil that is meant; None: a new one."""
    par_ine = next((eleve for eleve, pourquoi in candidats.items() if pourquoi == "INE"), None)
    if ajout.eleve_id is not None:
        if ajout.eleve_id not in candidats or (par_ine and par_ine != ajout.eleve_id):
            raise await _proposer(tx, contexte, ajout, candidats)
        return ajout.eleve_id
    if par_ine is None and (ajout.nouveau or not candidats):
        return None
    if (
        par_ine is not None
        and candidats.keys() == {par_ine}
        and await _meme_nom(tx, contexte, ajout, par_ine)
    ):
        return par_ine
    raise await _proposer(tx, contexte, ajout, candidats)


async def _meme_nom(tx: AsyncConnection, contexte: Contexte, ajout: Ajout, eleve_id: str) -> bool:
    """The INE's pupil is known under this name, or under none."""
    connus = await scolarites.connus(tx, contexte.session, [eleve_id], verrou=False)
    homonyme = connus[eleve_id].homonyme if eleve_id in connus else None
    nom = nom_de(ajout.nom, ajout.prenom, ajout.naissance)
    return homonyme is None or homonyme in contexte.cles.empreintes(nom)


async def _proposer(
    tx: AsyncConnection, contexte: Contexte, ajout: Ajout, candidats: Mapping[str, str]
) -> Refus:
    """Who is proposed: of a pupil of another lycée nothing more is said than that he exists."""
    lycees = await taches.lycees_de(tx, contexte.session, list(candidats))
    return Refus(
        409,
        "eleves_proches",
        "Un élève connu porte cet INE, ou ces nom, prénom et date de naissance : dites si c’est lui (eleve_id) ou "
        "s’il s’agit d’un autre élève (nouveau).",
        candidats=[
            {"eleve_id": eleve, "pourquoi": pourquoi, "chez_vous": ajout.uai in lycees.get(eleve, ())}
            for eleve, pourquoi in candidats.items()
        ],
    )


async def _enregistrer(
    tx: AsyncConnection, contexte: Contexte, ajout: Ajout, eleve_id: str, champs: Mapping[str, Any]
) -> None:
    dites = (await scolarites.dites(tx, contexte.session, [eleve_id])).get(eleve_id, [])
    _refuser_present(dites, ajout.uai)
    entree = (await store.entrees(tx, contexte.session, ajout.uai, [eleve_id]))[eleve_id]
    locale = Locale(ajout=True, champs={**_lieu(contexte.session, ajout), **champs, "date_sortie": None})
    acte = Acte("AJOUT", ajout.motif, contexte.acteur)
    nouvelle = {(eleve_id, ajout.uai): Entree(entree.version + 1, locale)}
    await store.enregistrer(tx, contexte.session, acte, nouvelle)


def _refuser_present(dites: Sequence[Dite], uai: str) -> None:
    for dite in dites:
        if dite.uai == uai and composer(dite).date_sortie is None and not composer(dite).renonce:
            raise Refus(409, "deja_la", "Cet élève est déjà dans la liste de votre lycée.")


def _lieu(session: int, ajout: Ajout) -> dict[str, Any]:
    academie = academie_de_uai(ajout.uai)
    return {
        "session": session,
        "uai": ajout.uai,
        "academie": academie.code if academie else EXTERIEUR,
        "departement": departement_de_uai(ajout.uai) or "099",
        "sexe": ajout.sexe,
    }


def _identite(session: int, ajout: Ajout) -> IdentiteLue:
    return IdentiteLue(
        session=session,
        ine=ajout.ine,
        nom=ajout.nom,
        nom_usage=ajout.nom_usage,
        prenom=ajout.prenom,
        naissance=ajout.naissance,
        sexe=ajout.sexe,
    )


async def _liberer(tx: AsyncConnection, contexte: Contexte, ine: str | None, eleve_id: str) -> None:
    """Facts of the feed that waited for this INE follow, in the same transaction."""
    if ine is None:
        return
    dossiers = await parking.lier_par_ine(tx, contexte.cles, contexte.session, {ine: eleve_id})
    liberes = await parking.liberer(tx, contexte.session, _COMMANDE, dossiers)
    prefixe = contexte.settings.topic_prefix
    complets = {topic.nom: topic.complet(prefixe, contexte.session) for topic in CATALOGUE}
    await outbox.append(tx, [fait.pour(eleve, complets[fait.topic]) for eleve, fait in liberes])
    await tx.execute(_DEPARQUER, {"id": _COMMANDE, "session": contexte.session})
