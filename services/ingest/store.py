"""SQL of the imports themselves: deposit, fenced progress, end, lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import rejets
from services.ingest.avancement import TentativePerimeeError

COLONNES = (
    "id::text AS id, session, nature, uai, nom_fichier, sha256, octets, demandeur, confirme, essai, confirmes,"
    " rejeu_de::text AS rejeu_de, etat, questions, tentative, version, total, checkpoint, octets_lus,"
    " compte_rendu, depose_le, phase_le, modifie_le, expire_le"
)
_RESUME = (
    "id::text AS id, session, nature, uai, nom_fichier, octets, essai, etat, questions, total, checkpoint,"
    " octets_lus, depose_le, phase_le, modifie_le, expire_le, compte_rendu -> 'compteurs' AS compteurs,"
    " compte_rendu -> 'refus' AS refus"
)
_EN_COURS = "('DEPOSE', 'ANALYSE', 'PUBLICATION')"
_EN_ATTENTE_DE_REPONSE = "('ESSAI', 'A_CONFIRMER')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A file just deposited."""

    id: str
    session: int
    nature: str
    uai: str | None
    nom_fichier: str
    sha256: str
    octets: int
    demandeur: str
    confirme: bool
    essai: bool = False
    rejeu_de: str | None = None


_DEPOSER = text(
    """
    INSERT INTO registre.import
           (id, session, nature, uai, nom_fichier, sha256, octets, demandeur, confirme, essai, rejeu_de, etat)
    VALUES (CAST(:id AS uuid), :session, :nature, :uai, :nom_fichier, :sha256, :octets, :demandeur, :confirme,
            :essai, CAST(:rejeu_de AS uuid), 'DEPOSE')
    """
)
_SUIVANTS = text(
    f"""
    SELECT CAST(id AS text) AS id
      FROM (SELECT DISTINCT ON (uai) id, depose_le FROM registre.import
             WHERE session = :session AND nature = :nature AND etat IN {_EN_COURS}
             ORDER BY uai, depose_le, id) AS premiers
     ORDER BY depose_le, premiers.id LIMIT :limite
    """
)
_EN_ATTENTE = text(
    f"SELECT DISTINCT nature FROM registre.import WHERE session = :session AND etat IN {_EN_COURS}"
)
_LIRE = text(
    f"SELECT {COLONNES} FROM registre.import"
    " WHERE session = :session AND id = ANY(CAST(:ids AS uuid[])) ORDER BY registre.import.depose_le, registre.import.id"
)
_LISTER = text(
    f"""
    SELECT {_RESUME} FROM registre.import
     WHERE session = :session AND (CAST(:lycees AS text[]) IS NULL OR uai = ANY(CAST(:lycees AS text[])))
       AND (CAST(:demandeur AS text) IS NULL OR demandeur = :demandeur)
     ORDER BY depose_le DESC, id LIMIT :limite
    """
)
_PROGRES = text(
    """
    UPDATE registre.import
       SET compte_rendu = jsonb_build_object('compteurs', CAST(:compteurs AS jsonb)),
           octets_lus = :octets_lus, modifie_le = now()
     WHERE id = CAST(:id AS uuid) AND tentative = :tentative AND etat = 'ANALYSE'
    """
)
_SUSPENDRE = text(
    """
    UPDATE registre.import
       SET etat = :etat, total = :total, uai = coalesce(CAST(:uai AS text), uai), octets_lus = octets,
           questions = CAST(:questions AS jsonb), compte_rendu = CAST(:compte_rendu AS jsonb),
           modifie_le = now(), expire_le = now() + make_interval(hours => :heures)
     WHERE id = CAST(:id AS uuid) AND tentative = :tentative AND etat = 'ANALYSE'
    """
)
_REPRENDRE = text(
    """
    UPDATE registre.import
       SET etat = 'DEPOSE', essai = false, expire_le = NULL, modifie_le = now(),
           confirmes = confirmes || CASE WHEN :confirme THEN ARRAY(
               SELECT question ->> 'code' FROM jsonb_array_elements(coalesce(questions, '[]')) AS q(question)
           ) ELSE '{}' END
     WHERE session = :session AND id = CAST(:id AS uuid) AND etat = :etat
    """
)
_ANNULER = text(
    f"""
    UPDATE registre.import SET etat = 'ANNULE', expire_le = NULL, modifie_le = now()
     WHERE session = :session AND id = CAST(:id AS uuid) AND etat IN {_EN_ATTENTE_DE_REPONSE}
    """
)
_EXPIRER = text(
    f"""
    UPDATE registre.import SET etat = 'EXPIRE', modifie_le = now()
     WHERE session = :session AND etat IN {_EN_ATTENTE_DE_REPONSE} AND expire_le < now()
    RETURNING id::text
    """
)
_A_GARDER = text(
    f"SELECT id::text FROM registre.import WHERE etat IN {_EN_COURS} OR etat IN {_EN_ATTENTE_DE_REPONSE}"
)
_REFUSER = text(
    """
    UPDATE registre.import
       SET etat = 'REFUSE', compte_rendu = CAST(:compte_rendu AS jsonb), questions = NULL, modifie_le = now()
     WHERE id = CAST(:id AS uuid) AND tentative = :tentative
    """
)
_OUBLIER = (
    text("UPDATE registre.voeu_en_attente SET libere_par = NULL WHERE libere_par = CAST(:id AS uuid)"),
    text("UPDATE registre.parking SET libere_par = NULL WHERE libere_par = CAST(:id AS uuid)"),
    text(
        "UPDATE registre.eleve_connu SET identite = NULL, scolarite = NULL WHERE import_id = CAST(:id AS uuid)"
    ),
    text("UPDATE registre.bulletin SET empreinte = NULL WHERE import_id = CAST(:id AS uuid)"),
    text("UPDATE registre.enseignants SET empreinte = NULL WHERE import_id = CAST(:id AS uuid)"),
)
_DERNIERES_VERSIONS = text(
    """
    SELECT uai, max(version) FROM registre.import
     WHERE session = :session AND nature = 'SIECLE' AND uai = ANY(CAST(:uais AS text[]))
       AND etat IN ('PUBLICATION', 'TERMINE') AND version IS NOT NULL AND id <> ALL(CAST(:ids AS uuid[]))
     GROUP BY uai
    """
)
_DEJA_FAIT = text(
    """
    SELECT depose_le FROM registre.import
     WHERE session = :session AND nature = :nature AND sha256 = :sha256 AND etat = 'TERMINE' LIMIT 1
    """
)


async def deposer(tx: AsyncConnection, depot: Depot) -> None:
    await tx.execute(_DEPOSER, {champ: getattr(depot, champ) for champ in Depot.__slots__})


async def suivants(tx: AsyncConnection, session: int, nature: str, limite: int) -> list[str]:
    """The oldest imports of that nature that are not done, the first of each lycée: its files keep their order."""
    valeurs = {"session": session, "nature": nature, "limite": limite}
    return list((await tx.execute(_SUIVANTS, valeurs)).scalars())


async def en_attente(tx: AsyncConnection, session: int) -> list[str]:
    return list((await tx.execute(_EN_ATTENTE, {"session": session})).scalars())


async def lire(tx: AsyncConnection, session: int, import_id: str) -> Row[Any] | None:
    return next(iter(await lire_plusieurs(tx, session, [import_id])), None)


async def lire_plusieurs(tx: AsyncConnection, session: int, ids: Collection[str]) -> Sequence[Row[Any]]:
    """In the order of their deposit."""
    return (await tx.execute(_LIRE, {"session": session, "ids": list(ids)})).all()


async def lister(
    tx: AsyncConnection,
    session: int,
    lycees: Sequence[str] | None,
    limite: int,
    *,
    demandeur: str | None = None,
) -> Sequence[Mapping[str, Any]]:
    """Latest first; ``lycees`` None: all, those without lycée included; ``demandeur``: his own only."""
    valeurs = {
        "session": session,
        "lycees": None if lycees is None else list(lycees),
        "limite": limite,
        "demandeur": demandeur,
    }
    return [dict(ligne) for ligne in (await tx.execute(_LISTER, valeurs)).mappings()]


async def progres(
    tx: AsyncConnection, import_id: str, tentative: int, compteurs: Mapping[str, int], octets_lus: int
) -> None:
    valeurs = {"id": import_id, "tentative": tentative, "octets_lus": octets_lus}
    await tx.execute(_PROGRES, {**valeurs, "compteurs": _json(dict(compteurs))})


async def suspendre(
    tx: AsyncConnection,
    import_id: str,
    tentative: int,
    *,
    etat: str,
    total: int,
    uai: str | None,
    questions: Sequence[Mapping[str, object]],
    compte_rendu: Mapping[str, Any],
    heures: int,
) -> None:
    """End of a dry run (ESSAI) or of an analysis that asks (A_CONFIRMER): its file waits ``heures`` hours."""
    await _une(
        tx,
        _SUSPENDRE,
        {
            "id": import_id,
            "tentative": tentative,
            "etat": etat,
            "total": total,
            "uai": uai,
            "questions": _json(questions) if questions else None,
            "compte_rendu": _json(compte_rendu),
            "heures": heures,
        },
    )


async def reprendre(tx: AsyncConnection, session: int, import_id: str, etat: str, *, confirme: bool) -> bool:
    """Analyse for good what waits in ``etat``; ``confirme``: its questions are said yes to. Whether it waited."""
    valeurs = {"session": session, "id": import_id, "etat": etat, "confirme": confirme}
    return (await tx.execute(_REPRENDRE, valeurs)).rowcount == 1


async def annuler(tx: AsyncConnection, session: int, import_id: str) -> bool:
    """Forget what waits for an answer. Whether it waited."""
    annule = (await tx.execute(_ANNULER, {"session": session, "id": import_id})).rowcount == 1
    if annule:
        await rejets.rendre(tx, import_id)
    return annule


async def expirer(tx: AsyncConnection, session: int) -> list[str]:
    """Forget what has waited too long; ids."""
    expires = list((await tx.execute(_EXPIRER, {"session": session})).scalars())
    for import_id in expires:
        await rejets.rendre(tx, import_id)
    return expires


async def a_garder(tx: AsyncConnection) -> set[str]:
    """Imports whose files are still needed."""
    return set((await tx.execute(_A_GARDER)).scalars())


async def refuser(
    tx: AsyncConnection, import_id: str, tentative: int, compte_rendu: Mapping[str, Any]
) -> None:
    await _une(tx, _REFUSER, {"id": import_id, "tentative": tentative, "compte_rendu": _json(compte_rendu)})
    await rejets.rendre(tx, import_id)


async def oublier_publication(tx: AsyncConnection, import_id: str) -> None:
    """A publication whose spool is lost: what it held is parked again or differs again next time."""
    for statement in _OUBLIER:
        await tx.execute(statement, {"id": import_id})


async def dernieres_versions(
    tx: AsyncConnection, session: int, uais: Collection[str], ids: Collection[str]
) -> dict[str, int]:
    """By UAI, HORODATAGE of the latest accepted file of the lycée, µs; imports ``ids`` left out."""
    valeurs = {"session": session, "uais": list(uais), "ids": list(ids)}
    return {uai: int(version) for uai, version in await tx.execute(_DERNIERES_VERSIONS, valeurs)}


async def deja_fait(tx: AsyncConnection, session: int, nature: str, sha256: str) -> bool:
    """The very same file has been imported to its end."""
    valeurs = {"session": session, "nature": nature, "sha256": sha256}
    return (await tx.execute(_DEJA_FAIT, valeurs)).first() is not None


async def _une(tx: AsyncConnection, statement: Any, valeurs: Mapping[str, Any]) -> None:
    if (await tx.execute(statement, valeurs)).rowcount != 1:
        raise TentativePerimeeError(str(valeurs["id"]))


def _json(valeur: object) -> str:
    return msgspec.json.encode(valeur).decode()
