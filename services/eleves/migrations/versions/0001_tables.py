"""First tables."""

import sqlalchemy as sa
from alembic import op

from shared.db.mechanism import create_mechanism, drop_mechanism
from shared.db.migrations import projection

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_mechanism()
    op.create_table(
        "eleve",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.LargeBinary(), nullable=True),
        sa.Column("session", sa.SmallInteger(), nullable=True),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=True),
        sa.Column("classe", sa.Text(), nullable=True),
        sa.Column("classe_tri", sa.Text(), nullable=True),
        sa.Column("serie", sa.Text(), nullable=True),
        sa.Column("nom", sa.Text(), nullable=True),
        sa.Column("prenom", sa.Text(), nullable=True),
        sa.Column("naissance", sa.Date(), nullable=True),
        sa.Column("tri", sa.Text(), nullable=True),
        sa.Column("boursier", sa.Boolean(), nullable=True),
        sa.Column("inscrit", sa.Boolean(), nullable=True),
        sa.Column("statut", sa.Text(), nullable=True),
        sa.Column("voeux", sa.SmallInteger(), nullable=True),
        sa.Column("voeux_confirmes", sa.SmallInteger(), nullable=True),
        sa.Column("propositions", sa.SmallInteger(), nullable=True),
        sa.Column("statut_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )
    op.create_index(
        "eleve_lycee", "eleve", ["session", "uai", "classe", "tri"], unique=False, schema=projection()
    )


def downgrade() -> None:
    op.drop_index("eleve_lycee", table_name="eleve", schema=projection())
    op.drop_table("eleve", schema=projection())
    drop_mechanism()
