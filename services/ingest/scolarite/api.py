"""Internal HTTP of what lycées enter themselves: corrections, additions, sorties, tasks, remontée."""

from datetime import date
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.ingest.scolarite import choix as taches
from services.ingest.scolarite import commandes, presentation, remontee, store
from services.ingest.scolarite.ajout import Ajout, ajouter_eleve
from services.ingest.scolarite.choix import Reponse
from services.ingest.scolarite.commandes import Cible
from services.ingest.scolarite.contexte import Contexte, du_perimetre
from services.ingest.scolarite.domain import Choix
from services.ingest.siecle import scolarites
from shared.events.modeles.base import Code
from shared.http.errors import introuvable
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Delegation, Perimetre, Role
from shared.nomenclatures.series import Serie
from shared.service import Running

router = APIRouter(prefix="/interne/v1/sessions/{session}")
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Id = Annotated[str, Path(pattern=_UUID)]
IfMatch = Annotated[str | None, Header(max_length=40)]
Texte = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$"),
]


class Saisie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Champs(Saisie):
    """Fields of a scolarité; those not given stay as they are."""

    classe: Texte | None = None
    mef: Annotated[str, Field(pattern=r"^[0-9A-Z]{10,11}$")] | None = None
    serie: Serie | None = None
    specialites: tuple[Code, ...] | None = Field(default=None, max_length=6)
    regime: Code | None = None
    statut_scolaire: Code | None = None
    date_entree: date | None = None

    def dits(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class Motivee(Saisie):
    motif: Texte


class Correction(Motivee):
    champs: Champs

    @model_validator(mode="after")
    def _quelque_chose(self) -> Self:
        if not self.champs.dits():
            raise ValueError("aucun champ à corriger")
        return self


class Retrait(Motivee):
    champs: tuple[str, ...] = Field(min_length=1, max_length=20)


class SortieSaisie(Motivee):
    date: date


class EleveAjoute(Motivee):
    """``eleve_id``: the pupil meant, among those proposed; ``nouveau``: none of them."""

    nom: Texte
    prenom: Texte
    nom_usage: Texte | None = None
    naissance: date
    sexe: Annotated[str, Field(pattern=r"^[MF]$")]
    ine: Annotated[str, StringConstraints(to_upper=True, max_length=11)] | None = None
    classe: Texte | None = None
    mef: Annotated[str, Field(pattern=r"^[0-9A-Z]{10,11}$")]
    serie: Serie | None = None
    specialites: tuple[Code, ...] | None = Field(default=None, max_length=6)
    regime: Code | None = None
    statut_scolaire: Code | None = None
    date_entree: date
    eleve_id: Annotated[str, Field(pattern=_UUID)] | None = None
    nouveau: bool = False

    def ajout(self, uai: str) -> Ajout:
        champs = self.model_dump(mode="json", exclude_none=True, include=set(Champs.model_fields))
        return Ajout(
            uai=uai,
            champs=champs,
            **self.model_dump(
                include={
                    "nom", "prenom", "nom_usage", "naissance", "sexe", "ine", "motif", "eleve_id", "nouveau",
                }
            ),
        )  # fmt: skip


class ReponseTache(Saisie):
    """``uai``: for which lycée one answers; for the operator, the one that keeps the pupil."""

    choix: Choix
    uai: Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")] | None = None
    survivant: Annotated[str, Field(pattern=_UUID)] | None = None


class Cloture(Saisie):
    """``presents``: the number of pupils that the preview showed; confirming it is the explicit act."""

    confirme: bool
    presents: int = Field(ge=0)


def _running(request: Request, session: int) -> Running:
    running: Running = request.app.state.running
    if session != running.settings.session:
        raise introuvable()
    return running


def _permis(appelant: Perimetre, uai: str) -> None:
    if not du_perimetre(appelant, uai):
        raise introuvable()


def _contexte(
    running: Running, appelant: Perimetre, cle: str | None = None, if_match: str | None = None
) -> Contexte:
    return Contexte(
        settings=running.settings,
        session=running.settings.session,
        acteur=appelant.acteur,
        cle=cle,
        if_match=if_match,
    )


def _etag(response: Response, contenu: dict[str, Any]) -> dict[str, Any]:
    response.headers["ETag"] = f'"{contenu["version"]}"'
    return contenu


@router.get("/lycees/{uai}/saisies-locales")
async def saisies(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """All that the lycée entered itself, and what of it should still be told to SIECLE."""
    _permis(appelant, uai)
    async with _running(request, session).engine.connect() as tx:
        lignes = await store.du_lycee(tx, session, uai)
        dites = await scolarites.dites(tx, session, [ligne["eleve_id"] for ligne in lignes])
        return presentation.saisies(lignes, dites, uai)


@router.post("/lycees/{uai}/scolarites", status_code=201)
async def ajouter(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    saisie: EleveAjoute,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Add a pupil by hand. 409 ``eleves_proches`` with ``candidats`` when he may be known."""
    _permis(appelant, uai)
    running = _running(request, session)
    async with running.engine.begin() as tx:
        montre = await ajouter_eleve(tx, _contexte(running, appelant, cle), saisie.ajout(uai))
    return _etag(response, montre)


@router.get("/lycees/{uai}/scolarites/{eleve_id}")
async def lire(
    request: Request, response: Response, appelant: Appelant, session: int, uai: Uai, *, eleve_id: Id
) -> dict[str, Any]:
    """SIECLE's value, the local one, the effective one, field by field. ``ETag``: to send as ``If-Match``."""
    _permis(appelant, uai)
    async with _running(request, session).engine.connect() as tx:
        return _etag(response, await commandes.montrer(tx, session, uai, eleve_id))


@router.put("/lycees/{uai}/scolarites/{eleve_id}/corrections")
async def corriger(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    eleve_id: Id,
    saisie: Correction,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    _permis(appelant, uai)
    running = _running(request, session)
    async with running.engine.begin() as tx:
        contexte = _contexte(running, appelant, cle, if_match)
        cible = Cible(uai, eleve_id, saisie.motif)
        return _etag(response, await commandes.corriger(tx, contexte, cible, saisie.champs.dits()))


@router.post("/lycees/{uai}/scolarites/{eleve_id}/corrections/retrait")
async def retirer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    eleve_id: Id,
    saisie: Retrait,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """SIECLE's value counts again."""
    _permis(appelant, uai)
    running = _running(request, session)
    async with running.engine.begin() as tx:
        contexte = _contexte(running, appelant, cle, if_match)
        cible = Cible(uai, eleve_id, saisie.motif)
        return _etag(response, await commandes.retirer(tx, contexte, cible, saisie.champs))


@router.put("/lycees/{uai}/scolarites/{eleve_id}/sortie")
async def sortir(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    eleve_id: Id,
    saisie: SortieSaisie,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    _permis(appelant, uai)
    running = _running(request, session)
    async with running.engine.begin() as tx:
        contexte = _contexte(running, appelant, cle, if_match)
        cible = Cible(uai, eleve_id, saisie.motif)
        return _etag(response, await commandes.sortir(tx, contexte, cible, saisie.date))


@router.post("/lycees/{uai}/scolarites/{eleve_id}/sortie/annulation")
async def annuler_sortie(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    eleve_id: Id,
    saisie: Motivee,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    _permis(appelant, uai)
    running = _running(request, session)
    async with running.engine.begin() as tx:
        contexte = _contexte(running, appelant, cle, if_match)
        cible = Cible(uai, eleve_id, saisie.motif)
        return _etag(response, await commandes.annuler_sortie(tx, contexte, cible))


@router.get("/taches")
async def lister_taches(
    request: Request,
    appelant: Appelant,
    session: int,
    *,
    uai: Annotated[str | None, Query(pattern=r"^[0-9]{7}[A-Z]$")] = None,
    academie: Annotated[str | None, Query(pattern=r"^[0-9]{1,2}$")] = None,
    toutes: bool = False,
) -> dict[str, Any]:
    """Of the chef's lycées, of the SAIO's académies, of the nation; oldest first."""
    if uai is not None:
        _permis(appelant, uai)
    if academie is not None:
        if not appelant.voit_academie(academie):
            raise introuvable()
        appelant = appelant.model_copy(update={"academies": (academie,)})
    lycees = None if uai is None else [uai]
    async with _running(request, session).engine.connect() as tx:
        return {"taches": await taches.lister(tx, session, appelant, lycees, toutes=toutes)}


@router.post("/taches/{tache_id}/reponse")
async def repondre(
    request: Request,
    appelant: Appelant,
    session: int,
    tache_id: Id,
    *,
    saisie: ReponseTache,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """A chef answers for one of his lycées; the operator settles."""
    running = _running(request, session)
    contexte = _contexte(running, appelant, cle)
    reponse = Reponse(tache_id=tache_id, choix=saisie.choix, uai=saisie.uai, survivant=saisie.survivant)
    async with running.engine.begin() as tx:
        if appelant.role is Role.OPERATEUR:
            return await taches.resoudre(tx, contexte, appelant, reponse)
        if not appelant.direction or saisie.uai is None or not appelant.voit_lycee(saisie.uai):
            raise introuvable()
        return await taches.repondre(tx, contexte, appelant, reponse)


@router.get("/lycees/{uai}/remontee")
async def bilan(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """State, and what closing now would freeze."""
    _permis(appelant, uai)
    async with _running(request, session).engine.connect() as tx:
        return await remontee.bilan(tx, session, uai)


@router.post("/lycees/{uai}/remontee/cloturer")
async def cloturer(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    saisie: Cloture,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Freeze the vivier initial; ``confirme`` false only shows what would be frozen."""
    _permis(appelant, uai)
    if appelant.role is Role.ADJOINT and not appelant.decide(Delegation.CLOTURE):
        raise introuvable()
    running = _running(request, session)
    async with running.engine.begin() as tx:
        if not saisie.confirme:
            return await remontee.bilan(tx, session, uai)
        contexte = _contexte(running, appelant, cle)
        return await remontee.cloturer(tx, contexte, uai, presents=saisie.presents)


@router.post("/lycees/{uai}/remontee/rouvrir")
async def rouvrir(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    saisie: Motivee,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()
    running = _running(request, session)
    async with running.engine.begin() as tx:
        return await remontee.rouvrir(tx, _contexte(running, appelant, cle), uai, saisie.motif)


@router.get("/lycees/{uai}/remontee/ecarts")
async def ecarts(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """What files said since the closing, with a sentence for each."""
    _permis(appelant, uai)
    async with _running(request, session).engine.connect() as tx:
        return await remontee.ecarts(tx, session, uai)
