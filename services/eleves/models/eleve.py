"""The row of a pupil: the folded state, the columns of lists, and what was published of him."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, Uuid

from services.eleves.models.base import PROJECTION_TABLES
from shared.db.lignes import colonnes
from shared.db.tables import NOT_COMPARED

SUJETS = ("statut", "bourse", "cordees", "suivi")
"""What eleves publishes of a pupil: ``<sujet>_dit``, the last content, and ``<sujet>_version``."""
COMPLEMENTEES = ("boursier", "bourse", "cordees", "suivi")
"""Prefixes of the columns that depend on the registre: it moves while a verification reads the log."""
_HORS = {NOT_COMPARED: True}

ELEVE = Table(
    "eleve",
    PROJECTION_TABLES,
    Column("eleve_id", Uuid(as_uuid=False), primary_key=True),
    Column("etat", LargeBinary, nullable=True),
    *colonnes(hors_comparaison=COMPLEMENTEES),
    *(Column(f"{sujet}_dit", Text, nullable=True, info=_HORS) for sujet in SUJETS),
    *(Column(f"{sujet}_version", Integer, nullable=True, info=_HORS) for sujet in SUJETS),
    Column("chronologie", LargeBinary, nullable=True),
    Index("eleve_lycee", "session", "uai", "classe", "tri"),
)
"""One pupil. ``chronologie``: see services.eleves.chronologie. Columns of the row are null until the facts they come from arrive: an orphan is in no list."""
