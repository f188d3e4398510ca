"""Contract of the indicators: the margin of one série in one lycée, as everybody outside may know it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.modeles.base import Code, Contrat, Entier, Uai, Version
from shared.nomenclatures.series import Serie


class ChiffreDeMarge(BaseModel):
    """One figure, n of N. What is suppressed is absent: small numbers, nobody or everybody, or what would tell them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    indicateur: Code
    numerateur: Entier | None = None
    denominateur: Entier | None = None


class MargeModifiee(Contrat):
    """All the figures of one série of one lycée, whole, as they are once small numbers are suppressed together.

    At most about one a second for a série. The indicators are those of the day: new ones may come, and one that
    is not in the list is no longer computed.
    """

    version: Version
    uai: Uai
    serie: Serie
    academie: Code
    situation_au: Annotated[
        AwareDatetime,
        Field(description="when the last fact was recorded that changed a figure of this série"),
    ]
    indicateurs: Annotated[
        tuple[ChiffreDeMarge, ...], Field(description="every indicator, in the order of the catalogue")
    ]
