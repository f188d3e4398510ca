"""The projection of the service eleves: pupils, and what is said of the session and of lycées."""

from services.eleves.consumers import ElevesProjection
from services.eleves.models import PROJECTION_TABLES
from services.eleves.referentiels import ReferentielsProjection
from shared.kafka.projection import Composee


class Projection(Composee):
    parties = (ElevesProjection, ReferentielsProjection)
    tables = PROJECTION_TABLES
