"""Create the mechanism."""

from shared.db.mechanism import create_mechanism, drop_mechanism

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_mechanism()


def downgrade() -> None:
    drop_mechanism()
