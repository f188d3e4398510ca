"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
        sa.Column("classe", sa.Text(), nullable=True),
        sa.Column("serie", sa.Text(), nullable=True),
        sa.Column("cibles", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("avis_rendus", sa.SmallInteger(), nullable=True),
        sa.Column("fiche_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )
    op.create_index("eleve_lycee", "eleve", ["session", "uai", "classe"], unique=False, schema=projection())
    op.create_table(
        "avis",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cible", sa.Text(), nullable=False),
        sa.Column("formation_id", sa.Text(), nullable=True),
        sa.Column("capacite", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id", "cible"),
        schema="registre",
    )
    op.create_table(
        "avis_historique",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cible", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("avant", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("apres", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id", "cible", "version"),
        schema="registre",
    )


def downgrade() -> None:
    op.drop_table("avis_historique", schema="registre")
    op.drop_table("avis", schema="registre")
    op.drop_index("eleve_lycee", table_name="eleve", schema=projection())
    op.drop_table("eleve", schema=projection())
    drop_mechanism()
