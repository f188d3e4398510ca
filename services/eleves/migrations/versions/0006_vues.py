"""Saved views and visits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vue",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("acteur", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("liste", sa.Text(), nullable=False),
        sa.Column("filtres", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tri", sa.Text(), nullable=True),
        sa.Column("descendant", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "vue_nom",
        "vue",
        ["session", "acteur", "uai", sa.literal_column("lower(nom)")],
        unique=True,
        schema="registre",
    )
    op.create_table(
        "visite",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("acteur", sa.Text(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("liste", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vus", sa.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
        sa.Column("reference_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
        sa.PrimaryKeyConstraint("session", "acteur", "uai", "liste"),
        schema="registre",
    )


def downgrade() -> None:
    op.drop_table("visite", schema="registre")
    op.drop_index("vue_nom", table_name="vue", schema="registre")
    op.drop_table("vue", schema="registre")
