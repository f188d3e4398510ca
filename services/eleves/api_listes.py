"""Internal HTTP of the service eleves: nominative lists and the queue of the day, within the caller's scope."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import curseur, listes
from services.eleves.appel import PREFIXE, Session, Texte, Uai, engine, secret
from services.eleves.ordre import TRIABLES, Ordre, Position
from services.eleves.presentation_listes import presenter, presenter_colonnes, presenter_priorite
from services.eleves.referentiels import calendrier
from shared.db.engine import reading
from shared.domaine.catalogue import LISTES, CodeListe
from shared.domaine.filtres import Filtres
from shared.domaine.predicats import Contexte
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Perimetre

router = APIRouter(prefix=PREFIXE)
_HORS_ECRAN = frozenset({"naissance", "ine"})
"""Printed in workbooks only: no screen needs them."""


def _triable(colonne: str) -> str:
    if colonne not in TRIABLES:
        raise ValueError("colonne inconnue")
    return colonne


class Recherche(BaseModel):
    """Which list, narrowed by what, in which order; ``q``: part of a name; ``tri`` None: most urgent first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    liste: CodeListe = "tous"
    filtres: Filtres = Field(default_factory=Filtres)
    q: Texte | None = None
    tri: Annotated[str, AfterValidator(_triable)] | None = None
    descendant: bool = False
    curseur: str | None = None
    limite: int = Field(default=50, ge=1, le=200)

    @property
    def ordre(self) -> Ordre:
        return Ordre(self.tri, self.descendant)

    @property
    def ordre_du_curseur(self) -> Ordre:
        """The urgency is each list's own: the cursor of one is not that of another."""
        return self.ordre if self.tri else Ordre(f"urgence {self.liste}")

    def filtre(self, apres: Position | None) -> listes.Filtre:
        return listes.Filtre(
            liste=self.liste,
            filtres=self.filtres,
            texte=self.q,
            ordre=self.ordre,
            apres=apres,
            limite=self.limite,
        )


class DemandeFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    filtres: Filtres = Field(default_factory=Filtres)
    limite: int = Field(default=20, ge=1, le=200)


async def _lecture(
    connection: AsyncConnection, appelant: Perimetre, session: int, uai: str
) -> listes.Lecture:
    contexte = Contexte(datetime.now(UTC), await calendrier(connection, session))
    return listes.Lecture(connection, appelant, session, uai, contexte)


@router.post("/lycees/{uai}/eleves/recherche")
async def lister(
    request: Request, appelant: Appelant, session: Session, uai: Uai, recherche: Recherche
) -> dict[str, Any]:
    """One page of a list, the size of every list, and the cursor of the next page.

    POST, so that what is looked for is in no URL.
    """
    liste = LISTES[recherche.liste]
    if not appelant.voit_lycee(uai) or (liste.reservee and not appelant.direction):
        raise introuvable()
    filtre = recherche.filtre(_apres(request, recherche))
    async with reading(engine(request)) as connection:
        lecture = await _lecture(connection, appelant, session, uai)
        page = await listes.lister(lecture, filtre)
        comptes = await listes.compter(lecture)
        classes = await listes.classes(lecture)
        choix = await listes.choix(lecture)
    suivant = curseur.ecrire(page.fin, recherche.ordre_du_curseur, secret(request)) if page.fin else None
    colonnes = [c for c in liste.imprime(direction=appelant.direction) if c.code not in _HORS_ECRAN]
    return {
        "total": page.total,
        "colonnes": presenter_colonnes(colonnes),
        "eleves": [presenter(eleve, colonnes) for eleve in page.eleves],
        "suivant": suivant,
        "comptes": comptes,
        "classes": classes,
        **choix,
    }


def _apres(request: Request, recherche: Recherche) -> Position | None:
    if not recherche.curseur:
        return None
    try:
        return curseur.lire(recherche.curseur, recherche.ordre_du_curseur, secret(request))
    except curseur.CurseurInvalideError as erreur:
        phrase = "Cette page de la liste n’existe plus : reprenez au début."
        raise Refus(422, "curseur_invalide", phrase) from erreur


@router.post("/lycees/{uai}/file")
async def file(
    request: Request, appelant: Appelant, session: Session, uai: Uai, demande: DemandeFile
) -> dict[str, Any]:
    """« À accompagner aujourd’hui »: the first pupils of the queue, with the reasons written out."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(engine(request)) as connection:
        lecture = await _lecture(connection, appelant, session, uai)
        total, eleves = await listes.file(lecture, demande.filtres, demande.limite)
    return {
        "total": total,
        "a_la_date": lecture.contexte.a_la_date.isoformat(),
        "eleves": [presenter_priorite(eleve, lecture.contexte) for eleve in eleves],
    }
