"""The JSON API of the lists of a lycée: pupils, counts, filters, visits, views, and the queue of the day."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime

from services.gateway import contrats as c
from services.gateway import contrats_listes as cl
from services.gateway.api import PREFIXE, REPONSES, Cle, IfMatch
from services.gateway.demandes import AdresseFile, DemandeFile, Ecriture, Filtres, Recherche
from services.gateway.operations_listes import ApiListes
from shared.domaine.catalogue import CodeListe
from shared.http.etag import poser

router = APIRouter(prefix=PREFIXE, responses=REPONSES)
_LYCEE = "/sessions/{session}/lycees/{uai}"
Code = Annotated[CodeListe, Path(description="Code de la liste")]


@router.get(f"{_LYCEE}/listes", tags=["élèves"])
async def catalogue(
    guichet: ApiListes,
    session: c.Session,
    uai: c.Uai,
    a_la_date: Annotated[AwareDatetime | None, Query(description="Maintenant par défaut")] = None,
) -> cl.Catalogue:
    """Every list that the caller may open: what it is for, its size, how many are new to him."""
    return await guichet.listes(session, uai, a_la_date)


@router.get(f"{_LYCEE}/filtres", tags=["élèves"])
async def facettes(guichet: ApiListes, session: c.Session, uai: c.Uai) -> cl.Facettes:
    """Classes, séries, spécialités and filières that somebody has in the lycée, with how many."""
    return await guichet.facettes(session, uai)


@router.get(f"{_LYCEE}/eleves", tags=["élèves"])
async def lister(
    guichet: ApiListes, session: c.Session, uai: c.Uai, filtres: Annotated[Filtres, Query()]
) -> c.PageEleves:
    return await guichet.eleves(session, uai, Recherche(**filtres.model_dump()))


@router.post(f"{_LYCEE}/eleves/recherche", tags=["élèves"])
async def rechercher(
    guichet: ApiListes, session: c.Session, uai: c.Uai, recherche: Recherche
) -> c.PageEleves:
    """The same list, searched by name: a name is in no URL."""
    return await guichet.eleves(session, uai, recherche)


@router.post(f"{_LYCEE}/listes/{{code}}/visites", tags=["élèves"])
async def visiter(
    guichet: ApiListes, session: c.Session, uai: c.Uai, code: Code, saisie: cl.SaisieVisite
) -> cl.Visite:
    """The caller looked at the whole list: who comes into it afterwards is new to him.

    A visit lasts as long as he comes back within half an hour; ``tout_vu`` ends it at once.
    """
    return await guichet.visiter(session, uai, code, tout_vu=saisie.tout_vu)


@router.get(f"{_LYCEE}/file", tags=["élèves"])
async def file(
    guichet: ApiListes, session: c.Session, uai: c.Uai, adresse: Annotated[AdresseFile, Query()]
) -> c.FileDuJour:
    """« À accompagner aujourd’hui »: who needs somebody now, most urgent first, and why."""
    return await guichet.file(session, uai, DemandeFile(**adresse.model_dump()))


@router.post(f"{_LYCEE}/file/recherche", tags=["élèves"])
async def chercher_dans_la_file(
    guichet: ApiListes, session: c.Session, uai: c.Uai, demande: DemandeFile
) -> c.FileDuJour:
    """The same, of those whom somebody follows: his name is in no URL."""
    return await guichet.file(session, uai, demande)


@router.get(f"{_LYCEE}/vues", tags=["élèves"])
async def vues(guichet: ApiListes, session: c.Session, uai: c.Uai) -> cl.Vues:
    """The caller's own views of the lycée's lists."""
    return await guichet.vues(session, uai)


@router.post(f"{_LYCEE}/vues", status_code=201, tags=["élèves"])
async def creer_vue(
    guichet: ApiListes,
    response: Response,
    session: c.Session,
    uai: c.Uai,
    *,
    saisie: cl.SaisieVue,
    cle: Cle = None,
) -> cl.Vue:
    """409 ``nom_pris``, ``trop_de_vues``."""
    vue = await guichet.creer_vue(session, uai, saisie, Ecriture(idempotence=cle))
    poser(response, vue.version)
    return vue


@router.put(f"{_LYCEE}/vues/{{vue_id}}", tags=["élèves"])
async def changer_vue(
    guichet: ApiListes,
    response: Response,
    session: c.Session,
    uai: c.Uai,
    *,
    vue_id: UUID,
    saisie: cl.SaisieVue,
    if_match: IfMatch = None,
) -> cl.Vue:
    """412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    vue = await guichet.changer_vue(session, uai, vue_id, saisie, Ecriture(if_match=if_match))
    poser(response, vue.version)
    return vue


@router.delete(f"{_LYCEE}/vues/{{vue_id}}", status_code=204, tags=["élèves"])
async def supprimer_vue(
    guichet: ApiListes, session: c.Session, uai: c.Uai, vue_id: UUID, if_match: IfMatch = None
) -> None:
    await guichet.supprimer_vue(session, uai, vue_id, Ecriture(if_match=if_match))
