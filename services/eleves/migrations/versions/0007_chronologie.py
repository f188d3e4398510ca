"""The timeline of a pupil, and the marks of his bulletins."""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import projection

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("eleve", sa.Column("chronologie", sa.LargeBinary(), nullable=True), schema=projection())
    op.create_table(
        "bulletin",
        sa.Column("eleve_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("annee", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("periode", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("eleve_id", "annee", "periode"),
        schema=projection(),
    )


def downgrade() -> None:
    op.drop_table("bulletin", schema=projection())
    op.drop_column("eleve", "chronologie", schema=projection())
