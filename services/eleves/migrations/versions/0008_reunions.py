"""What was typed for pupils who turned out to be others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
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
        "reunion_ligne",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("origine", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("porteur", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("contenu", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reglee_par", sa.Text(), nullable=True),
        sa.Column("reglee_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("session", "origine", "objet", "cle"),
        schema="registre",
    )
    op.create_index(
        "reunion_ligne_porteur", "reunion_ligne", ["session", "porteur"], schema="registre"
    )


def downgrade() -> None:
    op.drop_index("reunion_ligne_porteur", table_name="reunion_ligne", schema="registre")
    op.drop_table("reunion_ligne", schema="registre")
    op.drop_index("reunion_a_faire", table_name="reunion", schema="registre")
    op.drop_table("reunion", schema="registre")
