"""Commands on notes: an author writes, corrects, takes away his own. Their text is in no remembered answer."""

from datetime import date
from typing import Annotated, Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.appel import Appel, exiger_version, instant
from services.eleves.accompagnement.domain import aujourd_hui
from services.eleves.accompagnement.notes import store
from services.eleves.accompagnement.notes.domain import Visibilite, au_choix
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import Perimetre

Texte = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=4_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$"
    ),
]


class SaisieNote(BaseModel):
    """``jour``: when the talk was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jour: date
    texte: Texte
    visibilite: Visibilite


async def creer(tx: AsyncConnection, appel: Appel, eleve_id: str, saisie: SaisieNote) -> dict[str, Any]:
    """A note; 422 when it is of a day to come or hidden from whom the author may not hide it."""
    demande = appel.demande("creer_note", eleve=eleve_id, **saisie.model_dump(mode="json"))
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await _relire(tx, appel, eleve_id, deja["id"])
    if not await store.connu(tx, appel.lieu, eleve_id):
        raise introuvable()
    le = await instant(tx)
    _exiger_saisie(appel.par, saisie, aujourd_hui(le))
    note = {
        **_dite(saisie),
        "id": str(uuid4()),
        "eleve_id": eleve_id,
        "uai": appel.lieu.uai,
        "version": 1,
        "auteur": appel.par.acteur,
        "auteur_nom": appel.par.nom,
        "auteur_role": appel.par.role.value,
        "cree_le": le,
        "modifie_le": le,
    }
    await store.ecrire(tx, appel.session, note)
    await retenir(tx, appel.par.acteur, appel.cle, {"id": note["id"]})
    return presenter(note, appel.par)


async def modifier(
    tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str, saisie: SaisieNote
) -> dict[str, Any]:
    """Raises Refus: 403 another's note, 412 changed meanwhile, 428 version not said."""
    demande = appel.demande("modifier_note", note=note_id, **saisie.model_dump(mode="json"))
    deja = await deja_repondu(tx, appel.par.acteur, appel.cle, demande)
    if deja is not None:
        return await _relire(tx, appel, eleve_id, note_id)
    note = await _sienne(tx, appel, eleve_id, note_id)
    exiger_version(appel.if_match, presenter(note, appel.par), saisie.model_dump(mode="json"))
    le = await instant(tx)
    _exiger_saisie(appel.par, saisie, aujourd_hui(le))
    apres = {**note, **_dite(saisie), "version": note["version"] + 1, "modifie_le": le}
    await store.ecrire(tx, appel.session, apres)
    await retenir(tx, appel.par.acteur, appel.cle, {"id": note_id})
    return presenter(apres, appel.par)


async def effacer(tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str) -> None:
    """Take a note away, with every text that it had."""
    note = await _sienne(tx, appel, eleve_id, note_id)
    exiger_version(appel.if_match, presenter(note, appel.par), None)
    await store.effacer(tx, appel.session, note, await instant(tx))


async def historique(tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str) -> list[dict[str, Any]]:
    """Every state of one's own note."""
    await _sienne(tx, appel, eleve_id, note_id)
    return [
        {**ligne, "jour": ligne["jour"].isoformat(), "le": ligne["le"].isoformat()}
        for ligne in await store.historique(tx, note_id)
    ]


async def _sienne(tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str) -> store.Ligne:
    note = await _une(tx, appel, eleve_id, note_id)
    if note["auteur"] != appel.par.acteur:
        raise Refus(403, "pas_l_auteur", "Seul l’auteur d’une note la modifie ou l’efface.")
    return note


async def _une(tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str) -> store.Ligne:
    if not await store.connu(tx, appel.lieu, eleve_id):
        raise introuvable()
    note = await store.une(tx, appel.lieu, eleve_id, note_id)
    if note is None:
        raise introuvable()
    return note


async def _relire(tx: AsyncConnection, appel: Appel, eleve_id: str, note_id: str) -> dict[str, Any]:
    return presenter(await _une(tx, appel, eleve_id, note_id), appel.par)


def _exiger_saisie(perimetre: Perimetre, saisie: SaisieNote, jour: date) -> None:
    if saisie.visibilite not in au_choix(perimetre.role):
        raise Refus(
            422, "visibilite_refusee", "Choisissez qui peut lire cette note parmi les choix proposés."
        )
    if saisie.jour > jour:
        raise Refus(422, "date_a_venir", "La date de l’entretien ne peut pas être à venir.")


def _dite(saisie: SaisieNote) -> dict[str, Any]:
    return {"jour": saisie.jour, "texte": saisie.texte, "visibilite": saisie.visibilite.value}


def presenter(note: store.Ligne, perimetre: Perimetre) -> dict[str, Any]:
    """``sienne``: the caller wrote it, he may change it."""
    return {
        **{
            champ: note[champ]
            for champ in ("id", "eleve_id", "texte", "visibilite", "version", "auteur_nom", "auteur_role")
        },
        "jour": note["jour"].isoformat(),
        "visibilite_libelle": Visibilite(note["visibilite"]).libelle,
        "cree_le": note["cree_le"].isoformat(),
        "modifie_le": note["modifie_le"].isoformat(),
        "sienne": note["auteur"] == perimetre.acteur,
    }


def choix(perimetre: Perimetre) -> list[dict[str, str]]:
    """Whom the caller may let read a note."""
    return [{"code": un.value, "libelle": un.libelle} for un in au_choix(perimetre.role)]
