"""Internal HTTP of the service eleves: nominative lists and the queue of the day, within the caller's scope."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import comptes, curseur, listes
from services.eleves import file as du_jour
from services.eleves.appel import PREFIXE, Session, Texte, Uai, engine, secret
from services.eleves.ordre import TRIABLES, Ordre, Position
from services.eleves.presentation_listes import (
    presenter,
    presenter_catalogue,
    presenter_colonnes,
    presenter_priorite,
)
from services.eleves.referentiels import calendrier
from shared.db.engine import reading, writing
from shared.domaine.calendrier import Calendrier
from shared.domaine.catalogue import LISTES, CodeListe
from shared.domaine.colonnes import COLONNES
from shared.domaine.filtres import Filtres
from shared.domaine.liste import Liste
from shared.domaine.predicats import Contexte
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Perimetre

router = APIRouter(prefix=PREFIXE)
_HORS_ECRAN = frozenset({"naissance", "ine"})
"""Printed in workbooks only: no screen needs them."""
_RESERVEES = frozenset(colonne.tri for colonne in COLONNES.values() if colonne.reservee)
"""Fields that the direction alone may read, and order by."""
_CALENDRIERS = "calendriers des listes"
_FRAICHEUR_S = 2.0
_ORDRE_DE_LA_FILE = Ordre(f"urgence {du_jour.CODE}")


def _triable(colonne: str) -> str:
    if colonne not in TRIABLES:
        raise ValueError("colonne inconnue")
    return colonne


class _Datee(BaseModel):
    """``a_la_date``: the moment at which lists are judged; now when it is not said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    a_la_date: AwareDatetime | None = None


class Recherche(_Datee):
    """Which list, narrowed by what, in which order; ``q``: part of a name; ``tri`` None: most urgent first.

    ``nouveaux``: only those who came into the list since the caller's last visit.
    """

    liste: CodeListe = "tous"
    filtres: Filtres = Field(default_factory=Filtres)
    q: Texte | None = None
    nouveaux: bool = False
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
            nouveaux=self.nouveaux,
            ordre=self.ordre,
            apres=apres,
            limite=self.limite,
        )


class DemandeFile(_Datee):
    """``assigne``: those whom he follows; ``sans_suivi``: those whom nobody does."""

    filtres: Filtres = Field(default_factory=Filtres)
    assigne: Texte | None = None
    sans_suivi: bool = False
    curseur: str | None = None
    limite: int = Field(default=20, ge=1, le=200)


class DemandeVisite(_Datee):
    """``tout_vu``: everybody of the list is known from now on."""

    tout_vu: bool = False


@asynccontextmanager
async def _lecture(
    request: Request, appelant: Perimetre, session: int, uai: str, a_la_date: datetime | None
) -> AsyncIterator[listes.Lecture]:
    """Refus 404 for a lycée out of scope, before anything is read."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(engine(request)) as connection:
        contexte = await _contexte(request, connection, session, a_la_date)
        yield listes.Lecture(connection, appelant, session, uai, contexte)


async def _contexte(
    request: Request, connection: AsyncConnection, session: int, a_la_date: datetime | None
) -> Contexte:
    """The calendar is read again every other second: it changes a few times a year, lists are read all day."""
    lus: dict[int, tuple[float, Calendrier]] = request.app.state.running.resources.setdefault(
        _CALENDRIERS, {}
    )
    jusqu_a, lu = lus.get(session, (0.0, None))
    if lu is None or jusqu_a < monotonic():
        lu = await calendrier(connection, session)
        lus[session] = (monotonic() + _FRAICHEUR_S, lu)
    return Contexte(a_la_date or datetime.now(UTC), lu)


def _ouvrir(code: str, appelant: Perimetre) -> Liste:
    liste = LISTES.get(code)
    if liste is None or (liste.reservee and not appelant.direction):
        raise introuvable()
    return liste


@router.get("/lycees/{uai}/listes")
async def catalogue(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    a_la_date: Annotated[AwareDatetime | None, Query()] = None,
) -> dict[str, Any]:
    """Every list that the caller may open, with its size and how many are new to him."""
    async with _lecture(request, appelant, session, uai, a_la_date) as lecture:
        lus = await comptes.compter(lecture)
    return presenter_catalogue(lecture.contexte, lus)


@router.get("/lycees/{uai}/filtres")
async def filtres(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    """What each filter offers in the lycée."""
    async with _lecture(request, appelant, session, uai, None) as lecture:
        return await comptes.facettes(lecture)


@router.post("/lycees/{uai}/eleves/recherche")
async def lister(
    request: Request, appelant: Appelant, session: Session, uai: Uai, recherche: Recherche
) -> dict[str, Any]:
    """One page of a list, its length, and the cursor of the next page.

    POST, so that what is looked for is in no URL.
    """
    liste = _ouvrir(recherche.liste, appelant)
    if recherche.tri in _RESERVEES and not appelant.direction:
        raise introuvable()
    filtre = recherche.filtre(_apres(request, recherche.curseur, recherche.ordre_du_curseur))
    async with _lecture(request, appelant, session, uai, recherche.a_la_date) as lecture:
        page = await listes.lister(lecture, filtre)
    colonnes = [c for c in liste.imprime(direction=appelant.direction) if c.code not in _HORS_ECRAN]
    return {
        "total": page.total,
        "nouveaux": page.nouveaux,
        "colonnes": presenter_colonnes(colonnes),
        "eleves": [presenter(eleve, colonnes) for eleve in page.eleves],
        "suivant": _suivant(request, page, recherche.ordre_du_curseur),
    }


def _apres(request: Request, brut: str | None, ordre: Ordre) -> Position | None:
    if not brut:
        return None
    try:
        return curseur.lire(brut, ordre, secret(request))
    except curseur.CurseurInvalideError as erreur:
        phrase = "Cette page de la liste n’existe plus : reprenez au début."
        raise Refus(422, "curseur_invalide", phrase) from erreur


def _suivant(request: Request, page: listes.Page, ordre: Ordre) -> str | None:
    return curseur.ecrire(page.fin, ordre, secret(request)) if page.fin else None


@router.post("/lycees/{uai}/listes/{code}/visites")
async def visiter(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    code: Annotated[str, Path(max_length=60)],
    demande: DemandeVisite,
) -> dict[str, Any]:
    """The caller looks at the whole of a list: what he sees is what his next visit is compared with."""
    _ouvrir(code, appelant)
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with writing(engine(request)) as tx:
        contexte = await _contexte(request, tx, session, demande.a_la_date)
        lecture = listes.Lecture(tx, appelant, session, uai, contexte)
        visite = await comptes.visiter(lecture, code, tout_vu=demande.tout_vu)
    return {
        "liste": code,
        "depuis": visite.depuis.isoformat(),
        "eleves": visite.eleves,
        "nouveaux": visite.nouveaux,
    }


@router.post("/lycees/{uai}/file")
async def file(
    request: Request, appelant: Appelant, session: Session, uai: Uai, demande: DemandeFile
) -> dict[str, Any]:
    """« À accompagner aujourd’hui »: a page of the queue, with the reasons written out."""
    voulue = du_jour.Demande(
        filtres=demande.filtres,
        assigne=demande.assigne,
        sans_suivi=demande.sans_suivi,
        apres=_apres(request, demande.curseur, _ORDRE_DE_LA_FILE),
        limite=demande.limite,
    )
    async with _lecture(request, appelant, session, uai, demande.a_la_date) as lecture:
        page = await du_jour.file(lecture, voulue)
        assignes = await du_jour.assignes(lecture)
    return {
        "total": page.total,
        "a_la_date": lecture.contexte.a_la_date.isoformat(),
        "eleves": [presenter_priorite(eleve, lecture.contexte) for eleve in page.eleves],
        "suivant": _suivant(request, page, _ORDRE_DE_LA_FILE),
        "assignes": assignes,
    }
