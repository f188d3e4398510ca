"""Up to where the figures go, what was said of them, and what became of intentions: folded again from the log."""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import projection

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COMPTES = ("intention", "voeu", "proposition", "acceptation", "voeu_seul", "acceptation_seule")


def _oublier() -> None:
    """The consumer folds everything again, so that the position and the intentions are those of all facts."""
    schema = projection()
    for table in ("cellule", "mouvement", "eleve"):
        op.execute(f"TRUNCATE {schema}.{table}")
    op.execute("UPDATE mechanism.consumer_offset SET next_offset = 0, epoch = epoch + 1 WHERE generation > 0")


def upgrade() -> None:
    schema = projection()
    op.create_table(
        "situation",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("au", sa.Text(), nullable=False),
        sa.Column("faits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "part"),
        schema=schema,
    )
    op.create_table(
        "intention",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("periode", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("famille", sa.Text(), nullable=False),
        sa.Column("jour", sa.Date(), nullable=False),
        *(sa.Column(compte, sa.Integer(), nullable=False) for compte in _COMPTES),
        sa.PrimaryKeyConstraint("session", "uai", "serie", "academie", "periode", "famille", "jour"),
        schema=schema,
    )
    op.create_index("intention_academie", "intention", ["session", "academie", "jour"], schema=schema)
    op.create_table(
        "marge_publiee",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("empreinte", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "uai", "serie"),
        schema="registre",
    )
    op.create_table(
        "parution",
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("faits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session"),
        schema="registre",
    )
    _oublier()


def downgrade() -> None:
    op.drop_table("parution", schema="registre")
    op.drop_table("marge_publiee", schema="registre")
    op.drop_index("intention_academie", table_name="intention", schema=projection())
    op.drop_table("intention", schema=projection())
    op.drop_table("situation", schema=projection())
