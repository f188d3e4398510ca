"""Tables of the service eleves, by theme. What people type is registre, what facts give is projection."""

from services.eleves.models import (
    accompagnement,
    bourse,
    bulletin,
    eleve,
    etablissement,
    referentiels,
    reunion,
    vues,
)
from services.eleves.models.base import (
    PROJECTION_TABLES,
    REGISTRE_TABLES,
    ElevesProjectionTable,
    ElevesRegistreTable,
)

MODULES = (accompagnement, bourse, bulletin, eleve, etablissement, referentiels, reunion, vues)
"""Every module of tables: one that is not here has no table."""

__all__ = [
    "MODULES",
    "PROJECTION_TABLES",
    "REGISTRE_TABLES",
    "ElevesProjectionTable",
    "ElevesRegistreTable",
]
