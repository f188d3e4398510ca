"""Certify, refuse, undo: one pupil or several at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lots
from services.eleves.bourses import delegations, presentation, registre
from services.eleves.bourses.registre import Decision
from services.eleves.lots import Contexte, Lot, Vise
from services.eleves.referentiels import calendrier
from shared.domaine.bourse import (
    Acte,
    Demande,
    RefusBourse,
    phrase_de_la_date,
    refus,
    refus_de_la_date,
)
from shared.domaine.etat import EtatEleve
from shared.events.modeles import EtatBourse
from shared.http.errors import Refus

_SAISIE = frozenset(
    {
        RefusBourse.ECHELON_ABSENT,
        RefusBourse.ECHELON_INVALIDE,
        RefusBourse.PIECE_NON_VUE,
        RefusBourse.MOTIF_ABSENT,
    }
)
"""What was typed is at fault (422); the others are refused for what the pupil's bourse is (409)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """An act, and what is asked for each pupil. ``texte``: free text of a refusal, kept in the registre only."""

    acte: Acte
    demandes: Mapping[str, Demande]
    versions: Mapping[str, int | None]
    texte: str | None = None


async def decider(tx: AsyncConnection, contexte: Contexte, voulu: Decider) -> dict[str, Any]:
    """Several pupils: a report for each.

    Raises:
        Refus: 409 outside the window or without the delegation: nobody is decided on.
    """
    await _exiger(tx, contexte)
    return await lots.executer(tx, contexte, _lot(contexte, voulu))


async def decider_un(tx: AsyncConnection, contexte: Contexte, voulu: Decider) -> dict[str, Any]:
    """One pupil: his bourse as it stands after it.

    Raises:
        Refus: why it is not done.
    """
    await _exiger(tx, contexte)
    return await lots.executer_un(tx, contexte, _lot(contexte, voulu))


async def _exiger(tx: AsyncConnection, contexte: Contexte) -> None:
    await delegations.exiger(tx, contexte)
    dates = await calendrier(tx, contexte.session)
    if (trop := refus_de_la_date(dates, contexte.le)) is not None:
        raise Refus(409, trop.value, phrase_de_la_date(trop, dates))


def _lot(contexte: Contexte, voulu: Decider) -> Lot[Decision]:
    def juger(eleve_id: str, etat: EtatEleve, connue: Decision | None) -> Decision | Refus:
        demande = voulu.demandes[eleve_id]
        motif = refus(etat, connue.en_vigueur if connue else None, demande)
        if motif is not None:
            details = {"survivant": etat.fusionne} if etat.fusionne else {}
            return Refus(422 if motif in _SAISIE else 409, motif.value, motif.phrase, **details)
        nouvelle = _decision(contexte, demande, voulu.texte)
        return replace(nouvelle, version=connue.version + 1) if connue else nouvelle

    return Lot(
        acte=voulu.acte.value,
        demande={
            "commande": f"bourse.{voulu.acte.value}",
            "session": contexte.session,
            "uai": contexte.uai,
            "eleves": {i: asdict(d) for i, d in voulu.demandes.items()},
            "texte": voulu.texte,
        },
        vises=[Vise(i, voulu.versions.get(i)) for i in voulu.demandes],
        propose=lambda i: asdict(voulu.demandes[i]),
        lire=registre.lire,
        juger=juger,
        ecrire=registre.ecrire,
        tracer=registre.tracer,
        presenter=presentation.presenter,
    )


def _decision(contexte: Contexte, demande: Demande, texte: str | None) -> Decision:
    certifie, refuse = demande.acte is Acte.CERTIFIER, demande.acte is Acte.REFUSER
    etats = {Acte.CERTIFIER: EtatBourse.CERTIFIEE, Acte.REFUSER: EtatBourse.REFUSEE}
    return Decision(
        etat=etats.get(demande.acte),
        echelon=demande.echelon if certifie else None,
        piece_vue=certifie and demande.piece_vue,
        motif=demande.motif.value if refuse and demande.motif else None,
        texte=texte if refuse or demande.acte is Acte.ANNULER else None,
        version=1,
        uai=contexte.uai,
        auteur=contexte.perimetre.acteur,
        role=contexte.perimetre.role.value,
        le=contexte.le,
    )
