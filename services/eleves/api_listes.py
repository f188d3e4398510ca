"""Internal HTTP of the service eleves: nominative lists, within the caller's scope."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.eleves import curseur, listes
from services.eleves.appel import PREFIXE, Session, Texte, Uai, engine, secret
from services.eleves.domain import Ordre, Position, Tri
from shared.db.engine import reading
from shared.domaine.listes import Liste
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)


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
    async with reading(engine(request)) as connection:
        page = await listes.lister(connection, appelant, session, uai, filtre)
        comptes = await listes.compter(connection, appelant, session, uai)
        classes = await listes.classes(connection, appelant, session, uai)
    suivant = curseur.ecrire(page.fin, recherche.ordre, secret(request)) if page.fin else None
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
        return curseur.lire(recherche.curseur, recherche.ordre, secret(request))
    except curseur.CurseurInvalideError as erreur:
        phrase = "Cette page de la liste n’existe plus : reprenez au début."
        raise Refus(422, "curseur_invalide", phrase) from erreur
