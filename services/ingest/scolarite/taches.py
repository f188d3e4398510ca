"""SQL of the tasks: questions that nobody but a person may settle. Sets only."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.scolarite.domain import Etat, Genre
from shared.db import litteraux
from shared.nomenclatures import academie_de_uai


@dataclass(frozen=True, slots=True)
class Question:
    """A task to open. ``detail``: what helps to recognise the pupils, without any name."""

    genre: Genre
    eleves: tuple[str, ...]
    detail: Mapping[str, Any]

    @property
    def sujet(self) -> str:
        return "|".join(sorted(self.eleves))


_LYCEES = text(
    """
    SELECT eleve_id::text, array_agg(DISTINCT uai ORDER BY uai)
      FROM (SELECT eleve_id, uai FROM registre.scolarite
             WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
            UNION SELECT eleve_id, uai FROM registre.scolarite_locale
             WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))) dites
     GROUP BY eleve_id
    """
)
_OUVRIR = text(
    """
    INSERT INTO registre.tache (id, session, genre, sujet, eleves, lycees, academies, etat, detail)
    SELECT i, :session, g, s, CAST(string_to_array(e, ' ') AS uuid[]), string_to_array(l, ' '),
           string_to_array(a, ' '), 'OUVERTE', d
      FROM unnest(CAST(:ids AS uuid[]), CAST(:genres AS text[]), CAST(:sujets AS text[]),
                  CAST(:eleves AS text[]), CAST(:lycees AS text[]), CAST(:academies AS text[]),
                  CAST(:details AS jsonb[])) AS t(i, g, s, e, l, a, d)
     ORDER BY s
    ON CONFLICT (session, genre, sujet) DO UPDATE
       SET lycees = excluded.lycees, academies = excluded.academies, detail = excluded.detail,
           etat = 'OUVERTE', reponses = '{}', resolution = NULL, version = tache.version + 1,
           ouverte_le = now(), modifiee_le = now()
     WHERE tache.etat = 'CADUQUE' OR (tache.genre = 'DEUX_LYCEES'
           AND (tache.etat = 'RESOLUE' OR tache.lycees <> excluded.lycees))
    RETURNING id::text
    """
)
_CADUQUES = text(
    """
    UPDATE registre.tache SET etat = 'CADUQUE', version = version + 1, modifiee_le = now()
     WHERE session = :session AND genre = 'DEUX_LYCEES' AND etat IN ('OUVERTE', 'ESCALADEE')
       AND sujet = ANY(CAST(:ids AS text[]))
    """
)
_PROCHES = text(
    """
    SELECT coalesce(CAST(t.qui AS text), '') AS qui, CAST(k.eleve_id AS text) AS eleve_id
      FROM unnest(CAST(CAST(:homonymes AS text) AS bytea[]), CAST(CAST(:qui AS text) AS uuid[])) AS t(h, qui)
     CROSS JOIN LATERAL (
           SELECT eleve_id FROM registre.eleve_connu
            WHERE session = :session AND homonyme = t.h AND eleve_id IS DISTINCT FROM t.qui OFFSET 0) AS k
     ORDER BY k.eleve_id
    """
)
_COLONNES = (
    "id::text AS id, genre, eleves::text[] AS eleves, lycees, academies, etat, detail::text AS detail,"
    " reponses::text AS reponses, resolution::text AS resolution, version, ouverte_le, modifiee_le,"
    " extract(epoch FROM now() - ouverte_le)::bigint AS age_s"
)
_LISTER = text(
    f"""
    SELECT {_COLONNES} FROM registre.tache
     WHERE session = :session AND etat = ANY(CAST(:etats AS text[]))
       AND (CAST(:lycees AS text[]) IS NULL OR lycees && CAST(:lycees AS text[]))
       AND (CAST(:academies AS text[]) IS NULL OR academies && CAST(:academies AS text[]))
     ORDER BY ouverte_le, id LIMIT :limite
    """
)
_LIRE = text(
    f"SELECT {_COLONNES} FROM registre.tache WHERE session = :session AND id = CAST(:id AS uuid) FOR UPDATE"
)
_REPONDRE = text(
    """
    UPDATE registre.tache
       SET reponses = CAST(:reponses AS jsonb), etat = :etat, resolution = CAST(:resolution AS jsonb),
           version = version + 1, modifiee_le = now()
     WHERE session = :session AND id = CAST(:id AS uuid)
    """
)
_COMPTER = text(
    "SELECT count(*) FROM registre.tache"
    " WHERE session = :session AND etat IN ('OUVERTE', 'ESCALADEE') AND lycees && CAST(:lycees AS text[])"
)
A_FAIRE = (Etat.OUVERTE, Etat.ESCALADEE)


async def lycees_de(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, list[str]]:
    """eleve_id → UAI of all who say something of him."""
    lus = (await tx.execute(_LYCEES, {"session": session, "ids": list(ids)})).all()
    return {eleve_id: list(uais) for eleve_id, uais in lus}


async def ouvrir(tx: AsyncConnection, session: int, questions: Sequence[Question]) -> int:
    """Open what is not open; what two people settled about two pupils is not asked again."""
    uniques = list({(q.genre, q.sujet): q for q in questions}.values())
    if not uniques:
        return 0
    connus = await lycees_de(tx, session, {eleve for q in uniques for eleve in q.eleves})
    lycees = [_lycees(q, connus) for q in uniques]
    ouvertes = await tx.execute(
        _OUVRIR,
        {
            "session": session,
            "ids": [str(uuid4()) for _ in uniques],
            "genres": [q.genre.value for q in uniques],
            "sujets": [q.sujet for q in uniques],
            "eleves": [" ".join(q.eleves) for q in uniques],
            "lycees": [" ".join(uais) for uais in lycees],
            "academies": [" ".join(_academies(uais)) for uais in lycees],
            "details": [json.dumps(dict(q.detail)) for q in uniques],
        },
    )
    return len(ouvertes.all())


def _lycees(question: Question, connus: Mapping[str, list[str]]) -> list[str]:
    if dits := question.detail.get("lycees"):
        return list(dits)
    return sorted({uai for eleve in question.eleves for uai in connus.get(eleve, ())})


def _academies(uais: Sequence[str]) -> list[str]:
    trouvees = (academie_de_uai(uai) for uai in uais)
    return sorted({academie.code for academie in trouvees if academie})


async def accorder(
    tx: AsyncConnection,
    session: int,
    ids: Collection[str],
    egalites: Mapping[str, tuple[str, ...]],
    details: Mapping[str, Mapping[str, Any]] | None = None,
) -> int:
    """Tasks « two lycées » of ``ids`` as the publication found them: opened, or no longer a question."""
    finies = [eleve_id for eleve_id in ids if eleve_id not in egalites]
    if finies:
        await tx.execute(_CADUQUES, {"session": session, "ids": finies})
    return await ouvrir(
        tx,
        session,
        [
            Question(
                Genre.DEUX_LYCEES, (eleve_id,), {**(details or {}).get(eleve_id, {}), "lycees": list(uais)}
            )
            for eleve_id, uais in egalites.items()
        ],
    )


async def proches(
    tx: AsyncConnection, session: int, empreintes: Mapping[str, Sequence[bytes]]
) -> dict[str, list[str]]:
    """Whose → ids of the others known under one of his HMAC, whatever its key; ``""``: who is not known yet."""
    paires = [(empreinte, qui or None) for qui, siennes in empreintes.items() for empreinte in siennes]
    if not paires:
        return {}
    valeurs = {
        "session": session,
        "homonymes": litteraux.octets([empreinte for empreinte, _ in paires]),
        "qui": litteraux.bruts([qui for _, qui in paires]),
    }
    trouves: dict[str, list[str]] = {}
    for qui, eleve_id in (await tx.execute(_PROCHES, valeurs)).all():
        trouves.setdefault(qui, []).append(eleve_id)
    return trouves


async def proposer_memes(tx: AsyncConnection, session: int, identifies: Mapping[str, Sequence[bytes]]) -> int:
    """Two pupils with one name, first name and birth date: asked, never merged.

    ``identifies``: the pupils just identified, with the HMAC of their names under every key.
    """
    trouves = await proches(tx, session, identifies)
    return await ouvrir(tx, session, list(memes(identifies, trouves)))


def memes(qui: Iterable[str], proches: Mapping[str, Sequence[str]]) -> Iterable[Question]:
    """Whether each of ``qui`` is one of the others known under his name."""
    for un in qui:
        for autre in proches.get(un, ()):
            if autre != un:
                yield Question(Genre.MEME_ELEVE, paire(un, autre), {"motif": "HOMONYME"})


def paire(un: str, autre: str) -> tuple[str, str]:
    return (un, autre) if un < autre else (autre, un)


async def lister(
    tx: AsyncConnection,
    session: int,
    *,
    lycees: Sequence[str] | None = None,
    academies: Sequence[str] | None = None,
    etats: Sequence[str] = A_FAIRE,
    limite: int = 200,
) -> list[dict[str, Any]]:
    """Oldest first. None: no restriction."""
    valeurs = {
        "session": session,
        "lycees": None if lycees is None else list(lycees),
        "academies": None if academies is None else list(academies),
        "etats": [str(etat) for etat in etats],
        "limite": limite,
    }
    return [_tache(dict(ligne)) for ligne in (await tx.execute(_LISTER, valeurs)).mappings()]


async def lire(tx: AsyncConnection, session: int, tache_id: str) -> dict[str, Any] | None:
    """One task, locked until the end of ``tx``."""
    ligne = (await tx.execute(_LIRE, {"session": session, "id": tache_id})).mappings().one_or_none()
    return _tache(dict(ligne)) if ligne else None


def _tache(ligne: dict[str, Any]) -> dict[str, Any]:
    for champ in ("detail", "reponses", "resolution"):
        ligne[champ] = json.loads(ligne[champ]) if ligne[champ] else None
    return ligne


async def enregistrer(
    tx: AsyncConnection,
    session: int,
    tache_id: str,
    *,
    reponses: Mapping[str, Any],
    etat: Etat,
    resolution: Mapping[str, Any] | None,
) -> None:
    await tx.execute(
        _REPONDRE,
        {
            "session": session,
            "id": tache_id,
            "reponses": json.dumps(dict(reponses)),
            "etat": etat.value,
            "resolution": json.dumps(dict(resolution)) if resolution else None,
        },
    )


async def compter(tx: AsyncConnection, session: int, uai: str) -> int:
    """Open tasks of a lycée."""
    return int((await tx.execute(_COMPTER, {"session": session, "lycees": [uai]})).scalar_one())
