"""What a merge moved, so that it can be taken back for some days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    jsonb = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("fusion", sa.Column("avant", jsonb, nullable=True), schema="registre")
    op.add_column("fusion", sa.Column("annulation", jsonb, nullable=True), schema="registre")


def downgrade() -> None:
    op.drop_column("fusion", "annulation", schema="registre")
    op.drop_column("fusion", "avant", schema="registre")
