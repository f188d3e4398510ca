"""SQL beside the lists: how many are in each, who is new to the reader, what the filters offer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from services.eleves.listes import PERIMETRE, Lecture, prepare, visibles
from services.eleves.visites import Visite, entrer
from shared.domaine.catalogue import LISTES
from shared.domaine.predicats_sql import compiler

FACETTES = ("classe", "serie", "specialite", "famille")
_COMPTES = """
    WITH visites AS (
        SELECT liste, reference, reference_le FROM registre.visite
         WHERE session = :session AND acteur = :acteur AND uai = :uai
    ), membres AS (
        SELECT eleve_id, unnest(array_remove(ARRAY[{membres}], NULL)) AS liste FROM eleve WHERE {perimetre}
    ), comptes AS (
        SELECT liste, count(*) AS eleves, count(*) FILTER (
                   WHERE (liste, eleve_id) NOT IN (SELECT liste, unnest(reference) FROM visites)
               ) AS inconnus
          FROM membres GROUP BY liste
    )
    SELECT liste, coalesce(eleves, 0) AS eleves, reference_le AS depuis,
           CASE WHEN reference_le IS NOT NULL THEN coalesce(inconnus, 0) END AS nouveaux
      FROM comptes FULL JOIN visites USING (liste)
"""
_FACETTES = text(
    f"""
    WITH siens AS MATERIALIZED (
        SELECT classe, classe_tri, serie, specialites, familles FROM eleve WHERE {PERIMETRE}
    )
    SELECT 'classe' AS filtre, classe AS code, count(*) AS eleves, min(classe_tri) COLLATE "C" AS rang
      FROM siens WHERE classe IS NOT NULL GROUP BY classe
    UNION ALL
    SELECT 'serie', serie, count(*), serie COLLATE "C" FROM siens WHERE serie IS NOT NULL GROUP BY serie
    UNION ALL
    SELECT 'specialite', code, count(*), code COLLATE "C" FROM siens, unnest(specialites) AS code GROUP BY code
    UNION ALL
    SELECT 'famille', code, count(*), code COLLATE "C" FROM siens, unnest(familles) AS code GROUP BY code
     ORDER BY filtre, rang, code
    """
)


@dataclass(frozen=True, slots=True)
class Compte:
    """Of one list. ``nouveaux`` and ``depuis`` are None when the reader never visited it."""

    eleves: int = 0
    nouveaux: int | None = None
    depuis: datetime | None = None


async def compter(lecture: Lecture) -> dict[str, Compte]:
    """Size of every list of the lycée that the caller may read, in one query."""
    parametres: dict[str, Any] = lecture.parametres
    membres = []
    for i, (code, liste) in enumerate(visibles(lecture).items()):
        dit = compiler(liste.condition, lecture.contexte, f"l{i}_")
        membres.append(f"CASE WHEN {dit.texte} THEN '{code}' END")
        parametres.update(dit.parametres)
    requete = prepare(_COMPTES.format(membres=", ".join(membres), perimetre=PERIMETRE))
    lus = {
        row.liste: Compte(row.eleves, row.nouveaux, row.depuis)
        for row in await lecture.connection.execute(requete, parametres)
    }
    return {code: lus.get(code, Compte()) for code in visibles(lecture)}


async def facettes(lecture: Lecture) -> dict[str, list[dict[str, Any]]]:
    """What each filter offers in this lycée, with the number of pupils."""
    offertes: dict[str, list[dict[str, Any]]] = {filtre: [] for filtre in FACETTES}
    for row in await lecture.connection.execute(_FACETTES, lecture.parametres):
        offertes[row.filtre].append({"code": row.code, "eleves": row.eleves})
    return offertes


async def visiter(lecture: Lecture, code: str, *, tout_vu: bool) -> Visite:
    """Record that the reader looks at a list, within his scope."""
    dit = compiler(LISTES[code].condition, lecture.contexte)
    parametres = {**lecture.parametres, **dit.parametres, "liste": code}
    return await entrer(
        lecture.connection,
        f"{PERIMETRE} AND {dit.texte}",
        parametres,
        le=lecture.contexte.a_la_date,
        tout_vu=tout_vu,
    )
