"""SQL of the référentiels: what is known, what a file changes, kept with its history."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.referentiels.memoire import ETABLISSEMENT, FORMATION, MEF


@dataclass(frozen=True, slots=True)
class Table:
    """``champs``: SQL type of each column that a file tells."""

    objet: str
    cle: str
    champs: Mapping[str, str]

    @property
    def lire(self) -> str:
        return (
            f"SELECT {self.cle} AS cle, version, absente, {', '.join(self.champs)}"
            f" FROM registre.{self.objet} WHERE session = :session"
        )

    @property
    def ecrire(self) -> str:
        types = ", ".join(f"{champ} {type_}" for champ, type_ in self.champs.items())
        egalites = ", ".join(f"{champ} = excluded.{champ}" for champ in self.champs)
        return f"""
            INSERT INTO registre.{self.objet} (session, {self.cle}, version, {", ".join(self.champs)})
            SELECT :session, cle, version, {", ".join(self.champs)}
              FROM jsonb_to_recordset(CAST(:lignes AS jsonb)) AS t(cle text, version int, {types})
            ON CONFLICT (session, {self.cle}) DO UPDATE
               SET version = excluded.version, absente = false, modifie_le = now(), {egalites}
        """

    @property
    def absenter(self) -> str:
        return (
            f"UPDATE registre.{self.objet} SET absente = :absente, modifie_le = now()"
            f" WHERE session = :session AND {self.cle} = ANY(CAST(:cles AS text[]))"
        )


TABLES: Mapping[str, Table] = {
    table.objet: table
    for table in (
        Table(
            FORMATION,
            "formation_id",
            {
                "libelle": "text",
                "etablissement": "text",
                "uai": "text",
                "famille": "text",
                "selective": "boolean",
                "academie": "text",
                "capacite": "int",
                "commune": "text",
                "groupe": "text",
            },
        ),
        Table(
            ETABLISSEMENT,
            "uai",
            dict.fromkeys(("nom", "commune", "departement", "academie", "secteur"), "text"),
        ),
        Table(MEF, "mef", {"mefstat11": "text", "libelle": "text", "fermeture": "date"}),
    )
}
_HISTOIRE = text(
    """
    INSERT INTO registre.histoire (session, objet, cle, version, contenu, par, motif)
    SELECT :session, :objet, t.cle, t.version, to_jsonb(ligne) - 'cle' - 'version', :par, :motif
      FROM jsonb_array_elements(CAST(:lignes AS jsonb)) AS ligne,
           jsonb_to_record(ligne) AS t(cle text, version int)
    """
)
_NUMEROTER = text(
    """
    INSERT INTO registre.referentiel (session, objet, version) VALUES (:session, :objet, 1)
    ON CONFLICT (session, objet) DO UPDATE SET version = registre.referentiel.version + 1
    """
)
_CORRIGER = text(
    """
    INSERT INTO registre.correction (id, session, formations)
    VALUES (CAST(:id AS uuid), :session, CAST(:formations AS text[])) ON CONFLICT DO NOTHING
    """
)
_RESUME = text(
    """
    SELECT r.objet, r.version, coalesce(f.lignes, e.lignes, m.lignes, 0) AS lignes
      FROM registre.referentiel r
      LEFT JOIN (SELECT count(*) AS lignes FROM registre.formation WHERE session = :session) f ON r.objet = 'formation'
      LEFT JOIN (SELECT count(*) AS lignes FROM registre.etablissement WHERE session = :session) e ON r.objet = 'etablissement'
      LEFT JOIN (SELECT count(*) AS lignes FROM registre.mef WHERE session = :session) m ON r.objet = 'mef'
     WHERE r.session = :session ORDER BY r.objet
    """
)
_CORRECTIONS = text(
    """
    SELECT id::text AS id, cardinality(formations) AS formations, reemis, faite, creee_le FROM registre.correction
     WHERE session = :session ORDER BY creee_le DESC LIMIT 20
    """
)


@dataclass(frozen=True, slots=True)
class Connue:
    """A row as it stands."""

    version: int
    absente: bool
    valeurs: dict[str, Any]


async def lire(tx: AsyncConnection, session: int, objet: str) -> dict[str, Connue]:
    table = TABLES[objet]
    lignes = (await tx.execute(text(table.lire), {"session": session})).mappings()
    return {
        ligne["cle"]: Connue(
            ligne["version"], ligne["absente"], {champ: ligne[champ] for champ in table.champs}
        )
        for ligne in lignes
    }


async def ecrire(
    tx: AsyncConnection,
    session: int,
    objet: str,
    lignes: Mapping[str, tuple[int, Mapping[str, Any]]],
    *,
    par: str,
    motif: str | None,
) -> None:
    """Rows by key, with their new version; kept in the history, and told to who holds them in memory."""
    brut = json.dumps([{"cle": c, "version": v, **x} for c, (v, x) in lignes.items()], default=_jour)
    await tx.execute(text(TABLES[objet].ecrire), {"session": session, "lignes": brut})
    valeurs = {"session": session, "objet": objet, "lignes": brut, "par": par, "motif": motif}
    await tx.execute(_HISTOIRE, valeurs)
    await tx.execute(_NUMEROTER, {"session": session, "objet": objet})


async def absenter(
    tx: AsyncConnection, session: int, objet: str, cles: Collection[str], *, absente: bool
) -> None:
    if cles:
        valeurs = {"session": session, "cles": list(cles), "absente": absente}
        await tx.execute(text(TABLES[objet].absenter), valeurs)


async def corriger(tx: AsyncConnection, session: int, import_id: str, formations: Collection[str]) -> None:
    """Have the vœux of ``formations`` published again by the job of time."""
    if formations:
        valeurs = {"id": import_id, "session": session, "formations": sorted(formations)}
        await tx.execute(_CORRIGER, valeurs)


async def resume(tx: AsyncConnection, session: int) -> dict[str, Any]:
    """Référentiels with their version and size, and the latest corrections with how far they are."""
    referentiels = (await tx.execute(_RESUME, {"session": session})).mappings()
    corrections = (await tx.execute(_CORRECTIONS, {"session": session})).mappings()
    return {"referentiels": [dict(r) for r in referentiels], "corrections": [dict(c) for c in corrections]}


def _jour(valeur: object) -> str:
    if isinstance(valeur, date):
        return valeur.isoformat()
    raise TypeError(type(valeur).__name__)
