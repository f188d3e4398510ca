"""A bourse as JSON: what SIECLE says, what the pupil said, what the chef decided, what the platform acknowledged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.bourses import registre
from services.eleves.bourses.registre import Decision
from services.eleves.lots import Contexte
from shared.domaine.accuse import ACQUIS
from shared.domaine.bourse import Bourse, MotifRefus, bourse
from shared.domaine.calendrier import jour_de
from shared.domaine.etat import Accuse, EtatEleve
from shared.events.modeles import ObjetAccuse

_VERSIONS = text(
    "SELECT eleve_id::text, coalesce(bourse_version, 0) AS version FROM eleve"
    " WHERE eleve_id = ANY(CAST(:ids AS uuid[]))"
)
_ACTES = text(
    """
    SELECT h.eleve_id::text, h.acte, h.etat, h.echelon, h.le, h.evenement
      FROM unnest(CAST(:ids AS uuid[]), CAST(:evenements AS integer[])) AS n(eleve_id, evenement)
      JOIN registre.bourse_historique h
        ON h.session = :session AND h.eleve_id = n.eleve_id AND h.evenement = n.evenement
     ORDER BY h.version
    """
)


async def presenter(
    tx: AsyncConnection, contexte: Contexte, etats: Mapping[str, EtatEleve]
) -> dict[str, dict[str, Any]]:
    """One object per pupil; the caller may see the échelon: he is of the direction."""
    ids = list(etats)
    if not ids:
        return {}
    decisions = await registre.lire(tx, contexte.session, ids)
    versions = {row.eleve_id: row.version for row in (await tx.execute(_VERSIONS, {"ids": ids})).all()}
    accuses = {i: etat.accuses.get(ObjetAccuse.BOURSE.value) for i, etat in etats.items()}
    actes = await _actes(tx, contexte.session, {i: a for i, a in accuses.items() if a is not None})
    return {
        i: {
            "eleve_id": i,
            **dire_bourse(etat, decisions.get(i), contexte.le),
            "accuse": _accuse(accuses[i], versions.get(i, 0), actes.get(i)),
        }
        for i, etat in etats.items()
    }


async def _actes(
    tx: AsyncConnection, session: int, accuses: Mapping[str, Accuse]
) -> dict[str, Mapping[str, Any]]:
    """The act that each acknowledged version said, when it was one of the lycée's."""
    if not accuses:
        return {}
    valeurs = {"ids": list(accuses), "evenements": [a.version_objet for a in accuses.values()]}
    rows = await tx.execute(_ACTES, {"session": session, **valeurs})
    return {row["eleve_id"]: dict(row) for row in rows.mappings()}


def dire_bourse(etat: EtatEleve, decision: Decision | None, le: datetime) -> dict[str, Any]:
    """``version``: of the decision, 0 when there never was one. ``age_jours``: of a signal that waits."""
    dite = bourse(etat, decision.en_vigueur if decision else None)
    return {
        "etat": dite.etat.value,
        "echelon": dite.echelon,
        "motif": dite.motif,
        "motif_libelle": _motif(dite.motif),
        "texte": decision.texte if decision and decision.etat else None,
        "depuis": _iso(dite.depuis),
        "signalee_le": _iso(dite.signalee_le),
        "age_jours": _age(dite, le),
        "siecle": dite.siecle,
        "echelon_siecle": dite.echelon_siecle,
        "a_traiter": dite.a_traiter,
        "nouveau_signal": dite.nouveau_signal,
        "confirmee": dite.confirmee,
        "contradiction": dite.contradiction and dite.contradiction.value,
        "piece_vue": decision.piece_vue if decision and decision.etat else None,
        "version": decision.version if decision else 0,
        "auteur": decision.auteur if decision and decision.etat else None,
    }


def _age(dite: Bourse, le: datetime) -> int | None:
    if not dite.a_traiter or dite.signalee_le is None:
        return None
    return max((jour_de(le) - jour_de(dite.signalee_le)).days, 0)


def _accuse(accuse: Accuse | None, version: int, acte: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``a_jour``: the platform answered on what stands now; ``pris``: it took it."""
    if accuse is None:
        return None
    return {
        "version": accuse.version_objet,
        "resultat": accuse.resultat,
        "pris": accuse.resultat in ACQUIS,
        "a_jour": accuse.version_objet >= version,
        "acte": acte["acte"] if acte else None,
        "echelon": acte["echelon"] if acte else None,
        "acte_le": _iso(acte["le"]) if acte else None,
    }


def dire_historique(actes: Sequence[tuple[str, int | None, Decision]]) -> list[dict[str, Any]]:
    return [
        {
            "acte": acte,
            "evenement": evenement,
            "version": d.version,
            "etat": d.etat and d.etat.value,
            "echelon": d.echelon,
            "motif": d.motif,
            "motif_libelle": _motif(d.motif),
            "texte": d.texte,
            "auteur": d.auteur,
            "role": d.role,
            "le": d.le.isoformat(),
        }
        for acte, evenement, d in actes
    ]


def _motif(code: str | None) -> str | None:
    return MotifRefus(code).libelle if code in set(MotifRefus) else code


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
