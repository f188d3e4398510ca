"""The row of a pupil that lists are made of, and what was published of him."""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import projection

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLONNES = {
    "recherche": sa.Text(),
    "sexe": sa.Text(),
    "ine": sa.Text(),
    "specialites": sa.ARRAY(sa.Text()),
    "regime": sa.Text(),
    "dossier": sa.Text(),
    "pieces_manquantes": sa.ARRAY(sa.Text()),
    "bulletins_remontes": sa.ARRAY(sa.Text()),
    "bulletins_saisis": sa.ARRAY(sa.Text()),
    "bulletins_manquants": sa.ARRAY(sa.Text()),
    "bourse": sa.Text(),
    "bourse_echelon": sa.SmallInteger(),
    "bourse_depuis": sa.DateTime(timezone=True),
    "bourse_a_traiter": sa.Boolean(),
    "bourse_contradiction": sa.Text(),
    "cordees": sa.Boolean(),
    "cordees_source": sa.Text(),
    "cordees_dispositif": sa.Text(),
    "cordees_a_reporter": sa.Boolean(),
    "voeux_a_confirmer": sa.SmallInteger(),
    "voeux_non_confirmes": sa.SmallInteger(),
    "voeux_sans_projet": sa.SmallInteger(),
    "voeux_complementaires": sa.SmallInteger(),
    "que_selectifs": sa.Boolean(),
    "que_hors_academie": sa.Boolean(),
    "un_l1_pass": sa.Boolean(),
    "que_l1_pass": sa.Boolean(),
    "que_apprentissage": sa.Boolean(),
    "filiere_unique": sa.Text(),
    "familles": sa.ARRAY(sa.Text()),
    "decisions": sa.SmallInteger(),
    "a_repondre": sa.SmallInteger(),
    "a_repondre_avant": sa.DateTime(timezone=True),
    "expirees": sa.SmallInteger(),
    "expiree_le": sa.DateTime(timezone=True),
    "oui_si": sa.SmallInteger(),
    "en_attente": sa.SmallInteger(),
    "refus": sa.SmallInteger(),
    "sous_reserve": sa.SmallInteger(),
    "sans_proposition": sa.Text(),
    "acceptation": sa.Text(),
    "attente_non_classee": sa.SmallInteger(),
    "formation_admise": sa.Text(),
    "famille_admise": sa.Text(),
    "demission": sa.Boolean(),
    "caes": sa.Text(),
    "avis_rendus": sa.SmallInteger(),
    "avis_cibles": sa.SmallInteger(),
    "fiche_transmise_le": sa.DateTime(timezone=True),
    "dialogue": sa.Text(),
    "suivi_actions": sa.SmallInteger(),
    "suivi_assigne": sa.Text(),
    "suivi_echeance": sa.DateTime(timezone=True),
    "statut_dit": sa.Text(),
    "bourse_dit": sa.Text(),
    "cordees_dit": sa.Text(),
    "suivi_dit": sa.Text(),
    "bourse_version": sa.Integer(),
    "cordees_version": sa.Integer(),
    "suivi_version": sa.Integer(),
}


def upgrade() -> None:
    """Rows already there have the new columns null until the projection is rebuilt."""
    for nom, type_ in _COLONNES.items():
        op.add_column("eleve", sa.Column(nom, type_, nullable=True), schema=projection())


def downgrade() -> None:
    for nom in reversed(_COLONNES):
        op.drop_column("eleve", nom, schema=projection())
