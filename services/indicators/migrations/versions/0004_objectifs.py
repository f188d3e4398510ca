"""What an académie aims at, by indicator and série, and every target that it had."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _cle() -> "list[sa.Column[object]]":
    return [
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("indicateur", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
    ]


def _dit() -> "list[sa.Column[object]]":
    return [
        sa.Column("cible", sa.Float(), nullable=True),
        sa.Column("continuum", sa.SmallInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("auteur", sa.Text(), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "objectif",
        *_cle(),
        sa.Column("version", sa.Integer(), nullable=False),
        *_dit(),
        sa.PrimaryKeyConstraint("session", "academie", "indicateur", "serie"),
        schema="registre",
    )
    op.create_table(
        "objectif_histoire",
        *_cle(),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        *_dit(),
        sa.PrimaryKeyConstraint("session", "academie", "indicateur", "serie", "version"),
        schema="registre",
    )


def downgrade() -> None:
    op.drop_table("objectif_histoire", schema="registre")
    op.drop_table("objectif", schema="registre")
