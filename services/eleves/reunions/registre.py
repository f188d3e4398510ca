"""SQL that moves what was typed from one pupil to another, and says of each thing what became of it.

What only one of the two had goes to the other with its history. What both had stays where it is: the same on both
sides is nobody's question, a difference is somebody's task. Rows of both pupils are locked by the caller.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Noms = Mapping[str, Any]
"""``session``, ``de``, ``vers``, ``origine``: for whom it was typed first."""
_CONTENUS = {
    "BOURSE": ("bourse", ("etat", "echelon", "motif")),
    "CORDEES": ("cordees", ("etat", "dispositif")),
}
_DE = "session = :session AND eleve_id = CAST(:de AS uuid)"
_VERS = "session = :session AND eleve_id = CAST(:vers AS uuid)"
_NOTER = """
    INSERT INTO registre.reunion_ligne (session, origine, objet, cle, porteur, etat, contenu)
    SELECT :session, CAST(:origine AS uuid), '{objet}', {cle}, CAST(:vers AS uuid), {etat}, {contenu} FROM {source}
    ON CONFLICT (session, origine, objet, cle) DO UPDATE
       SET porteur = excluded.porteur, etat = excluded.etat, contenu = excluded.contenu, le = now(),
           reglee_par = NULL, reglee_le = NULL
"""


def _d_un_seul(objet: str) -> list[str]:
    """A decision that a pupil has once: moved when the other has none, told when both have one."""
    table, champs = _CONTENUS[objet]
    dits = ", ".join(f"'{champ}', d.{champ}" for champ in (*champs, "auteur", "le", "uai"))
    memes = " AND ".join(f"d.{champ} IS NOT DISTINCT FROM v.{champ}" for champ in champs)
    note = _NOTER.format(
        objet=objet,
        cle="''",
        etat=f"""CASE WHEN v.eleve_id IS NULL THEN 'DEPLACEE'
                      WHEN d.etat IS NULL OR ({memes}) THEN 'MEME' ELSE 'CONFLIT' END""",
        contenu=f"jsonb_build_object({dits})",
        source=f"""(SELECT * FROM registre.{table} WHERE {_DE}) d
                   LEFT JOIN (SELECT * FROM registre.{table} WHERE {_VERS}) v ON true""",
    )
    libre = f"NOT EXISTS (SELECT 1 FROM registre.{table} WHERE {_VERS})"
    return [
        note,
        f"UPDATE registre.{table}_historique SET eleve_id = CAST(:vers AS uuid), evenement = NULL WHERE {_DE} AND {libre}",
        f"UPDATE registre.{table} SET eleve_id = CAST(:vers AS uuid), version = version + 1 WHERE {_DE} AND {libre}",
    ]


_ACTIONS = [
    _NOTER.format(
        objet="ACTION",
        cle="d.action_id::text",
        etat="""CASE WHEN v.eleve_id IS NULL THEN 'DEPLACEE'
                     WHEN d.issue IS NULL OR (d.issue = v.issue AND d.precision IS NOT DISTINCT FROM v.precision)
                     THEN 'MEME' ELSE 'CONFLIT' END""",
        contenu="jsonb_build_object('issue', d.issue, 'precision', d.precision)",
        source=f"""(SELECT * FROM registre.action_eleve WHERE {_DE} AND NOT retire) d
                   LEFT JOIN registre.action_eleve v
                     ON v.action_id = d.action_id AND v.eleve_id = CAST(:vers AS uuid) AND NOT v.retire""",
    ),
    """
    DELETE FROM registre.action_eleve v USING registre.action_eleve d
     WHERE v.action_id = d.action_id AND v.retire AND v.eleve_id = CAST(:vers AS uuid)
       AND d.session = :session AND d.eleve_id = CAST(:de AS uuid) AND NOT d.retire
    """,
    f"""
    UPDATE registre.action_eleve d SET eleve_id = CAST(:vers AS uuid)
     WHERE {_DE} AND NOT EXISTS (SELECT 1 FROM registre.action_eleve v
                                  WHERE v.action_id = d.action_id AND v.eleve_id = CAST(:vers AS uuid))
    """,
    f"UPDATE registre.action_eleve SET retire = true WHERE {_DE} AND NOT retire",
]
_NOTES = [
    _NOTER.format(
        objet="NOTE", cle="id::text", etat="'DEPLACEE'", contenu="'{}'", source=f"registre.note WHERE {_DE}"
    ),
    f"UPDATE registre.note SET eleve_id = CAST(:vers AS uuid) WHERE {_DE}",
]
_DEPLACER = tuple(map(text, [*_d_un_seul("BOURSE"), *_d_un_seul("CORDEES"), *_ACTIONS, *_NOTES]))
_SUIVRE = text(
    "UPDATE registre.reunion_ligne SET porteur = CAST(:vers AS uuid)"
    " WHERE session = :session AND porteur = CAST(:de AS uuid) AND origine <> CAST(:origine AS uuid)"
)
_VENUES = text(
    """
    SELECT objet, cle, porteur::text, etat, contenu FROM registre.reunion_ligne
     WHERE session = :session AND origine = CAST(:origine AS uuid) ORDER BY objet, cle FOR UPDATE
    """
)
_RENDRE_NOTE = text(
    "UPDATE registre.note SET eleve_id = CAST(:vers AS uuid) WHERE session = :session AND id = CAST(:cle AS uuid)"
)
_RENDRE_ACTION = text(
    f"""
    UPDATE registre.action_eleve d SET eleve_id = CAST(:vers AS uuid)
     WHERE {_DE} AND d.action_id = CAST(:cle AS uuid)
    """
)
_RENDU = text(
    "UPDATE registre.reunion_ligne SET porteur = CAST(:vers AS uuid) WHERE session = :session"
    " AND origine = CAST(:origine AS uuid) AND objet = :objet AND cle = :cle"
)
_INTACTE = {
    objet: text(
        f"SELECT true FROM registre.{table} WHERE {_DE} AND auteur = :auteur"
        " AND le = CAST(CAST(:le AS text) AS timestamptz)"
    )
    for objet, (table, _) in _CONTENUS.items()
}
_RETIRER_A_TORT = text(
    f"""
    UPDATE registre.action_eleve d SET retire = false
     WHERE {_DE} AND action_id::text IN (
           SELECT cle FROM registre.reunion_ligne WHERE session = :session AND origine = CAST(:de AS uuid)
              AND objet = 'ACTION' AND etat <> 'DEPLACEE')
    """
)


async def deplacer(tx: AsyncConnection, session: int, de: str, vers: str) -> None:
    """All that was typed for ``de`` goes to ``vers``."""
    noms = {"session": session, "de": de, "vers": vers, "origine": de}
    for requete in _DEPLACER:
        await tx.execute(requete, noms)
    await tx.execute(_SUIVRE, noms)


async def venues(tx: AsyncConnection, session: int, origine: str) -> Sequence[Any]:
    """What was typed for ``origine`` before he was merged, and who has it."""
    return (await tx.execute(_VENUES, {"session": session, "origine": origine})).all()


async def rendre(tx: AsyncConnection, session: int, origine: str, vers: str) -> set[str]:
    """A merge was taken back: what came from ``origine`` goes to ``vers``. Returns who had it.

    A decision that was changed since stays where it is.
    """
    await tx.execute(_RETIRER_A_TORT, {"session": session, "de": origine})
    porteurs: set[str] = set()
    for ligne in await venues(tx, session, origine):
        noms = {"session": session, "de": ligne.porteur, "vers": vers, "origine": origine}
        noms |= {"objet": ligne.objet, "cle": ligne.cle}
        if ligne.etat == "DEPLACEE" and await _rendre(tx, ligne, noms):
            await tx.execute(_RENDU, noms)
            porteurs.add(ligne.porteur)
    return porteurs


_MOUVEES = text(
    """
    SELECT objet FROM registre.reunion_ligne WHERE session = :session AND origine = CAST(:origine AS uuid)
       AND porteur = CAST(:vers AS uuid) AND etat = 'DEPLACEE' AND objet IN ('BOURSE', 'CORDEES')
    """
)


async def mouvees(tx: AsyncConnection, session: int, origine: str, vers: str) -> set[str]:
    """Which of the decisions that a pupil has once came to ``vers`` from ``origine``."""
    noms = {"session": session, "origine": origine, "vers": vers}
    return set((await tx.execute(_MOUVEES, noms)).scalars())


async def _rendre(tx: AsyncConnection, ligne: Any, noms: Noms) -> bool:
    if ligne.objet == "NOTE":
        await tx.execute(_RENDRE_NOTE, {**noms})
    elif ligne.objet == "ACTION":
        await tx.execute(_RENDRE_ACTION, {**noms})
    else:
        dits = {"le": ligne.contenu["le"], "auteur": ligne.contenu["auteur"]}
        if not (await tx.execute(_INTACTE[ligne.objet], {**noms, **dits})).scalar():
            return False
        for requete in map(text, _d_un_seul(ligne.objet)[1:]):
            await tx.execute(requete, {**noms})
    return True
