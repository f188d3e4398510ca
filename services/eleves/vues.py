"""Saved views: a list with its filters and order under a name, for one person in one lycée."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.catalogue import CodeListe
from shared.domaine.filtres import Filtres
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import deja_repondu, retenir

MAXIMUM = 30
_COLONNES = "id::text, nom, liste, filtres, tri, descendant, version, cree_le, modifie_le"
_SIENNES = "session = :session AND acteur = :acteur AND uai = :uai"
_LISTER = text(f"SELECT {_COLONNES} FROM registre.vue WHERE {_SIENNES} ORDER BY lower(nom), id")
_UNE = text(f"SELECT {_COLONNES} FROM registre.vue WHERE {_SIENNES} AND id = CAST(:id AS uuid) FOR UPDATE")
_TOUR = text("SELECT pg_advisory_xact_lock(hashtextextended('vue' || :acteur || :uai, 0))")
_AUTRES = text(
    "SELECT count(*) AS nombre, coalesce(bool_or(lower(nom) = lower(:nom)), false) AS prise"
    f" FROM registre.vue WHERE {_SIENNES} AND id <> CAST(:id AS uuid)"
)
_CREER = text(
    f"""
    INSERT INTO registre.vue (id, session, acteur, uai, nom, liste, filtres, tri, descendant, version, cree_le, modifie_le)
    VALUES (CAST(:id AS uuid), :session, :acteur, :uai, :nom, :liste, CAST(:filtres AS jsonb), :tri, :descendant, 1, :le, :le)
    RETURNING {_COLONNES}
    """
)
_CHANGER = text(
    f"""
    UPDATE registre.vue
       SET nom = :nom, liste = :liste, filtres = CAST(:filtres AS jsonb), tri = :tri, descendant = :descendant,
           version = version + 1, modifie_le = :le
     WHERE {_SIENNES} AND id = CAST(:id AS uuid)
    RETURNING {_COLONNES}
    """
)
_SUPPRIMER = text(f"DELETE FROM registre.vue WHERE {_SIENNES} AND id = CAST(:id AS uuid)")


class SaisieVue(BaseModel):
    """``tri`` None: by urgency, as the list itself. A name that was looked for is never kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nom: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
    ]
    liste: CodeListe
    filtres: Filtres = Field(default_factory=Filtres)
    tri: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9_]+$")] | None = None
    descendant: bool = False

    @property
    def valeurs(self) -> dict[str, Any]:
        filtres = self.filtres.model_dump(mode="json", exclude_defaults=True)
        return {**self.model_dump(exclude={"filtres"}), "filtres": json.dumps(filtres, sort_keys=True)}


@dataclass(frozen=True, slots=True)
class Proprietaire:
    """Whose views, where."""

    session: int
    uai: str
    acteur: str

    @property
    def cles(self) -> dict[str, Any]:
        return {"session": self.session, "uai": self.uai, "acteur": self.acteur}


async def lister(connection: AsyncConnection, qui: Proprietaire) -> list[dict[str, Any]]:
    return [_vue(dict(row)) for row in (await connection.execute(_LISTER, qui.cles)).mappings()]


async def creer(
    tx: AsyncConnection, qui: Proprietaire, saisie: SaisieVue, *, le: datetime, cle: str | None = None
) -> dict[str, Any]:
    """A new view.

    Raises:
        Refus: 409, the name is taken or there are too many.
    """
    demande = {"commande": "creer_vue", **qui.cles, **saisie.valeurs}
    deja = await deja_repondu(tx, qui.acteur, cle, demande)
    if deja is not None:
        return deja
    nouvelle = {"id": str(uuid4()), **qui.cles, **saisie.valeurs}
    await _exiger_place(tx, nouvelle)
    vue = _vue(dict((await tx.execute(_CREER, {**nouvelle, "le": le})).mappings().one()))
    await retenir(tx, qui.acteur, cle, vue)
    return vue


async def changer(
    tx: AsyncConnection,
    qui: Proprietaire,
    vue_id: str,
    saisie: SaisieVue,
    *,
    le: datetime,
    if_match: str | None,
) -> dict[str, Any]:
    """Rename a view, or keep other filters under its name.

    Raises:
        Refus: 404, 409 the name is taken, 412 changed meanwhile, 428 version not said.
    """
    voulue = {**qui.cles, **saisie.valeurs, "id": vue_id}
    await _exiger_version(tx, voulue, if_match, saisie.model_dump(mode="json"))
    await _exiger_place(tx, voulue, nouvelle=False)
    return _vue(dict((await tx.execute(_CHANGER, {**voulue, "le": le})).mappings().one()))


async def supprimer(tx: AsyncConnection, qui: Proprietaire, vue_id: str, *, if_match: str | None) -> None:
    """Raises Refus: 404, 412 changed meanwhile, 428 version not said."""
    await _exiger_version(tx, {**qui.cles, "id": vue_id}, if_match, None)
    await tx.execute(_SUPPRIMER, {**qui.cles, "id": vue_id})


async def _exiger_place(tx: AsyncConnection, voulue: dict[str, Any], *, nouvelle: bool = True) -> None:
    await tx.execute(_TOUR, {"acteur": voulue["acteur"], "uai": voulue["uai"]})
    autres = (await tx.execute(_AUTRES, voulue)).one()
    if autres.prise:
        phrase = "Vous avez déjà une vue de ce nom : choisissez-en un autre."
        raise Refus(409, "nom_pris", phrase)
    if nouvelle and autres.nombre >= MAXIMUM:
        phrase = f"Vous avez déjà {MAXIMUM} vues dans ce lycée : supprimez-en une d’abord."
        raise Refus(409, "trop_de_vues", phrase, maximum=MAXIMUM)


async def _exiger_version(
    tx: AsyncConnection, cles: dict[str, Any], if_match: str | None, propose: dict[str, Any] | None
) -> None:
    row = (await tx.execute(_UNE, cles)).mappings().one_or_none()
    if row is None:
        raise introuvable()
    actuel = _vue(dict(row))
    if if_match is None:
        raise Refus(428, "version_attendue", "Relisez cette vue avant de la modifier.", actuel=actuel)
    if if_match.strip().removeprefix("W/") not in {f'"{actuel["version"]}"', "*"}:
        phrase = "Cette vue a été modifiée entre-temps : comparez et choisissez."
        raise Refus(412, "vue_modifiee_entre_temps", phrase, actuel=actuel, propose=propose)


def _vue(row: dict[str, Any]) -> dict[str, Any]:
    """As the API says it."""
    dates = {nom: row[nom].isoformat() for nom in ("cree_le", "modifie_le")}
    return {**row, **dates}
