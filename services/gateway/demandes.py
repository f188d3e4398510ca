"""What comes with a request: filters of a list, conditions of a write, a file on its way in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.domaine import filtres as f
from shared.domaine.catalogue import LISTES, CodeListe
from shared.domaine.liste import Liste
from shared.http.errors import Refus

PAGE = 50
FILE = 10
TOUS = "tous"
"""The list of everybody."""
Texte = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]
Colonne = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9_]+$")]
Curseur = Annotated[str, StringConstraints(max_length=8_000)]


class Ordonnee(f.Filtres):
    """Filters of a list, its order and its page: nothing that names a pupil, it may be in a URL."""

    nouveaux: Annotated[bool, Field(description="Seulement les entrants depuis votre dernière visite")] = (
        False
    )
    tri: Annotated[Colonne | None, f.RIEN, Field(description="Colonne ; absent : par urgence")] = None
    descendant: bool = False
    curseur: Annotated[Curseur | None, f.RIEN, Field(description="« suivant » de la page d’avant")] = None
    limite: int = Field(default=PAGE, ge=1, le=200)

    @property
    def filtres(self) -> f.Filtres:
        """The filters alone, as services, views and spreadsheets take them."""
        return f.Filtres.model_validate(self.model_dump(include=set(f.Filtres.model_fields)))


class Filtres(Ordonnee):
    """Which list of the catalogue, narrowed by what, at what moment."""

    liste: CodeListe = TOUS
    a_la_date: Annotated[
        AwareDatetime | None, Field(description="Moment où la liste se juge ; maintenant par défaut")
    ] = None

    @property
    def catalogue(self) -> Liste:
        """The list that is asked for."""
        return LISTES[self.liste]


class Recherche(Filtres):
    """The same and part of a name, which travels in bodies only."""

    q: Annotated[Texte | None, f.RIEN, Field(description="Début ou partie du nom")] = None

    @property
    def corps(self) -> dict[str, Any]:
        """What the service eleves is asked."""
        suite = self.model_dump(mode="json", exclude=set(f.Filtres.model_fields), exclude_none=True)
        return {**suite, "filtres": self.filtres.model_dump(mode="json", exclude_defaults=True)}

    @property
    def filtree(self) -> bool:
        return bool(self.q or self.nouveaux or self.filtres != f.Filtres())


class AdresseListe(Ordonnee):
    """What the address of a list's page asks for. ``vue``: the saved view that led here."""

    model_config = ConfigDict(extra="ignore")

    vue: Annotated[UUID | None, f.RIEN] = None

    def recherche(self, liste: str) -> Recherche:
        return Recherche(liste=liste, **self.model_dump(exclude={"vue"}))


class FormulaireListe(Ordonnee):
    """The filters' form of a list's page. ``jeton``: proof that the form is ours."""

    model_config = ConfigDict(extra="ignore")

    q: Annotated[Texte | None, f.RIEN] = None
    jeton: str = Field(default="", max_length=200)

    def recherche(self, liste: str) -> Recherche:
        return Recherche(liste=liste, **self.model_dump(exclude={"jeton"}))


class FormulaireExport(FormulaireListe):
    """Which list to take away, with its filters."""

    liste: CodeListe = TOUS


class AdresseFile(BaseModel):
    """What the address of the first page asks of the queue of the day."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    classe: f.Valeurs = ()
    sans_suivi: bool = False
    curseur: Annotated[Curseur | None, f.RIEN] = None


class DemandeFile(AdresseFile):
    """Part of the queue: of some classes, of those whom somebody follows, or nobody. A body: it names people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    assigne: Annotated[Texte | None, f.RIEN, Field(description="Suivis par cette personne")] = None
    limite: int = Field(default=FILE, ge=1, le=200)
    a_la_date: AwareDatetime | None = None

    @property
    def corps(self) -> dict[str, Any]:
        suite = self.model_dump(mode="json", exclude={"classe"}, exclude_none=True)
        return {**suite, "filtres": {"classe": list(self.classe)}}


class FormulaireFile(DemandeFile):
    model_config = ConfigDict(extra="ignore", frozen=True)

    jeton: str = Field(default="", max_length=200)

    @property
    def demande(self) -> DemandeFile:
        return DemandeFile(**self.model_dump(exclude={"jeton"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecriture:
    """Conditions of a write, passed through to the service."""

    if_match: str | None = None
    idempotence: str | None = None

    @property
    def entetes(self) -> dict[str, str]:
        paires = {"If-Match": self.if_match, "Idempotency-Key": self.idempotence}
        return {nom: valeur for nom, valeur in paires.items() if valeur}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoi:
    """A file on its way in. ``confirme``: yes to what would be asked; ``essai``: dry run, None: ingest decides."""

    morceaux: AsyncIterator[bytes]
    genre: str
    nom: str
    confirme: bool = False
    essai: bool | None = None


async def compte_limite(morceaux: AsyncIterator[bytes], limite: int) -> AsyncIterator[bytes]:
    """The same pieces, until they weigh too much."""
    recu = 0
    async for morceau in morceaux:
        recu += len(morceau)
        if recu > limite:
            raise Refus(413, "fichier_trop_lourd", f"Le fichier dépasse {limite >> 20} Mo.")
        yield morceau


async def sans_silence(morceaux: AsyncIterator[bytes], patience_s: float) -> AsyncIterator[bytes]:
    """The same pieces, until the client says nothing for too long (408)."""
    while True:
        try:
            morceau = await asyncio.wait_for(anext(morceaux, None), patience_s)
        except TimeoutError as erreur:
            raise Refus(408, "trop_lent", "L’envoi s’est interrompu : reprenez-le.") from erreur
        if morceau is None:
            return
        if morceau:
            yield morceau
