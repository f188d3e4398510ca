"""Avis written for pupils who turned out to be others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reunion",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("perdant", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("survivant", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notee_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("faite_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("session", "perdant"),
        schema="registre",
    )
    op.create_index(
        "reunion_a_faire",
        "reunion",
        ["notee_le"],
        schema="registre",
        postgresql_where=sa.text("faite_le IS NULL"),
    )
    op.create_table(
        "avis_reuni",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("origine", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cible", sa.Text(), nullable=False),
        sa.Column("porteur", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("capacite", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("session", "origine", "cible"),
        schema="registre",
    )
    op.create_index("avis_reuni_porteur", "avis_reuni", ["session", "porteur"], schema="registre")


def downgrade() -> None:
    op.drop_index("avis_reuni_porteur", table_name="avis_reuni", schema="registre")
    op.drop_table("avis_reuni", schema="registre")
    op.drop_index("reunion_a_faire", table_name="reunion", schema="registre")
    op.drop_table("reunion", schema="registre")
