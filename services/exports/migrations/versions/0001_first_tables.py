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
        sa.Column("listes", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("classe", sa.Text(), nullable=True),
        sa.Column("serie", sa.Text(), nullable=True),
        sa.Column("nom", sa.Text(), nullable=True),
        sa.Column("prenom", sa.Text(), nullable=True),
        sa.Column("naissance", sa.Date(), nullable=True),
        sa.Column("ine", sa.Text(), nullable=True),
        sa.Column("boursier", sa.Boolean(), nullable=True),
        sa.Column("statut", sa.Text(), nullable=True),
        sa.Column("voeux", sa.SmallInteger(), nullable=True),
        sa.Column("voeux_confirmes", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=projection(),
    )
    op.create_index("eleve_lycee", "eleve", ["session", "uai"], unique=False, schema=projection())
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session", sa.SmallInteger(), nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("liste", sa.Text(), nullable=False),
        sa.Column("demandeur", sa.Text(), nullable=False),
        sa.Column("etat", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pret_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lignes", sa.Integer(), nullable=True),
        sa.Column("nom", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("contenu", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        schema="registre",
    )
    op.create_index(
        "export_en_cours",
        "export",
        ["cree_le"],
        unique=False,
        schema="registre",
        postgresql_where=sa.text("etat = 'EN_COURS'"),
    )
    op.create_index("export_expire", "export", ["expire_le"], unique=False, schema="registre")


def downgrade() -> None:
    op.drop_index("export_expire", table_name="export", schema="registre")
    op.drop_index(
        "export_en_cours",
        table_name="export",
        schema="registre",
        postgresql_where=sa.text("etat = 'EN_COURS'"),
    )
    op.drop_table("export", schema="registre")
    op.drop_index("eleve_lycee", table_name="eleve", schema=projection())
    op.drop_table("eleve", schema=projection())
    drop_mechanism()
