"""Bulletins, teachers and their services."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), autoincrement=False, nullable=False),
        sa.Column("annee", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("periode", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("classe", sa.Text(), nullable=False),
        sa.Column("decoupage", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), nullable=True),
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("absent_depuis", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "eleve_id", "annee", "periode"),
        schema="registre",
    )
    op.create_index("bulletin_import", "bulletin", ["import_id"], unique=False, schema="registre")
    op.create_index(
        "bulletin_lycee", "bulletin", ["session", "uai", "annee", "periode"], unique=False, schema="registre"
    )
    op.create_table(
        "classe_notee",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("classe", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("decoupage", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "classe"),
        schema="registre",
    )
    op.create_table(
        "enseignants",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), nullable=True),
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("contenu", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai"),
        schema="registre",
    )


def downgrade() -> None:
    op.drop_table("enseignants", schema="registre")
    op.drop_table("classe_notee", schema="registre")
    op.drop_index("bulletin_lycee", table_name="bulletin", schema="registre")
    op.drop_index("bulletin_import", table_name="bulletin", schema="registre")
    op.drop_table("bulletin", schema="registre")
