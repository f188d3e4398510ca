"""What comes with a request: filters of a list, conditions of a write, a file on its way in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from services.gateway import contrats as c
from shared.domaine import filtres as f
from shared.domaine.catalogue import LISTES, CodeListe
from shared.domaine.liste import Liste
from shared.http.errors import Refus

PAGE = 50
_RIEN = BeforeValidator(lambda valeur: valeur or None)
Filtre = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]
Colonne = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9_]*$")]
Curseur = Annotated[str, StringConstraints(max_length=8_000)]


class Filtres(c.Saisie):
    """Which list, narrowed by what, in which order: nothing that names a pupil, it may be in a URL."""

    liste: CodeListe = "tous"
    serie: Annotated[Filtre | None, _RIEN] = None
    classe: Annotated[Filtre | None, _RIEN] = None
    specialite: Annotated[Filtre | None, _RIEN] = None
    famille: Annotated[Filtre | None, _RIEN, Field(description="Filière demandée")] = None
    boursier: Annotated[bool | None, f.RIEN] = None
    cordees: Annotated[bool | None, f.RIEN] = None
    sexe: Annotated[Literal["M", "F"] | None, f.RIEN] = None
    tri: Annotated[Colonne | None, _RIEN, Field(description="Colonne ; absent : par urgence")] = None
    descendant: bool = False
    curseur: Annotated[Curseur | None, _RIEN, Field(description="« suivant » de la page d’avant")] = None
    limite: int = Field(default=PAGE, ge=1, le=200)

    @property
    def catalogue(self) -> Liste:
        """The list that is asked for."""
        return LISTES[self.liste]

    @property
    def filtres(self) -> f.Filtres:
        """What the list is narrowed by, as the services take it."""
        return f.Filtres.model_validate(self.model_dump(include=set(f.Filtres.model_fields)))


class Recherche(Filtres):
    """The same and part of a name, which travels in bodies only."""

    q: Annotated[Filtre | None, _RIEN, Field(description="Début ou partie du nom")] = None

    @property
    def corps(self) -> dict[str, Any]:
        """What the service eleves is asked."""
        suite = self.model_dump(mode="json", include={"liste", "q", "tri", "descendant", "curseur", "limite"})
        return {**suite, "filtres": self.filtres.model_dump(mode="json", exclude_defaults=True)}


class AdresseListe(Filtres):
    """The list that a page's address asks for."""

    model_config = ConfigDict(extra="ignore")

    liste: CodeListe = "inscrits_sans_voeu"

    def recherche(self) -> Recherche:
        return Recherche(**self.model_dump())


class FormulaireRecherche(Recherche):
    """The search form of a page. ``jeton``: proof that the form is ours."""

    model_config = ConfigDict(extra="ignore")

    liste: CodeListe = "inscrits_sans_voeu"
    jeton: str = Field(default="", max_length=200)

    def recherche(self) -> Recherche:
        return Recherche(**self.model_dump(exclude={"jeton"}))


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
