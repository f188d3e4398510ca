"""The page of the Cordées of a lycée: SIECLE and the lycée side by side, a classe at once, what is to be reported."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import URL

from services.gateway import contrats as c
from services.gateway import contrats_bourses as cb
from services.gateway.demandes import Ecriture
from services.gateway.formulaires import FormulaireLu, lire_formulaire
from services.gateway.operations_bourses import GuichetBourses, PageBourses
from services.gateway.pages import page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.cordees import LIBELLES_DISPOSITIF
from shared.events.modeles import Dispositif, EtatCordees
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
_REPRIS = frozenset({409, 412, 422, 428})
_RETRAIT = "RETIRER"
CHOIX = {
    "CORDEES": "Participe : Cordées de la réussite",
    "PARCOURS_EXCELLENCE": "Participe : Parcours d’excellence (dispositif antérieur à 2020)",
    "NE_PARTICIPE_PAS": "Ne participe pas, contrairement à ce que dit SIECLE",
    _RETRAIT: "Retirer la saisie de l’établissement : SIECLE fait de nouveau foi",
}


class Onglet(StrEnum):
    ELEVES = "eleves"
    A_REPORTER = "a_reporter"


@router.get("/lycees/{uai}/cordees")
async def cordees(
    request: Request,
    guichet: PageBourses,
    uai: c.Uai,
    *,
    onglet: Onglet = Onglet.ELEVES,
    classe: Annotated[str, Query(max_length=80)] = "",
    cocher: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """``cocher``: tous or aucun, for whom no script ticks a whole classe."""
    return await _page(request, guichet, uai, onglet, classe, cocher=cocher)


async def _page(
    request: Request,
    guichet: GuichetBourses,
    uai: str,
    onglet: Onglet,
    classe: str,
    *,
    cocher: str = "",
    refus: str = "",
) -> Response:
    """Without a classe: the pupils of whom a source speaks."""
    session = session_de(request)
    lues = await guichet.cordees(session, uai, classe if onglet is Onglet.ELEVES and classe else None)
    tous = lues if not lues.classe else await guichet.cordees(session, uai)
    a_reporter = [eleve for eleve in tous.eleves if eleve.a_reporter]
    return page(
        request,
        "cordees.html",
        status=422 if refus else 200,
        uai=uai,
        cordees=lues,
        onglet=onglet,
        lignes=a_reporter if onglet is Onglet.A_REPORTER else lues.eleves,
        a_reporter=a_reporter,
        cocher=cocher,
        refus=refus,
        adresse=_adresse,
        CHOIX=CHOIX,
    )


def _adresse(uai: str, **parametres: str) -> str:
    return str(URL(f"/lycees/{uai}/cordees").include_query_params(**parametres))


@router.post("/lycees/{uai}/cordees")
async def saisir(request: Request, guichet: PageBourses, uai: c.Uai) -> Response:
    """First what would be done, to be confirmed; then what was done or refused, pupil by pupil."""
    formulaire = await lire_formulaire(request, guichet.identite)
    guichet.exiger(Ressource.CORDEES, Action.ECRIRE, uai)
    choix, choisis = formulaire.un("choix"), formulaire.eleves()
    manque = _manque(choix, choisis, formulaire)
    if manque and not formulaire.un("confirme"):
        return await _page(request, guichet, uai, Onglet.ELEVES, formulaire.un("classe")[:80], refus=manque)
    noms = await _noms(request, guichet, uai, formulaire)
    if not formulaire.un("confirme") or manque:
        refus = manque if formulaire.un("confirme") else ""
        return _lot(request, uai, formulaire, noms=noms, choisis=choisis, phrase=refus)
    return await _faire(request, guichet, uai, formulaire, noms)


def _manque(choix: str, choisis: Sequence[UUID], formulaire: FormulaireLu) -> str:
    if not choisis:
        return "Aucun élève n’est coché : cochez au moins un élève, puis recommencez."
    if choix not in CHOIX:
        return "Choisissez ce qu’il faut enregistrer pour les élèves cochés."
    if choix == _RETRAIT and formulaire.un("confirme") and not formulaire.un("motif"):
        return "Dites pourquoi la saisie est retirée."
    return ""


async def _noms(
    request: Request, guichet: GuichetBourses, uai: str, formulaire: FormulaireLu
) -> dict[UUID, cb.Cordees]:
    classe = formulaire.un("classe")[:80]
    lues = await guichet.cordees(session_de(request), uai, classe or None)
    return {eleve.eleve_id: eleve for eleve in lues.eleves}


async def _faire(
    request: Request,
    guichet: GuichetBourses,
    uai: str,
    formulaire: FormulaireLu,
    noms: dict[UUID, cb.Cordees],
) -> Response:
    choisis = formulaire.eleves()
    ecriture = Ecriture(idempotence=formulaire.un("cle") or None)
    try:
        rapport = await guichet.saisir(session_de(request), uai, _lire_lot(formulaire, choisis), ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        return _lot(request, uai, formulaire, noms=noms, choisis=choisis, phrase=refus.phrase)
    if formulaire.un("retour") == "dossier" and not rapport.refuses:
        return RedirectResponse(f"/lycees/{uai}/eleves/{choisis[0]}?fait=cordees#cordees", 303)
    return _lot(request, uai, formulaire, noms=noms, choisis=choisis, rapport=rapport)


def _lire_lot(formulaire: FormulaireLu, choisis: Sequence[UUID]) -> cb.LotCordees | cb.LotRetraits:
    eleves = tuple(cb.EleveVu(eleve_id=i, version=formulaire.entier(f"version-{i}") or None) for i in choisis)
    choix = formulaire.un("choix")
    if choix == _RETRAIT:
        return cb.LotRetraits(eleves=eleves, motif=formulaire.un("motif")[:300])
    if choix in set(Dispositif):
        return cb.LotCordees(eleves=eleves, etat=EtatCordees.PARTICIPE, dispositif=Dispositif(choix))
    return cb.LotCordees(eleves=eleves, etat=EtatCordees.NE_PARTICIPE_PAS)


def _lot(
    request: Request,
    uai: str,
    formulaire: FormulaireLu,
    *,
    noms: dict[UUID, cb.Cordees],
    choisis: Sequence[UUID],
    rapport: cb.RapportCordees | None = None,
    phrase: str = "",
) -> Response:
    """``rapport`` None: to be confirmed; else what became of each."""
    champs: dict[str, Any] = {
        "eleves": [(i, noms.get(i)) for i in choisis],
        "noms": noms,
        "choix": formulaire.un("choix"),
        "classe": formulaire.un("classe")[:80],
    }
    return page(
        request,
        "cordees_lot.html",
        status=422 if phrase else 200,
        uai=uai,
        formulaire=formulaire,
        rapport=rapport,
        refus=phrase,
        adresse=_adresse,
        CHOIX=CHOIX,
        LIBELLES=LIBELLES_DISPOSITIF,
        cle=uuid4(),
        **champs,
    )
