"""One row per lycée × série, its days, and what is needed of a pupil: folded again from the log."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import projection

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MESURES = tuple(f"m{rang:02d}" for rang in range(48))


def _lieu() -> Sequence["sa.Column[Any]"]:
    return (
        sa.Column("session", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uai", sa.Text(), nullable=False),
        sa.Column("serie", sa.Text(), nullable=False),
        sa.Column("academie", sa.Text(), nullable=False),
    )


def _mesures() -> Sequence["sa.Column[Any]"]:
    return [sa.Column(colonne, sa.Integer(), nullable=True) for colonne in _MESURES]


def _oublier() -> None:
    """The consumer folds everything again: what was kept does not say the days."""
    op.execute("UPDATE mechanism.consumer_offset SET next_offset = 0, epoch = epoch + 1 WHERE generation > 0")


def upgrade() -> None:
    schema = projection()
    op.drop_table("cellule", schema=schema)
    op.drop_table("eleve", schema=schema)
    op.create_table(
        "eleve",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.LargeBinary(), nullable=True),
        sa.Column("session", sa.SmallInteger(), nullable=True),
        sa.Column("uai", sa.Text(), nullable=True),
        sa.Column("uai_initial", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=schema,
    )
    op.create_index("eleve_uai", "eleve", ["session", "uai"], schema=schema)
    op.create_index("eleve_uai_initial", "eleve", ["session", "uai_initial"], schema=schema)
    op.create_table(
        "definition",
        sa.Column("rang", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rang"),
        schema=schema,
    )
    op.create_table(
        "cellule",
        *_lieu(),
        *_mesures(),
        sa.PrimaryKeyConstraint("session", "uai", "serie", "academie"),
        schema=schema,
    )
    op.create_index("cellule_academie", "cellule", ["session", "academie"], schema=schema)
    op.create_table(
        "mouvement",
        *_lieu(),
        sa.Column("jour", sa.Date(), nullable=False),
        *_mesures(),
        sa.PrimaryKeyConstraint("session", "uai", "serie", "academie", "jour"),
        schema=schema,
    )
    op.create_index("mouvement_academie", "mouvement", ["session", "academie", "jour"], schema=schema)
    _oublier()


def downgrade() -> None:
    schema = projection()
    for table in ("mouvement", "cellule", "definition", "eleve"):
        op.drop_table(table, schema=schema)
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
        schema=schema,
    )
    op.create_index("cellule_academie", "cellule", ["session", "academie"], unique=False, schema=schema)
    op.create_table(
        "eleve",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("etat", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("eleve_id"),
        schema=schema,
    )
    _oublier()
