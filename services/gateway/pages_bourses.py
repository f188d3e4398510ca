"""The page of the bourses of a lycée: the queue of signals, decisions on one pupil or several, delegations."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_bourses as cb
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.formulaires import FormulaireLu, lire_formulaire
from services.gateway.operations_bourses import GuichetBourses, PageBourses
from services.gateway.pages import Jeton, page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.bourse import ECHELONS, MotifRefus
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_REPRIS = frozenset({409, 412, 422, 428})
ACTES = {"certifier": "certifications", "refuser": "refus", "annuler": "annulations"}
TITRES = {
    "certifier": "Certifier les bourses",
    "refuser": "Refuser les bourses",
    "annuler": "Annuler les décisions",
}
CONTRADICTIONS = {
    "ECHELON": "SIECLE donne un autre échelon",
    "RETIREE": "SIECLE la connaissait et ne la donne plus",
    "REFUS": "SIECLE la connaît alors que vous l’avez refusée",
}


class Onglet(StrEnum):
    A_CERTIFIER = "a_certifier"
    CERTIFIEES = "certifiees"
    REFUSEES = "refusees"
    SIECLE = "siecle"
    CONTRADICTIONS = "contradictions"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]

    def retient(self, bourse: cb.Bourse) -> bool:
        match self:
            case Onglet.A_CERTIFIER:
                return bourse.a_traiter
            case Onglet.CONTRADICTIONS:
                return bourse.contradiction is not None
            case _:
                return bourse.etat == _ETATS[self]


_LIBELLES = {
    Onglet.A_CERTIFIER: "À certifier",
    Onglet.CERTIFIEES: "Certifiées",
    Onglet.REFUSEES: "Refusées",
    Onglet.SIECLE: "Connues de SIECLE",
    Onglet.CONTRADICTIONS: "Contradictions",
}
_ETATS = {Onglet.CERTIFIEES: "CERTIFIEE", Onglet.REFUSEES: "REFUSEE", Onglet.SIECLE: "SIECLE"}


@router.get("/lycees/{uai}/bourses")
async def bourses(
    request: Request,
    guichet: PageBourses,
    uai: c.Uai,
    *,
    onglet: Onglet = Onglet.A_CERTIFIER,
    fait: str = "",
) -> Response:
    return await _page(request, guichet, uai, onglet, fait=fait)


async def _page(
    request: Request, guichet: GuichetBourses, uai: str, onglet: Onglet, **reste: Any
) -> Response:
    lues = await guichet.bourses(session_de(request), uai)
    chef = guichet.peut(Ressource.DELEGATION, Action.ECRIRE, uai)
    delegations = (await guichet.delegations(session_de(request), uai)).delegations if chef else ()
    statut = 422 if reste.get("refus") else 200
    return page(
        request,
        "bourses.html",
        status=statut,
        uai=uai,
        bourses=lues,
        onglet=onglet,
        onglets=[(un, sum(map(un.retient, lues.eleves))) for un in Onglet],
        lignes=[bourse for bourse in lues.eleves if onglet.retient(bourse)],
        delegations=delegations,
        chef=chef,
        ECHELONS=ECHELONS,
        CONTRADICTIONS=CONTRADICTIONS,
        cle=uuid4(),
        **{"fait": "", "refus": "", **reste},
    )


@router.post("/lycees/{uai}/bourses")
async def decider(request: Request, guichet: PageBourses, uai: c.Uai) -> Response:
    """First what would be done, to be confirmed; then what was done or refused, pupil by pupil."""
    formulaire = await lire_formulaire(request, guichet.identite)
    action = formulaire.un("action")
    if action not in ACTES:
        raise introuvable()
    guichet.exiger(Ressource.BOURSE, Action.ECRIRE, uai)
    lues = await guichet.bourses(session_de(request), uai)
    choisis = formulaire.eleves()
    if not choisis:
        phrase = "Aucun élève n’est coché : cochez au moins un élève, puis recommencez."
        return await _page(request, guichet, uai, _onglet(formulaire), refus=phrase)
    noms = {bourse.eleve_id: bourse for bourse in lues.eleves}
    autres = await guichet.noms(session_de(request), uai, [i for i in choisis if i not in noms])
    noms |= {i: _inconnu(i, un.nom, un.prenom, un.classe) for i, un in autres.items()}
    if not formulaire.un("confirme"):
        return _lot(request, uai, action, formulaire, noms=noms, choisis=choisis, cadre=lues)
    return await _faire(request, guichet, uai, formulaire, noms)


async def _faire(
    request: Request,
    guichet: GuichetBourses,
    uai: str,
    formulaire: FormulaireLu,
    noms: dict[UUID, cb.Bourse],
) -> Response:
    action, choisis = formulaire.un("action"), formulaire.eleves()
    lot = _lire_lot(formulaire, choisis)
    ecriture = Ecriture(idempotence=formulaire.un("cle") or None)
    session, depuis_dossier = session_de(request), formulaire.un("retour") == "dossier"
    try:
        rapport = await guichet.decider(session, uai, ACTES[action], lot, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        return _lot(request, uai, action, formulaire, noms=noms, choisis=choisis, refus=refus)
    if depuis_dossier and not rapport.refuses:
        return RedirectResponse(f"/lycees/{uai}/eleves/{choisis[0]}?fait=bourse#bourse", 303)
    return _lot(request, uai, action, formulaire, noms=noms, choisis=choisis, rapport=rapport)


def _inconnu(
    eleve_id: UUID, nom: str | None = None, prenom: str | None = None, classe: str | None = None
) -> cb.Bourse:
    """A pupil of whom nothing is said, decided on from his dossier."""
    return cb.Bourse(eleve_id=eleve_id, nom=nom, prenom=prenom, classe=classe, etat="AUCUNE")


def _lire_lot(formulaire: FormulaireLu, choisis: Sequence[UUID]) -> cb.LotBourses:
    motif = formulaire.un("motif")
    return cb.LotBourses(
        eleves=tuple(
            cb.EleveVise(
                eleve_id=i,
                version=formulaire.entier(f"version-{i}") or None,
                echelon=formulaire.entier(f"echelon-{i}"),
            )
            for i in choisis
        ),
        piece_vue=formulaire.un("piece_vue") == "true",
        motif=MotifRefus(motif) if motif in set(MotifRefus) else None,
        texte=formulaire.un("texte")[:500] or None,
    )


def _lot(
    request: Request,
    uai: str,
    action: str,
    formulaire: FormulaireLu,
    *,
    noms: dict[UUID, cb.Bourse],
    choisis: Sequence[UUID],
    rapport: cb.RapportBourses | None = None,
    refus: Refus | None = None,
    cadre: cb.Bourses | None = None,
) -> Response:
    """``rapport`` None: to be confirmed; else what became of each."""
    return page(
        request,
        "bourses_lot.html",
        status=refus.status if refus else 200,
        uai=uai,
        action=action,
        titre=TITRES[action],
        eleves=[noms.get(i) or _inconnu(i) for i in choisis],
        noms=noms,
        formulaire=formulaire,
        onglet=_onglet(formulaire),
        rapport=rapport,
        refus=refus,
        cadre=cadre,
        MOTIFS=list(MotifRefus),
        ECHELONS=ECHELONS,
        cle=uuid4(),
    )


def _onglet(formulaire: FormulaireLu) -> Onglet:
    demande = formulaire.un("onglet")
    return Onglet(demande) if demande in set(Onglet) else Onglet.A_CERTIFIER


@router.post("/lycees/{uai}/bourses/delegations")
async def deleguer(
    request: Request,
    guichet: PageBourses,
    uai: c.Uai,
    *,
    jeton: Jeton = "",
    adjoint: Annotated[str, Form(max_length=200)] = "",
    nom: Annotated[str, Form(max_length=120)] = "",
    debut: Annotated[str, Form(max_length=10)] = "",
    fin: Annotated[str, Form(max_length=10)] = "",
    cle: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    try:
        saisie = cb.DelegationSaisie(
            adjoint=adjoint.strip(), nom=nom.strip() or None, debut=_date(debut), fin=_date(fin)
        )
    except ValueError:
        phrase = "Écrivez l’identifiant de l’adjoint tel qu’il le lit sur sa page des bourses, et des dates possibles."
        return await _page(request, guichet, uai, Onglet.A_CERTIFIER, refus=phrase)
    try:
        await guichet.deleguer(session_de(request), uai, saisie, Ecriture(idempotence=cle or None))
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        return await _page(request, guichet, uai, Onglet.A_CERTIFIER, refus=refus.phrase)
    return RedirectResponse(f"/lycees/{uai}/bourses?fait=delegation#delegations", 303)


@router.post("/lycees/{uai}/bourses/delegations/{delegation_id}/retrait")
async def retirer_delegation(
    request: Request, guichet: PageBourses, uai: c.Uai, delegation_id: UUID, *, jeton: Jeton = ""
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    await guichet.retirer_delegation(session_de(request), uai, delegation_id)
    return RedirectResponse(f"/lycees/{uai}/bourses?fait=delegation_retiree#delegations", 303)


def _date(texte: str) -> date | None:
    return date.fromisoformat(texte) if texte else None
