"""Settings of the service indicators."""

from pydantic import Field

from services.indicators.mesures import Parametres
from shared.settings import Settings


class IndicatorsSettings(Settings):
    """The three choices are those of the session: after a change, ``pilotage rebuild indicators``."""

    service: str = "indicators"
    http_port: int = 8103
    l1_las: bool = Field(default=True, description="L.AS count as L1")
    l1_licences_selectives: bool = Field(default=True, description="and selective licences")
    voeux_apprentissage: bool = Field(default=True, description="a vœu en apprentissage is a vœu")

    @property
    def parametres(self) -> Parametres:
        return Parametres(
            las=self.l1_las,
            licences_selectives=self.l1_licences_selectives,
            apprentissage=self.voeux_apprentissage,
        )
