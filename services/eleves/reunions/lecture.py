"""Two things typed for one pupil: shown side by side until somebody says that he has looked."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.lecture import Lecture
from shared.domaine.bourse import MotifRefus
from shared.domaine.cordees import LIBELLES_DISPOSITIF
from shared.events.modeles import Dispositif
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Perimetre

_COLONNES = """
    l.origine::text, l.porteur::text, l.objet, l.cle, l.contenu, l.le, e.nom, e.prenom, e.classe, a.titre
"""
_OUVERTES = f"""
    SELECT {_COLONNES} FROM registre.reunion_ligne l
      JOIN eleve e ON e.eleve_id = l.porteur AND e.session = l.session
      LEFT JOIN registre.action a ON l.objet = 'ACTION' AND a.id::text = l.cle
     WHERE l.session = :session AND l.etat = 'CONFLIT' AND e.uai = ANY(CAST(:lycees AS text[]))
"""
_DU_LYCEE = text(f"{_OUVERTES} AND e.uai = :uai ORDER BY l.le, l.origine, l.objet, l.cle")
_D_UN = text(f"{_OUVERTES} AND l.porteur = CAST(:eleve_id AS uuid) ORDER BY l.le, l.objet, l.cle")
_REGLER = text(
    """
    UPDATE registre.reunion_ligne l SET etat = 'REGLEE', reglee_par = :acteur, reglee_le = now()
      FROM eleve e
     WHERE e.eleve_id = l.porteur AND e.uai = :uai AND e.uai = ANY(CAST(:lycees AS text[]))
       AND l.session = :session AND l.origine = CAST(:origine AS uuid) AND l.objet = :objet AND l.cle = :cle
       AND l.etat = 'CONFLIT'
    RETURNING true
    """
)
_ETATS = {"CERTIFIEE": "certifiée", "REFUSEE": "refusée"}


async def du_lycee(tx: AsyncConnection, appelant: Perimetre, session: int, uai: str) -> dict[str, Any]:
    """What waits for a look in a lycée; 404 for who is not of its direction."""
    if not appelant.direction or not appelant.voit_lycee(uai):
        raise introuvable()
    valeurs = {"session": session, "lycees": list(appelant.lycees), "uai": uai}
    return {"conflits": [_conflit(row) for row in (await tx.execute(_DU_LYCEE, valeurs)).mappings()]}


async def partie(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Field ``reunions`` of the dossier, for the direction."""
    if not lecture.appelant.direction:
        return {"reunions": []}
    valeurs = {"session": lecture.session, "lycees": list(lecture.appelant.lycees)}
    rows = await tx.execute(_D_UN, {**valeurs, "eleve_id": lecture.eleve_id})
    return {"reunions": [_conflit(row) for row in rows.mappings()]}


async def regler(
    tx: AsyncConnection, appelant: Perimetre, session: int, uai: str, ligne: Mapping[str, str]
) -> dict[str, Any]:
    """Somebody of the direction has looked at both: what stands stands.

    Raises:
        Refus: 404 not theirs, 409 nothing waits there.
    """
    if not appelant.direction or not appelant.voit_lycee(uai):
        raise introuvable()
    valeurs = {"session": session, "uai": uai, "lycees": list(appelant.lycees), "acteur": appelant.acteur}
    if (await tx.execute(_REGLER, {**valeurs, **ligne})).scalar() is None:
        raise Refus(409, "rien_a_regler", "Cette double saisie est déjà réglée.")
    return {**ligne, "etat": "REGLEE"}


def _conflit(row: Any) -> dict[str, Any]:
    contenu = row["contenu"]
    return {
        "eleve_id": row["porteur"],
        "nom": row["nom"],
        "prenom": row["prenom"],
        "classe": row["classe"],
        "origine": row["origine"],
        "objet": row["objet"],
        "cle": row["cle"],
        "phrase": _phrase(row["objet"], contenu, row["titre"]),
        "auteur": contenu.get("auteur"),
        "saisi_le": contenu.get("le"),
        "depuis": row["le"].isoformat(),
    }


def _phrase(objet: str, contenu: Mapping[str, Any], titre: str | None) -> str:
    """What the other dossier said."""
    if objet == "BOURSE":
        echelon = f", échelon {contenu['echelon']}" if contenu["echelon"] else ""
        motif = contenu["motif"]
        dit = f" ({MotifRefus(motif).libelle})" if motif in set(MotifRefus) else ""
        return (
            f"L’autre dossier disait : bourse {_ETATS.get(contenu['etat'], contenu['etat'])}{echelon}{dit}."
        )
    if objet == "CORDEES":
        dispositif = contenu["dispositif"]
        if contenu["etat"] != "PARTICIPE":
            return "L’autre dossier disait : ne participe pas aux Cordées de la réussite."
        return f"L’autre dossier disait : participe ({LIBELLES_DISPOSITIF[Dispositif(dispositif)]})."
    return f"L’autre dossier avait une autre issue pour l’action « {titre} »."
