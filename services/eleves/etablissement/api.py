"""Internal HTTP of a lycée's settings."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.eleves.appel import PREFIXE, Session, Texte, Uai, engine
from services.eleves.etablissement import commandes, presentation, store
from services.eleves.etablissement.champs import Objet
from services.eleves.etablissement.commandes import Contexte, Saisie
from services.eleves.etablissement.domain import Cle
from shared.db.engine import reading, writing
from shared.http.errors import Refus, introuvable
from shared.http.etag import IfMatch, poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Perimetre

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}/etablissement")
TABLEAU_MAX = 60_000


class FicheSaisie(BaseModel):
    """Which fiche, and what is typed in it; a field at null takes the value of SIECLE again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    objet: Objet
    classe: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""
    detail: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""
    champs: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=2_000)] | None] = (
        Field(min_length=1, max_length=20)
    )
    motif: Texte | None = None

    def saisie(self) -> Saisie:
        cle = Cle(self.objet, self.classe, self.detail)
        return Saisie(fiche=cle, champs=self.champs, motif=self.motif)


class Tableau(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    texte: Annotated[str, Field(max_length=TABLEAU_MAX)]
    essai: bool = True


@router.get("")
async def lire(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    """Everything, read by whoever works in the lycée."""
    _visible(appelant, uai)
    async with reading(engine(request)) as tx:
        return presentation.etablissement(await store.charger(tx, session, uai))


@router.get("/historique")
async def historique(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    limite: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    _visible(appelant, uai)
    async with reading(engine(request)) as tx:
        return {"actes": presentation.actes(await store.historique(tx, session, uai, limite))}


@router.put("/fiche")
async def enregistrer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    saisie: FicheSaisie,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Correct a fiche, or take SIECLE's values back. ``ETag``: the version to send as ``If-Match``."""
    contexte = _contexte(appelant, session, uai, cle, if_match)
    async with writing(engine(request)) as tx:
        fiche = await commandes.enregistrer(tx, contexte, saisie.saisie())
    poser(response, fiche["version"])
    return fiche


@router.post("/conseils")
async def importer(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    tableau: Tableau,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """The calendar of conseils from a pasted table; ``essai`` writes nothing."""
    contexte = _contexte(appelant, session, uai, cle, None)
    async with writing(engine(request)) as tx:
        return await commandes.importer_conseils(tx, contexte, tableau.texte, essai=tableau.essai)


def _visible(appelant: Perimetre, uai: str) -> None:
    if not appelant.voit_lycee(uai):
        raise introuvable()


def _contexte(appelant: Perimetre, session: int, uai: str, cle: str | None, if_match: str | None) -> Contexte:
    _visible(appelant, uai)
    if not appelant.direction:
        phrase = "Seule la direction du lycée modifie ses paramètres."
        raise Refus(403, "role_insuffisant", phrase)
    qui = store.Signature(appelant.acteur, appelant.nom or appelant.acteur, datetime.now(UTC))
    return Contexte(session=session, uai=uai, qui=qui, cle=cle, if_match=if_match)
