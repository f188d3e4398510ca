"""Closing the remontée of a lycée: an explicit act that freezes the vivier initial.

Afterwards files still move classe, arrivals and sorties; Cordées and bourse are listed, not applied
(setting ``remontee_gel``). Reopened by the operator only.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite import taches
from services.ingest.scolarite.contexte import Contexte
from services.ingest.siecle import absents, scolarites
from services.ingest.siecle.effective import GELES, Effective, decoder_contenu, effective
from shared.http.errors import Refus
from shared.http.idempotency import deja_repondu, retenir

ETAT = text(
    """
    SELECT version, close, bilan::text AS bilan, motif, auteur, le FROM registre.remontee
     WHERE session = :session AND uai = :uai ORDER BY version DESC LIMIT 1
    """
)
_ECRIRE = text(
    """
    INSERT INTO registre.remontee (session, uai, version, close, bilan, motif, auteur)
    VALUES (:session, :uai, :version, :close, CAST(:bilan AS jsonb), :motif, :auteur)
    """
)
_CONNUS_DU_LYCEE = text(
    "SELECT eleve_id::text FROM registre.eleve_connu WHERE session = :session AND uai = :uai ORDER BY eleve_id"
)
_LYCEES = text(
    "SELECT DISTINCT uai FROM registre.eleve_connu WHERE session = :session AND uai IS NOT NULL ORDER BY uai"
)
_FIGER = text(
    """
    INSERT INTO registre.vivier_initial (session, eleve_id, uai, serie, le)
    SELECT :session, i, :uai, s, :le FROM unnest(CAST(:ids AS uuid[]), CAST(:series AS text[])) AS n(i, s)
     ORDER BY i
    ON CONFLICT DO NOTHING
    """
)
_DEFIGER = text(
    "DELETE FROM registre.vivier_initial WHERE session = :session AND uai = :uai RETURNING eleve_id::text"
)
_GELER = text(
    f"""
    UPDATE registre.scolarite
       SET gele = jsonb_strip_nulls(jsonb_build_object(
               {", ".join(f"'{champ}', convert_from(contenu, 'UTF8')::jsonb -> '{champ}'" for champ in GELES)}))
     WHERE session = :session AND uai = :uai
    """
)
_DEGELER = text(
    """
    UPDATE registre.scolarite SET gele = NULL
     WHERE session = :session AND uai = :uai AND gele IS NOT NULL RETURNING eleve_id::text
    """
)
ELEVES_GELES = text(
    """
    SELECT eleve_id::text FROM registre.scolarite WHERE session = :session AND uai = :uai AND gele IS NOT NULL
    """
)
ELEVES_FIGES = text(
    "SELECT eleve_id::text FROM registre.vivier_initial WHERE session = :session AND uai = :uai"
)
_DERNIER_IMPORT = text(
    """
    SELECT (compte_rendu #>> '{compteurs,rejetes}')::bigint AS rejetes,
           depose_le FROM registre.import
     WHERE session = :session AND uai = :uai AND nature = 'SIECLE' AND version IS NOT NULL AND etat = 'TERMINE'
     ORDER BY depose_le DESC LIMIT 1
    """
)


async def bilan(tx: AsyncConnection, session: int, uai: str) -> dict[str, Any]:
    """State of the remontée, and what closing it now would freeze."""
    etat = (await tx.execute(ETAT, {"session": session, "uai": uai})).mappings().one_or_none()
    presents = await presents_de(tx, session, uai)
    par_serie = Counter(str(decoder_contenu(dite.contenu)["serie"]) for dite in presents.values())
    dernier = (await tx.execute(_DERNIER_IMPORT, {"session": session, "uai": uai})).one_or_none()
    return {
        "uai": uai,
        "close": bool(etat and etat["close"]),
        "version": etat["version"] if etat else 0,
        "close_le": etat["le"].isoformat() if etat and etat["close"] else None,
        "close_par": etat["auteur"] if etat and etat["close"] else None,
        "fige": json.loads(etat["bilan"]) if etat and etat["close"] and etat["bilan"] else None,
        "presents": len(presents),
        "par_serie": dict(sorted(par_serie.items())),
        "absents": len(await absents.lister(tx, session, uai)),
        "lignes_rejetees": int(dernier.rejetes or 0) if dernier else 0,
        "dernier_fichier_le": dernier.depose_le.isoformat() if dernier else None,
        "taches_ouvertes": await taches.compter(tx, session, uai),
    }


async def cloturer(
    tx: AsyncConnection, contexte: Contexte, uai: str, *, presents: int | None
) -> dict[str, Any]:
    """Freeze the vivier initial. ``presents``: the number that the caller was shown and confirms; None: any.

    Raises:
        Refus: 409 already closed, nobody there, or the number is no longer the one confirmed.
    """
    session = contexte.session
    demande = {"commande": "CLOTURE", "session": session, "uai": uai, "presents": presents}
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, demande)
    if deja is not None:
        return deja
    await contexte.attendre_son_tour(tx)
    vu = await bilan(tx, session, uai)
    _exiger(vu, presents)
    qui = await presents_de(tx, session, uai)
    ids = sorted(qui)
    await scolarites.connus(tx, session, ids)
    await tx.execute(
        _FIGER,
        {
            "session": session,
            "uai": uai,
            "le": contexte.jour,
            "ids": ids,
            "series": [str(decoder_contenu(qui[eleve_id].contenu)["serie"]) for eleve_id in ids],
        },
    )
    if contexte.settings.remontee_gel:
        await tx.execute(_GELER, {"session": session, "uai": uai})
    await _noter(tx, contexte, uai, vu, close=True, motif=None)
    await contexte.publier(tx, uai, ids)
    reponse = await bilan(tx, session, uai)
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


def _exiger(vu: Mapping[str, Any], presents: int | None) -> None:
    if vu["close"]:
        raise Refus(409, "deja_close", "La remontée de ce lycée est déjà close.")
    if not vu["presents"]:
        raise Refus(409, "sans_eleve", "Aucun élève n’est remonté : déposez d’abord le fichier de SIECLE.")
    if presents is not None and presents != vu["presents"]:
        raise Refus(
            409,
            "effectif_change",
            f"Le nombre d’élèves a changé : {vu['presents']} seraient figés, au lieu de {presents}. Relisez le bilan.",
            bilan=dict(vu),
        )


async def rouvrir(tx: AsyncConnection, contexte: Contexte, uai: str, motif: str) -> dict[str, Any]:
    """The frozen base of the lycée is undone; files apply wholly again."""
    session = contexte.session
    demande = {"commande": "REOUVERTURE", "session": session, "uai": uai, "motif": motif}
    deja = await deja_repondu(tx, contexte.acteur, contexte.cle, demande)
    if deja is not None:
        return deja
    await contexte.attendre_son_tour(tx)
    vu = await bilan(tx, session, uai)
    if not vu["close"]:
        raise Refus(409, "pas_close", "La remontée de ce lycée n’est pas close.")
    touches = set((await tx.execute(ELEVES_GELES, {"session": session, "uai": uai})).scalars())
    touches |= set((await tx.execute(ELEVES_FIGES, {"session": session, "uai": uai})).scalars())
    await scolarites.connus(tx, session, sorted(touches))
    await tx.execute(_DEGELER, {"session": session, "uai": uai})
    await tx.execute(_DEFIGER, {"session": session, "uai": uai})
    await _noter(tx, contexte, uai, vu, close=False, motif=motif)
    await contexte.publier(tx, uai, sorted(touches))
    reponse = await bilan(tx, session, uai)
    await retenir(tx, contexte.acteur, contexte.cle, reponse)
    return reponse


async def lycees(tx: AsyncConnection, session: int) -> Sequence[str]:
    """Every lycée that has pupils."""
    return list((await tx.execute(_LYCEES, {"session": session})).scalars())


async def presents_de(tx: AsyncConnection, session: int, uai: str) -> dict[str, Effective]:
    """Pupils whose effective scolarité is in the lycée, not sortis."""
    ids = list((await tx.execute(_CONNUS_DU_LYCEE, {"session": session, "uai": uai})).scalars())
    dites = await scolarites.dites(tx, session, ids)
    tenues = {eleve_id: effective(dites[eleve_id], None, uai) for eleve_id in ids if eleve_id in dites}
    return {eleve_id: dite for eleve_id, dite in tenues.items() if dite.uai == uai and not dite.sorti}


async def _noter(
    tx: AsyncConnection,
    contexte: Contexte,
    uai: str,
    vu: Mapping[str, Any],
    *,
    close: bool,
    motif: str | None,
) -> None:
    gardes = ("presents", "par_serie", "absents", "lignes_rejetees", "taches_ouvertes")
    await tx.execute(
        _ECRIRE,
        {
            "session": contexte.session,
            "uai": uai,
            "version": vu["version"] + 1,
            "close": close,
            "bilan": json.dumps({champ: vu[champ] for champ in gardes}),
            "motif": motif,
            "auteur": contexte.acteur,
        },
    )
