"""The candidate feed as Pydantic models: the contract that the platform writes to.

No public format exists; this one is ours (facts_and_effects §4). ``feed`` is its fast twin.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, TypeAdapter

from shared.events.modeles import (
    Code,
    Decision,
    Entier,
    EtatCaes,
    EtatDossier,
    EtatVoeu,
    Millesime,
    ObjetAccuse,
    Phase,
    Profil,
    Reponse,
    Texte,
    Uai,
    Version,
    Voie,
)

Ine = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{11}$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=200)]


def _en_toutes_lettres(valeur: object) -> object:
    """Pydantic would take "0" for a number of seconds."""
    if not isinstance(valeur, str) or "-" not in valeur[:5]:
        raise ValueError("not ISO 8601")
    return valeur


Instant = Annotated[AwareDatetime, Strict(strict=False), BeforeValidator(_en_toutes_lettres)]
Jour = Annotated[date, Strict(strict=False), BeforeValidator(_en_toutes_lettres)]


class Fait(BaseModel):
    """Common to all: ``sequence`` increases per subject at the source and is the event's version."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    session: Millesime
    sequence: Version
    time: Annotated[Instant, Field(description="when it happened, ISO 8601 with its offset")]
    numero_dossier: Code


class Dossier(Fait):
    """A candidate's dossier; ``profil`` other than TERMINALE puts all its facts out of scope."""

    type: Literal["dossier"]
    ine: Ine | None = None
    nom: Texte
    prenom: Texte
    naissance: Jour
    uai: Uai | None = None
    profil: Profil
    etat: EtatDossier
    bulletins_saisis: Annotated[Codes, Field(description="périodes typed by the pupil himself")] = ()
    pieces_manquantes: Codes = ()


class BourseSignalee(Fait):
    type: Literal["bourse_signalee"]
    commentaire: Annotated[str, Field(max_length=2000)] | None = None


class Voeu(Fait):
    """One vœu, or one sous-vœu of a vœu multiple."""

    type: Literal["voeu"]
    voeu_id: Code
    sous_voeu_id: Code | None = None
    formation_id: Code
    voie: Voie
    phase: Phase
    etat: EtatVoeu
    internat: bool = False
    projet_motive: bool = False
    rang: Entier | None = None


class Proposition(Fait):
    type: Literal["proposition"]
    voeu_id: Code
    sous_voeu_id: Code | None = None
    decision: Decision
    rang_attente: Entier | None = None
    date_limite: Instant | None = None


class ReponseDonnee(Fait):
    type: Literal["reponse"]
    voeu_id: Code
    sous_voeu_id: Code | None = None
    reponse: Reponse
    voeux_maintenus: Codes = ()


class Caes(Fait):
    type: Literal["caes"]
    etat: EtatCaes


class Accuse(Fait):
    """The platform acknowledges what we sent; ``version`` is that of the object, not of this fact."""

    type: Literal["accuse"]
    objet: ObjetAccuse
    version: Version
    resultat: Code


Recu = Annotated[
    Dossier | BourseSignalee | Voeu | Proposition | ReponseDonnee | Caes | Accuse, Field(discriminator="type")
]
adaptateur: TypeAdapter[Recu] = TypeAdapter(Recu)
