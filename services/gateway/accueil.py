"""The first page of a lycée: whom to see today, what is to be done by when, every list; and its indicators."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_listes as cl
from services.gateway import parcours, vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import AdresseFile, DemandeFile, FormulaireFile
from services.gateway.operations_listes import GuichetListes, PageListes
from services.gateway.operations_scolarite import GuichetScolarite
from services.gateway.operations_session import GuichetSession
from services.gateway.pages import INDISPONIBLE, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.catalogue import LISTES
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
T = TypeVar("T")


class Tache(NamedTuple):
    """Something to be done, where; ``nombre``: of pupils or questions."""

    phrase: str
    adresse: str
    nombre: int


_A_FAIRE = (
    ("boursiers_a_certifier", Ressource.BOURSE, "boursiers à certifier ou à refuser", "bourses"),
    (
        "bourses_contredites",
        Ressource.BOURSE,
        "bourses que SIECLE contredit",
        "bourses?onglet=contradictions",
    ),
    ("cordees_a_reporter", Ressource.CORDEES, "Cordées à reporter dans SIECLE", "cordees?onglet=a_reporter"),
    ("suivis_en_retard", Ressource.ACCOMPAGNEMENT, "élèves dont une action est en retard", "accompagnement"),
    ("fiches_incompletes", Ressource.AVIS, "fiches Avenir incomplètes", "listes/fiches_incompletes"),
    ("bulletins_manquants", Ressource.BULLETINS, "élèves dont un bulletin manque", "bulletins"),
)
"""Lists that are work of the lycée's own: code, right to do it, words, page."""


@router.get("/lycees/{uai}")
async def accueil(
    request: Request, guichet: PageListes, uai: c.Uai, adresse: Annotated[AdresseFile, Query()]
) -> Response:
    ancienne = request.query_params.get("liste")
    if ancienne in LISTES:
        reste = [paire for paire in request.query_params.multi_items() if paire[0] != "liste"]
        return RedirectResponse(f"/lycees/{uai}/listes/{ancienne}?{urlencode(reste)}", 303)
    return await _accueil(request, guichet, uai, DemandeFile(**adresse.model_dump()))


@router.post("/lycees/{uai}")
async def filtrer(
    request: Request, guichet: PageListes, uai: c.Uai, formulaire: Annotated[FormulaireFile, Form()]
) -> Response:
    """The queue of those whom somebody follows: his name is in no address."""
    verifier_jeton(guichet.identite, formulaire.jeton)
    demande = formulaire.demande
    if not demande.assigne:
        return RedirectResponse(vues.lien_de_la_file(uai, demande, demande.curseur).adresse, 303)
    return await _accueil(request, guichet, uai, demande)


async def _accueil(request: Request, guichet: GuichetListes, uai: str, demande: DemandeFile) -> Response:
    session = session_de(request)
    guichet.exiger(Ressource.ELEVES, Action.LIRE, uai)
    file, catalogue, facettes, calendrier, questions, siennes = await asyncio.gather(
        ou_panne(guichet.file(session, uai, demande)),
        ou_panne(guichet.listes(session, uai)),
        ou_panne(guichet.facettes(session, uai)),
        _a_cote(GuichetSession(guichet.identite, guichet.moyens).calendrier(session, None)),
        _a_cote(_questions(guichet, session, uai)),
        _a_cote(guichet.vues(session, uai)),
    )
    listes = None if isinstance(catalogue, Refus) else catalogue
    return page(
        request,
        "accueil.html",
        identite=guichet.identite,
        uai=uai,
        demande=demande,
        **partie("file", file),
        **partie("catalogue", catalogue),
        classes=() if isinstance(facettes, Refus) else facettes.classe,
        fenetres=vues.fenetres(listes) if listes else [],
        taches=_taches(guichet, uai, listes, 0 if isinstance(questions, Refus) else questions),
        panne_taches=_panne(questions),
        echeances=[] if isinstance(calendrier, Refus) else vues.echeances(calendrier, datetime.now(UTC)),
        panne_calendrier=_panne(calendrier),
        vues_gardees=() if isinstance(siennes, Refus) else siennes.vues,
        **await _suite(guichet, session, uai, demande, file),
    )


async def _a_cote(promesse: Awaitable[T]) -> T | Refus:
    """What is beside the queue and the lists is left out, with its reason, whatever the refusal."""
    try:
        return await promesse
    except Refus as refus:
        if refus.code == "journal_indisponible":
            raise
        return refus


def _panne(valeur: object) -> str | None:
    """The sentence of a service that is down; what one may not see is not spoken of."""
    return valeur.phrase if isinstance(valeur, Refus) and valeur.status == INDISPONIBLE else None


def partie(nom: str, valeur: object) -> dict[str, Any]:
    """A part of a page, or why it is not there."""
    panne = valeur.phrase if isinstance(valeur, Refus) else None
    return {nom: None if panne else valeur, f"panne_{nom}": panne}


async def _questions(guichet: GuichetListes, session: int, uai: str) -> int:
    """Questions about scolarités that wait for this lycée."""
    if not guichet.peut(Ressource.TACHES, Action.LIRE, uai):
        return 0
    scolarite = GuichetScolarite(guichet.identite, guichet.moyens)
    return len((await scolarite.taches_du_lycee(session, uai, toutes=False)).taches)


def _taches(guichet: GuichetListes, uai: str, catalogue: cl.Catalogue | None, questions: int) -> list[Tache]:
    comptes = {liste.code: liste.eleves for liste in catalogue.listes} if catalogue else {}
    trouvees = [
        Tache(phrase, f"/lycees/{uai}/{suite}", comptes[code])
        for code, ressource, phrase, suite in _A_FAIRE
        if comptes.get(code) and guichet.peut(ressource, Action.ECRIRE, uai)
    ]
    if questions:
        adresse = f"/lycees/{uai}/scolarite?onglet=taches"
        trouvees.insert(
            0, Tache("questions sur la scolarité, qui attendent votre réponse", adresse, questions)
        )
    return trouvees


async def _suite(
    guichet: GuichetListes, session: int, uai: str, demande: DemandeFile, file: c.FileDuJour | Refus
) -> dict[str, Any]:
    """Links of the queue: its next page, and what its dossiers are opened with."""
    if isinstance(file, Refus) or not file.eleves:
        return {"suite": None, "depuis": ""}
    suite = vues.lien_de_la_file(uai, demande, file.suivant) if file.suivant else None
    retour = vues.lien_de_la_file(uai, demande, demande.curseur)
    suivie = parcours.Parcours(
        acteur=guichet.perimetre.acteur,
        session=session,
        uai=uai,
        titre="À accompagner aujourd’hui",
        adresse=retour.adresse,
        champs=parcours.champs_de(retour),
        total=file.total,
        debut=None if demande.curseur else 1,
        eleves=tuple(eleve.eleve_id for eleve in file.eleves),
    )
    return {"suite": suite, "depuis": await parcours.retenir(guichet, suivie)}
