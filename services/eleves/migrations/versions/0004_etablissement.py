"""Settings of a lycée; what is said of the session and of lycées."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.migrations import projection

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "etablissement_fiche",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("classe", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("champs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "objet", "classe", "detail"),
        schema="registre",
    )
    op.create_table(
        "etablissement_historique",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("classe", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("avant", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("apres", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("par", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "etablissement_historique_lycee",
        "etablissement_historique",
        ["session", "uai", "id"],
        schema="registre",
    )
    op.create_table(
        "referentiel",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sujet", sa.Text(), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("contenu", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("session", "sujet", "cle"),
        schema=projection(),
    )


def downgrade() -> None:
    op.drop_table("referentiel", schema=projection())
    op.drop_table("etablissement_historique", schema="registre")
    op.drop_table("etablissement_fiche", schema="registre")
