"""What a lycée, or the operator, sends to enter something: bodies of the internal HTTP."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.ingest.scolarite.ajout import Ajout
from services.ingest.scolarite.domain import Choix
from shared.events.modeles.base import Code
from shared.nomenclatures.series import Serie

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
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
    eleve_id: Annotated[str, Field(pattern=UUID)] | None = None
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
    survivant: Annotated[str, Field(pattern=UUID)] | None = None


class Cloture(Saisie):
    """``presents``: the number of pupils that the preview showed; confirming it is the explicit act."""

    confirme: bool
    presents: int = Field(ge=0)


class AnnulationFusion(Motivee):
    """``confirme``: the caller was told what taking a merge back does."""

    confirme: bool = False
