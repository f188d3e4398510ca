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
        "cellule",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
        sa.Column("classe", sa.Text(), nullable=False),
        sa.Column("mesure", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "serie", "classe", "mesure"),
        schema=projection(),
    )
    op.create_index("cellule_academie", "cellule", ["session", "academie"], unique=False, schema=projection())
    op.create_table(
        "eleve",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )


def downgrade() -> None:
    op.drop_table("eleve", schema=projection())
    op.drop_index("cellule_academie", table_name="cellule", schema=projection())
    op.drop_table("cellule", schema=projection())
    drop_mechanism()
