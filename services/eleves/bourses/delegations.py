"""Who may decide on bourses: the chef, and the adjoint to whom he delegated it, between two dates."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.lots import Contexte
from shared.domaine.calendrier import jour_de
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir
from shared.http.perimetre import Delegation, Perimetre, Role

_OBJET = Delegation.BOURSE.value
_COLONNES = "id::text, adjoint, nom, debut, fin, donnee_par, donnee_le, retiree_par, retiree_le"
_LISTER = text(
    f"SELECT {_COLONNES} FROM registre.delegation WHERE session = :session AND uai = :uai AND objet = :objet"
    " ORDER BY retiree_le IS NOT NULL, donnee_le DESC"
)
_VALIDE = text(
    """
    SELECT true FROM registre.delegation
     WHERE session = :session AND uai = :uai AND objet = :objet AND adjoint = :adjoint AND retiree_le IS NULL
       AND debut <= :jour AND coalesce(fin, :jour) >= :jour LIMIT 1
    """
)
_DONNER = text(
    f"""
    INSERT INTO registre.delegation (id, session, uai, objet, adjoint, nom, debut, fin, donnee_par, donnee_le)
    VALUES (CAST(:id AS uuid), :session, :uai, :objet, :adjoint, :nom, :debut, :fin, :acteur, :le)
    RETURNING {_COLONNES}
    """
)
_RETIRER = text(
    f"""
    UPDATE registre.delegation SET retiree_par = coalesce(retiree_par, :acteur), retiree_le = coalesce(retiree_le, :le)
     WHERE id = CAST(:id AS uuid) AND session = :session AND uai = :uai AND objet = :objet
    RETURNING {_COLONNES}
    """
)


async def peut_decider(
    tx: AsyncConnection, perimetre: Perimetre, session: int, uai: str, le: datetime
) -> bool:
    """The chef; an adjoint by the registre that day, or by what the identity provider says of him."""
    if not perimetre.voit_lycee(uai):
        return False
    if perimetre.decide(Delegation.BOURSE):
        return True
    if perimetre.role is not Role.ADJOINT:
        return False
    valeurs = {"session": session, "uai": uai, "objet": _OBJET}
    trouve = await tx.execute(_VALIDE, {**valeurs, "adjoint": perimetre.acteur, "jour": jour_de(le)})
    return bool(trouve.scalar())


async def exiger(tx: AsyncConnection, contexte: Contexte) -> None:
    """Raises Refus 409 for an adjoint without delegation; 404 for whoever has nothing to do with bourses."""
    if not contexte.perimetre.direction:
        raise introuvable()
    if not await peut_decider(tx, contexte.perimetre, contexte.session, contexte.uai, contexte.le):
        phrase = (
            "Le chef d’établissement ne vous a pas délégué la certification des bourses, ou la délégation n’est "
            "plus en vigueur : demandez-lui de vous la donner, depuis sa page des bourses."
        )
        raise Refus(409, "delegation_absente", phrase)


async def lister(tx: AsyncConnection, session: int, uai: str, jour: date) -> list[dict[str, Any]]:
    """Those that stand first; ``en_vigueur``: today."""
    rows = await tx.execute(_LISTER, {"session": session, "uai": uai, "objet": _OBJET})
    return [_montrer(dict(row), jour) for row in rows.mappings()]


async def donner(
    tx: AsyncConnection, contexte: Contexte, *, adjoint: str, nom: str | None, dates: Sequence[date | None]
) -> dict[str, Any]:
    """``dates``: first and last day; no last day: to the end of the session.

    Raises:
        Refus: 422, the last day is before the first.
    """
    debut, fin = dates
    jour = jour_de(contexte.le)
    if fin is not None and fin < (debut or jour):
        raise Refus(
            422, "dates_inversees", "La délégation finirait avant d’avoir commencé : corrigez les dates."
        )
    demande = {"commande": "deleguer", "uai": contexte.uai, "adjoint": adjoint, "debut": debut, "fin": fin}
    deja = await deja_repondu(tx, contexte.perimetre.acteur, contexte.cle, demande)
    if deja is not None:
        return deja
    valeurs = {"debut": debut or jour, "fin": fin, "adjoint": adjoint, "nom": nom, "id": str(uuid4())}
    row = (await tx.execute(_DONNER, {**_commun(contexte), **valeurs})).mappings().one()
    montre = _montrer(dict(row), jour)
    await retenir(tx, contexte.perimetre.acteur, contexte.cle, montre)
    return montre


async def retirer(tx: AsyncConnection, contexte: Contexte, delegation_id: str) -> dict[str, Any]:
    """Withdrawing twice is withdrawing once.

    Raises:
        Refus: 404, none of this lycée.
    """
    row = (await tx.execute(_RETIRER, {**_commun(contexte), "id": delegation_id})).mappings().first()
    if row is None:
        raise introuvable()
    return _montrer(dict(row), jour_de(contexte.le))


def _commun(contexte: Contexte) -> dict[str, Any]:
    return {
        "session": contexte.session,
        "uai": contexte.uai,
        "objet": _OBJET,
        "acteur": contexte.perimetre.acteur,
        "le": contexte.le,
    }


def _montrer(row: dict[str, Any], jour: date) -> dict[str, Any]:
    en_cours = row["debut"] <= jour and (row["fin"] is None or jour <= row["fin"])
    dites = {nom: v.isoformat() if isinstance(v, date) else v for nom, v in row.items()}
    return {**dites, "en_vigueur": row["retiree_le"] is None and en_cours}
