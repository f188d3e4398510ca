"""Internal HTTP of the service eleves: lists and dossiers, within the caller's scope."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from services.eleves import curseur, listes, store
from services.eleves.domain import Ordre, Position, Tri
from services.eleves.presentation import presenter_dossier
from shared.db.engine import reading
from shared.domaine.listes import Liste
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix="/interne/v1/sessions/{session}")
Session = Annotated[int, Path(ge=2018, le=2100)]
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
EleveId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Texte = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class Recherche(BaseModel):
    """Which list, narrowed by what, in which order; ``q``: part of a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    liste: Liste = Liste.TOUS
    serie: Texte | None = None
    classe: Texte | None = None
    q: Texte | None = None
    tri: Tri = Tri.NOM
    descendant: bool = False
    curseur: str | None = None
    limite: int = Field(default=50, ge=1, le=200)

    @property
    def ordre(self) -> Ordre:
        return Ordre(self.tri, self.descendant)

    def filtre(self, apres: Position | None) -> listes.Filtre:
        return listes.Filtre(
            liste=self.liste,
            serie=self.serie,
            classe=self.classe,
            texte=self.q,
            ordre=self.ordre,
            apres=apres,
            limite=self.limite,
        )


def _engine(request: Request) -> AsyncEngine:
    engine: AsyncEngine = request.app.state.running.engine
    return engine


def _secret(request: Request) -> str:
    secret: str = request.app.state.running.settings.service_token_key.get_secret_value()
    return secret


@router.post("/lycees/{uai}/eleves/recherche")
async def lister(
    request: Request, appelant: Appelant, session: Session, uai: Uai, recherche: Recherche
) -> dict[str, Any]:
    """One page of a list, the size of every list, and the cursor of the next page.

    POST, so that what is looked for is in no URL.
    """
    if not appelant.voit_lycee(uai):
        raise introuvable()
    filtre = recherche.filtre(_apres(request, recherche))
    async with reading(_engine(request)) as connection:
        page = await listes.lister(connection, appelant, session, uai, filtre)
        comptes = await listes.compter(connection, appelant, session, uai)
        classes = await listes.classes(connection, appelant, session, uai)
    suivant = curseur.ecrire(page.fin, recherche.ordre, _secret(request)) if page.fin else None
    return {
        "total": page.total,
        "eleves": page.eleves,
        "suivant": suivant,
        "comptes": comptes,
        "classes": classes,
    }


def _apres(request: Request, recherche: Recherche) -> Position | None:
    if not recherche.curseur:
        return None
    try:
        return curseur.lire(recherche.curseur, recherche.ordre, _secret(request))
    except curseur.CurseurInvalideError as erreur:
        phrase = "Cette page de la liste n’existe plus : reprenez au début."
        raise Refus(422, "curseur_invalide", phrase) from erreur


@router.get("/eleves/{eleve_id}")
async def dossier(
    request: Request, appelant: Appelant, session: Session, eleve_id: EleveId
) -> dict[str, Any]:
    async with reading(_engine(request)) as connection:
        etat = await store.dossier(connection, appelant, session, eleve_id)
    if etat is None:
        raise introuvable()
    return presenter_dossier(eleve_id, etat)
