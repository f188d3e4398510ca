"""The list that somebody came to a dossier from, so as to go on to the next pupil.

What was looked for may be a name, and so may the order: neither is in an address. Both are kept in
Valkey beside the session, and the address of a dossier holds only ``?depuis=`` and the id of that.
"""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from services.gateway import contrats as c
from services.gateway.demandes import Recherche
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.vues import Lien
from shared.http.errors import introuvable

_GENRE = "parcours"
Champs = dict[str, str | list[str]]
Depuis = Annotated[str, Query(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")]
router = APIRouter(include_in_schema=False)


class Parcours(BaseModel):
    """A list as it was shown. ``adresse``, ``champs``: to show it again (a form when there are ``champs``).

    ``debut``: rank of the first of ``eleves`` in it, from 1; None when a page further on was opened.
    ``recherche``: what gives the next page with the cursor ``suivant``.
    """

    model_config = ConfigDict(frozen=True)

    acteur: str
    session: int
    uai: str
    titre: str
    adresse: str
    champs: Champs = {}
    total: int
    debut: int | None = 1
    eleves: tuple[UUID, ...]
    recherche: dict[str, Any] = {}
    suivant: str | None = None


class Voisins(BaseModel):
    """Where one is in the list. ``suite``: the next pupil is on a page of the list that is not read yet."""

    depuis: str
    titre: str
    adresse: str
    champs: Champs
    rang: int | None
    total: int
    precedent: UUID | None
    suivant: UUID | None
    suite: bool


class Affichee(NamedTuple):
    """A page of a list that was read. ``retour``: to it; ``titre``: of the list."""

    recherche: Recherche
    lue: c.PageEleves
    retour: Lien
    titre: str


async def depuis(guichet: Guichet, session: int, uai: str, affichee: Affichee) -> str:
    """The id for ``?depuis=`` of the links of that page."""
    recherche, lue, retour, titre = affichee
    parcours = Parcours(
        acteur=guichet.perimetre.acteur,
        session=session,
        uai=uai,
        titre=titre,
        adresse=retour.adresse,
        champs=champs_de(retour),
        total=lue.total,
        debut=None if recherche.curseur else 1,
        eleves=tuple(eleve.eleve_id for eleve in lue.eleves),
        recherche=recherche.model_dump(mode="json", exclude={"curseur"}),
        suivant=lue.suivant,
    )
    return await retenir(guichet, parcours)


def champs_de(retour: Lien) -> Champs:
    return {nom: un if isinstance(un, str) else list(un) for nom, un in retour.champs.items()}


async def retenir(guichet: Guichet, parcours: Parcours) -> str:
    """The id for ``?depuis=`` of the links of a list."""
    return await guichet.moyens.sessions.retenir(_GENRE, parcours)


async def voisins(guichet: Guichet, uai: str, depuis: str, eleve_id: UUID) -> Voisins | None:
    """None when the list is forgotten, is somebody else's, or does not hold the pupil."""
    parcours = await _lire(guichet, uai, depuis)
    if parcours is None or eleve_id not in parcours.eleves:
        return None
    ici = parcours.eleves.index(eleve_id)
    suivants = parcours.eleves[ici + 1 :]
    return Voisins(
        depuis=depuis,
        titre=parcours.titre,
        adresse=parcours.adresse,
        champs=parcours.champs,
        rang=None if parcours.debut is None else parcours.debut + ici,
        total=parcours.total,
        precedent=parcours.eleves[ici - 1] if ici else None,
        suivant=suivants[0] if suivants else None,
        suite=not suivants and parcours.suivant is not None,
    )


async def _lire(guichet: Guichet, uai: str, depuis: str) -> Parcours | None:
    if not depuis:
        return None
    parcours = await guichet.moyens.sessions.retrouver(_GENRE, Parcours, depuis)
    sien = parcours is not None and (parcours.acteur, parcours.uai) == (guichet.perimetre.acteur, uai)
    return parcours if sien else None


@router.get("/lycees/{uai}/parcours/{depuis}/suite")
async def suite(
    guichet: PageGuichet,
    uai: c.Uai,
    depuis: Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")],
) -> Response:
    """Read the next page of the list, and on to its first pupil."""
    parcours = await _lire(guichet, uai, depuis)
    if parcours is None or not parcours.suivant:
        raise introuvable()
    recherche = Recherche.model_validate({**parcours.recherche, "curseur": parcours.suivant})
    lue = await guichet.eleves(parcours.session, uai, recherche)
    nouveaux = tuple(eleve.eleve_id for eleve in lue.eleves if eleve.eleve_id not in parcours.eleves)
    allonge = parcours.model_copy(
        update={"eleves": (*parcours.eleves, *nouveaux), "suivant": lue.suivant, "total": lue.total}
    )
    await guichet.moyens.sessions.retenir(_GENRE, allonge, depuis)
    suivants = nouveaux or parcours.eleves[-1:]
    return RedirectResponse(f"/lycees/{uai}/eleves/{suivants[0]}?depuis={depuis}", 303)
