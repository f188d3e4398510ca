"""What a lycée says of a pupil of its own, over SIECLE's: correct, withdraw, mark sorti, cancel.

Each: idempotency key, lock, version seen, entry and history, events, answer, in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite import presentation, store
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.domain import OBLIGATOIRES, SaisieInvalideError, champs_saisis
from services.ingest.scolarite.store import Acte, Entree
from services.ingest.siecle import scolarites
from services.ingest.siecle.effective import Dite, Locale, Sortie, composer
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir

Changer = Callable[[Dite], Locale]


@dataclass(frozen=True, slots=True)
class Cible:
    """Of whom the lycée speaks, and why it does."""

    uai: str
    eleve_id: str
    motif: str


@dataclass(frozen=True, slots=True)
class _Changement:
    """``propose``: what the caller wants, shown beside what stands when they differ."""

    acte: str
    changer: Changer
    propose: dict[str, Any]


async def corriger(
    tx: AsyncConnection, contexte: Contexte, cible: Cible, champs: dict[str, Any]
) -> dict[str, Any]:
    """Replace fields of the scolarité; those not named stay as they are."""
    try:
        dits = champs_saisis(champs)
    except SaisieInvalideError as erreur:
        raise Refus(422, erreur.champ, erreur.phrase) from erreur

    def changer(dite: Dite) -> Locale:
        locale = dite.locale or Locale()
        return msgspec.structs.replace(locale, champs={**locale.champs, **dits})

    return await _changer(tx, contexte, cible, _Changement("CORRECTION", changer, dits))


async def retirer(
    tx: AsyncConnection, contexte: Contexte, cible: Cible, champs: Sequence[str]
) -> dict[str, Any]:
    """SIECLE's value counts again for these fields; a MEF takes along the série that it told."""
    a_retirer = {*champs, "serie"} if "mef" in champs else set(champs)

    def changer(dite: Dite) -> Locale:
        locale = dite.locale or Locale()
        if locale.ajout and dite.siecle is None and a_retirer & set(OBLIGATOIRES):
            raise Refus(409, "eleve_ajoute", "SIECLE ne connaît pas cet élève : corrigez ce champ plutôt.")
        garde = {champ: v for champ, v in locale.champs.items() if champ not in a_retirer}
        return msgspec.structs.replace(locale, champs=garde)

    changement = _Changement("RETRAIT", changer, {"retirer": sorted(a_retirer)})
    return await _changer(tx, contexte, cible, changement)


async def sortir(tx: AsyncConnection, contexte: Contexte, cible: Cible, le: date) -> dict[str, Any]:
    """The pupil has left the lycée since ``le``, a day of the past or today."""
    if le > contexte.jour:
        raise Refus(
            422, "date_sortie", "La date de sortie est dans le futur : indiquez-la quand il sera parti."
        )

    def changer(dite: Dite) -> Locale:
        entree = composer(dite).date_entree
        if entree is not None and le < entree:
            raise Refus(422, "date_sortie", "La date de sortie est avant la date d’entrée de l’élève.")
        return msgspec.structs.replace(dite.locale or Locale(), sortie=Sortie(le, cible.motif))

    return await _changer(tx, contexte, cible, _Changement("SORTIE", changer, {"sortie": le.isoformat()}))


async def annuler_sortie(tx: AsyncConnection, contexte: Contexte, cible: Cible) -> dict[str, Any]:
    """The sortie entered here is taken back; SIECLE's own is not."""

    def changer(dite: Dite) -> Locale:
        if dite.locale is None or dite.locale.sortie is None:
            raise Refus(409, "pas_sorti", "Aucune sortie n’a été saisie ici pour cet élève.")
        return msgspec.structs.replace(dite.locale, sortie=None)

    return await _changer(tx, contexte, cible, _Changement("ANNULATION", changer, {"sortie": None}))


async def montrer(tx: AsyncConnection, session: int, uai: str, eleve_id: str) -> dict[str, Any]:
    """SIECLE, entry, effective side by side; 404 when the lycée says nothing of him."""
    dites = (await scolarites.dites(tx, session, [eleve_id])).get(eleve_id, [])
    if not any(dite.uai == uai for dite in dites):
        raise introuvable()
    vivier = (await scolarites.viviers(tx, session, [eleve_id])).get(eleve_id)
    connus = await scolarites.connus(tx, session, [eleve_id], verrou=False)
    entree = (await store.entrees(tx, session, uai, [eleve_id]))[eleve_id]
    historique = await store.historique(tx, session, uai, eleve_id)
    ici = eleve_id in connus and connus[eleve_id].uai == uai
    dite = next(dite for dite in dites if dite.uai == uai)
    return presentation.scolarite(eleve_id, dite, vivier, entree, ici=ici, historique=historique)


async def _changer(
    tx: AsyncConnection, contexte: Contexte, cible: Cible, changement: _Changement
) -> dict[str, Any]:
    session, uai, eleve_id = contexte.session, cible.uai, cible.eleve_id
    demande = {
        "commande": changement.acte,
        "session": session,
        "uai": uai,
        "eleve": eleve_id,
        "quoi": changement.propose,
        "motif": cible.motif,
    }
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, demande)
    if deja is not None:
        return deja
    await scolarites.connus(tx, session, [eleve_id])
    dites = (await scolarites.dites(tx, session, [eleve_id])).get(eleve_id, [])
    dite = next((dite for dite in dites if dite.uai == uai), None)
    if dite is None:
        raise introuvable()
    entree = (await store.entrees(tx, session, uai, [eleve_id]))[eleve_id]
    await _exiger_version(tx, contexte, cible, entree.version, changement.propose)
    apres = changement.changer(dite)
    if apres != (dite.locale or Locale()):
        acte = Acte(changement.acte, cible.motif, contexte.acteur)
        await store.enregistrer(tx, session, acte, {(eleve_id, uai): Entree(entree.version + 1, apres)})
        await contexte.publier(tx, uai, [eleve_id])
    reponse = await montrer(tx, session, uai, eleve_id)
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


async def _exiger_version(
    tx: AsyncConnection, contexte: Contexte, cible: Cible, version: int, propose: dict[str, Any]
) -> None:
    if contexte.if_match is None:
        raise Refus(
            428, "version_attendue", "Relisez la scolarité de l’élève avant de la modifier.", version=version
        )
    if contexte.if_match.strip().removeprefix("W/").strip('"') == str(version):
        return
    raise Refus(
        412,
        "scolarite_modifiee_entre_temps",
        "La scolarité de cet élève a été modifiée entre-temps : comparez les deux saisies et choisissez.",
        actuel=await montrer(tx, contexte.session, cible.uai, cible.eleve_id),
        propose=propose,
    )
